"""Texts of all kinds with what a radiologist takes from them: no stated finding is read as a denial.

A line of JSON each in `texts/`: "present" (true, false, null: nothing is stated), "sides", and in most
"zones" and "size".
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ptx_followup.errors import InputError
from ptx_followup.report.findings import understand
from ptx_followup.report.terms import Report
from ptx_followup.report.text import decode_report

FOLDER = Path(__file__).parent / "texts"
NAMES = (
    *("forms", "reports", "ordinary", "hard", "plain"),
    *("second_plain", "third_plain", "fourth_plain", "turns"),
)
SIDES: dict[str | None, set[str]] = {None: set(), "bilateral": {"left", "right"}}


@cache
def texts(name: str) -> list[tuple[dict[str, Any], Report | None]]:
    """Rows of a file, each with its report; None where it was refused."""
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row, read(row["text"])) for row in rows]


def read(text: str) -> Report | None:
    try:
        return understand(decode_report(text.encode(), "report"))
    except InputError:
        return None


@pytest.mark.parametrize("name", NAMES)
def test_no_present_pneumothorax_is_denied(name: str) -> None:
    present = [(row["id"], report) for row, report in texts(name) if row["present"] and report]
    denied = [number for number, report in present if report.present is False]
    assert denied == []


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("forms", 0.96),
        ("reports", 0.94),
        ("ordinary", 0.98),
        ("hard", 0.90),
        ("plain", 0.98),
        ("second_plain", 0.97),
        ("third_plain", 0.98),
        ("fourth_plain", 0.98),
        ("turns", 0.95),
    ],
)
def test_presence_is_right(name: str, least: float) -> None:
    right = sum(row["present"] is (report.present if report else None) for row, report in texts(name))
    assert right >= least * len(texts(name))


def test_report_at_odds_with_itself_names_the_sentences() -> None:
    report = read("Findings: Small left apical pneumothorax. Lines in place. Impression: No pneumothorax.")
    assert report is not None
    assert report.present is None
    assert (
        "sentence 1 (findings) states a pneumothorax, sentence 3 (impression) denies one" in report.conflicts
    )


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("forms", 0.97),
        ("reports", 0.95),
        ("ordinary", 0.98),
        ("hard", 0.96),
        ("plain", 0.97),
        ("second_plain", 0.96),
        ("third_plain", 0.97),
        ("fourth_plain", 0.97),
        ("turns", 0.97),
    ],
)
def test_sides_are_right(name: str, least: float) -> None:
    present = [(row, report) for row, report in texts(name) if row["present"] and report and report.present]
    right = sum(set(row["sides"]) == SIDES.get(report.side, {report.side}) for row, report in present)
    assert right >= least * len(present)
