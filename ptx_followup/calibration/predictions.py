"""What is predicted of pairs whose patients the fit has not seen, by a model and by what stands beside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.calibration.fitting import (
    correlation_of,
    fit_change_error,
    larger,
    log_losses,
    outlines_of,
)
from ptx_followup.calibration.rows import LOOKS, FloatArray, Look, Looked, PairRows, look_at
from ptx_followup.measurement.outlines import TAIL, Outline, exceedance
from ptx_followup.measurement.reader_error import ONE_READER_LOG1P
from ptx_followup.network.change_error import ChangeError

FOLDS = 12
#: Halvings of -100 to 100 points, for the ends of intervals.
_HALVINGS = 16


@dataclass(frozen=True, eq=False)
class Predictions:
    """Of R pairs.

    Attributes:
        looked: The pairs; `percents` is what was measured.
        patients: Of each.
        larger: Probability that the follow-up is larger, given that the experts' sizes differ.
        root_error: Predicted minus the experts' difference of roots.
        low, high: 95 % interval of the difference in points; NaN where there is none.
    """

    looked: Looked
    patients: NDArray[np.str_]
    larger: FloatArray
    root_error: FloatArray
    low: FloatArray
    high: FloatArray


def folds_of(rows: PairRows, folds: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row; all rows of a patient are in one, and the folds hold about as many rows."""
    patients, of_row, counts = np.unique(rows.patients, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(patients))
    filled = np.zeros(min(folds, len(patients)))
    fold = np.zeros(len(patients), np.int64)
    for place in sorted(order, key=lambda one: -counts[one]):
        fold[place] = int(np.argmin(filled))
        filled[fold[place]] += min(counts[place], 12)
    return np.asarray(fold[of_row])


def predict_out_of_fold(
    rows: PairRows, advance: Callable[[], object] = lambda: None, folds: int = FOLDS
) -> dict[Look, Predictions]:
    """Fit the error of the other folds' patients, and predict the pairs of each fold under each look.

    Fitted are pairs with a pneumothorax on either film, in both orders of time; predicted are those with one
    on the prior, which is what a follow-up is about.
    """
    fold = folds_of(rows, folds)
    parts: list[dict[Look, Predictions]] = []
    for number in np.unique(fold):
        chosen = (fold == number) & (rows.experts[:, 0] > 0)
        if chosen.any():
            error = fit_change_error(rows.where(fold != number), "a fold")
            parts.append(_predicted(rows, chosen, error))
        advance()
    return {look: _joined([one[look] for one in parts]) for look in LOOKS}


def predict_with(rows: PairRows, error: ChangeError) -> dict[Look, Predictions]:
    """Predict the pairs whose prior shows a pneumothorax, by an error that was fitted to others."""
    return _predicted(rows, rows.experts[:, 0] > 0, error)


def _predicted(rows: PairRows, chosen: NDArray[np.bool_], error: ChangeError) -> dict[Look, Predictions]:
    """Predictions of the rows chosen, by an error."""
    held, found = rows.where(chosen), {}
    for look, read_with in LOOKS.items():
        looked = look_at(held, read_with)
        looked = replace(looked, row=np.flatnonzero(chosen)[looked.row])
        first, second = outlines_of(error, looked)
        wide = outlines_of(error, looked, wide=True)
        correlation = correlation_of(error, read_with)
        found[look] = Predictions(
            looked,
            rows.patients[looked.row],
            larger(first, second, correlation),
            np.asarray(second.centre) - np.asarray(first.centre) - looked.expert_roots,
            *_intervals(*wide, correlation),
        )
    return found


def _intervals(first: Outline, second: Outline, correlation: float) -> tuple[FloatArray, FloatArray]:
    return -_highest(first, second, correlation), _highest(second, first, correlation)


def _highest(above: Outline, below: Outline, correlation: float) -> FloatArray:
    """As the end of the interval that `ptx compare` states, for many pairs at once."""
    low, high = (np.full(np.shape(above.centre), end) for end in (-100.0, 100.0))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = exceedance(above, below, correlation, middle) > TAIL
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return high


def _joined(parts: Sequence[Predictions]) -> Predictions:
    looked = Looked(
        parts[0].looked.read_with,
        *(
            np.concatenate([getattr(one.looked, name) for one in parts])
            for name in ("row", "weights", "percents", "told", "experts", "views")
        ),
    )
    names = ("patients", "larger", "root_error", "low", "high")
    return Predictions(looked, *(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def predict_by_slope(
    rows: PairRows, looked: Looked, score: FloatArray, groups: NDArray[np.bool_] | None = None
) -> Predictions:
    """One parameter, out of fold: logit P(larger) = k x score.

    Args:
        rows: The pairs.
        looked: The same as measured.
        score: Of each measured pair; its sign turns with the exams.
        groups: Two groups of the measured pairs, with a parameter each; one for all if not given.
    """
    fold = folds_of(rows)[looked.row]
    group = np.zeros(len(score), bool) if groups is None else groups
    differ = looked.difference != 0
    probability, error = np.full(len(score), 0.5), np.zeros(len(score))
    for number, own in itertools.product(np.unique(fold), np.unique(group)):
        train, held = (fold != number) & (group == own), (fold == number) & (group == own)
        decided = train & differ
        slope = fit_slope(score[decided], looked.difference[decided], looked.weights[decided])
        probability[held] = 1 / (1 + np.exp(-np.clip(slope * score[held], -9, 9)))
        weighted = looked.weights[train] * score[train]
        scale = float(weighted @ looked.expert_roots[train] / max(weighted @ score[train], 1e-9))
        error[held] = scale * score[held] - looked.expert_roots[held]
    none = np.full(len(score), np.nan)
    return Predictions(looked, rows.patients[looked.row], probability, error, none, none)


def fit_slope(score: FloatArray, difference: FloatArray, weights: FloatArray) -> float:
    """The slope of a logistic regression without intercept, as exchanging the exams turns every sign."""
    from scipy.optimize import minimize_scalar

    def cost(slope: float) -> float:
        probability = 1 / (1 + np.exp(-np.clip(slope * score, -30, 30)))
        return float(weights @ log_losses(np.clip(probability, 1e-9, 1 - 1e-9), difference))

    return float(minimize_scalar(cost, bounds=(0.0, 20.0), method="bounded").x)


def second_expert(rows: PairRows, seed: int = 0, repeats: int = 5) -> PairRows:
    """The same pairs as another expert would measure them: the experts' sizes plus two readers' error."""
    random = np.random.default_rng(seed)
    errors = ONE_READER_LOG1P * np.sqrt(2) * random.normal(size=(len(rows), repeats, 2))
    read = np.expm1(np.maximum(np.log1p(rows.experts[:, np.newaxis]) + errors, 0))
    read = np.where(rows.experts[:, np.newaxis] > 0, np.minimum(read, 100), 0)
    return PairRows(rows.patients, rows.views, rows.experts, read, read[:, 0], rows.told)
