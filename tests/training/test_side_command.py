"""`ptx train` on one hemithorax at a time: from a folder of films to a model that segments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ptx_followup.cli.app import run as command
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.phantom_layouts import write_phantom_data_set
from ptx_followup.errors import ExitCode
from ptx_followup.network.checkpoint import load_config
from ptx_followup.report.side_statement import NOT_MENTIONED
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import LUNG_LABEL
from ptx_followup.training.config import load_training_config
from ptx_followup.training.side_examples import UNION_WEIGHT, films

CONFIG = """
name = "toy"
task = "pneumothorax"
view = "hemithorax"
film_size = 128
text_encoder = "minilm-l6"
precision = "float32"
loss = "bce+dice+area"
checkpoint_steps = 2
validation_cases = 4
positives = 0.5

[network]
encoder = "efficientnet-lite0"
encoder_normalised = true
in_channels = 2
decoder_channels = [16, 16, 8, 8]
text_dim = 384
gate = "1+tanh"
normalise = true
position = true

[[stages]]
image_size = [32, 32]
steps = 2
batch_size = 4

[[stages]]
image_size = [64, 32]
steps = 1
batch_size = 4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "films"
    write_phantom_data_set(root, "folder", cases=12, seed=1, size_px=160)
    return root


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "toy.toml"
    path.write_text(CONFIG)
    return path


def test_a_folder_becomes_a_model_that_segments(folder: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["train", str(config), "--data", str(folder), "--out", str(out), "--fold", "0/3"]
    assert command([*arguments, "--device", "cpu", "--workers", "0"]) == ExitCode.DONE
    stored = load_config(out / "model")
    assert (stored.preprocessing.view, stored.preprocessing.rows_columns) == ("hemithorax", (64, 32))
    assert stored.training["run"]["split"] == {
        "sha256": json.loads((out / "split.json").read_text())["sha256"],
        "method": "fold",
        "seed": 0,
    }
    checkpoint = json.loads((out / "metrics.jsonl").read_text().splitlines()[-1])
    assert {"dice", "dice_empty", "root_error", "clean", "text_effect"} <= checkpoint.keys()
    assert cv2.imread(str(out / "overlays" / "step-000003.png")) is not None
    data = open_data_set(folder)
    found = Segmenter(str(out / "model")).segment(data.load_image(data.cases[0]), "Left pneumothorax.")
    assert found.told_by_side == {"left": "Pneumothorax.", "right": NOT_MENTIONED}
    again = [*arguments, "--split", str(out / "split.json")]
    assert command([*again, "--out", str(tmp_path / "other")]) == ExitCode.USAGE


def test_readings_stay_apart_and_a_union_counts_less(folder: Path, config: Path) -> None:
    data = open_data_set(folder)
    settings = load_training_config(config)
    case = next(case for case in data if case.positive)
    radiograph = data.load_image(case)
    union = data.load_mask(case, radiograph)
    (film,) = films(data, [replace(case, united=True, weight=0.5)], settings, whole_film)
    assert film.weight == 0.5 * UNION_WEIGHT
    assert film.image.shape == (128, 128)
    drawn = folder.parent / "readings"
    drawn.mkdir(exist_ok=True)
    paths = []
    for name, mask in (("a", union), ("b", cv2.erode(union.astype(np.uint8), np.ones((5, 5))))):
        paths.append(drawn / f"{case.id}_{name}.png")
        cv2.imwrite(str(paths[-1]), np.asarray(mask, np.uint8) * 255)
    two = replace(case, united=True, readings=tuple(paths))
    (film,) = films(data, [two], settings, whole_film)
    assert film.weight == 1
    areas = [np.count_nonzero(reading.label) for reading in film.readings]
    assert len(areas) == 2
    assert areas[0] > areas[1]
    expected = np.count_nonzero(union) * (128 / 160) ** 2
    assert areas[0] == pytest.approx(expected, rel=0.1)


def whole_film(pixels: np.ndarray) -> np.ndarray:
    """Each half of the film a hemithorax."""
    labels = np.full(pixels.shape, LUNG_LABEL["right"], np.uint8)
    labels[:, pixels.shape[1] // 2 :] = LUNG_LABEL["left"]
    return labels
