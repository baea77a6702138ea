"""The maps that are shown are those that the network multiplies its features with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ptx_followup.errors import ModelError
from ptx_followup.network.attention_maps import AttentionReader
from ptx_followup.network.checkpoint import load_config, load_model, save_model
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.language import TextEncoder
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.segmentation.explanation import explain
from ptx_followup.segmentation.segmenter import Segmenter

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("model", ["untrained_model", "hemithorax_model"])
def test_each_level_is_gated_as_the_equations_say(model: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(model)
    config = load_config(folder)
    image = RNG.random((config.network.in_channels, *config.preprocessing.rows_columns), np.float32)
    tokens = TextEncoder(layers=(0, 6)).encode(["Large right apical pneumothorax."])
    levels = AttentionReader(str(folder)).levels(image, tokens)
    network = load_model(str(folder)).network
    taken: list[tuple[torch.Tensor, torch.Tensor]] = []
    for attention in network.attentions():
        attention.register_forward_hook(lambda _, given, out: taken.append((given[0], out)))
    with torch.inference_mode():
        network(torch.from_numpy(image[None]), *tokens.to("cpu"))
    assert [one.features.shape[0] for one in levels] == list(config.network.decoder_channels)
    text = torch.from_numpy(tokens.embeddings)
    for level, module, (features, gated) in zip(levels, network.attentions(), taken, strict=True):
        np.testing.assert_allclose(level.gated, gated[0].numpy(), atol=1e-4)
        # Eq. 1, with explicit matrices, at a few pixels.
        keys = module.token_norm(module.project(text[0])).detach()
        for y, x in ((0, 0), (1, 2), (features.shape[2] - 1, features.shape[3] - 1)):
            pixel = torch.from_numpy(level.features[:, y, x])
            scores = (module.key(keys) @ module.query(module.query_norm(pixel))) / module.channels**0.5
            attended = scores.softmax(0) @ module.out(module.value(keys))
            gate = torch.tanh(module.attended_norm(attended)).detach().numpy()
            np.testing.assert_allclose(level.gate[:, y, x], gate, atol=1e-4)


def test_a_network_without_language_has_none_and_is_not_explained(
    untrained_model: Path, tmp_path: Path
) -> None:
    config = load_config(untrained_model)
    deaf = config.network.model_copy(update={"text_dim": None})
    silent = config.model_copy(update={"network": deaf, "text_encoder": None})
    save_model(tmp_path / "deaf", ContextualNet(deaf).state_dict(), silent, "# Deaf\n")
    with pytest.raises(ModelError, match="reads no reports"):
        AttentionReader(str(tmp_path / "deaf"))
    film = Radiograph(RNG.random((64, 64), np.float32))
    with pytest.raises(ModelError, match="reads no reports"):
        explain(film, "Right pneumothorax.", Segmenter(str(tmp_path / "deaf")), str(tmp_path / "deaf"))
