"""Making the graphs of a model (see `graphs`) from its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim

from ptx_followup.errors import ModelError
from ptx_followup.files.storage import write_atomically
from ptx_followup.network.checkpoint import (
    WEIGHTS,
    Model,
    ModelConfig,
    find_model,
    load_model,
    store_config,
)
from ptx_followup.network.config import TextEncoderReference
from ptx_followup.network.contextual import COARSEST_STRIDE, ContextualNet
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.network.engine import Engine, FloatArray
from ptx_followup.network.graph_tracing import Input, StoredWeights, trace
from ptx_followup.network.graphs import Graphs, Part, graph_file
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.language_torch import load
from ptx_followup.network.onnx_engine import OnnxEngine
from ptx_followup.network.tokens import MAX_TOKENS, Tokens
from ptx_followup.network.torch_engine import TorchEngine
from ptx_followup.network.unet import UNetEncoder

#: Largest difference of an answer between both engines, as a share of the largest one, that is rounding.
ROUNDING = 1e-4
#: Texts on which both engines must agree.
TRIED = ("", "Small left apical pneumothorax.", "No pneumothorax. " * MAX_TOKENS)
#: Of the example that is traced, and another one that is tried: B images of H x W, and tokens.
TRACED, OTHER = (2, 96, 128, 7), (1, 160, 64, 31)
#: Longest side of an image, in units of the network's coarsest pixel.
_MOST_BLOCKS = 128


def export_model(name: str) -> ModelConfig:
    """Write the graphs of a model into its folder, and their hashes into its config.json.

    Nothing is written unless ONNX Runtime answers as PyTorch does.

    Args:
        name: Name on board, or a model folder.

    Returns:
        The configuration as written.

    Raises:
        ModelError: The model is missing or altered, or its graphs do not answer as the model does.
    """
    folder = find_model(name)
    model = load_model(name)
    content = _network_graphs(model.network, folder / WEIGHTS)
    reference = model.config.text_encoder
    if reference is not None:
        content["text"] = _text_graph(reference)
    _try_network(model, content, folder)
    if reference is not None:
        _try_text(reference, content["text"])
    graphs = Graphs(**{part: hashlib.sha256(graph).hexdigest() for part, graph in content.items()})
    for part, graph in content.items():
        write_atomically(folder / graph_file(part), _writing(graph))
    config = model.config.model_copy(update={"graphs": graphs})
    store_config(folder, config)
    return config


def _writing(content: bytes) -> Callable[[IO[bytes]], Any]:
    return lambda file: file.write(content)


def _network_graphs(network: ContextualNet, weights: Path) -> dict[Part, bytes]:
    batch, height, width, tokens = TRACED
    network = cast(ContextualNet, network.to(memory_format=torch.contiguous_format))  # type: ignore[call-overload]
    images = torch.zeros(batch, _channels(network), height, width)
    many = Dim("batch")
    rows, columns = (Dim(axis, min=1, max=_MOST_BLOCKS) for axis in ("rows", "columns"))
    with torch.no_grad():
        maps = [one.contiguous() for one in network.encoder(images)]
    decoded: dict[str, Input] = {}
    for level, one in enumerate(maps):
        blocks = COARSEST_STRIDE * one.shape[2] // height  # pixels of this map in one of the coarsest
        decoded[f"map_{level}"] = Input(one, {0: many, 2: blocks * rows, 3: blocks * columns})
    text_dim = network.config.text_dim
    names = list(decoded)
    if text_dim is not None:
        text = torch.zeros(batch, tokens, text_dim)
        decoded["text"] = Input(text, {0: many, 1: Dim("tokens", min=2, max=MAX_TOKENS)})
    stored = StoredWeights.of(weights)
    whole = {0: many, 2: COARSEST_STRIDE * rows, 3: COARSEST_STRIDE * columns}
    return {
        "encoder": trace(
            _Encoder(network.encoder), {"image": Input(images, whole)}, names, stored
        ).SerializeToString(),
        "decoder": trace(_Decoder(network), decoded, ["logits"], stored).SerializeToString(),
    }


def _channels(network: ContextualNet) -> int:
    """Images that the network takes together; the U-Net repeats its single one by itself."""
    if isinstance(network.encoder, UNetEncoder):
        return 1
    return int(next(one for one in network.encoder.parameters() if one.ndim == 4).shape[1])


class _Encoder(nn.Module):
    """The encoder under the names that its weights have in the file."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.encoder(image))


class _Decoder(nn.Module):
    """The rest of the network, likewise."""

    def __init__(self, network: ContextualNet) -> None:
        super().__init__()
        self.decoder, self.head = network.decoder, network.head
        self._network = (network,)

    def forward(self, *inputs: Tensor) -> Tensor:
        (network,) = self._network
        count = len(network.encoder.channels)
        return network.decode(inputs[:count], *inputs[count:])


class _JoinedLayers(nn.Module):
    """The layers of a BERT model joined for each token; one text without padding needs no mask."""

    def __init__(self, model: Any, layers: tuple[int, ...]) -> None:
        super().__init__()
        self.embeddings, self.encoder = model.embeddings, model.encoder
        self._layers = layers

    def forward(self, ids: Tensor) -> Tensor:
        hidden = [self.embeddings(ids)]
        for layer in self.encoder.layer:
            out = layer(hidden[-1])
            hidden.append(out[0] if isinstance(out, tuple) else out)
        return torch.cat([hidden[layer] for layer in self._layers], dim=-1)


def _text_graph(reference: TextEncoderReference) -> bytes:
    folder = find_encoder(reference.name)
    model, _ = load(folder, reference.name)
    if model.config.model_type != "bert":
        raise ModelError(
            f"text encoder {reference.name!r} has no graph", "run the model as it is: PyTorch does"
        )
    layers = reference.layers or (int(model.config.num_hidden_layers),)
    ids = Input(torch.ones(1, TRACED[-1], dtype=torch.long), {1: Dim("tokens", min=2, max=MAX_TOKENS)})
    stored = StoredWeights.of(folder / WEIGHTS)
    graph = trace(_JoinedLayers(model, layers), {"ids": ids}, ["embeddings"], stored)
    return bytes(graph.SerializeToString())


def _try_network(model: Model, content: Mapping[Part, bytes], folder: Path) -> None:
    """Compare both engines on random input of another size than was traced."""
    batch, height, width, count = OTHER
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (batch, _channels(model.network), height, width)).astype(np.float32)
    tokens = None
    if model.config.network.text_dim is not None:
        text = random.normal(size=(batch, count, model.config.network.text_dim)).astype(np.float32)
        tokens = Tokens(text, np.ones((batch, count), bool))
    fast = OnnxEngine(content["encoder"], content["decoder"], folder)
    slow = TorchEngine(model.network, "cpu", "float32")
    found, expected = (_answer(one, images, tokens) for one in (fast, slow))
    _require_alike(found, expected)


def _answer(engine: Engine, images: FloatArray, tokens: Tokens | None) -> FloatArray:
    return engine.decode(engine.encode(images), range(len(images)), tokens)


def _try_text(reference: TextEncoderReference, graph: bytes) -> None:
    settings: dict[str, Any] = {"layers": reference.layers, "disk_cache": False}
    slow, fast = (TextEncoder(reference.name, graph=one, **settings) for one in (None, graph))
    for text in TRIED:
        _require_alike(fast.encode([text]).embeddings, slow.encode([text]).embeddings)


def _require_alike(found: FloatArray, expected: FloatArray) -> None:
    if found.shape != expected.shape or np.abs(found - expected).max() > ROUNDING * np.abs(expected).max():
        raise ModelError("the graphs do not answer as the model does", "run the model as it is: PyTorch does")
