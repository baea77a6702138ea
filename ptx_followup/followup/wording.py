"""A change in words: "smaller (97 %)", "probably smaller (88 %)", "no direction (62 % smaller)"."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ptx_followup.measurement.change import Change


def verdict_in_words(change: Change) -> str:
    """What may be said of the direction, with its probability.

    "indeterminate" where a direction is withheld or nothing was measured, "unchanged" without a probability.
    """
    chances = change.probability
    known = (None, None) if chances is None else (chances.decrease, chances.increase)
    return direction_in_words(change.verdict, *known, leaning=change.leaning is not None)


def direction_in_words(verdict: str, decrease: float | None, increase: float | None, *, leaning: bool) -> str:
    """The same from what a result object holds.

    >>> direction_in_words("indeterminate", 0.88, 0.12, leaning=True)
    'probably smaller (88 %)'
    """
    if verdict == "unchanged":
        return "unchanged"
    if decrease is None or increase is None:
        return "indeterminate"
    direction, chance = ("smaller", decrease) if decrease >= increase else ("larger", increase)
    stated = chance_in_words(chance)
    if verdict != "indeterminate":
        return f"{verdict} ({stated})"
    return f"probably {direction} ({stated})" if leaning else f"no direction ({stated} {direction})"


def chance_in_words(probability: float) -> str:
    """In percent, rounded down, so that no probability is stated that is not reached.

    >>> chance_in_words(0.9499), chance_in_words(0.999)
    ('94 %', '> 99 %')
    """
    return "> 99 %" if probability > 0.99 else f"{floor(100 * probability)} %"


def percent_in_words(percent: float) -> str:
    """One decimal below 10, none above: a mask supports two figures.

    >>> percent_in_words(0.0), percent_in_words(4.26), percent_in_words(18.4)
    ('0 %', '4.3 %', '18 %')
    """
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def difference_in_words(change: Change) -> str:
    """The difference and its interval: "difference -14, 95 % -20 to -8"; empty where nothing was measured."""
    if change.interval is None:
        return ""
    digits = 0 if max(change.prior or 0, change.followup or 0) >= 9.95 else 1
    values = (change.difference or 0.0, *change.interval)
    difference, low, high = (_signed(value, digits) for value in values)
    return f"difference {difference}, 95 % {low} to {high}"


def change_in_words(change: Change) -> str:
    """Verdict and difference: "smaller (97 %; difference -14, 95 % -20 to -8)"."""
    verdict = verdict_in_words(change)
    details = difference_in_words(change) or change.reason
    return f"{verdict[:-1]}; {details})" if verdict.endswith(")") else f"{verdict} ({details})"


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


def _signed(value: float, digits: int) -> str:
    """With its sign, but without a sign (and decimals) for what rounds to 0."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}" if rounded else "0"
