"""What a radiograph promises to everything that uses it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ptx_followup.radiograph.image import TRUSTED_SPACING, Identity, Radiograph

BLANK = np.zeros((4, 6), np.float32)


@given(
    stored=hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2)),
    flipped=st.booleans(),
    quarter_turns=st.integers(0, 3),
)
def test_a_mask_goes_to_the_standard_grid_and_back(
    stored: np.ndarray, flipped: bool, quarter_turns: int
) -> None:
    image = Radiograph(BLANK, flipped=flipped, quarter_turns=quarter_turns)
    there = image.to_standard(stored)
    assert there.sum() == stored.sum()
    back = image.to_stored(there)
    np.testing.assert_array_equal(back, stored)
    assert back.dtype == stored.dtype


def test_what_comes_back_is_a_copy() -> None:
    mask = np.zeros((4, 6), np.uint8)
    Radiograph(BLANK).to_stored(mask)[:] = 1
    assert not mask.any()


def test_rows_and_columns() -> None:
    image = Radiograph(BLANK)
    assert (image.rows, image.columns) == (4, 6)


@pytest.mark.parametrize(
    "source", ["calibrated", "magnification-corrected", "detector-plane", "unknown", "none"]
)
def test_only_some_millimetres_are_trusted(source: str) -> None:
    image = Radiograph(BLANK, spacing_mm=(0.1, 0.2), spacing_source=source)  # type: ignore[arg-type]
    assert image.trusted_spacing_mm == ((0.1, 0.2) if source in TRUSTED_SPACING else None)


def test_nothing_that_identifies_is_printed() -> None:
    image = Radiograph(
        BLANK,
        identity=Identity("ID77", "ISS77", "NAME77", "19770101", "F"),
        sop_instance_uid="1.2.77",
        acquired_at=datetime.fromisoformat("1977-07-07"),
        path=Path("/NAME77/x.dcm"),
    )
    assert "77" not in repr(image)
    assert "77" not in repr(image.identity)
