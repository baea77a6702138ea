"""Language cross-attention against a literal reading of the paper's equations."""

import pytest
import torch
from torch import Tensor

from ptx_followup.network.attention import GateWatch, LanguageAttention

BATCH, CHANNELS, HEIGHT, WIDTH, TOKENS, TEXT = 2, 8, 5, 7, 6, 12


@pytest.fixture
def inputs() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(BATCH, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64, generator=generator)
    text = torch.randn(BATCH, TOKENS, TEXT, dtype=torch.float64, generator=generator)
    mask = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    return features, text, mask


def attention(**options: object) -> LanguageAttention:
    torch.manual_seed(5)
    return LanguageAttention(CHANNELS, TEXT, **options).double().eval()


def literal(module: LanguageAttention, features: Tensor, text: Tensor, mask: Tensor) -> Tensor:
    """Eq. 1 and 2 pixel by pixel, with explicit matrices and loops; padding left out, not masked."""
    out = torch.empty_like(features)
    for b in range(features.shape[0]):
        tokens = module.project(text[b][mask[b]])
        keys = tokens @ module.key.weight.T + module.key.bias
        values = tokens @ module.value.weight.T + module.value.bias
        for y in range(HEIGHT):
            for x in range(WIDTH):
                pixel = features[b, :, y, x]
                query = module.query.weight @ pixel + module.query.bias
                scores = torch.stack([query @ key for key in keys]) / CHANNELS**0.5
                weights = scores.exp() / scores.exp().sum()
                attended = sum(w * v for w, v in zip(weights, values, strict=True))
                attended = module.out.weight @ attended + module.out.bias
                out[b, :, y, x] = torch.tanh(attended) * pixel
    return out


def test_equals_the_equations_of_the_paper(inputs: tuple[Tensor, Tensor, Tensor]) -> None:
    module = attention()
    with torch.no_grad():
        difference = module(*inputs) - literal(module, *inputs)
    assert difference.abs().max() < 1e-5


@pytest.mark.parametrize("options", [{}, {"normalise": True, "position": True, "gate": "1+tanh"}])
def test_padding_changes_nothing(inputs: tuple[Tensor, Tensor, Tensor], options: dict[str, object]) -> None:
    features, text, mask = inputs
    module = attention(**options)
    longer = torch.cat([text, torch.full((BATCH, 3, TEXT), 1e3, dtype=text.dtype)], dim=1)
    longer_mask = torch.cat([mask, torch.zeros(BATCH, 3, dtype=torch.bool)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(module(features, longer, longer_mask), module(features, text, mask))


def test_only_one_plus_tanh_passes_the_image_where_the_report_is_silent(
    inputs: tuple[Tensor, Tensor, Tensor],
) -> None:
    features = inputs[0]
    for gate, expected in (("tanh", torch.zeros_like(features)), ("1+tanh", features)):
        module = attention(gate=gate)
        torch.nn.init.zeros_(module.out.weight)
        torch.nn.init.zeros_(module.out.bias)
        with torch.no_grad():
            torch.testing.assert_close(module(*inputs), expected)


def test_position_lets_equal_pixels_attend_differently() -> None:
    features = torch.ones(1, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)
    text = torch.randn(1, TOKENS, TEXT, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        without = attention(normalise=True)(features, text, None)
        located = attention(normalise=True, position=True)(features, text, None)
    assert (without - without[:, :, :1, :1]).abs().max() < 1e-12
    assert (located - located[:, :, :1, :1]).abs().max() > 1e-3


def test_watch_sees_saturated_gates(inputs: tuple[Tensor, Tensor, Tensor]) -> None:
    module = attention()
    module.watch = GateWatch()
    torch.nn.init.constant_(module.out.bias, 50.0)
    with torch.no_grad():
        module(*inputs)
    assert module.watch.saturated == 1.0
    assert module.watch.mean == pytest.approx(1.0)
