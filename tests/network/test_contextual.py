"""The networks as a whole: published shapes, one contract for all, the effect of the text."""

import pytest
import torch

from ptx_followup.network.config import PRESETS
from ptx_followup.network.contextual import ContextualNet


def built(name: str) -> ContextualNet:
    torch.manual_seed(0)
    return ContextualNet(PRESETS[name]).eval()


def text_of(network: ContextualNet, batch: int = 1, tokens: int = 5) -> tuple[torch.Tensor, ...]:
    dim = network.config.text_dim
    if dim is None:
        return ()
    generator = torch.Generator().manual_seed(1)
    return torch.randn(batch, tokens, dim, generator=generator), torch.ones(batch, tokens, dtype=torch.bool)


def paper_table() -> dict[str, tuple[int, ...]]:
    """Every parameter of the paper's network, written down from its description (Huemann et al., Fig. 1)."""
    table: dict[str, tuple[int, ...]] = {}

    def double_conv(prefix: str, inputs: int, outputs: int) -> None:
        for conv, norm, channels in ((0, 1, inputs), (3, 4, outputs)):
            table[f"{prefix}.layers.{conv}.weight"] = (outputs, channels, 3, 3)
            table[f"{prefix}.layers.{norm}.weight"] = (outputs,)
            table[f"{prefix}.layers.{norm}.bias"] = (outputs,)

    for level, (inputs, outputs) in enumerate(((3, 64), (64, 128), (128, 256), (256, 512), (512, 1024))):
        double_conv(f"encoder.levels.{level}", inputs, outputs)
    for level, channels in enumerate((512, 256, 128, 64)):
        prefix = f"decoder.{level}"
        table[f"{prefix}.up.weight"] = (2 * channels, channels, 2, 2)
        table[f"{prefix}.up.bias"] = (channels,)
        table[f"{prefix}.attention.project.weight"] = (channels, 1024)
        table[f"{prefix}.attention.project.bias"] = (channels,)
        for part in ("query", "key", "value", "out"):
            table[f"{prefix}.attention.{part}.weight"] = (channels, channels)
            table[f"{prefix}.attention.{part}.bias"] = (channels,)
        double_conv(f"{prefix}.conv", 2 * channels, channels)
    return table | {"head.conv.weight": (1, 64, 1, 1), "head.conv.bias": (1,)}


def test_the_paper_network_has_the_papers_parameters() -> None:
    with torch.device("meta"):
        network = ContextualNet(PRESETS["contextual-net"])
    assert {name: tuple(one.shape) for name, one in network.named_parameters()} == paper_table()


def test_parameter_counts_match_the_published_ones() -> None:
    """37.62 M with the 4.20 M of an attention module that the authors never call; 31.04 M for the U-Net."""
    with torch.device("meta"):
        counts = {name: sum(p.numel() for p in ContextualNet(PRESETS[name]).parameters()) for name in PRESETS}
    never_called = 4 * 1024 * 1024 + 4 * 1024
    assert (counts["contextual-net"] + never_called) / 1e6 == pytest.approx(37.62, abs=0.01)
    assert counts["unet"] / 1e6 == pytest.approx(31.04, abs=0.01)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("shape", [(32, 64), (64, 32)])
def test_logits_have_the_shape_of_the_image(name: str, shape: tuple[int, int]) -> None:
    network = built(name)
    with torch.inference_mode():
        logits = network(torch.zeros(2, 1, *shape), *text_of(network, batch=2))
    assert logits.shape == (2, 1, *shape)
    assert logits.dtype == torch.float32


@pytest.mark.parametrize("name", PRESETS)
def test_a_wrong_shape_is_named_with_the_one_to_use(name: str) -> None:
    network = built(name)
    with pytest.raises(ValueError, match="pad or resize to 64 x 64"):
        network(torch.zeros(1, 1, 50, 64), *text_of(network))
    with pytest.raises(ValueError, match="B x 1 x H x W"):
        network(torch.zeros(1, 3, 64, 64), *text_of(network))


def test_a_network_that_reads_reports_asks_for_one() -> None:
    with pytest.raises(ValueError, match="give text"):
        built("contextual-lite")(torch.zeros(1, 1, 32, 32))


@pytest.mark.parametrize("name", ["contextual-lite", "contextual-net"])
def test_the_text_changes_the_output(name: str) -> None:
    network = built(name)
    image = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    text, mask = text_of(network)
    with torch.inference_mode():
        difference = network(image, text, mask) - network(image, text.flip(1) * 2, mask)
    assert difference.abs().max() > 1e-4


@pytest.mark.parametrize("name", ["contextual-lite", "contextual-net"])
def test_a_batch_gives_what_single_cases_give(name: str) -> None:
    """So nothing depends on the padding that a longer report in the same batch brings."""
    network = built(name)
    images = torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(2))
    text, _ = text_of(network, batch=2, tokens=6)
    mask = torch.tensor([[True] * 6, [True] * 2 + [False] * 4])
    with torch.inference_mode():
        together = network(images, text, mask)
        alone = network(images[1:], text[1:, :2], mask[1:, :2])
    torch.testing.assert_close(together[1:], alone, atol=1e-5, rtol=1e-4)


def test_bfloat16_and_channels_last_give_nearly_the_same() -> None:
    network = built("contextual-lite")
    image = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    text = text_of(network)
    with torch.inference_mode():
        exact = network(image, *text).sigmoid()
        network.to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            quick = network(image.to(memory_format=torch.channels_last), *text).float().sigmoid()
    assert (exact - quick).abs().max() < 0.02


@pytest.mark.parametrize("name", PRESETS)
def test_one_encoding_serves_several_reports(name: str) -> None:
    network = built(name)
    image = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    text = text_of(network)
    with torch.inference_mode():
        torch.testing.assert_close(network.decode(network.encoder(image), *text), network(image, *text))
