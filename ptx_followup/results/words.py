"""Sizes in words, as they stand on overlays and in presentation states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.figures.captions import describe_measurement
from ptx_followup.followup.wording import percent_in_words
from ptx_followup.measurement.uncertainty import ReadWith, Size
from ptx_followup.sides import Side

if TYPE_CHECKING:
    from ptx_followup.measurement.outlines import Interval
    from ptx_followup.segmentation.result import Segmentation

#: How a size was measured.
_READ_WITH: dict[ReadWith, str] = {
    "images": "under one sentence for all exams",
    "words": "under the exam's own report",
    "reader": "as a person outlined it",
}


def size_in_words(result: Segmentation) -> str:
    """The finding and its size, as on the overlay: "Right pneumothorax: 12 % of the hemithorax, 9,800 px"."""
    return describe_measurement(result.measurement, result.radiograph.spacing_source)


def measured_in_words(side: Side, size: Size | None, interval: Interval | None) -> str | None:
    """The measured size of a side with its interval; None where there is none.

    >>> measured_in_words("right", Size(12.34, "images"), (8.0, 17.6))
    'Right, under one sentence for all exams: 12 % of the hemithorax (95 % 8 to 17.6)'
    """
    if size is None or interval is None:
        return None
    low, high = (f"{end:.1f}".removesuffix(".0") for end in interval)
    measured = f"{percent_in_words(size.percent)} of the hemithorax (95 % {low} to {high})"
    return f"{side.capitalize()}, {_READ_WITH[size.read_with]}: {measured}"
