"""The mean of two models' weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from ptx_followup.cli.app import app
from ptx_followup.errors import ModelError, UsageError
from ptx_followup.network.checkpoint import Calibration, load_model, save_model


@pytest.fixture
def second(untrained_model: Path, tmp_path: Path) -> Path:
    """The untrained model with every weight moved by 1, and a calibration."""
    model = load_model(str(untrained_model))
    moved = {key: value + 1 for key, value in model.network.state_dict().items()}
    config = model.config.model_copy(update={"calibration": Calibration(temperatures=(2.0,))})
    save_model(tmp_path / "second", moved, config, "# Second\n")
    return tmp_path / "second"


def test_the_mean_of_two_models(untrained_model: Path, second: Path, tmp_path: Path) -> None:
    command = ["model", "average", str(second), str(untrained_model), "--share", "0.75"]
    result = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "mean")])
    assert result.exit_code == 0, result.output
    first, mean = load_model(str(untrained_model)), load_model(str(tmp_path / "mean"))
    for key, value in first.network.state_dict().items():
        if value.is_floating_point():  # stored in half precision
            torch.testing.assert_close(mean.network.state_dict()[key], value + 0.75, atol=2e-3, rtol=1e-3)
    assert mean.config.calibration == Calibration()
    assert list(mean.config.training["mean_of"].values()) == [0.75, 0.25]
    assert (tmp_path / "mean" / "README.md").read_text(encoding="utf-8") == "# Second\n"


def test_models_that_cannot_be_averaged(untrained_model: Path, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "mean")]
    alone = CliRunner().invoke(app, ["model", "average", str(untrained_model), *out])
    assert isinstance(alone.exception, UsageError)
    other = CliRunner().invoke(app, ["model", "average", str(untrained_model), "lungs", *out])
    assert isinstance(other.exception, ModelError)
    assert "lungs" in str(other.exception)
    assert not (tmp_path / "mean").exists()
