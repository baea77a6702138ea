"""Weights in the names of the paper's authors."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ptx_followup.cli.app import run
from ptx_followup.errors import ExitCode, ModelError
from ptx_followup.network.config import PRESETS
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.importer import from_authors_names, read_state_dict


def authors_state_dict(text_dim: int = 1024) -> dict[str, Tensor]:
    """Names and shapes as their module has them, from torch's own modules, on the meta device."""
    with torch.device("meta"):
        modules: dict[str, nn.Module] = {"lang_attn.multihead_attn": nn.MultiheadAttention(1024, 1)}

        def double_conv(name: str, inputs: int, outputs: int) -> None:
            modules[name] = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            )

        double_conv("inc.double_conv", 3, 64)
        for level, inputs in enumerate((64, 128, 256, 512), start=1):
            double_conv(f"down{level}.maxpool_conv.1.double_conv", inputs, 2 * inputs)
        for level, channels in enumerate((512, 256, 128, 64), start=1):
            modules[f"up{level}.up"] = nn.ConvTranspose2d(2 * channels, channels, 2, 2)
            double_conv(f"up_conv{level}.double_conv", 2 * channels, channels)
            modules[f"lang_proj{level}"] = nn.Linear(text_dim, channels)
            modules[f"lang_attn{level}.multihead_attn"] = nn.MultiheadAttention(channels, 1)
        modules["outc.conv"] = nn.Conv2d(64, 1, 1)
    return {
        f"{name}.{key}": value
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }


def test_every_name_is_translated_and_the_unused_module_left_out() -> None:
    translated, config = from_authors_names(authors_state_dict())
    with torch.device("meta"):
        expected = ContextualNet(config).state_dict()
    assert config == PRESETS["contextual-net"]
    assert {key: value.shape for key, value in translated.items()} == {
        key: value.shape for key, value in expected.items()
    }


def test_the_width_of_the_language_model_is_read_from_the_weights() -> None:
    assert from_authors_names(authors_state_dict(text_dim=768))[1].text_dim == 768


def test_a_u_net_without_language_is_recognised() -> None:
    without = {key: value for key, value in authors_state_dict().items() if not key.startswith("lang")}
    assert from_authors_names(without)[1] == PRESETS["unet"]


def test_an_attention_computes_what_theirs_computed() -> None:
    """torch's MultiheadAttention, called as they call it, is the reference."""
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(64, 1)
    projection = nn.Linear(1024, 64)
    source = {key: torch.zeros(value.shape, dtype=value.dtype) for key, value in authors_state_dict().items()}
    source |= {f"lang_attn4.multihead_attn.{key}": value for key, value in theirs.state_dict().items()}
    source |= {f"lang_proj4.{key}": value for key, value in projection.state_dict().items()}
    translated, config = from_authors_names(source)
    network = ContextualNet(config)
    network.load_state_dict(translated)
    features, text = torch.randn(1, 64, 3, 5), torch.randn(1, 7, 1024)
    pixels = features.flatten(2).permute(2, 0, 1)
    tokens = projection(text).transpose(0, 1)
    with torch.no_grad():
        attended = theirs(pixels, tokens, tokens)[0]
        expected = (pixels * torch.tanh(attended)).permute(1, 2, 0).reshape(1, 64, 3, 5)
        got = network.decoder[3].attention(features, text, None)
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda weights: weights.pop("inc.double_conv.0.weight"), "lack"),
        (lambda weights: weights.update({"surprise.weight": torch.zeros(1)}), "unknown parameter"),
        (lambda weights: weights.update({"outc.conv.weight": torch.zeros(2, 64, 1, 1)}), "has shape"),
    ],
)
def test_other_weights_are_refused(damage: object, message: str) -> None:
    weights = authors_state_dict()
    damage(weights)  # type: ignore[operator]
    with pytest.raises(ModelError, match=message):
        from_authors_names(weights)


def test_reading_executes_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "executed"),))

    torch.save({"weight": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ModelError, match="cannot be read as weights"):
        read_state_dict(tmp_path / "evil.pt")
    assert not (tmp_path / "executed").exists()
    (tmp_path / "text.pt").write_text("not weights")
    with pytest.raises(ModelError, match="cannot be read as weights"):
        read_state_dict(tmp_path / "text.pt")
    torch.save({"state_dict": {"a": torch.ones(1)}}, tmp_path / "good.pt")
    assert list(read_state_dict(tmp_path / "good.pt")) == ["a"]


def test_a_size_that_the_network_cannot_take_is_refused_before_the_weights_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["model", "import", str(tmp_path / "none.pt"), "--out", str(tmp_path / "out")]
    assert run([*arguments, "--image-size", "1000"]) == ExitCode.USAGE
    assert "the image size does not fit: input should be a multiple of 32" in capsys.readouterr().err
