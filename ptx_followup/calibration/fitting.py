"""The error of a model's sizes and of their change, fitted to pairs with an expert's masks on both films.

Bias, slope and spread of a film are those under which the experts' sizes are most probable (a regression of
roots of percent that is censored at 0; Tobin, Econometrica 1958;26:24). The correlation of two films is the
one under which the stated probabilities of a direction cost least (log-loss). The widening of intervals is a
conformal factor: the smallest with which they hold 95 % (1 + 1/n) of the pairs of n patients, so that the
next patient, who is not among them, is held with 95 % (Vovk et al., Algorithmic Learning in a Random World,
2005, with patients in place of cases).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.calibration.rows import LOOKS, FloatArray, Looked, PairRows, look_at
from ptx_followup.measurement.outlines import TAIL, Outline, exceedance
from ptx_followup.measurement.uncertainty import ReadWith
from ptx_followup.network.change_error import ChangeError, Correlations, FilmError, Widening

#: Greatest correlation, either way, that is tried.
_MOST_CORRELATED = 0.9
#: Factors on the spread that are tried, and halvings of the search for the one that holds a pair.
_FACTORS, _HALVINGS = (0.3, 4.0), 10
#: Share of the pairs of further patients that an interval shall hold.
_HELD = 0.95
#: Pairs of one projection are given a factor of their own from so many patients on.
_LEAST_PATIENTS = 20
_SURE = 1e-4


def fit_change_error(rows: PairRows, source: str) -> ChangeError:
    """Fit all coefficients but the leading route, which is decided out of fold.

    Args:
        rows: Of patients on whom the model was not trained.
        source: Kept with the figures.
    """
    looks = {look: _in_both_orders(look_at(rows, read_with)) for look, read_with in LOOKS.items()}
    error = ChangeError(
        images=fit_film_error(looks["images"]),
        words=fit_film_error(looks["images and words"]),
        source=source,
    )
    correlations = {look: _fit_correlation(error, looked) for look, looked in looks.items()}
    error = error.model_copy(
        update={
            "correlation": Correlations(
                images=correlations["images"],
                words=correlations["images and words"],
                mixed=correlations["mixed"],
            )
        }
    )
    widened: dict[str, FilmError] = {}
    for name, look in (("images", "images"), ("words", "images and words")):
        widening = _fit_widening(error, looks[look], rows)  # type: ignore[index]
        film: FilmError = getattr(error, name)
        widened[name] = film.model_copy(update={"widening": widening})
    return error.model_copy(update=widened)


def _in_both_orders(looked: Looked) -> Looked:
    """Count each pair in both orders of time, in as far as a pneumothorax is on the film that comes first.

    Every cost is the same for a pair and its mirror image, so that only the weight is another.
    """
    return replace(looked, weights=looked.weights * (looked.experts > 0).mean(axis=1))


def fit_film_error(looked: Looked) -> FilmError:
    """Censored regression of the experts' roots on the measured ones, over both films of each pair."""
    from scipy.optimize import minimize
    from scipy.stats import norm

    measured, told, expert = (np.sqrt(one).ravel() for one in (looked.percents, looked.told, looked.experts))
    is_told = "words" in looked.read_with
    weights = np.repeat(looked.weights, 2)
    seen = expert > 0

    def cost(values: FloatArray) -> float:
        spread = np.exp(values[2])
        centre = values[0] + values[1] * measured + values[3] * told
        likelihood = np.where(
            seen, norm.logpdf(expert, centre, spread), norm.logcdf(0.0, loc=centre, scale=spread)
        )
        return -float(weights @ likelihood)

    start = np.array([0.0, 0.4 if is_told else 0.8, 0.5, 0.4 if is_told else 0.0])
    bounds = [(-5, 5), (0.01, 5), (np.log(0.1), np.log(8)), (0, 5 if is_told else 0)]
    found = minimize(cost, start, method="Nelder-Mead", bounds=bounds, options={"maxiter": 4000})
    bias, slope, spread, weight = (float(value) for value in found.x)
    return FilmError(
        bias=round(bias, 3) + 0.0,  # no -0.0
        slope=round(slope, 3),
        told=round(weight, 3),
        spread=round(float(np.exp(spread)), 3),
    )


def outlines_of(error: ChangeError, looked: Looked, *, wide: bool = False) -> tuple[Outline, Outline]:
    """What one further expert would outline on the first and the second film of each pair."""
    both = []
    for film, kind in enumerate(looked.read_with):
        of_film = error.words if kind == "words" else error.images
        measured = of_film.bias + of_film.slope * np.sqrt(looked.percents[:, film])
        centre = measured + of_film.told * np.sqrt(looked.told[:, film])
        factors = [of_film.widening.of(str(view)) for view in looked.views[:, film]] if wide else 1.0
        both.append(Outline(centre, np.multiply(of_film.spread, factors) * np.ones_like(centre), "root"))
    return both[0], both[1]


def correlation_of(error: ChangeError, read_with: tuple[ReadWith, ReadWith]) -> float:
    """Of the two films' errors."""
    known = error.correlation
    return {"images": known.images, "images and words": known.words, "mixed": known.mixed}[
        next(look for look, kinds in LOOKS.items() if set(kinds) == set(read_with))
    ]


def larger(first: Outline, second: Outline, correlation: float) -> FloatArray:
    """Probability that the second is larger, given that the two differ."""
    increase = exceedance(second, first, correlation)
    decrease = exceedance(first, second, correlation)
    return np.asarray(np.clip(increase / (increase + decrease), _SURE, 1 - _SURE))


def log_losses(probability: FloatArray, difference: FloatArray) -> FloatArray:
    """Cost of a probability of "larger" for each pair; NaN where the experts' sizes are equal."""
    stated = np.where(difference > 0, probability, 1 - probability)
    return np.asarray(np.where(difference == 0, np.nan, -np.log(stated)))


def _fit_correlation(error: ChangeError, looked: Looked) -> float:
    from scipy.optimize import minimize_scalar

    first, second = outlines_of(error, looked)
    differ = looked.difference != 0

    def cost(correlation: float) -> float:
        losses = log_losses(larger(first, second, correlation), looked.difference)
        return float(looked.weights[differ] @ losses[differ])

    bounds = (-_MOST_CORRELATED, _MOST_CORRELATED)
    found = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 0.01})
    return round(float(found.x), 3)


def _fit_widening(error: ChangeError, looked: Looked, rows: PairRows) -> Widening:
    """The conformal factor of the pairs of each projection; of all where one has few patients."""
    factors = _factors(error, looked)
    patients = rows.patients[looked.row]

    def of(chosen: NDArray[np.bool_]) -> float:
        level = min(1.0, _HELD * (1 + 1 / len(np.unique(patients[chosen]))))
        return round(_weighted_quantile(factors[chosen], looked.weights[chosen], level), 3)

    all_pairs = np.ones(len(factors), bool)
    found = {}
    for view in ("AP", "PA"):
        chosen = (looked.views == view).all(axis=1)
        enough = len(np.unique(patients[chosen])) >= _LEAST_PATIENTS
        found[view] = of(chosen if enough else all_pairs)
    return Widening(**found)


def _factors(error: ChangeError, looked: Looked) -> FloatArray:
    """The smallest factor on both spreads with which the interval of each pair holds the experts' change."""
    first, second = outlines_of(error, looked)
    correlation, difference = correlation_of(error, looked.read_with), looked.difference
    low, high = (np.full(len(difference), end) for end in _FACTORS)
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        before, after = first.widened(middle), second.widened(middle)
        above = exceedance(after, before, correlation, difference)
        below = exceedance(before, after, correlation, -difference)
        # Held where neither tail beyond the experts' change is too thin; a change of 0 has a mass of its own.
        held = (1 - below >= TAIL) & (1 - above >= TAIL)
        low, high = np.where(held, low, middle), np.where(held, middle, high)
    return high


def _weighted_quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(reached, level - 1e-9)), len(values) - 1)])
