"""The model on board, on the phantom of `examples/`: what a newcomer sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import DENIAL, EXAMPLES, REPORT, save_exam
from segment_fields import FIELDS, assert_fields

from ptx_followup.cli.app import run

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Least Dice on the phantom, which the network has not seen in training.
LEAST_DICE = 0.6

WEIGHTS = Path(__file__).parents[2] / "models" / "contextual-lite" / "model.safetensors"
pytestmark = pytest.mark.skipif(
    not WEIGHTS.is_file(), reason="the weights of contextual-lite are not in this checkout"
)


@pytest.fixture(scope="module")
def default_segmenter() -> Segmenter:
    from ptx_followup.segmentation.segmenter import Segmenter

    return Segmenter()


def test_the_example_is_segmented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    prior, report = EXAMPLES / "prior.dcm", EXAMPLES / "prior.txt"
    assert run(["segment", str(prior), "--report", str(report), "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert_fields(document, FIELDS)
    assert document["model"]["name"] == "contextual-lite"
    mask = cv2.imread(str(out / "mask.png"), cv2.IMREAD_UNCHANGED) > 0
    truth = cv2.imread(str(EXAMPLES / "prior_truth.png"), cv2.IMREAD_UNCHANGED) > 0
    assert mask.shape == truth.shape
    dice = 2 * np.count_nonzero(mask & truth) / (np.count_nonzero(mask) + np.count_nonzero(truth))
    assert dice >= LEAST_DICE


def test_a_denying_report_empties_the_mask(default_segmenter: Segmenter) -> None:
    assert not default_segmenter.segment(EXAMPLES / "prior.dcm", DENIAL).mask.any()


def test_a_mask_lands_on_the_pixels_as_they_are_stored(default_segmenter: Segmenter, tmp_path: Path) -> None:
    """Mirrored and turned in the file, the same chest gives the same mask, mirrored and turned."""
    standard = pydicom.dcmread(EXAMPLES / "prior.dcm").pixel_array
    expected = default_segmenter.segment(save_exam(tmp_path, standard), REPORT).mask
    assert expected.any()
    for orientation, turn in ((["R", "F"], np.fliplr), (["F", "L"], np.transpose)):
        stored = np.ascontiguousarray(turn(standard))
        path = save_exam(tmp_path, stored, PatientOrientation=orientation)
        np.testing.assert_array_equal(default_segmenter.segment(path, REPORT).mask, turn(expected))
