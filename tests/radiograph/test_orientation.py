"""Every stated orientation is brought to the standard display, and masks go back the same way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_files import make_dataset, ramp, read_back

from ptx_followup.radiograph.orientation import turn_to_standard

#: Unit steps in the standard display, as (down, right): the patient's left is on the image's right.
STEP = {"L": (0, 1), "R": (0, -1), "F": (1, 0), "H": (-1, 0)}
ORIENTATIONS = [
    (row, column)
    for row in STEP
    for column in STEP
    if {row, column} & {"L", "R"} and {row, column} & {"H", "F"}
]
STANDARD = ramp()


def as_stored(row: str, column: str) -> np.ndarray:
    """STANDARD as a device stores it whose rows run to `row` and columns to `column`, pixel by pixel."""
    height, width = STANDARD.shape
    shape = (width, height) if row in "HF" else (height, width)
    stored = np.zeros(shape, STANDARD.dtype)
    # The corner where the stored image starts is where neither direction leads.
    top = 0 if "F" in (row, column) else height - 1
    left = 0 if "L" in (row, column) else width - 1
    for i in range(shape[0]):
        for j in range(shape[1]):
            y = top + j * STEP[row][0] + i * STEP[column][0]
            x = left + j * STEP[row][1] + i * STEP[column][1]
            stored[i, j] = STANDARD[y, x]
    return stored


@pytest.mark.parametrize(("row", "column"), ORIENTATIONS)
def test_brought_to_standard_and_back(tmp_path: Path, row: str, column: str) -> None:
    stored = as_stored(row, column)
    dataset = make_dataset(stored, PatientOrientation=[row, column], PixelSpacing=[0.1, 0.2])
    image = read_back(dataset, tmp_path)
    expected = read_back(make_dataset(STANDARD), tmp_path)
    np.testing.assert_array_equal(image.pixels, expected.pixels)
    assert image.spacing_mm == ((0.2, 0.1) if row in "HF" else (0.1, 0.2))
    np.testing.assert_array_equal(image.to_standard(stored), STANDARD)
    np.testing.assert_array_equal(image.to_stored(STANDARD), stored)
    assert not any("orientation" in warning for warning in image.warnings)


def test_eight_orientations_need_eight_turns() -> None:
    assert len({turn_to_standard(*orientation) for orientation in ORIENTATIONS}) == 8


@pytest.mark.parametrize("orientation", [["R", "FP"], ["RA", "F"]])
def test_the_principal_direction_counts(tmp_path: Path, orientation: list[str]) -> None:
    image = read_back(make_dataset(PatientOrientation=orientation), tmp_path)
    assert (image.flipped, image.quarter_turns) == (True, 0)


@pytest.mark.parametrize("orientation", [None, "", ["L", "L"], ["L"], ["X", "Y"], ["L", ""]])
def test_an_unclear_orientation_is_assumed_standard_with_a_warning(
    tmp_path: Path, orientation: list[str] | str | None
) -> None:
    image = read_back(make_dataset(PatientOrientation=orientation), tmp_path)
    assert (image.flipped, image.quarter_turns) == (False, 0)
    assert any("taken to be on the image's left" in warning for warning in image.warnings)
