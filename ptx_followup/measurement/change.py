"""From two measured sizes to a change: how probable it is, and what may be said of it.

The estimand is the sign and the size of the change in the outlines of one further expert. The verdict is
drawn from the probability of that sign alone; the 95 % interval of the change stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from ptx_followup.measurement.outlines import (
    UNCHANGED_PERCENT,
    Interval,
    Probability,
    difference_interval,
    probability_of,
)
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.sides import Side

Verdict = Literal["larger", "smaller", "unchanged", "resolved", "indeterminate"]
Leaning = Literal["larger", "smaller"]
#: How both films were looked at; "masks" where both masks were given.
Route = Literal["images", "images and words", "masks"]
#: The sizes of the prior and the follow-up; None where a hemithorax was not found.
Pair = tuple[Size | None, Size | None]

METRIC = "hemithorax_percent"
#: Probabilities from which a direction is leant to, and stated.
LEANING, STATED = 0.80, 0.95
#: Per day only from this interval on: an hour's change extrapolated to a day says nothing.
_SHORTEST_DAYS = 0.5


@dataclass(frozen=True)
class Estimate:
    """The change by one route.

    Attributes:
        prior, followup: The measured sizes.
        prior_interval, followup_interval: 95 % interval of what one further expert would outline.
        interval: 95 % interval of the change of such outlines, in percentage points.
        probability: Of such a change; None where a direction is withheld.
    """

    prior: Size | None
    followup: Size | None
    prior_interval: Interval | None = None
    followup_interval: Interval | None = None
    interval: Interval | None = None
    probability: Probability | None = None

    @property
    def difference(self) -> float | None:
        """Follow-up minus prior as measured, in percentage points."""
        if self.prior is None or self.followup is None:
            return None
        return self.followup.percent - self.prior.percent

    def to_json(self) -> dict[str, Any]:
        """An entry of `routes` in the result files."""
        sizes = {"prior": self.prior, "followup": self.followup}
        return {
            **{name: None if size is None else round(size.percent, 2) for name, size in sizes.items()},
            **{f"{name}_read_with": None if size is None else size.read_with for name, size in sizes.items()},
            **{f"{name}_told": size and _rounded(size.told_in_words) for name, size in sizes.items()},
            "prior_interval95": _rounded_interval(self.prior_interval),
            "followup_interval95": _rounded_interval(self.followup_interval),
            "difference": _rounded(self.difference),
            "interval95": _rounded_interval(self.interval),
            "probability": None if self.probability is None else self.probability.to_json(),
        }


@dataclass(frozen=True)
class Reported:
    """What the follow-up's own report says of the change.

    Attributes:
        change: "larger", "smaller", "stable", "new" or "resolved".
        contradicts: The measured direction is another.
    """

    change: str
    contradicts: bool


@dataclass(frozen=True)
class Change:
    """The change of one side's pneumothorax.

    Attributes:
        side: Of the patient.
        route: The one that leads.
        estimates: By each route that the exams allow.
        verdict: A direction where its probability by the leading route is at least `STATED`; "resolved" where
            that is "smaller" and the follow-up shows none; "unchanged" where neither exam shows one, or both
            do and the interval lies within 5 points of 0; else "indeterminate".
        leaning: The direction whose probability is at least `LEANING`.
        reason: Why, in one clause.
        interval_days: Between the exams, or None.
        would_decide: What would give a direction where there is none, in one clause.
        reported: By the follow-up's own report, if it says anything of a change.
    """

    side: Side
    route: Route
    estimates: Mapping[Route, Estimate]
    verdict: Verdict
    leaning: Leaning | None
    reason: str
    interval_days: float | None = None
    would_decide: str | None = None
    reported: Reported | None = None

    @property
    def leading(self) -> Estimate:
        """The estimate by the route that leads."""
        return self.estimates[self.route]

    @property
    def prior(self) -> float | None:
        """Percent of the hemithorax on the prior; None where it was not measured."""
        return None if self.leading.prior is None else self.leading.prior.percent

    @property
    def followup(self) -> float | None:
        """The same of the follow-up."""
        return None if self.leading.followup is None else self.leading.followup.percent

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the difference, in percentage points."""
        return self.leading.interval

    @property
    def probability(self) -> Probability | None:
        """Of the change; None where a direction is withheld or nothing was measured."""
        return self.leading.probability

    @property
    def difference(self) -> float | None:
        """Follow-up minus prior, in percentage points."""
        return self.leading.difference

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

    def withheld(self, reason: str) -> Change:
        """The same sizes without any direction, as what they rest on is in doubt."""
        estimates = {route: replace(one, probability=None) for route, one in self.estimates.items()}
        reported = None if self.reported is None else replace(self.reported, contradicts=False)
        return replace(
            self,
            estimates=estimates,
            verdict="indeterminate",
            leaning=None,
            reason=reason,
            would_decide=None,
            reported=reported,
        )

    def to_json(self) -> dict[str, Any]:
        """The `change` object of the result files."""
        leading = self.leading.to_json()
        reported = self.reported
        return {
            "metric": METRIC,
            "side": self.side,
            "route": self.route,
            **{name: leading[name] for name in ("prior", "followup")},
            **{name: leading[name] for name in ("prior_interval95", "followup_interval95", "difference")},
            "ratio": _rounded(self.ratio),
            "interval95": leading["interval95"],
            "difference_per_day": _rounded(self.difference_per_day),
            "probability": leading["probability"],
            "leaning": self.leaning,
            "verdict": self.verdict,
            "reason": self.reason,
            "would_decide": self.would_decide,
            "reported": None
            if reported is None
            else {"change": reported.change, "contradicts": reported.contradicts},
            "routes": {route: one.to_json() for route, one in self.estimates.items()},
        }


def assess_change(
    side: Side,
    pairs: Mapping[Route, Pair],
    uncertainty: Uncertainty,
    interval_days: float | None = None,
    reported: str | None = None,
) -> Change:
    """Judge the change of one side.

    Args:
        side: Of the patient.
        pairs: Sizes of prior and follow-up by each route that the exams allow; at least one.
        uncertainty: What these sizes are worth.
        interval_days: Between the exams.
        reported: What the follow-up's own report says of the change.
    """
    route = _leading(pairs, uncertainty)
    estimates = {name: _estimate(*pair, uncertainty) for name, pair in pairs.items()}
    leading = estimates[route]
    verdict, leaning, reason = _judged(leading)
    return Change(
        side,
        route,
        estimates,
        verdict,
        leaning,
        reason,
        interval_days,
        reported=None if reported is None else Reported(reported, _contradicts(reported, verdict, leaning)),
    )


def _leading(pairs: Mapping[Route, Pair], uncertainty: Uncertainty) -> Route:
    """The route that the model's configuration names for what the films were read with."""
    if len(pairs) == 1:
        return next(iter(pairs))
    sizes = pairs["images and words"]
    # A person's outlines are independent of the network's: beside them words are as good as beside words.
    mixed = any(one is not None and one.read_with == "images" for one in sizes)
    return uncertainty.model.leading_mixed if mixed else uncertainty.model.leading


@lru_cache(maxsize=256)  # while a person draws on one side of one exam, all others stay
def _estimate(prior: Size | None, followup: Size | None, uncertainty: Uncertainty) -> Estimate:
    if prior is None or followup is None:
        return Estimate(prior, followup)
    correlation = uncertainty.correlation(prior, followup)
    before, after = uncertainty.wide_outline(prior), uncertainty.wide_outline(followup)
    return Estimate(
        prior,
        followup,
        before.interval,
        after.interval,
        difference_interval(before, after, correlation),
        probability_of(uncertainty.outline(prior), uncertainty.outline(followup), correlation),
    )


def _judged(estimate: Estimate) -> tuple[Verdict, Leaning | None, str]:
    prior, followup, probability = estimate.prior, estimate.followup, estimate.probability
    if prior is None or followup is None or probability is None or estimate.interval is None:
        which = "the prior" if prior is None else "the follow-up"
        reason = f"a hemithorax of {which} was not found, so no percentage can be given"
        return "indeterminate", None, reason
    direction: Leaning = "smaller" if probability.decrease >= probability.increase else "larger"
    chance = max(probability.decrease, probability.increase)
    leaning = direction if chance >= LEANING else None
    if prior.percent == followup.percent == 0:
        return "unchanged", None, "none was segmented on either exam"
    if chance >= STATED:
        reason = f"one further expert's outlines would be {direction} with a probability of at least 95 %"
        gone = direction == "smaller" and followup.percent == 0
        return "resolved" if gone else direction, leaning, reason
    both_show = prior.percent > 0 and followup.percent > 0
    if both_show and max(abs(end) for end in estimate.interval) <= UNCHANGED_PERCENT:
        return "unchanged", leaning, f"the interval lies within {UNCHANGED_PERCENT:g} points of no change"
    if leaning:
        return "indeterminate", leaning, f"{direction} is probable, but less than 95 % sure"
    return (
        "indeterminate",
        None,
        "neither direction is probable: the change is within the error",
    )


def _contradicts(reported: str, verdict: Verdict, leaning: Leaning | None) -> bool:
    """A report of the other direction, or of no change where one is sure."""
    if reported == "stable":
        return verdict in ("larger", "smaller", "resolved")
    stated = "larger" if reported in ("larger", "new") else "smaller"
    return leaning is not None and leaning != stated


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _rounded_interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(end, 2) for end in interval]
