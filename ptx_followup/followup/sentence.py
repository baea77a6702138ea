"""The result of a comparison in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.report.description import describe
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.followup.exam import Exam
    from ptx_followup.measurement.change import Change

#: A side with less than this on all exams is not worth a clause of its own, in percent of the hemithorax.
_NEGLIGIBLE_PERCENT = 0.5


def followup_sentence(result: FollowUp) -> str:
    """What happened to the pneumothorax of each side, one clause a side.

    "Right pneumothorax smaller: 18 % -> 9 % of the hemithorax (difference -9, 95 % -14 to -4) in 2 days; was
    apical and lateral, now apical."
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
    if change.interval is None or result.doubt:
        clauses.append(change.reason)
    places = _places(result, side)
    if places:
        clauses.append(places)
    return "; ".join(clauses) + "."


def interval_in_words(days: float | None) -> str:
    """The time between two exams: " in 2 days"; empty where it is not known or nothing.

    A follow-up that is dated before its prior, which a user may accept: ", 2 days earlier by its date".
    """
    if days is None:
        return ""
    unit, count = ("hour", round(abs(days) * 24)) if abs(days) < 1 else ("day", round(abs(days)))
    if not count:
        return ""
    length = f"{count} {unit}{'s' if count != 1 else ''}"
    return f" in {length}" if days > 0 else f", {length} earlier by its date"


def percent_in_words(percent: float) -> str:
    """One decimal below 10, none above: a mask supports two figures.

    >>> percent_in_words(0.0), percent_in_words(4.26), percent_in_words(18.4)
    ('0 %', '4.3 %', '18 %')
    """
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def _headline(change: Change) -> str:
    name = f"{str(change.side).capitalize()} pneumothorax"
    if change.verdict == "indeterminate":
        return f"{name}, change indeterminate"
    if change.verdict == "larger" and change.prior == 0:
        return f"{name} new"
    return f"{name} {change.verdict}"


def _sizes(change: Change) -> str:
    if change.prior is None or change.followup is None or change.interval is None:
        return ""
    sizes = f"{percent_in_words(change.prior)} -> {percent_in_words(change.followup)}"
    return f": {sizes} of the hemithorax ({_difference(change)})"


def change_in_words(change: Change) -> str:
    """Verdict and difference: "smaller (difference -14, 95 % -20 to -8)"."""
    verdict = "of indeterminate change" if change.verdict == "indeterminate" else change.verdict
    if change.interval is None:
        return f"{verdict} ({change.reason})"
    return f"{verdict} ({_difference(change)})"


def _difference(change: Change) -> str:
    digits = 0 if max(change.prior or 0, change.followup or 0) >= 9.95 else 1
    values = (change.difference or 0.0, *(change.interval or (0.0, 0.0)))
    difference, low, high = (_signed(value, digits) for value in values)
    return f"difference {difference}, 95 % {low} to {high}"


def _signed(value: float, digits: int) -> str:
    """With its sign, but without a sign (and decimals) for what rounds to 0."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}" if rounded else "0"


def _places(result: FollowUp, side: Side) -> str:
    """Where it was and where it is now."""
    before, after = _zones(result.prior, side), _zones(result.followup, side)
    if before == after:
        return f"{before} on both exams" if before else ""
    return ", ".join(
        text for text in (f"was {before}" if before else "", f"now {after}" if after else "") if text
    )


def _zones(exam: Exam, side: Side) -> str:
    shown = describe(exam.mask, exam.segmentation.usable_hemithoraces)
    return next((" and ".join(one.zones) for one in shown if one.side == side), "")


def _none(result: FollowUp) -> str:
    changes = [result.changes[side] for side in SIDES]
    intervals = [one for change in changes for one in (change.prior_interval, change.followup_interval)]
    if result.doubt or None in intervals:
        return f"No pneumothorax segmented on either exam; {result.change.reason}."
    high = max(interval[1] for interval in intervals if interval)
    return f"No pneumothorax on either exam (less than {percent_in_words(high)} of a hemithorax, 95 %)."
