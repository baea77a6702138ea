"""From two measured sizes to a change, its interval and a verdict.

The interval of each exam follows from the model's `MeasurementError`. That of the difference is put together
by the method of variance estimates recovery (Zou, Psychological Methods 2007;12:399, with the correlation of
the two errors; Zou and Donner, Statistics in Medicine 2008;27:1693), which keeps the asymmetry of sizes that
err by a factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot, sqrt
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup.sides import Side

if TYPE_CHECKING:
    from ptx_followup.network.checkpoint import MeasurementError

Verdict = Literal["larger", "smaller", "unchanged", "resolved", "indeterminate"]
#: Lower and upper end, in percent of the hemithorax or in percentage points.
Interval = tuple[float, float]

METRIC = "hemithorax_percent"

#: Two-sided 95 % of the normal distribution.
Z95 = 1.96

#: What both exams show is "unchanged" where the change lies within so many percentage points for sure. By
#: choice: about what a pneumothorax that is left alone loses in two days, at 2.2 % of the hemithorax a day
#: (Kelly, Emergency Medicine Journal 2006;23:780).
UNCHANGED_PERCENT = 5.0

#: Per day only from this interval on: an hour's change extrapolated to a day says nothing.
_SHORTEST_DAYS = 0.5


@dataclass(frozen=True)
class Change:
    """The change of one side's pneumothorax.

    Attributes:
        side: Of the patient; None where no side is in question, as neither exam shows a pneumothorax.
        prior: Percent of its hemithorax; None where it could not be measured.
        followup: The same of the follow-up.
        prior_interval: 95 % interval of `prior`.
        followup_interval: 95 % interval of `followup`.
        interval: 95 % interval of the difference, in percentage points.
        verdict: Drawn from `interval`, not from the difference; never a direction where it holds 0. None on
            either exam is "unchanged"; none on one and a size within the error on the other is open.
        reason: Why, in one clause.
        interval_days: Between the exams, or None.
    """

    side: Side | None
    prior: float | None
    followup: float | None
    prior_interval: Interval | None
    followup_interval: Interval | None
    interval: Interval | None
    verdict: Verdict
    reason: str
    interval_days: float | None = None

    @property
    def difference(self) -> float | None:
        """Follow-up minus prior, in percentage points."""
        return None if self.prior is None or self.followup is None else self.followup - self.prior

    @property
    def ratio(self) -> float | None:
        """Follow-up over prior; None where the prior shows nothing."""
        return None if not self.prior or self.followup is None else self.followup / self.prior

    @property
    def difference_per_day(self) -> float | None:
        """Percentage points a day; None for exams less than half a day apart or without dates."""
        if self.difference is None or self.interval_days is None or self.interval_days < _SHORTEST_DAYS:
            return None
        return self.difference / self.interval_days

    def to_json(self) -> dict[str, Any]:
        """The `change` object of the result files."""
        return {
            "metric": METRIC,
            "side": self.side,
            "prior": _rounded(self.prior),
            "followup": _rounded(self.followup),
            "prior_interval95": _rounded_interval(self.prior_interval),
            "followup_interval95": _rounded_interval(self.followup_interval),
            "difference": _rounded(self.difference),
            "ratio": _rounded(self.ratio),
            "interval95": _rounded_interval(self.interval),
            "difference_per_day": _rounded(self.difference_per_day),
            "verdict": self.verdict,
            "reason": self.reason,
        }


def assess_change(
    side: Side | None,
    prior: float | None,
    followup: float | None,
    error: MeasurementError,
    interval_days: float | None = None,
    followup_error: MeasurementError | None = None,
) -> Change:
    """Judge the change of one side.

    Args:
        side: Of the patient.
        prior: Percent of the hemithorax, 0..100; None where it was not measured.
        followup: The same of the follow-up.
        error: Of what measured both, a model or a person.
        interval_days: Between the exams.
        followup_error: Of what measured the follow-up, where it is another; the errors are then independent.
    """
    if prior is None or followup is None:
        which = "the prior" if prior is None else "the follow-up"
        reason = f"a hemithorax of {which} was not found, so no percentage can be given"
        return Change(side, prior, followup, None, None, None, "indeterminate", reason, interval_days)
    other = followup_error or error
    before, after = exam_interval(prior, error), exam_interval(followup, other)
    correlation = error.correlation if other == error else 0.0
    interval = difference_interval(prior, before, followup, after, correlation)
    verdict, reason = _verdict(prior, followup, interval)
    return Change(side, prior, followup, before, after, interval, verdict, reason, interval_days)


def exam_interval(percent: float, error: MeasurementError) -> Interval:
    """95 % interval of the true percentage, given the measured one (0..100).

    The factor's and the constant part's distances are added as the variances of independent errors are.

    >>> from ptx_followup.network.checkpoint import MeasurementError
    >>> exam_interval(0.0, MeasurementError(relative=0.3, floor_percent=1.0))
    (0.0, 1.96)
    """
    relative_above = error.relative if error.relative_above is None else error.relative_above
    floor_above = error.floor_percent if error.floor_percent_above is None else error.floor_percent_above
    below = hypot(percent - percent * exp(-Z95 * error.relative), Z95 * error.floor_percent)
    above = hypot(percent * exp(Z95 * relative_above) - percent, Z95 * floor_above)
    return max(0.0, percent - below), min(100.0, percent + above)


def difference_interval(
    prior: float,
    prior_interval: Interval,
    followup: float,
    followup_interval: Interval,
    correlation: float = 0.0,
) -> Interval:
    """95 % interval of follow-up minus prior, from the intervals of both (Zou 2007, formula 15).

    >>> difference_interval(20.0, (14.0, 26.0), 10.0, (2.0, 18.0))
    (-20.0, 0.0)
    """
    difference = followup - prior
    below = _joined(followup - followup_interval[0], prior_interval[1] - prior, correlation)
    above = _joined(followup_interval[1] - followup, prior - prior_interval[0], correlation)
    return difference - below, difference + above


def _joined(first: float, second: float, correlation: float) -> float:
    """Length of the difference of two errors of these lengths."""
    return sqrt(max(0.0, first * first + second * second - 2 * correlation * first * second))


def _verdict(prior: float, followup: float, interval: Interval) -> tuple[Verdict, str]:
    low, high = interval
    if high < 0:
        if followup == 0:
            return "resolved", "none was segmented on the follow-up, and the interval excludes no change"
        return "smaller", "the interval lies below no change"
    if low > 0:
        if prior == 0:
            return "larger", "none was segmented on the prior, and the interval excludes no change"
        return "larger", "the interval lies above no change"
    if prior == followup == 0:
        return "unchanged", "none was segmented on either exam"
    if prior == 0 or followup == 0:
        return "indeterminate", "one exam shows none, and what the other shows is within the error"
    if max(abs(low), abs(high)) <= UNCHANGED_PERCENT:
        return "unchanged", f"the interval lies within {UNCHANGED_PERCENT:g} points of no change"
    return "indeterminate", "the interval holds both directions: the change is within the measurement's error"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _rounded_interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(end, 2) for end in interval]
