"""A network made fast to run gives what it gave before; on integers, nearly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ptx_followup.errors import UsageError
from ptx_followup.network import attention
from ptx_followup.network.config import PRESETS
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import Precision, choose_precision, has_fast_int8
from ptx_followup.network.inference import Int8Conv, prepare_for_inference
from ptx_followup.segmentation.segmenter import Segmenter

needs_int8 = pytest.mark.skipif(not has_fast_int8("cpu"), reason="the processor has no VNNI instructions")


def answers(preset: str, precision: Precision | None, image: Tensor, text: Tensor) -> Tensor:
    """Logits of a network with statistics as after training; None for the network as it was trained."""
    torch.manual_seed(0)
    network = ContextualNet(PRESETS[preset]).eval().to(memory_format=torch.channels_last)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean, std=0.1)
            nn.init.uniform_(norm.running_var, 0.05, 0.2)
    if precision is not None:
        prepare_for_inference(network, precision)
    with torch.inference_mode():
        return network(image, text if network.config.text_dim else None)


def inputs(preset: str, batch: int = 2) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    image = torch.rand(batch, 1, 64, 64, generator=generator).to(memory_format=torch.channels_last)
    return image, torch.randn(batch, 5, PRESETS[preset].text_dim or 1, generator=generator)


@pytest.mark.parametrize("preset", PRESETS)
def test_folded_normalisation_changes_nothing(preset: str) -> None:
    image, text = inputs(preset)
    before, after = (answers(preset, precision, image, text) for precision in (None, "float32"))
    torch.testing.assert_close(after, before, atol=2e-5, rtol=1e-4)


@needs_int8
@pytest.mark.parametrize("preset", PRESETS)
def test_integers_change_little(preset: str) -> None:
    image, text = inputs(preset)
    before, after = (answers(preset, precision, image, text) for precision in (None, "int8"))
    assert 0 < float((after - before).std()) < 0.1 * float(before.std())


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Several threads add sums in an order that depends on the batch, and so round to other integers."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@needs_int8
@pytest.mark.usefixtures("one_thread")
def test_no_image_changes_the_result_of_another() -> None:
    image, text = inputs("contextual-net")
    together = answers("contextual-net", "int8", image, text)
    alone = answers("contextual-net", "int8", image[1:], text[1:])
    torch.testing.assert_close(together[1:], alone, atol=1e-5, rtol=0)


@needs_int8
def test_a_convolution_of_two_maps_on_integers() -> None:
    """Against the definition in float64: rounded weights and values, sums of integers, scaled back."""
    torch.manual_seed(2)
    conv = nn.Conv2d(48, 24, 3, padding=1).requires_grad_(False)
    maps = [
        torch.randn(1, n, 9, 7).to(memory_format=torch.channels_last) * s for n, s in ((32, 1.0), (16, 9.0))
    ]
    expected = conv.bias.double()[None, :, None, None]
    for one, weight in zip(maps, conv.weight.split([32, 16], dim=1), strict=True):
        step = (one.max().double() - one.min().double()) / 255
        zero = torch.round(-one.min().double() / step)
        values = (torch.floor(one.double() / step + zero + 0.5).clamp(0, 255) - zero) * step
        weight_step = weight.double().abs().amax((1, 2, 3), keepdim=True) / 127
        weights = torch.round(weight.double() / weight_step) * weight_step
        expected = expected + nn.functional.conv2d(values, weights, padding=1)
    with torch.inference_mode():
        result = Int8Conv(conv, (32, 16))(*maps)
    # A value on the edge between two integers may fall to either side in float32.
    torch.testing.assert_close(result.double(), expected.relu(), atol=0.05, rtol=0)
    assert float((result.double() - expected.relu()).abs().median()) < 1e-5


@needs_int8
def test_a_map_of_zeros() -> None:
    conv = nn.Conv2d(16, 16, 3, padding=1)
    with torch.inference_mode():
        result = Int8Conv(conv, (16,))(torch.zeros(1, 16, 4, 4).to(memory_format=torch.channels_last))
        expected = conv.bias.relu()[None, :, None, None].expand_as(result)
    torch.testing.assert_close(result, expected)


def test_attention_from_a_part_of_the_pixels_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    image, text = inputs("contextual-lite")
    whole = answers("contextual-lite", None, image, text)
    monkeypatch.setattr(attention, "PIXELS_AT_ONCE", 100)
    torch.testing.assert_close(answers("contextual-lite", None, image, text), whole)


def test_what_a_device_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="unknown"):
        choose_precision("int4", "cpu")
    with pytest.raises(UsageError, match="8-bit"):
        choose_precision("int8", "cuda:0")
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    with pytest.raises(UsageError, match="8-bit"):
        choose_precision("int8", "cpu")
    assert choose_precision("auto", "cpu") == "float32"


@needs_int8
def test_a_segmenter_on_integers(untrained_model: Path) -> None:
    pixels = np.random.default_rng(0).random((96, 96), np.float32)
    exact, fast = (Segmenter(str(untrained_model), "cpu", precision) for precision in ("float32", "int8"))
    (before,), (after,) = (
        one.probabilities([pixels], ["Small left apical pneumothorax."]) for one in (exact, fast)
    )
    assert fast.identity.precision == "int8"
    assert 0 < np.abs(after - before).mean() < 0.02
