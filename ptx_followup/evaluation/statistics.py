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

Values = NDArray[np.float64]

#: Resamples of the patients; the Monte Carlo error of a 95 % limit is then about 3 % of its distance.
RESAMPLES = 2000
#: Two-sided 95 % of a normal distribution.
Z95 = 1.959964
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
        counts = np.stack([np.bincount(one, minlength=len(names)) for one in drawn])
        self._weights = counts[:, of_case].astype(np.uint16)

    def mean(self, values: Sequence[float] | Values) -> Estimate:
        """Mean of N values and its percentile interval; cases whose value is NaN do not count."""
        array = np.asarray(values, np.float64)
        known = np.isfinite(array)
        if not known.any():
            return Estimate(None, None, None, 0)
        means = self._means(array, known)
        return _estimate(float(array[known].mean()), means, int(known.sum()))

    def statistic(self, of: Callable[..., float], *values: Sequence[float] | Values) -> Estimate:
        """Any statistic of one or more arrays of N values; cases with a NaN in any of them do not count."""
        table = np.stack([np.asarray(one, np.float64) for one in values])
        known = np.isfinite(table).all(axis=0)
        table = table[:, known]
        if table.shape[1] < LEAST_CASES:
            return Estimate(None, None, None, table.shape[1])
        places = np.arange(table.shape[1])
        drawn = (np.repeat(places, weights) for weights in self._weights[:, known])
        results = np.array([of(*table[:, one]) for one in drawn if len(one) >= LEAST_CASES])
        return _estimate(of(*table), results, table.shape[1])

    def compare(self, first: Sequence[float] | Values, second: Sequence[float] | Values) -> PairedTest:
        """Test whether two values of the same N cases differ; cases with a NaN in either do not count."""
        difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
        known = np.isfinite(difference)
        if known.sum() < LEAST_CASES:
            return PairedTest(Estimate(None, None, None, int(known.sum())), None, None)
        means = self._means(difference, known)
        tail = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
        p_bootstrap = min(1.0, 2 * (tail + 1) / (len(means) + 1))
        estimate = _estimate(float(difference[known].mean()), means, int(known.sum()))
        return PairedTest(estimate, p_bootstrap, _wilcoxon(difference[known]))

    def _means(self, values: Values, known: NDArray[np.bool_]) -> Values:
        """Mean of each resample over the known values; resamples without any are left out."""
        weights = self._weights[:, known].astype(np.float64)
        totals = weights.sum(axis=1)
        drawn = totals > 0
        return np.asarray((weights[drawn] @ values[known]) / totals[drawn])


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


def intraclass_correlation(first: Values, second: Values) -> float:
    """ICC(2,1): two-way random effects, absolute agreement, single measurement (Shrout and Fleiss, 1979).

    NaN where all values are equal.
    """
    table = np.stack([first, second], axis=1)
    n, k = table.shape
    mean = table.mean()
    between = k * ((table.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    raters = n * ((table.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0, keepdims=True) + mean
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    whole = between + (k - 1) * error + k * (raters - error) / n
    return float((between - error) / whole) if whole else math.nan


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
