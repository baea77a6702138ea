"""When the radiograph was taken, as the header states it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from made_files import make_dataset, read_back
from pydicom import config

T = datetime  # local times without a zone, as headers state them


@pytest.mark.parametrize(
    ("elements", "moment"),
    [
        (
            {"AcquisitionDateTime": "20240131093015.5+0200", "AcquisitionDate": "20200101"},
            T(2024, 1, 31, 9, 30, 15),
        ),
        (
            {"AcquisitionDate": "20240131", "AcquisitionTime": "0930", "StudyDate": "20240101"},
            T(2024, 1, 31, 9, 30),
        ),
        (
            {"ContentDate": "19950926", "ContentTime": "125130", "StudyDate": "20040826"},
            T(1995, 9, 26, 12, 51, 30),
        ),
        ({"SeriesDate": "20240131", "SeriesTime": "07", "StudyDate": "20240130"}, T(2024, 1, 31, 7)),
        ({"StudyDate": "20240131", "StudyTime": "235960"}, T(2024, 1, 31, 23, 59, 59)),
        # A date alone gives way to a date with a time.
        ({"AcquisitionDate": "20240131", "StudyDate": "20240131", "StudyTime": "0800"}, T(2024, 1, 31, 8)),
        # A placeholder gives way to a date.
        (
            {"AcquisitionDate": "19010101", "AcquisitionTime": "000000", "StudyDate": "20240131"},
            T(2024, 1, 31),
        ),
    ],
)
def test_nearest_to_the_exposure(tmp_path: Path, elements: dict[str, str], moment: datetime) -> None:
    assert read_back(make_dataset(**elements), tmp_path).acquired_at == moment


@pytest.mark.parametrize(
    "elements",
    [{}, {"StudyDate": "19010101", "StudyTime": "000000.00"}, {"StudyDate": ""}, {"StudyDate": "20230229"}],
)
def test_unknown_with_a_warning(tmp_path: Path, elements: dict[str, str]) -> None:
    with config.disable_value_validation():  # 29 February 2023 is no legal date
        image = read_back(make_dataset(**elements), tmp_path)
    assert image.acquired_at is None
    assert "The acquisition date is missing or a placeholder" in image.warnings


def test_a_date_without_a_time_is_warned_of(tmp_path: Path) -> None:
    image = read_back(make_dataset(StudyDate="20240131"), tmp_path)
    assert image.acquired_at == T(2024, 1, 31)
    assert "The header states the acquisition date without a time" in image.warnings


def test_acr_nema_form(tmp_path: Path) -> None:
    with config.disable_value_validation():
        image = read_back(make_dataset(StudyDate="2004.01.31", StudyTime="12:34:56"), tmp_path)
    assert image.acquired_at == T(2004, 1, 31, 12, 34, 56)


@pytest.mark.parametrize(
    "placeholder",
    ["19700101", "19000101", "1970-01-01", "19800101", "20000101", "99991231", "20991231", "18991230"],
)
@pytest.mark.parametrize("time", ["000000", "", "031255"])
def test_a_placeholder_beside_a_study_date(tmp_path: Path, placeholder: str, time: str) -> None:
    elements = {"AcquisitionDate": placeholder, "AcquisitionTime": time}
    with config.disable_value_validation():
        dataset = make_dataset(StudyDate="20240312", StudyTime="0914", **elements)
        image = read_back(dataset, tmp_path)
    assert image.acquired_at == T(2024, 3, 12, 9, 14)
    assert "A date of the header is a placeholder and was not used" in image.warnings


def test_the_first_of_january_may_be_the_day_of_the_exam(tmp_path: Path) -> None:
    elements = {"AcquisitionDate": "20240101", "AcquisitionTime": "0310"}
    for study in ("20231231", "20240101", ""):
        image = read_back(make_dataset(**elements, StudyDate=study), tmp_path)
        assert image.acquired_at == T(2024, 1, 1, 3, 10)
        assert not any("placeholder" in warning for warning in image.warnings)


@pytest.mark.parametrize("study", ["20000101", "19800101", "19700101", "00010101", "20991231"])
@pytest.mark.parametrize("acquired", [("20240301", ""), ("20240301", "0914"), ("2024-03-01", "09:14")])
def test_a_placeholder_for_the_date_of_the_study(
    tmp_path: Path, study: str, acquired: tuple[str, str]
) -> None:
    elements = dict(zip(("AcquisitionDate", "AcquisitionTime"), acquired, strict=True))
    with config.disable_value_validation():
        dataset = make_dataset(StudyDate=study, StudyTime="101500", **elements)
        image = read_back(dataset, tmp_path)
    assert image.acquired_at == (T(2024, 3, 1, 9, 14) if acquired[1] else T(2024, 3, 1))
    assert any("placeholder" in warning for warning in image.warnings)


def test_an_older_film_of_a_newer_study_is_told(tmp_path: Path) -> None:
    # An imported film: which date counts cannot be known; the exposure's is taken.
    elements = {"AcquisitionDate": "20190511", "AcquisitionTime": "1000", "StudyDate": "20240312"}
    image = read_back(make_dataset(**elements), tmp_path)
    assert image.acquired_at == T(2019, 5, 11, 10)
    assert any("more than a year apart" in warning for warning in image.warnings)


@pytest.mark.parametrize(
    "elements",
    [
        {"AcquisitionDate": "2024-03-01", "AcquisitionTime": "09:14:00"},
        {"AcquisitionDateTime": "2024-03-01T09:14:00+01:00"},
        {"AcquisitionDateTime": "2024-03-01 09:14:00.250"},
        {"StudyDate": "2024-03-01", "StudyTime": "0914"},
    ],
)
def test_dates_with_dashes(tmp_path: Path, elements: dict[str, str]) -> None:
    with config.disable_value_validation():
        image = read_back(make_dataset(**elements), tmp_path)
    assert image.acquired_at == T(2024, 3, 1, 9, 14)


def test_a_time_that_is_none_leaves_the_date(tmp_path: Path) -> None:
    with config.disable_value_validation():
        image = read_back(make_dataset(StudyDate="20240301", StudyTime="noon"), tmp_path)
    assert image.acquired_at == T(2024, 3, 1)
    assert "The header states the acquisition date without a time" in image.warnings
