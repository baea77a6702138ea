"""How sure a figure is: intervals over resampled patients, agreement of areas, paired tests.

Exams of one patient resemble each other, so patients are drawn, with all their exams (cluster bootstrap).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.evaluation.raters import Z95, Values, intraclass_correlation

#: A statistic of resampled cases: receives how often each of N cases was drawn in each of B resamples
#: (float64, B x N) and arrays of N values, and gives B values.
Statistic = Callable[..., Values]

#: Resamples of the patients; the Monte Carlo error of a 95 % limit is then about 3 % of its distance.
RESAMPLES = 2000
#: Fewer cases than this carry no interval.
LEAST_CASES = 3


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the number of cases behind it; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        """The estimate with four decimals."""
        limits = {name: _rounded(getattr(self, name)) for name in ("value", "low", "high")}
        return {**limits, "n": self.n}

    def mapped(self, rising: Callable[[float], float]) -> Estimate:
        """A rising function of the figure, with the interval that follows."""
        value, low, high = (None if one is None else rising(one) for one in (self.value, self.low, self.high))
        return Estimate(value, low, high, self.n)


class Bootstrap:
    """Resampled patients.

    Args:
        patients: The patient of each of N cases.
        seed: Of the draw.
    """

    def __init__(self, patients: Sequence[str], seed: int = 0) -> None:
        names, of_case = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
        rng = np.random.default_rng(seed)
        drawn = rng.integers(len(names), size=(RESAMPLES, len(names)))
        apart = drawn + len(names) * np.arange(RESAMPLES)[:, None]
        counts = np.bincount(apart.ravel(), minlength=drawn.size).reshape(drawn.shape)
        self._drawn = counts[:, of_case].astype(np.uint16)

    def mean(self, values: Sequence[float] | Values) -> Estimate:
        """Mean of N values and its percentile interval; cases whose value is NaN do not count."""
        return self.statistic(_mean, values)

    def statistic(self, of: Statistic, *values: Sequence[float] | Values) -> Estimate:
        """Any statistic of one or more arrays of N values; cases with a NaN in any of them do not count."""
        table = np.stack([np.asarray(one, np.float64) for one in values])
        known = np.asarray(np.isfinite(table).all(axis=0))
        if not known.any():
            return Estimate(None, None, None, 0)
        table = table[:, known]
        value = float(of(np.ones((1, table.shape[1])), *table)[0])
        return _estimate(value, self._resampled(of, table, known), table.shape[1])

    def compare(self, first: Sequence[float] | Values, second: Sequence[float] | Values) -> PairedTest:
        """Test whether two values of the same N cases differ; cases with a NaN in either do not count."""
        difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
        known = np.isfinite(difference)
        if known.sum() < LEAST_CASES:
            return PairedTest(Estimate(None, None, None, int(known.sum())), None, None)
        means = self._resampled(_mean, difference[None, known], known)
        tail = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
        p_bootstrap = min(1.0, 2 * (tail + 1) / (len(means) + 1))
        estimate = _estimate(float(difference[known].mean()), means, int(known.sum()))
        return PairedTest(estimate, p_bootstrap, _wilcoxon(difference[known]))

    def _resampled(self, of: Statistic, table: Values, known: NDArray[np.bool_]) -> Values:
        """The statistic in each resample that holds enough of the known cases."""
        drawn = self._drawn[:, known].astype(np.float64)
        return of(drawn[drawn.sum(axis=1) >= min(LEAST_CASES, table.shape[1])], *table)


@dataclass(frozen=True)
class PairedTest:
    """Whether two models differ on the same cases.

    Attributes:
        difference: Mean of first minus second.
        p_bootstrap: Two-sided, from the share of resamples of the patients on the other side of 0.
        p_wilcoxon: Of the signed-rank test, two-sided; it takes exams for independent.
    """

    difference: Estimate
    p_bootstrap: float | None
    p_wilcoxon: float | None

    def to_json(self) -> dict[str, Any]:
        """The test as a JSON object."""
        return {
            "difference": self.difference.to_json(),
            "p_bootstrap": _rounded(self.p_bootstrap),
            "p_wilcoxon": _rounded(self.p_wilcoxon),
        }


def share(hits: int, n: int) -> Estimate:
    """A proportion with the score interval of Wilson (J Am Stat Assoc 1927;22:209), which holds at 0 and 1.

    >>> share(0, 20)
    Estimate(value=0.0, low=0.0, high=0.161..., n=20)
    """
    if n == 0:
        return Estimate(None, None, None, 0)
    p, z2 = hits / n, Z95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half), n)


def root_mean_square(drawn: Values, values: Values) -> Values:
    """Standard deviation about 0, of differences between two of whom nobody is the first; see `Statistic`."""
    return np.sqrt(_mean(drawn, values**2))


def _mean(drawn: Values, values: Values) -> Values:
    return np.asarray(drawn @ values / drawn.sum(axis=1))


@dataclass(frozen=True)
class AreaRatios:
    """How far apart two areas of one film are, whichever is the larger.

    Attributes:
        sd_log: Standard deviation about 0 of the natural logarithm of their ratio, where neither is empty.
        factor_1_5: Share of the films on which they differ by more than a factor of 1.5; an empty mask does.
        factor_2: By more than a factor of 2.
    """

    sd_log: Estimate
    factor_1_5: Estimate
    factor_2: Estimate

    def to_json(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return {name: getattr(self, name).to_json() for name in ("sd_log", "factor_1_5", "factor_2")}


def area_ratios(bootstrap: Bootstrap, first: Values, second: Values) -> AreaRatios:
    """Compare two areas of the same N films, in pixels; at most one of a film is 0."""
    with np.errstate(divide="ignore"):
        logarithms = np.log(first) - np.log(second)
    known = np.where(np.isfinite(logarithms), logarithms, np.nan)
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    return AreaRatios(
        sd_log=bootstrap.statistic(root_mean_square, known),
        factor_1_5=bootstrap.mean((larger > 1.5 * smaller).astype(np.float64)),
        factor_2=bootstrap.mean((larger > 2 * smaller).astype(np.float64)),
    )


@dataclass(frozen=True)
class Agreement:
    """How the areas of a model agree with the expert's (Bland and Altman, Lancet 1986;1:307).

    Attributes:
        bias: Mean of model minus expert.
        limits: Bias -+ 1.96 standard deviations of the differences.
        intraclass_correlation: ICC(2,1).
    """

    bias: Estimate
    limits: tuple[float, float] | None
    intraclass_correlation: Estimate

    def to_json(self) -> dict[str, Any]:
        """The agreement as a JSON object."""
        return {
            "bias": self.bias.to_json(),
            "limits_of_agreement": None if self.limits is None else [round(one, 4) for one in self.limits],
            "intraclass_correlation": self.intraclass_correlation.to_json(),
        }


def agreement(bootstrap: Bootstrap, model: Values, expert: Values) -> Agreement:
    """Compare two measurements of the same N cases; NaN where one is missing."""
    difference = model - expert
    known = difference[np.isfinite(difference)]
    limits = None
    if len(known) >= LEAST_CASES:
        half = Z95 * float(known.std(ddof=1))
        limits = (float(known.mean()) - half, float(known.mean()) + half)
    return Agreement(
        bootstrap.mean(difference), limits, bootstrap.statistic(intraclass_correlation, model, expert)
    )


def _estimate(value: float, resampled: Values, n: int) -> Estimate:
    defined = resampled[np.isfinite(resampled)]
    if not math.isfinite(value):
        return Estimate(None, None, None, n)
    if n < LEAST_CASES or not len(defined):
        return Estimate(value, None, None, n)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Estimate(value, float(low), float(high), n)


def _wilcoxon(difference: Values) -> float:
    from scipy.stats import wilcoxon

    # Without a single difference there is nothing to rank, and nothing that differs.
    return float(wilcoxon(difference).pvalue) if np.any(difference) else 1.0


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}") if abs(value) < 0.01 else round(value, 4)
