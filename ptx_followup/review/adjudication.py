"""Where two readers of a central read differ: the cases of the third."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ptx_followup.review.decisions import Reviews
from ptx_followup.review.found import FoundResult
from ptx_followup.review.saving import reader_id
from ptx_followup.review.worklist import Case
from ptx_followup.sides import SIDES

#: Decisions by which a reader gives a size.
_MEASURED = ("accepted", "corrected")


def differing(cases: Sequence[Case], reviews: Sequence[FoundResult], limit: float, third: str) -> list[Case]:
    """The cases on which two readers differ, each with both readings.

    Args:
        cases: All, in the order of the read.
        reviews: Of all readers, the earliest first; the last of each counts.
        limit: Percentage points of a hemithorax.
        third: Who adjudicates; own readings do not count.

    Returns:
        Those that both readers have read, and where a size differs by more than the limit, or one of them
        could not judge or rejected what the other measured.
    """
    chosen, known = [], Reviews(reviews)
    for case in cases:
        own = known.of(case.found, case.exam)
        last = {one.document["review"]["reader_id"]: one for one in own if not _adjudicated(one)}
        last.pop(reader_id(third), None)
        readings = [last[name] for name in sorted(last)][:2]
        if len(readings) == 2 and apart(readings[0], readings[1], limit):
            case.others = (readings[0], readings[1])
            chosen.append(case)
    return chosen


def apart(first: FoundResult, second: FoundResult, limit: float) -> bool:
    """Whether two readings of a case differ by more than so many points, or in whether it can be judged."""
    decisions = [one.document["review"]["decision"] in _MEASURED for one in (first, second)]
    if not all(decisions):
        return any(decisions)
    sizes = [
        [_percent(exam.document, side) for exam in one.exams for side in SIDES] for one in (first, second)
    ]
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > limit)
        for a, b in zip(*sizes, strict=True)
    )


def _percent(document: dict[str, Any], side: str) -> float | None:
    """Of the mask that a reader left: the one that is shown."""
    percent = document["segmentation"]["hemithorax_percent"]
    value: float | None = None if percent is None else percent[side]
    return value


def _adjudicated(review: FoundResult) -> bool:
    central = review.document["review"].get("central") or {}
    return bool(central.get("adjudicates"))
