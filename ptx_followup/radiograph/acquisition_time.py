"""When the radiograph was taken."""

from __future__ import annotations

import re
from datetime import datetime
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

#: No digital radiograph is older; earlier dates are placeholders of de-identification (1901-01-01).
_EARLIEST_YEAR = 1970

_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.\d*)?")


def read_acquisition_time(dataset: Dataset) -> tuple[datetime | None, tuple[str, ...]]:
    """Find the acquisition time as the header states it: local, without a zone, to the second.

    The first element pair with a date and a time wins, over an earlier one with a date alone.

    Returns:
        The time, or None where the header gives none or a placeholder; and warnings.
    """
    stated = text(dataset, "AcquisitionDateTime")
    candidates = [(stated[:8], re.split(r"[+-]", stated[8:])[0])]
    candidates += [(text(dataset, date), text(dataset, time)) for date, time in _PAIRS]
    candidates = [(date, time) for date, time in candidates if date]
    timed = [moment for date, time in candidates if time and (moment := parse_moment(date, time))]
    dated = [moment for date, _ in candidates if (moment := parse_moment(date, ""))]
    known = [moment for moment in (*timed, *dated) if moment.year >= _EARLIEST_YEAR]
    if not known:
        return None, ("The acquisition date is missing or a placeholder",)
    if not timed or known[0] not in timed:
        return known[0], ("The header states the acquisition date without a time",)
    return known[0], ()


def parse_moment(date: str, time: str) -> datetime | None:
    """Read a DICOM date and time, also in the ACR-NEMA forms with dots and colons; None if it is neither.

    Examples:
        >>> parse_moment("20240229", "134501.25")
        datetime.datetime(2024, 2, 29, 13, 45, 1)
        >>> parse_moment("20230229", "") is None
        True
    """
    date_match = _DATE.fullmatch(date)
    time_match = _TIME.fullmatch(time) if time else None
    if date_match is None or (time and time_match is None):
        return None
    hour, minute, second = (int(part or 0) for part in time_match.groups()) if time_match else (0, 0, 0)
    year, month, day = (int(part) for part in date_match.groups())
    try:
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - local, as stated
    except ValueError:
        return None
