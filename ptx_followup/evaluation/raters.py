"""How two or more raters of the same cases agree: mean squares of a two-way layout, and what follows.

Statistics as `statistics.Bootstrap` resamples them: each takes how often each of N cases was drawn in each of
B resamples (float64, B x N) and one array of N values a rater, and gives B values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Two-sided 95 % of a normal distribution.
Z95 = 1.959964


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """Mean squares of N cases by k raters without repetition (McGraw and Wong, 1996, Table 1, two-way).

    Attributes:
        cases: MS_R, between cases.
        raters: MS_C, between raters.
        error: MS_E.
        n: Cases.
        k: Raters.
    """

    cases: Values
    raters: Values
    error: Values
    n: Values
    k: int


def mean_squares(drawn: Values, *ratings: Values) -> MeanSquares:
    """The mean squares of resampled cases; NaN where there are fewer than two."""
    table, k = np.stack(ratings), len(ratings)
    n = drawn.sum(axis=1)
    grand = drawn @ table.mean(axis=0) / n
    of_raters = table @ drawn.T / n  # k x B
    squares_cases = k * (drawn @ table.mean(axis=0) ** 2 - n * grand**2)
    squares_raters = n * ((of_raters - grand) ** 2).sum(axis=0)
    squares_all = drawn @ (table**2).sum(axis=0) - n * k * grand**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return MeanSquares(
            cases=squares_cases / (n - 1),
            raters=squares_raters / (k - 1),
            error=np.maximum(squares_all - squares_cases - squares_raters, 0) / ((n - 1) * (k - 1)),
            n=n,
            k=k,
        )


def intraclass_correlation(drawn: Values, *ratings: Values) -> Values:
    """ICC(A,1): two-way random effects, absolute agreement, single measurement.

    McGraw and Wong, Psychological Methods 1996;1:30, Table 4; ICC(2,1) of Shrout and Fleiss, Psychological
    Bulletin 1979;86:420. NaN where all measurements are equal.
    """
    found = mean_squares(drawn, *ratings)
    with np.errstate(invalid="ignore", divide="ignore"):
        between_raters = found.k * (found.raters - found.error) / found.n
        all_of_it = found.cases + (found.k - 1) * found.error + between_raters
        return np.asarray((found.cases - found.error) / all_of_it)


def error_of_agreement(drawn: Values, *ratings: Values) -> Values:
    """Standard error of measurement where any rater may have measured: habits of raters count.

    The root of the variances of raters and of error (de Vet et al., J Clin Epidemiol 2006;59:1033).
    """
    found = mean_squares(drawn, *ratings)
    return np.sqrt(np.maximum(found.raters - found.error, 0) / found.n + found.error)


def error_of_consistency(drawn: Values, *ratings: Values) -> Values:
    """Standard error of measurement where one rater measures throughout: what is always so cancels."""
    return np.sqrt(mean_squares(drawn, *ratings).error)


def spread_of_one(drawn: Values, *ratings: Values) -> Values:
    """Standard deviation of one rater's error: the root of the mean variance within a case.

    Of two raters, the root mean square of their difference over the square root of 2.
    """
    within = np.stack(ratings).var(axis=0, ddof=1)
    return np.asarray(np.sqrt(drawn @ within / drawn.sum(axis=1)))


def bias(drawn: Values, first: Values, second: Values) -> Values:
    """Mean of first minus second (Bland and Altman, Stat Methods Med Res 1999;8:135)."""
    return np.asarray(drawn @ (first - second) / drawn.sum(axis=1))


def lower_limit(drawn: Values, first: Values, second: Values) -> Values:
    """Lower 95 % limit of agreement: bias minus 1.96 standard deviations of the differences."""
    return bias(drawn, first, second) - Z95 * _deviation(drawn, first - second)


def upper_limit(drawn: Values, first: Values, second: Values) -> Values:
    """Upper 95 % limit of agreement."""
    return bias(drawn, first, second) + Z95 * _deviation(drawn, first - second)


def _deviation(drawn: Values, difference: Values) -> Values:
    n = drawn.sum(axis=1)
    mean = drawn @ difference / n
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(np.maximum(drawn @ difference**2 - n * mean**2, 0) / (n - 1)))
