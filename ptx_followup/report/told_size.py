"""The size that a report tells of a pneumothorax, as a figure: what its word stands for."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from ptx_followup.report.description import SIZE_LIMITS_PERCENT, size_class
from ptx_followup.report.terms import SIZES, Finding, Report, Size
from ptx_followup.sides import Side

#: Ends of the size classes; those at the far ends, where no limit is, by choice.
_ENDS = (SIZE_LIMITS_PERCENT[0] / 2, *SIZE_LIMITS_PERCENT, 2 * SIZE_LIMITS_PERCENT[-1])


def percent_of_word(size: Size) -> float:
    """Percent of the hemithorax that a size word stands for: the geometric middle of its class.

    >>> [round(percent_of_word(size), 1) for size in ("tiny", "small", "moderate", "large")]
    [1.4, 4.5, 15.8, 35.4]
    """
    place = SIZES.index(size)
    return sqrt(_ENDS[place] * _ENDS[place + 1])


def largest_size(findings: Iterable[Finding]) -> Size | None:
    """The largest size that findings tell; a stated percentage counts as the class that it falls into."""
    told = (one.size if one.percent is None else size_class(one.percent) for one in findings)
    return max((size for size in told if size is not None), key=SIZES.index, default=None)


def told_percent(report: Report, side: Side) -> float | None:
    """What a report tells of the size on a side, in percent of the hemithorax.

    A percentage, of area or of volume, counts by its class; see `largest_size`.

    Args:
        report: As understood.
        side: Of the patient.

    Returns:
        0 where the report denies a pneumothorax, or states one on the other side alone; None where it leaves
        the size or the presence open.
    """
    if report.present is None or report.conflicts:
        return None
    own = [one for one in report.binding if one.side in (side, None)]
    if not own:
        return 0.0
    size = largest_size(own)
    return None if size is None else percent_of_word(size)
