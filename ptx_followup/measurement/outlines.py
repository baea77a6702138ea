"""What measured sizes say of one further expert's outlines: probabilities and intervals of a change.

Each film gives a distribution of the size that one further expert would outline on it: normal on a scale of
its own (square roots of percent for a network, log(1 + percent) for a person), where values below 0 are no
pneumothorax. The errors of two films are correlated. Everything else follows by one integral, the
probability that one film's outline exceeds the other's by so many points, so that exchanging the films
mirrors every figure exactly.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from math import erfc
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
#: Lower and upper end, in percent of the hemithorax or in percentage points.
Interval = tuple[float, float]

#: Two-sided 95 % of the normal distribution, and what lies beyond either end.
Z95, TAIL = 1.959964, 0.025
#: Change within which two sizes count as the same, in percentage points. By choice: about what a pneumothorax
#: that is left alone loses in two days, at 2.2 % of the hemithorax a day (Kelly, Emergency Medicine Journal
#: 2006;23:780).
UNCHANGED_PERCENT = 5.0

#: Of the integral over one film's error: reach in standard deviations, and Gauss-Legendre nodes of each of
#: the parts into which its kinks divide it.
_REACH = 8.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)
#: Halvings of -100 to 100 points in the search for the end of an interval.
_HALVINGS = 26
_erfc = np.frompyfunc(erfc, 1, 1)


@dataclass(frozen=True)
class Outline:
    """The distribution of the size that one further expert would outline on a film.

    Attributes:
        centre: Mean on the scale; a float, or an array of N films.
        spread: Standard deviation on the scale, above 0; likewise.
        scale: "root" of percent, or "log" of 1 + percent. Both have 0 where the percentage is 0.
    """

    centre: ArrayLike
    spread: ArrayLike
    scale: Literal["root", "log"]

    def widened(self, factor: ArrayLike) -> Outline:
        """The same with a multiple of the spread."""
        return replace(self, spread=np.multiply(self.spread, factor))

    def percent_at(self, value: FloatArray) -> FloatArray:
        """Percent of the hemithorax at a value of the scale; 0 below 0."""
        seen = np.maximum(value, 0.0)
        return np.asarray(seen**2 if self.scale == "root" else np.expm1(seen))

    def value_at(self, percent: FloatArray) -> FloatArray:
        """The value of the scale at a percentage of at least 0."""
        return np.asarray(np.sqrt(percent) if self.scale == "root" else np.log1p(percent))

    @property
    def interval(self) -> Interval:
        """95 % interval of the percentage of one film."""
        ends = self.percent_at(np.asarray(self.centre) + np.array([-Z95, Z95]) * np.asarray(self.spread))
        low, high = (min(100.0, float(end)) for end in ends)
        return low, high


def standard_normal(values: FloatArray) -> FloatArray:
    """Cumulative distribution function of the standard normal distribution."""
    return np.asarray(0.5 * _erfc(-values / np.sqrt(2.0)), np.float64)


def exceedance(above: Outline, below: Outline, correlation: ArrayLike, points: ArrayLike = 0.0) -> FloatArray:
    """Probability that the size on one film exceeds that on the other by more than so many points.

    The error of `below` is integrated over; given it, that of `above` is normal. A film on which nothing is
    seen has the size 0, so two such films do not exceed one another.

    Args:
        above: One film, or N.
        below: The other.
        correlation: Of their errors, between -1 and 1.
        points: Percentage points, also negative.

    Returns:
        Float64, of the shape to which the arguments broadcast, 0..1.
    """
    centre, spread, shared, margin = (
        np.asarray(one, np.float64)[..., np.newaxis]
        for one in np.broadcast_arrays(below.centre, below.spread, correlation, points)
    )
    # Kinks: where the film below starts to show something, and from where on the margin asks for anything.
    kinks = [(edge - centre) / spread for edge in (0.0, below.value_at(np.maximum(-margin, 0.0)))]
    ends = [np.clip(kink, -_REACH, _REACH) for kink in kinks]
    limits = [np.full_like(centre, -_REACH), ends[0], ends[1], np.full_like(centre, _REACH)]
    total = np.zeros(centre.shape[:-1])
    for start, end in itertools.pairwise(limits):
        half = (end - start) / 2
        if not half.any():
            continue
        error = start + half * (1 + _NODES)
        needed = below.percent_at(centre + spread * error) + margin
        beyond = _beyond(above, needed, shared, error)
        density = np.exp(-(error**2) / 2) / np.sqrt(2 * np.pi)
        total = total + (half * _WEIGHTS * density * beyond).sum(axis=-1)
    return np.clip(total, 0.0, 1.0)


def _beyond(above: Outline, needed: FloatArray, correlation: FloatArray, error: FloatArray) -> FloatArray:
    """Probability that a film shows more than `needed` percent, given the error of the other."""
    centre, spread = (np.asarray(one)[..., np.newaxis] for one in (above.centre, above.spread))
    mean = centre + correlation * spread * error
    deviation = spread * np.sqrt(1 - correlation**2)
    chance = standard_normal((mean - above.value_at(np.maximum(needed, 0.0))) / deviation)
    return np.where(needed < 0, 1.0, chance)


@dataclass(frozen=True)
class Probability:
    """Of one further expert's outlines. `increase` and `decrease` leave room for none on either film.

    Attributes:
        increase: The follow-up's is larger.
        decrease: It is smaller.
        within_5_points: They differ by no more than `UNCHANGED_PERCENT`.
    """

    increase: float
    decrease: float
    within_5_points: float

    def to_json(self) -> dict[str, float]:
        """The `probability` object of the result files."""
        names = ("increase", "decrease", "within_5_points")
        return {name: round(getattr(self, name), 4) for name in names}


def probability_of(prior: Outline, followup: Outline, correlation: float) -> Probability:
    """Probabilities of a change from one film to another."""

    def beyond(above: Outline, below: Outline, points: float) -> float:
        return float(exceedance(above, below, correlation, points))

    outside = beyond(followup, prior, UNCHANGED_PERCENT) + beyond(prior, followup, UNCHANGED_PERCENT)
    return Probability(
        increase=beyond(followup, prior, 0.0),
        decrease=beyond(prior, followup, 0.0),
        within_5_points=max(0.0, 1.0 - outside),
    )


def difference_interval(prior: Outline, followup: Outline, correlation: float) -> Interval:
    """95 % interval of follow-up minus prior, in percentage points."""
    # Adding 0 makes of -0.0 what people write.
    return 0.0 - _highest(prior, followup, correlation), 0.0 + _highest(followup, prior, correlation)


def _highest(above: Outline, below: Outline, correlation: float) -> float:
    """The points by which one film exceeds the other with a probability of 2.5 %, within -100..100."""
    low, high = -100.0, 100.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if exceedance(above, below, correlation, middle) > TAIL:
            low = middle
        else:
            high = middle
    return high
