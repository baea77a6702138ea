"""Which document of a study is the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import exam_number, report_on, save
from made_exams import DENIAL, REPORT
from pydicom.dataset import Dataset

from ptx_followup.errors import PacsError
from ptx_followup.pacs.reports import choose_report, latest_result
from ptx_followup.report.text import load_report

IMAGE = exam_number(1)


def chosen(tmp_path: Path, *reports: Dataset) -> str | None:
    found = choose_report(save(tmp_path, *reports))
    return None if found is None else load_report(found)


def test_the_newest_of_equals(tmp_path: Path) -> None:
    old, new = report_on(IMAGE, DENIAL), report_on(IMAGE, REPORT, ContentTime="130000")
    assert "right" in str(chosen(tmp_path, new, old))


def test_a_verified_one_before_a_newer_one(tmp_path: Path) -> None:
    verified = report_on(IMAGE, REPORT, VerificationFlag="VERIFIED")
    newer = report_on(IMAGE, DENIAL, ContentTime="130000")
    assert "right" in str(chosen(tmp_path, newer, verified))


def test_two_that_differ_in_nothing_but_words(tmp_path: Path) -> None:
    with pytest.raises(PacsError, match="2 reports"):
        chosen(tmp_path, report_on(IMAGE, DENIAL), report_on(IMAGE, REPORT))
    assert chosen(tmp_path, report_on(IMAGE, REPORT), report_on(IMAGE, REPORT))


def test_what_is_no_report(tmp_path: Path) -> None:
    """Our own results, measurements, doses, an image, a broken file."""
    titles = []
    for code in ("126000", "113701"):
        title = Dataset()
        title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning = code, "DCM", "Not a report"
        titles.append(report_on(IMAGE, REPORT, ConceptNameCodeSequence=[title]))
    ours = report_on(IMAGE, REPORT, Manufacturer="ptx-followup")
    files = save(tmp_path, ours, *titles, IMAGE)
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    assert choose_report([*files, broken]) is None
    # None of them tracks a pneumothorax, so that there is nothing to go on with.
    assert latest_result([*files, broken]) is None
