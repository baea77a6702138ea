"""What `ptx listen` compares, and what it leaves alone; without an archive, as none is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from archives import exam_number, other, report_on, save
from made_exams import REPORT

from ptx_followup.errors import PacsError
from ptx_followup.pacs.cases import Outcome, follow_up
from ptx_followup.pacs.exams import only_frontal

if TYPE_CHECKING:
    from ptx_followup.pacs.archive import Archive
    from ptx_followup.segmentation import Segmenter

NOBODY = cast("Archive", None), cast("Segmenter", None)
NOTHING = Outcome("no frontal chest radiograph")


def test_a_lateral_view_alone(tmp_path: Path) -> None:
    lateral = exam_number(2, ViewPosition="LL", ViewCodeSequence=None, SeriesDescription="Chest lateral")
    assert follow_up(save(tmp_path, lateral), *NOBODY) == NOTHING


def test_our_own_results_sent_back_by_the_archive(tmp_path: Path) -> None:
    ours = exam_number(2, Manufacturer="ptx-followup")
    report = report_on(ours, REPORT, Manufacturer="ptx-followup")
    assert follow_up(save(tmp_path, ours, report), *NOBODY) == NOTHING


def test_two_frontal_radiographs(tmp_path: Path) -> None:
    files = save(tmp_path, exam_number(2), exam_number(2, **other(9)))
    with pytest.raises(PacsError, match="2 frontal chest radiographs"):
        follow_up(files, *NOBODY)


def test_an_image_for_processing_does_not_count_beside_one_for_presentation(tmp_path: Path) -> None:
    for_processing = exam_number(2, SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1.1")
    for_processing.PresentationIntentType = "FOR PROCESSING"
    files = save(tmp_path, for_processing, exam_number(2, **other(9)))
    assert only_frontal(files) == files[1]
    assert only_frontal(files[:1]) == files[0]


def test_an_unreadable_radiograph_is_not_passed_over(tmp_path: Path) -> None:
    """It may be the frontal one: an older exam must not silently take its place."""
    broken = exam_number(2)
    broken.PixelData = broken.PixelData[:-1000]
    files = save(tmp_path, broken, exam_number(2, **other(9)))
    with pytest.raises(PacsError, match="cannot be read"):
        only_frontal(files[:1])
    assert only_frontal(files) == files[1]
