"""What `ptx listen` compares, and what it leaves alone; without an archive, as none is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from archives import exam_number, other, report_on, save
from made_exams import EXAMPLES, REPORT
from pydicom.uid import SecondaryCaptureImageStorage

from ptx_followup.errors import PacsError
from ptx_followup.pacs.cases import Outcome, follow_up
from ptx_followup.pacs.frontal import only_frontal

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.pacs.archive import Archive
    from ptx_followup.segmentation.segmenter import Segmenter

NOBODY = cast("Archive", None), cast("Segmenter", None)
NOTHING = Outcome("no frontal chest radiograph")


def described(part: str, description: str) -> Dataset:
    """An exam whose body part is told by these two alone."""
    words = {"SeriesDescription": description, "StudyDescription": "Radiography"}
    return exam_number(2, BodyPartExamined=part, AnatomicRegionSequence=None, **words)


def chosen(files: Sequence[Path]) -> Path | None:
    found = only_frontal(files)
    return None if found is None else found.image


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
    assert chosen(files) == files[1]
    assert chosen(files[:1]) == files[0]


def test_an_unreadable_radiograph_is_not_passed_over(tmp_path: Path) -> None:
    """It may be the frontal one: an older exam must not silently take its place."""
    broken = exam_number(2)
    broken.PixelData = broken.PixelData[:-1000]
    files = save(tmp_path, broken, exam_number(2, **other(9)))
    with pytest.raises(PacsError, match="cannot be read"):
        only_frontal(files[:1])
    assert chosen(files) == files[1]


def test_a_damaged_object_may_be_the_radiograph(tmp_path: Path) -> None:
    """Its study must not end as one without a radiograph, as what has ended is let go."""
    whole = (EXAMPLES / "followup.dcm").read_bytes()
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(PacsError, match="cannot be read"):
        follow_up([cut], *NOBODY)


def test_a_dose_page_is_no_radiograph(tmp_path: Path) -> None:
    page = exam_number(2, SOPClassUID=SecondaryCaptureImageStorage, Modality="CT")
    radiograph = exam_number(2, **other(9))
    assert follow_up(save(tmp_path, page), *NOBODY) == NOTHING
    files = save(tmp_path, page, radiograph)
    assert chosen(files) == files[1]


def test_a_captured_page_does_not_count_beside_a_film(tmp_path: Path) -> None:
    page = exam_number(2, SOPClassUID=SecondaryCaptureImageStorage, Modality="DX")
    files = save(tmp_path, page, exam_number(2, **other(9)))
    assert chosen(files) == files[1]
    assert chosen(files[:1]) == files[0]
    warned = [found.warnings() for found in (only_frontal(files), only_frontal(files[:1])) if found]
    assert warned == [("A secondary capture beside the radiograph was passed over",), ()]


def test_a_radiograph_that_lost_its_pixels_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(PacsError, match="cannot be read"):
        follow_up(save(tmp_path, exam_number(2, PixelData=None)), *NOBODY)


@pytest.mark.parametrize(
    ("part", "description"),
    [
        ("", "XR ABDOMEN AP"),
        ("RIB", "Knie links"),
        ("ABD", ""),
        ("KNIE", ""),
        ("UNKNOWN", "Thoracic spine AP"),
    ],
)
def test_another_part_by_its_name_or_description(tmp_path: Path, part: str, description: str) -> None:
    film = described(part, description)
    assert follow_up(save(tmp_path, film), *NOBODY) == NOTHING


@pytest.mark.parametrize(
    ("part", "description"),
    [("CHEST", "Abdomen series"), ("", "CHEST AND ABDOMEN"), ("", "face"), ("RIB", ""), ("", "College AP")],
)
def test_a_chest_or_what_may_be_one(tmp_path: Path, part: str, description: str) -> None:
    files = save(tmp_path, described(part, description))
    assert chosen(files) == files[0]
