"""Model folders: written, verified, and refused when anything is off."""

import json
from pathlib import Path

import pytest
import torch

from ptx_followup.errors import ModelError
from ptx_followup.files.storage import MODEL_CONFIG, names_on_board
from ptx_followup.network.checkpoint import (
    WEIGHTS,
    Calibration,
    ModelConfig,
    find_model,
    load_model,
    save_model,
    verify,
)
from ptx_followup.network.config import NetworkConfig
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.preprocessing import Preprocessing

NETWORK = NetworkConfig(encoder="efficientnet-lite0", decoder_channels=(16, 8, 8, 8), out_channels=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = ModelConfig(
        name="small",
        version="1",
        task="lungs",
        network=NETWORK,
        preprocessing=Preprocessing(image_size=64),
    )
    save_model(tmp_path / "small", ContextualNet(NETWORK).state_dict(), config, "# small\n")
    return tmp_path / "small"


def test_a_saved_model_loads_with_the_same_output(folder: Path) -> None:
    torch.manual_seed(0)
    network = ContextualNet(NETWORK).eval()
    image = torch.rand(1, 1, 64, 64)
    loaded = load_model(str(folder))
    assert loaded.config.name == "small"
    assert not loaded.network.training
    with torch.inference_mode():
        difference = loaded.network(image).sigmoid() - network(image).sigmoid()
    assert difference.abs().max() < 5e-3  # weights are stored in half precision


def test_one_changed_byte_is_noticed(folder: Path) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(data)
    with pytest.raises(ModelError, match="does not have the SHA-256") as raised:
        load_model(str(folder))
    assert raised.value.exit_code == 6


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelError, match=r"small/model\.safetensors is missing"):
        verify(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"task": "ribs"}, "task: Input should be"),
        ({"preprocessing": {"image_size": 33}}, "multiple of 32"),
    ],
)
def test_an_unknown_configuration_is_refused(folder: Path, change: dict[str, object], message: str) -> None:
    content = json.loads((folder / MODEL_CONFIG).read_text()) | change
    (folder / MODEL_CONFIG).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=message):
        load_model(str(folder))


def test_weights_of_another_architecture_are_refused(folder: Path) -> None:
    content = json.loads((folder / MODEL_CONFIG).read_text())
    content["network"]["decoder_channels"] = [16, 8, 8, 4]
    (folder / MODEL_CONFIG).write_text(json.dumps(content))
    with pytest.raises(ModelError, match="do not fit"):
        load_model(str(folder))


def test_a_model_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ModelError, match="lungs"):
        find_model("no-such-model")


def test_every_model_on_board_has_its_own_name_and_unaltered_weights() -> None:
    for name in names_on_board():
        config = verify(find_model(name))
        assert config.name == name


def test_a_calibration_gives_the_temperature_of_the_masks_size() -> None:
    calibration = Calibration(area_limits=(0.01, 0.05), temperatures=(2.0, 1.5, 1.0))
    assert [calibration.temperature(area) for area in (0, 0.009, 0.01, 0.049, 0.3)] == [2, 2, 1.5, 1.5, 1]
    assert Calibration().temperature(0.2) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"area_limits": (0.1,)},
        {"area_limits": (0.2, 0.1), "temperatures": (1, 1, 1)},
        {"area_limits": (0.0,), "temperatures": (1, 1)},
        {"temperatures": (0.0,)},
    ],
)
def test_a_calibration_that_does_not_fit_together_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Calibration.model_validate(fields)
