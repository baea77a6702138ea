"""The report against the mask."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.report.concordance import concordance
from ptx_followup.report.findings import understand

LUNGS = np.zeros((200, 200), dtype=np.uint8)
LUNGS[20:180, 20:90] = 1
LUNGS[20:180, 110:180] = 2


def mask(*boxes: tuple[slice, slice]) -> NDArray[np.bool_]:
    drawn = np.zeros(LUNGS.shape, dtype=bool)
    for box in boxes:
        drawn[box] = True
    return drawn


RIGHT_APEX = (slice(20, 40), slice(20, 90))
LEFT_APEX = (slice(20, 40), slice(110, 180))
RIGHT_BASE = (slice(160, 180), slice(20, 90))
MOST_OF_RIGHT = (slice(20, 160), slice(20, 80))
SPECK_LEFT = (slice(20, 23), slice(110, 113))


@pytest.mark.parametrize(
    ("text", "drawn", "expected"),
    [
        ("Right apical pneumothorax.", mask(RIGHT_APEX), []),
        (
            "FINDINGS: Large right pneumothorax. IMPRESSION: Small right apical pneumothorax.",
            mask(RIGHT_APEX),
            [],
        ),
        ("Right apical pneumothorax.", mask(RIGHT_APEX, SPECK_LEFT), []),
        ("Bilateral apical pneumothoraces.", mask(RIGHT_APEX, LEFT_APEX), []),
        ("No pneumothorax.", mask(), []),
        ("Lungs are clear.", mask(), []),
        ("Lungs are clear.", mask(RIGHT_APEX), ["report-silent info"]),
        ("No pneumothorax.", mask(RIGHT_APEX), ["mask-not-reported error"]),
        ("Right pneumothorax has resolved.", mask(RIGHT_APEX), ["mask-not-reported error"]),
        ("Right pneumothorax.", mask(), ["mask-empty error"]),
        ("Possible right pneumothorax.", mask(), ["mask-empty warning"]),
        ("Possible right pneumothorax.", mask(RIGHT_APEX), ["report-uncertain info"]),
        ("Pneumothorax.", mask(RIGHT_APEX), ["side-not-stated info"]),
        ("Left pneumothorax.", mask(RIGHT_APEX), ["side-mismatch error"]),
        ("Right pneumothorax.", mask(RIGHT_APEX, LEFT_APEX), ["side-extra warning"]),
        ("Bilateral pneumothoraces.", mask(RIGHT_APEX), ["side-missing warning"]),
        ("Right apical pneumothorax.", mask(RIGHT_BASE), ["zone-mismatch warning"]),
        ("Right subpulmonic pneumothorax.", mask(RIGHT_BASE), []),
        ("Right anterior pneumothorax.", mask(RIGHT_BASE), []),
        ("Tiny right pneumothorax.", mask(MOST_OF_RIGHT), ["size-mismatch warning"]),
        ("Large right pneumothorax.", mask(MOST_OF_RIGHT), []),
        (
            "FINDINGS: No pneumothorax.\nADDENDUM: Right pneumothorax.",
            mask(RIGHT_APEX),
            ["report-conflict warning"],
        ),
    ],
)
def test_report_and_mask(text: str, drawn: NDArray[np.bool_], expected: list[str]) -> None:
    found = concordance(understand(text), drawn, LUNGS)
    assert [f"{one.code} {one.severity}" for one in found] == expected


def test_without_lungs_the_midline_divides_and_sizes_are_not_judged() -> None:
    assert concordance(understand("Tiny right pneumothorax."), mask(MOST_OF_RIGHT)) == ()
    (one,) = concordance(understand("Left pneumothorax."), mask(RIGHT_APEX))
    assert one.code == "side-mismatch"


def test_a_measured_percentage_goes_before_the_mask() -> None:
    (one,) = concordance(
        understand("Tiny right pneumothorax."), mask(RIGHT_APEX), LUNGS, {"right": 40.0, "left": 0.0}
    )
    assert (one.code, one.to_json()["severity"]) == ("size-mismatch", "warning")
