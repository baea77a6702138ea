"""The size that a report tells, as a figure."""

from __future__ import annotations

import pytest

from ptx_followup.report.findings import understand
from ptx_followup.report.told_size import percent_of_word, told_percent
from ptx_followup.sides import Side


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("Small right apical pneumothorax.", percent_of_word("small"), 0.0),
        ("Right pneumothorax.", None, 0.0),
        ("No pneumothorax.", 0.0, 0.0),
        ("The heart is enlarged.", None, None),
        ("Large right and tiny left pneumothorax.", percent_of_word("large"), percent_of_word("tiny")),
        ("Right pneumothorax of 20 %.", percent_of_word("moderate"), 0.0),
        ("Small pneumothorax.", percent_of_word("small"), percent_of_word("small")),
        ("Findings: No pneumothorax.\nImpression: Small left pneumothorax.", None, None),
    ],
)
def test_what_a_report_tells_of_each_side(text: str, right: float | None, left: float | None) -> None:
    told: dict[Side, float | None] = {"right": right, "left": left}
    for side, percent in told.items():
        assert told_percent(understand(text), side) == percent, side
