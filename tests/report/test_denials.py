"""What is denied and what is not, in many wordings of each form, with near misses that deny nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_followup.report import earlier
from ptx_followup.report.findings import understand

LINES = (Path(__file__).parent / "corpus" / "denials.txt").read_text(encoding="utf-8").splitlines()
CASES = [line.split(" | ", 1) for line in LINES if line and not line.startswith("#")]
RIGHT: dict[str, set[bool | None]] = {"no": {False}, "yes": {True}, "open": {None}, "looked": {True, None}}


@pytest.mark.parametrize(("right", "text"), CASES)
def test_a_denial_is_known_from_what_is_none(right: str, text: str) -> None:
    assert understand(text.replace("¶", "\n")).present in RIGHT[right]


def test_the_table_holds_both() -> None:
    kinds = [right for right, _ in CASES]
    assert kinds.count("no") >= 200
    assert len(kinds) - kinds.count("no") >= 150


@pytest.mark.parametrize(
    "text",
    [
        "No pneumothorax. There is a small left pneumothorax.",
        "FINDINGS: No pneumothorax.\nIMPRESSION: Small left pneumothorax.",
        "Reader 1: left pneumothorax. Reader 2: no pneumothorax. Arbitration pending.",
    ],
)
def test_a_contradiction_that_nothing_resolves_is_left_open_and_named(text: str) -> None:
    report = understand(text)
    assert report.present is None
    assert report.side is None
    assert report.conflicts


def test_a_told_finding_becomes_history_under_todays_denial() -> None:
    report = understand("CT of 3 March showed a left pneumothorax. The present radiograph shows none.")
    first, second = report.findings
    assert (first.present, first.certainty, first.side) == (False, "historical", "left")
    assert (second.present, second.certainty) == (False, "certain")
    assert report.conflicts == ()


def test_the_answer_carries_the_statement_and_the_question_none() -> None:
    report = understand("You asked whether the left pneumothorax has recurred. It has not.")
    assert [(one.present, one.side, one.sentence) for one in report.findings] == [
        (False, "left", "It has not.")
    ]


def test_earlier_films_are_looked_at_in_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    known = earlier.is_earlier

    def counted(sentence: str) -> bool:
        nonlocal looked
        looked += 1
        return known(sentence)

    monkeypatch.setattr(earlier, "is_earlier", counted)
    understand("1 h film: right pneumothorax. " * 100)
    once = looked
    understand("1 h film: right pneumothorax. " * 400)
    assert 0 < looked - once <= 4 * once
