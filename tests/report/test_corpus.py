"""Reports in many forms are read as a radiologist would, from the bytes of a file to the summary."""

from __future__ import annotations

import pytest
from corpus_of_reports import KINDS, Case, cases

from ptx_followup.report.findings import understand
from ptx_followup.report.text import decode_report

ALL = list(cases())
PRESENCE = {True: "yes", False: "no", None: "silent"}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_report_is_read(case: Case) -> None:
    report = understand(decode_report(case.text.encode(), "report"))
    read = [PRESENCE[report.present], report.side, *report.zones, report.size]
    assert {word for word in read if word} == case.right


def test_corpus_is_large_and_without_repeats() -> None:
    assert len({case.text for case in ALL}) == len(ALL) >= 800
    assert {case.name.partition(":")[0] for case in ALL} == set(KINDS)
    assert sum("yes" in case.right for case in ALL) >= 300
