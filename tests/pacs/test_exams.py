"""Which study is the prior, by an archive's answers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from pydicom.dataset import Dataset

from ptx_followup.errors import PacsError
from ptx_followup.pacs.exams import earlier_studies
from ptx_followup.pacs.queries import series_of, study_of

if TYPE_CHECKING:
    from ptx_followup.pacs.archive import Archive


class Answering:
    """An archive that gives the same answers whatever it is asked."""

    def __init__(self, *answers: Dataset) -> None:
        self._answers = list(answers)

    def find(self, *_: object) -> list[Dataset]:
        return self._answers


def answering(*answers: Dataset) -> Archive:
    return cast("Archive", Answering(*answers))


def study(number: int, time: str, day: str = "20260304") -> Dataset:
    answer = Dataset()
    answer.StudyInstanceUID, answer.PatientID = f"2.25.72{number}", "SECRETID7"
    answer.StudyDate, answer.StudyTime, answer.ModalitiesInStudy = day, time, "DX"
    return answer


def test_the_nearest_earlier_study_comes_first() -> None:
    archive = answering(study(1, "080000", "20260302"), study(2, "080000"), study(3, "110000"))
    found = earlier_studies(archive, study_of(study(4, "103700")))
    assert [one.uid for one in found] == ["2.25.722", "2.25.721"]


@pytest.mark.parametrize(
    ("of_the_other", "of_the_current", "problem"),
    [
        ("103700", "103700", "states the same time"),
        ("000000", "103700", "has no time"),
        ("080000", "000000", "has no time"),
        ("", "103700", "has no time"),
        ("080000", "", "has no time"),
    ],
)
def test_exams_of_one_day_that_cannot_be_ordered(
    of_the_other: str, of_the_current: str, problem: str
) -> None:
    """An older exam must not silently become the prior."""
    archive = answering(study(1, "080000", "20260302"), study(2, of_the_other))
    with pytest.raises(PacsError, match=problem):
        earlier_studies(archive, study_of(study(3, of_the_current)))


def test_midnight_on_another_day_is_no_hindrance() -> None:
    found = earlier_studies(answering(study(1, "000000", "20260302")), study_of(study(2, "000000")))
    assert [one.uid for one in found] == ["2.25.721"]


@pytest.mark.parametrize(
    ("part", "description", "expected"),
    [
        ("", "XR ABDOMEN AP", False),
        ("", "Knie rechts", False),
        ("KNIE", "", False),
        ("CHEST", "Abdomen series", True),
        ("", "Chest and abdomen", True),
        ("", "Portable AP", True),
    ],
)
def test_a_series_of_another_part_is_not_fetched(part: str, description: str, expected: bool) -> None:
    answer = Dataset()
    answer.SeriesInstanceUID, answer.Modality = "2.25.711", "DX"
    answer.BodyPartExamined, answer.SeriesDescription = part, description
    (series,) = series_of(answering(answer), "2.25.721")
    assert series.may_be_frontal_chest == expected
