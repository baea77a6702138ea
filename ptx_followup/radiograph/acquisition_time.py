"""When the radiograph was taken."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: (date, time) elements, the one nearest to the exposure first.
_PAIRS = (
    ("AcquisitionDate", "AcquisitionTime"),
    ("ContentDate", "ContentTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)

#: No digital radiograph is older, and none comes from later years, to which dates are shifted at most;
#: dates outside are placeholders (1900-01-01, 1901-01-01, 9999-12-31).
_YEARS = range(1970, 2300)
#: Where the clocks of computers begin.
_EPOCH = date(1970, 1, 1)
#: Days that stand for "unknown" where they lie further than `_FAR` from the date of the study (1980-01-01,
#: 2000-01-01, 2099-12-31).
_BLANK_DAYS = frozenset({(1, 1), (12, 31)})
_FAR = timedelta(days=366)
_MIDNIGHT = time()

_DATE = re.compile(r"(\d{4})([-./]?)(\d{2})\2(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.\d*)?")
_DATE_TIME = re.compile(r"(\d{4}[-./]?\d{2}[-./]?\d{2})[T ]?([\d:.]*)")

_NONE = "The acquisition date is missing or a placeholder"
_PLACEHOLDER = "A date of the header is a placeholder and was not used"
_UNTIMED = "The header states the acquisition date without a time"
_APART = "The header states dates of acquisition and study more than a year apart: the interval may be wrong"


def read_acquisition_time(dataset: Dataset) -> tuple[datetime | None, tuple[str, ...]]:
    """Find the acquisition time as the header states it: local, without a zone, to the second.

    The first element pair with a date and a time wins, over an earlier one with a date alone.

    Returns:
        The time, or None where the header gives none or a placeholder; and warnings.
    """
    stated = _DATE_TIME.match(text(dataset, "AcquisitionDateTime"))
    pairs = [(stated[1], stated[2])] if stated else []
    pairs += [(text(dataset, keywords[0]), text(dataset, keywords[1])) for keywords in _PAIRS]
    days = [day for stated_day, _ in pairs if (day := _day(stated_day))]
    study = _study_day(_day(text(dataset, "StudyDate")), days)
    timed = [moment for pair in pairs if pair[1] and (moment := parse_moment(*pair))]
    dated = [datetime.combine(day, _MIDNIGHT) for day in days]
    known = [moment for moment in (*timed, *dated) if not _is_placeholder(moment.date(), study)]
    if not known:
        return None, (_NONE,)
    moment, warnings = known[0], []
    if any(_is_placeholder(day, study) for day in days):
        warnings.append(_PLACEHOLDER)
    if moment not in timed:
        warnings.append(_UNTIMED)
    if study is not None and abs(moment.date() - study) > _FAR:
        warnings.append(_APART)
    return moment, tuple(warnings)


def _study_day(stated: date | None, days: list[date]) -> date | None:
    """The day of the exam by which others are judged: the study's, or another where that stands for none."""
    if stated is None or _is_placeholder(stated, None):
        return None
    others = (day for day in days if not _is_placeholder(day, None) and not _is_blank(day))
    return next((day for day in others if _is_blank(stated) and abs(day - stated) > _FAR), stated)


def _is_blank(day: date) -> bool:
    return (day.month, day.day) in _BLANK_DAYS


def _is_placeholder(day: date, study: date | None) -> bool:
    """A date that stands for none, by itself or beside the real date of the study."""
    if day.year not in _YEARS or day == _EPOCH:
        return True
    return study is not None and _is_blank(day) and abs(day - study) > _FAR


def _day(stated: str) -> date | None:
    moment = parse_moment(stated, "")
    return None if moment is None else moment.date()


def parse_moment(stated_day: str, stated_time: str) -> datetime | None:
    """Read a DICOM date and time, also with dots, dashes and colons as ACR-NEMA and ISO 8601 have them.

    Returns:
        The moment, or None where either is none.

    Examples:
        >>> parse_moment("20240229", "134501.25")
        datetime.datetime(2024, 2, 29, 13, 45, 1)
        >>> parse_moment("2024-02-29", "13:45")
        datetime.datetime(2024, 2, 29, 13, 45)
        >>> parse_moment("20230229", "") is None
        True
    """
    date_match = _DATE.fullmatch(stated_day)
    time_match = _TIME.fullmatch(stated_time) if stated_time else None
    if date_match is None or (stated_time and time_match is None):
        return None
    hour, minute, second = (int(part or 0) for part in time_match.groups()) if time_match else (0, 0, 0)
    year, month, day = (int(part) for part in date_match.group(1, 3, 4))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - local, as stated
    except ValueError:
        return None
