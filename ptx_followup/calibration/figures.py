"""How good predictions of a change are, each figure with its interval over resampled patients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.calibration.fitting import log_losses
from ptx_followup.calibration.predictions import Predictions, fit_slope
from ptx_followup.calibration.rows import FloatArray
from ptx_followup.evaluation.statistics import Bootstrap
from ptx_followup.measurement.change import LEANING, STATED

#: Added to the experts' sizes before a ratio is taken, in points: for "doubled or halved" and for the three
#: classes of a change.
_DOUBLED_ABOVE, _CLASSES_ABOVE = 0.3, 1.0
_DOUBLED, _BEYOND = 2.0, 1.5
#: Weight of a miss in the interval score, 2 / (1 - 0.95) (Gneiting and Raftery, JASA 2007;102:359).
_MISS = 40.0
_BINS = 10

Bools = NDArray[np.bool_]


def figures_of(found: Predictions) -> dict[str, Any]:
    """All figures of one route.

    Pairs count with their weights. Those whose experts' sizes are equal have no direction to be predicted.

    Returns:
        Estimates with 95 % intervals over resampled patients, coverage of groups, and the bins of the
        reliability diagram.
    """
    judged = _Judged(found)
    return {
        "patients": len(np.unique(found.patients)),
        "pairs": len(np.unique(found.looked.row)),
        "log_loss": judged.mean(judged.losses),
        "sd_root_error": judged.root_mean_square(found.root_error),
        "sign_right": judged.mean(judged.right, judged.doubled),
        "leaning": judged.stated_from(LEANING),
        "stated": judged.stated_from(STATED),
        "auc_doubled_or_halved": judged.auc(),
        "macro_accuracy": judged.macro_accuracy(),
        "calibration_slope": judged.slope(),
        "ece": judged.expected_calibration_error(),
        "reliability": judged.bins(),
        **({"interval": judged.intervals()} if np.isfinite(found.low).any() else {}),
    }


class _Judged:
    """Predictions beside the experts' changes."""

    def __init__(self, found: Predictions) -> None:
        looked = found.looked
        self.found, self.weights = found, looked.weights
        self.difference = looked.difference
        self.losses = log_losses(found.larger, self.difference)
        self.differ = self.difference != 0
        sure = np.maximum(found.larger, 1 - found.larger)
        self.right = ((found.larger > 0.5) == (self.difference > 0)).astype(np.float64)
        self.sure = sure
        self.ratio = _log_ratio(looked.experts, _DOUBLED_ABOVE)
        self.doubled = np.abs(self.ratio) >= np.log(_DOUBLED)
        self.bootstrap = Bootstrap([str(one) for one in found.patients])

    def mean(self, values: FloatArray, chosen: Bools | None = None) -> dict[str, Any]:
        """Weighted mean of some pairs."""
        kept = values if chosen is None else np.where(chosen, values, np.nan)
        return self.bootstrap.statistic(_weighted_mean, kept, self.weights).to_json()

    def root_mean_square(self, values: FloatArray) -> dict[str, Any]:
        """Standard deviation about 0, as exchanging the exams turns every sign."""

        def of(drawn: FloatArray, squares: FloatArray, weights: FloatArray) -> FloatArray:
            return np.sqrt(_weighted_mean(drawn, squares, weights))

        return self.bootstrap.statistic(of, values**2, self.weights).to_json()

    def stated_from(self, probability: float) -> dict[str, Any]:
        """A direction at this probability: how often, how often wrongly, and against a clear change."""
        given = self.sure >= probability
        wrong = given & (self.right == 0) & self.differ
        against = wrong & (np.abs(self.ratio) >= np.log(_BEYOND))
        return {
            "given_of_doubled_or_halved": self.mean(given.astype(np.float64), self.doubled),
            "given": self.mean(given.astype(np.float64)),
            "wrong_of_all": self.mean(wrong.astype(np.float64)),
            "contradicted_beyond_1_5_of_all": self.mean(against.astype(np.float64)),
            "right_of_given": self.mean(self.right, given & self.differ),
        }

    def auc(self) -> dict[str, Any]:
        """Doubled against halved."""
        score = np.where(self.doubled, self.found.larger, np.nan)
        up = (self.ratio > 0).astype(np.float64)
        return self.bootstrap.statistic(_auc, score, up, self.weights).to_json()

    def macro_accuracy(self) -> dict[str, Any]:
        """Mean share of improving, stable and worsening pairs that are called so.

        A pair is called by the threshold on its probability that serves the other half of the patients best.
        """
        change = _log_ratio(self.found.looked.experts, _CLASSES_ABOVE)
        truth = np.sign(change) * (np.abs(change) >= np.log(_DOUBLED))
        half = np.unique(self.found.patients, return_inverse=True)[1] % 2
        called = np.zeros(len(truth))
        for number in (0, 1):
            threshold = _best_threshold(self.found.larger, truth, self.weights, half != number)
            mine = half == number
            called[mine] = _called(self.found.larger[mine], threshold)

        def of(drawn: FloatArray, right: FloatArray, classes: FloatArray, weights: FloatArray) -> FloatArray:
            shares = [_weighted_mean(drawn[:, one], right[one], weights[one]) for one in _classes(classes)]
            return np.asarray(np.mean(shares, axis=0))

        hits = (called == truth).astype(np.float64)
        return self.bootstrap.statistic(of, hits, truth, self.weights).to_json()

    def slope(self) -> float:
        """Of the logit of the truth on that of the probability; 1 where neither too bold nor too timid."""
        logit = np.log(self.found.larger / (1 - self.found.larger))
        kept = self.differ
        return round(fit_slope(logit[kept], self.difference[kept], self.weights[kept]), 3)

    def bins(self) -> list[dict[str, float]]:
        """The pairs and their mirror images by stated probability: mean stated, share that is larger."""
        stated = np.concatenate([self.found.larger, 1 - self.found.larger])[np.tile(self.differ, 2)]
        truth = np.concatenate([self.difference > 0, self.difference < 0])[np.tile(self.differ, 2)]
        weights = np.tile(self.weights, 2)[np.tile(self.differ, 2)]
        bin_of = np.minimum((stated * _BINS).astype(int), _BINS - 1)
        found = []
        for number in np.unique(bin_of):
            mine = bin_of == number
            total = float(weights[mine].sum())
            found.append(
                {
                    "stated": round(float(weights[mine] @ stated[mine]) / total, 4),
                    "observed": round(float(weights[mine] @ truth[mine]) / total, 4),
                    "weight": round(total / 2, 2),
                }
            )
        return found

    def expected_calibration_error(self) -> float:
        """Mean distance of stated and observed over the bins."""
        bins = self.bins()
        total = sum(one["weight"] for one in bins)
        apart = sum(abs(one["stated"] - one["observed"]) * one["weight"] for one in bins)
        return round(apart / total, 4)

    def intervals(self) -> dict[str, Any]:
        """Width, score and coverage of the interval of the difference."""
        low, high, truth = self.found.low, self.found.high, self.difference
        held = ((low <= truth) & (truth <= high)).astype(np.float64)
        missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        views = self.found.looked.views
        measured = self.found.looked.percents.mean(axis=1)
        thirds = np.digitize(measured, np.quantile(measured, [1 / 3, 2 / 3]))
        order = np.argsort(high - low)
        reached = np.cumsum(self.weights[order]) / self.weights.sum()
        return {
            "coverage": self.mean(held),
            "width_mean": self.mean(high - low),
            "width_median": round(float((high - low)[order][np.searchsorted(reached, 0.5)]), 2),
            "score": self.mean(high - low + _MISS * missed),
            "coverage_by_measured_size": [self.mean(held, thirds == third) for third in range(3)],
            "coverage_by_view": {view: self.mean(held, (views == view).all(axis=1)) for view in ("AP", "PA")},
        }


def _weighted_mean(drawn: FloatArray, values: FloatArray, weights: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(drawn @ (values * weights) / (drawn @ weights))


def _log_ratio(experts: FloatArray, above: float) -> FloatArray:
    logs = np.log(experts + above)
    return np.asarray(logs[:, 1] - logs[:, 0])


def _auc(drawn: FloatArray, score: FloatArray, positive: FloatArray, weights: FloatArray) -> FloatArray:
    """Share of all pairs of a doubled and a halved one that are ranked rightly; a tie counts half."""
    up, down = np.flatnonzero(positive > 0), np.flatnonzero(positive == 0)
    ranked = (score[up, None] > score[None, down]) + 0.5 * (score[up, None] == score[None, down])
    first, second = drawn[:, up] * weights[up], drawn[:, down] * weights[down]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = ((first @ ranked) * second).sum(axis=1) / (first.sum(axis=1) * second.sum(axis=1))
    return np.asarray(shares)


def _called(larger: FloatArray, threshold: float) -> FloatArray:
    return np.where(larger >= threshold, 1.0, np.where(larger <= 1 - threshold, -1.0, 0.0))


def _classes(truth: FloatArray) -> list[Bools]:
    return [truth == one for one in (-1, 0, 1) if (truth == one).any()]


def _best_threshold(larger: FloatArray, truth: FloatArray, weights: FloatArray, chosen: Bools) -> float:
    def accuracy(threshold: float) -> float:
        hits = _called(larger[chosen], threshold) == truth[chosen]
        shares = [
            float(weights[chosen][one] @ hits[one] / weights[chosen][one].sum())
            for one in _classes(truth[chosen])
        ]
        return float(np.mean(shares))

    thresholds: list[float] = [float(one) for one in np.linspace(0.5, 0.98, 25)]
    best: Callable[[float], float] = accuracy
    return max(thresholds, key=best)
