"""What each side of a chest is told of a report."""

from __future__ import annotations

import pytest

from ptx_followup.report.findings import understand
from ptx_followup.report.side_statement import (
    HELD_OUT_PHRASINGS,
    NOT_MENTIONED,
    PHRASINGS,
    side_statement,
    told_of_sides,
)

CASES = [
    ("Small right apical pneumothorax.", "Small apical pneumothorax.", NOT_MENTIONED),
    (
        "Large left pneumothorax. Small right apical pneumothorax.",
        "Small apical pneumothorax.",
        "Large pneumothorax.",
    ),
    ("Bilateral apical pneumothoraces.", "Apical pneumothorax.", "Apical pneumothorax."),
    ("Right pneumothorax. No left pneumothorax.", "Pneumothorax.", None),
    ("No pneumothorax.", None, None),
    ("The heart is enlarged.", "", ""),
    ("There is a pneumothorax.", "Pneumothorax.", "Pneumothorax."),
    ("Right pneumothorax of 30 %.", "Large pneumothorax.", NOT_MENTIONED),
]


@pytest.mark.parametrize(("report", "right", "left"), CASES, ids=[case[0] for case in CASES])
def test_each_side_is_told_its_own_findings_without_a_side(
    report: str, right: str | None, left: str | None
) -> None:
    assert told_of_sides(understand(report)) == {"right": right, "left": left}


def test_no_report_tells_nothing_and_forbids_nothing() -> None:
    assert told_of_sides(None) == {"right": "", "left": ""}


def test_without_sizes_two_exams_are_told_the_same() -> None:
    large, small = (
        told_of_sides(understand(f"{size} right apical pneumothorax."), sizes=False)
        for size in ("Large", "Small")
    )
    assert large == small == {"right": "Apical pneumothorax.", "left": NOT_MENTIONED}


@pytest.mark.parametrize("phrasing", [*PHRASINGS, *HELD_OUT_PHRASINGS])
def test_every_phrasing_says_the_same(phrasing: str) -> None:
    statement = side_statement("small", ("lateral", "apical"), phrasing)
    read = understand(statement)
    assert (read.present, read.size, read.zones, read.side) == (True, "small", ("apical", "lateral"), None)
    assert understand(side_statement(None, (), phrasing)).present
