"""Which results a person should look at first: one order for every list of results.

The points are a choice, in the order in which a fault makes a result useless; they are no probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ptx_followup.anatomy.quality import DOUBTFUL_BELOW, UNUSABLE_BELOW
from ptx_followup.results.row import EXAMS

Item = TypeVar("Item")

#: Points of each fault.
REFUSED, NO_HEMITHORACES, DISAGREES, OVERRIDDEN, POOR_HEMITHORACES, OPEN = 16, 8, 4, 4, 2, 1


@dataclass(frozen=True)
class Doubt:
    """Why a result deserves a look.

    Attributes:
        points: 0 for none; more for worse.
        reasons: In words, the worst first.
        quality: Of the poorer exam's hemithoraces, 0..1; orders results with the same points.
    """

    points: int
    reasons: tuple[str, ...]
    quality: float


def doubt_of(row: Mapping[str, Any]) -> Doubt:
    """What speaks against a result.

    Args:
        row: Of `row_of`; what is missing in it speaks neither way.
    """
    found: list[tuple[int, str]] = []
    if row.get("registration_accepted") is False:
        found.append((REFUSED, "registration refused"))
    qualities = [(exam, row.get(f"{exam}_anatomy_quality")) for exam in EXAMS]
    for exam, quality in qualities:
        if quality is not None and quality < DOUBTFUL_BELOW:
            points = NO_HEMITHORACES if quality < UNUSABLE_BELOW else POOR_HEMITHORACES
            found.append((points, f"hemithoraces of the {_named(exam)} uncertain"))
    found += [
        (DISAGREES, f"report and mask of the {_named(exam)} differ")
        for exam in EXAMS
        if row.get(f"{exam}_concordance")
    ]
    if row.get("belonging_overridden"):
        found.append((OVERRIDDEN, "a contradiction was overridden"))
    if row.get("change_verdict") == "indeterminate":
        found.append((OPEN, "change only probable" if row.get("change_leaning") else "change indeterminate"))
    found.sort(key=lambda one: -one[0])
    return Doubt(
        sum(points for points, _ in found),
        tuple(words for _, words in found),
        min((quality for _, quality in qualities if quality is not None), default=1.0),
    )


def doubtful_first(items: Iterable[Item], row: Callable[[Item], Mapping[str, Any]]) -> list[Item]:
    """Results in the order in which a person should look at them; alike ones stay in their order.

    Args:
        items: Anything that stands for a result.
        row: Gives the row of one (of `row_of`).
    """

    def place(item: Item) -> tuple[int, float]:
        doubt = doubt_of(row(item))
        return -doubt.points, doubt.quality

    return sorted(items, key=place)


def _named(exam: str) -> str:
    return "follow-up" if exam == "followup" else exam
