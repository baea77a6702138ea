"""The result of a comparison in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.followup.wording import (
    difference_in_words,
    interval_in_words,
    percent_in_words,
    verdict_in_words,
)
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.followup.exam import Exam
    from ptx_followup.measurement.change import Change

#: A side with less than this on all exams is not worth a clause of its own, in percent of the hemithorax.
_NEGLIGIBLE_PERCENT = 0.5


def followup_sentence(result: FollowUp) -> str:
    """What happened to the pneumothorax of each side, one clause a side.

    "Right pneumothorax smaller (97 %): 18 % -> 9 % of the hemithorax (difference -9, 95 % -14 to -4) in
    2 days; was apical and lateral, now apical."
    """
    return " ".join(side_sentence(result, side) for side in mentioned_sides(result)) or _none(result)


def mentioned_sides(result: FollowUp) -> list[Side]:
    """Sides on which either exam shows a pneumothorax worth naming, right first."""
    return [
        side for side in SIDES[::-1] if any(shows(exam, side) for exam in (result.prior, result.followup))
    ]


def shows(exam: Exam, side: Side) -> bool:
    """A mask of the exam, the one that is shown or the one that is measured, is worth naming on a side."""
    if exam.segmentation.measurement.by_side[side].px:
        return True
    percent = exam.percent(side)
    if percent is None:
        return exam.measurement.by_side[side].px > 0
    return percent >= _NEGLIGIBLE_PERCENT


def side_sentence(result: FollowUp, side: Side) -> str:
    """The sentence of one side."""
    change = result.changes[side]
    clauses = [f"{_headline(change)}{_sizes(change)}{interval_in_words(result.belonging.interval_days)}"]
    if change.interval is None or change.probability is None:
        clauses.append(change.reason)
    if change.would_decide:
        clauses.append(f"what would decide it: {change.would_decide}")
    if change.reported is not None:
        clauses.append(f"the follow-up's report says {change.reported.change}")
    places = _places(result, side)
    if places:
        clauses.append(places)
    return "; ".join(clauses) + "."


def _headline(change: Change) -> str:
    name, verdict = f"{change.side.capitalize()} pneumothorax", verdict_in_words(change)
    if verdict == "indeterminate":
        return f"{name}, change indeterminate"
    if change.verdict == "larger" and change.prior == 0:
        return f"{name} {verdict.replace('larger', 'new')}"
    return f"{name}, {verdict}" if verdict.startswith("no direction") else f"{name} {verdict}"


def _sizes(change: Change) -> str:
    if change.prior is None or change.followup is None or change.interval is None:
        return ""
    sizes = f"{percent_in_words(change.prior)} -> {percent_in_words(change.followup)}"
    return f": {sizes} of the hemithorax ({difference_in_words(change)})"


def _places(result: FollowUp, side: Side) -> str:
    """Where it was and where it is now."""
    before, after = _zones(result.prior, side), _zones(result.followup, side)
    if before == after:
        return f"{before} on both exams" if before else ""
    return ", ".join(
        text for text in (f"was {before}" if before else "", f"now {after}" if after else "") if text
    )


def _zones(exam: Exam, side: Side) -> str:
    return next((" and ".join(one.zones) for one in exam.description if one.side == side), "")


def _none(result: FollowUp) -> str:
    changes = [result.changes[side] for side in SIDES]
    estimates = [change.leading for change in changes]
    intervals = [one for both in estimates for one in (both.prior_interval, both.followup_interval)]
    if result.doubt or None in intervals:
        return f"No pneumothorax segmented on either exam; {result.change.reason}."
    high = max(interval[1] for interval in intervals if interval)
    return f"No pneumothorax on either exam (less than {percent_in_words(high)} of a hemithorax, 95 %)."
