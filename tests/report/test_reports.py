"""What whole reports say, on a labelled set, and properties that hold for every text."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from cases_reports import REPORTS
from cases_sentences import GROUPS
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_followup.report.findings import understand
from ptx_followup.report.sections import split_sentences
from ptx_followup.report.terms import Report

PRESENCE = {True: "yes", False: "no", None: "silent"}


def summary(report: Report) -> list[str]:
    """A report in the notation of the labelled set."""
    words = [PRESENCE[report.present], report.side, *report.zones, report.size]
    words.append("conflict" if report.conflicts else None)
    return [word for word in words if word]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=row[0][:60]) for row in REPORTS])
def test_report_is_understood(text: str, expected: str) -> None:
    assert sorted(summary(understand(text))) == sorted(expected.split())


def test_set_is_large_and_without_repeats() -> None:
    assert len(REPORTS) == len(dict(REPORTS)) >= 60


@pytest.mark.parametrize("group", ["plain", "denied", "doubted", "past", "changed"])
def test_capitals_do_not_matter(group: str) -> None:
    def said(text: str) -> list[object]:
        return [replace(finding, sentence="") for finding in understand(text).findings]

    assert [text for text, _ in GROUPS[group] if said(text.upper()) != said(text.lower())] == []


def test_every_span_is_the_sentence_it_names() -> None:
    for text, _ in REPORTS:
        for finding in understand(text).findings:
            assert text[slice(*finding.span)] == finding.sentence
            assert "pneumo" in finding.sentence.lower() or "ptx" in finding.sentence.lower()


def test_conflicts_quote_nothing_of_the_report() -> None:
    report = understand("FINDINGS: Small left pneumothorax in Jane.\nIMPRESSION: No pneumothorax.")
    assert report.conflicts == (
        "a pneumothorax stated in the findings is denied in the impression",
        "sentence 1 (findings) may state a pneumothorax",
        "sentence 1 (findings) states a pneumothorax, sentence 2 (impression) denies one",
    )


WORDS = st.sampled_from(
    [
        *(
            "no",
            "left",
            "right",
            "pneumothorax",
            "ptx",
            "and",
            "or",
            ",",
            ";",
            ".",
            "\n",
            ":",
            "2 cm",
            "20 %",
            "?",
        ),
        *(
            "has resolved",
            "not seen",
            "without",
            "small",
            "apical",
            "cannot exclude",
            "Impression:",
            "the",
            "is",
        ),
        *(
            "chest tube",
            "stable",
            "new",
            "previously",
            "effusion",
            "lung",
            "clear",
            "X",
            "[DATE]",
            "1.",
            "-",
            "/",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(WORDS, max_size=60).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    report = understand(text)
    assert (report.present is True) >= (report.side is not None)
    for finding in report.findings:
        assert text[slice(*finding.span)] == finding.sentence
        assert finding.change is None or finding.present is not None


@settings(max_examples=200, deadline=None)
@given(st.text() | st.lists(WORDS, max_size=60).map(" ".join))
def test_sentences_are_in_order_and_do_not_overlap(text: str) -> None:
    end = 0
    for sentence in split_sentences(text):
        assert end <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end] == sentence.text
        end = sentence.end


def seconds(text: str) -> float:
    """Processor time of the quicker of two readings."""
    times = []
    for _ in range(2):
        start = time.process_time()
        understand(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    "unit",
    [
        "No pneumothorax or effusion. ",
        "Small left pneumothorax, 2 cm, ",
        "pneumothorax ",
        "no no or , and ",
        "left lung is , ",
        "Findings:\n",
        "12 ",
        " ",
        "\n",
        "?",
        "(",
        "- ",
        "was previously ",
        "x",
        "pneumothorax |not seen ",
        "left |pneumothorax and ",
        "pneumothorax and |2 cm , ",
        "no , |pneumothorax or ",
        "Pneumothorax: 11",
        "Pneumothorax [x] yes [ ] no\n",
        "Pneumothorax | no | small\n",
        "No evidence of:\n- effusion\n",
        "No pneumothorax. A small one. ",
        "\\.br\\",
        "FINDINGS - ",
    ],
)
def test_time_grows_with_length_and_not_with_its_square(unit: str) -> None:
    first, _, second = unit.partition("|")
    length = 5_000
    short, long = (
        first * (size // len(unit)) + second * (size // len(unit)) for size in (length, 8 * length)
    )
    # Eight times the text takes eight times as long, sixty-four times where time grew with the square.
    assert seconds(long) < 28 * max(seconds(short), 0.005)
