"""Sizes of drawn masks whose area is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.measurement.sizes import HemithoraxPercent, measure

#: Right hemithorax 100 x 40 pixels on the image's left, left hemithorax 80 x 40 on its right.
HEMITHORACES = np.zeros((120, 120), np.uint8)
HEMITHORACES[10:110, 10:50] = 1
HEMITHORACES[10:90, 70:110] = 2
NONE_FOUND = np.zeros((120, 120), np.uint8)


def mask(*boxes: tuple[slice, slice]) -> NDArray[np.bool_]:
    drawn = np.zeros((120, 120), bool)
    for box in boxes:
        drawn[box] = True
    return drawn


RIGHT_BOX = np.s_[10:30, 10:50]  # 800 pixels, 20 % of the right hemithorax
LEFT_BOX = np.s_[10:26, 70:90]  # 320 pixels, 10 % of the left


@pytest.mark.parametrize(
    ("boxes", "area_px", "side", "percent"),
    [
        ((), 0, None, (0.0, 0.0, 0.0)),
        ((RIGHT_BOX,), 800, "right", (0.0, 20.0, 100 * 800 / 7200)),
        ((LEFT_BOX,), 320, "left", (10.0, 0.0, 100 * 320 / 7200)),
        ((RIGHT_BOX, LEFT_BOX), 1120, "bilateral", (10.0, 20.0, 100 * 1120 / 7200)),
        # 400 pixels lie above the lung that was found: they belong to the hemithorax, too.
        ((np.s_[0:20, 10:50],), 800, "right", (0.0, 100 * 800 / 4400, 100 * 800 / 7600)),
    ],
)
def test_area_side_and_percent_of_the_hemithorax(
    boxes: tuple[tuple[slice, slice], ...],
    area_px: int,
    side: str | None,
    percent: tuple[float, float, float],
) -> None:
    measured = measure(mask(*boxes), HEMITHORACES, None)
    assert (measured.area_px, measured.side, measured.area_mm2) == (area_px, side, None)
    found = measured.hemithorax_percent
    assert found is not None
    assert (found.left, found.right, found.total) == pytest.approx(percent)


def test_square_millimetres_need_a_spacing() -> None:
    measured = measure(mask(RIGHT_BOX), HEMITHORACES, (0.2, 0.15))
    assert measured.area_mm2 == pytest.approx(800 * 0.2 * 0.15)


@pytest.mark.parametrize("found", [NONE_FOUND, np.where(HEMITHORACES == 1, HEMITHORACES, 0)])
def test_without_both_hemithoraces_there_is_no_percentage_but_a_side(found: NDArray[np.uint8]) -> None:
    measured = measure(mask(LEFT_BOX), found, None)
    assert measured.hemithorax_percent is None
    assert (measured.side, measured.area_px) == ("left", 320)


def test_a_mask_never_exceeds_its_hemithorax() -> None:
    found = measure(np.ones((120, 120), bool), HEMITHORACES, None).hemithorax_percent
    assert found is not None
    assert found.left <= 100
    assert found.right <= 100
    assert found.total <= 100


def test_figures_in_the_result_are_rounded() -> None:
    document = measure(mask(RIGHT_BOX), HEMITHORACES, (0.123456, 0.1)).to_json()
    assert document == {
        "area_px": 800,
        "area_mm2": 9.88,
        "side": "right",
        "hemithorax_percent": {"left": 0.0, "right": 20.0, "total": 11.11},
        "by_side": {
            "right": {"area_px": 800, "area_mm2": 9.88},
            "left": {"area_px": 0, "area_mm2": 0.0},
        },
    }
    assert HemithoraxPercent(1 / 3, 2 / 3, 1.0).to_json() == {"left": 0.33, "right": 0.67, "total": 1.0}
