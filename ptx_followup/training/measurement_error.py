"""A model's own error of measurement, from pairs of exams with expert masks on both sides.

The figures are chosen so that the 95 % intervals of `change` cost least: their interval score (Gneiting and
Raftery, JASA 2007;102:359), the width plus 40 times the distance by which a truth is missed, is least for the
intervals that hold 95 %. The correlation then is the largest under which the intervals of the difference
hold their share of the pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptx_followup.measurement.change import Change, assess_change, exam_interval
from ptx_followup.network.checkpoint import MeasurementError

FloatArray = NDArray[np.float64]

#: Share of the fitted pairs that the interval of the difference shall hold. A little above 95 %, as the next
#: patients are not those that it was fitted on.
_HELD = 0.96
#: Weight of a miss in the interval score, 2 / (1 - 0.95).
_MISS = 40.0
#: Values that are tried for each figure, and rounds through all four. The relative error is at least that of
#: a model that was not measured: where few pneumothoraces are large, any smaller one fits them as well.
_RELATIVE = tuple(round(float(value), 2) for value in np.linspace(0.3, 1.2, 19))
_FLOOR = tuple(round(float(value), 2) for value in np.geomspace(0.25, 20, 25))
_ROUNDS = 4


@dataclass(frozen=True)
class MeasuredPair:
    """One side of two exams of one patient, in percent of the hemithorax, as measured and by the expert.

    `doubt` says why the tool would draw no direction whatever the sizes (`followup.doubt`), or is None.
    """

    patient: str
    prior: float
    followup: float
    expert_prior: float
    expert_followup: float
    doubt: str | None = None

    @property
    def expert_difference(self) -> float:
        """Follow-up minus prior by the expert, in percentage points."""
        return self.expert_followup - self.expert_prior


@dataclass(frozen=True)
class Judgement:
    """How well intervals and verdicts of pairs agree with the expert.

    Attributes:
        pairs: How many.
        coverage: Share of pairs whose interval of the difference holds the expert's difference.
        exam_coverage: Share of exams whose interval holds the expert's size.
        width: Mean width of the interval of the difference, in percentage points.
        wrong: Share of pairs with a verdict in the wrong direction.
        directions: Share of pairs with any direction.
        doubled: Pairs whose expert size changed by a factor of 2 or more.
        doubled_directions: Share of those with a direction.
    """

    pairs: int
    coverage: float
    exam_coverage: float
    width: float
    wrong: float
    directions: float
    doubled: int
    doubled_directions: float


def fit_error(pairs: Sequence[MeasuredPair], source: str) -> MeasurementError:
    """Fit the error of one exam, and its correlation between two, to measured pairs.

    Args:
        pairs: Of patients that the model was not trained on.
        source: Kept with the figures.
    """
    measured = np.array([[one.prior, one.followup] for one in pairs]).ravel()
    expert = np.array([[one.expert_prior, one.expert_followup] for one in pairs]).ravel()
    figures = {"relative": 0.3, "floor_percent": 1.0, "relative_above": 0.3, "floor_percent_above": 1.0}
    for _ in range(_ROUNDS):
        for name in figures:
            tried = _RELATIVE if name.startswith("relative") else _FLOOR
            scores = [_score(MeasurementError(**figures | {name: one}), measured, expert) for one in tried]
            figures[name] = tried[int(np.argmin(scores))]
    for correlation in np.linspace(0.9, -1, 39):
        error = MeasurementError(**figures, correlation=round(float(correlation), 3), source=source)
        if judge(pairs, error).coverage >= _HELD:
            break
    return error


def cross_fit(pairs: Sequence[MeasuredPair], folds: int = 5, seed: int = 0) -> Judgement:
    """Judge each fold of the patients under the error that is fitted to all others."""
    return judgement(out_of_fold(pairs, folds, seed))


def out_of_fold(
    pairs: Sequence[MeasuredPair], folds: int = 5, seed: int = 0
) -> list[tuple[MeasuredPair, Change]]:
    """The change of each pair under the error that is fitted to the other folds of the patients."""
    patients = sorted({one.patient for one in pairs})
    order = np.random.default_rng(seed).permutation(len(patients))
    fold = {patient: int(place) % folds for patient, place in zip(patients, order, strict=True)}
    changes: list[tuple[MeasuredPair, Change]] = []
    for number in range(folds):
        error = fit_error([one for one in pairs if fold[one.patient] != number], f"fold {number}")
        changes += [(one, _change(one, error)) for one in pairs if fold[one.patient] == number]
    return changes


def judge(pairs: Sequence[MeasuredPair], error: MeasurementError) -> Judgement:
    """Judge pairs under one error."""
    return judgement([(one, _change(one, error)) for one in pairs])


def direction(change: Change) -> int:
    """-1 for smaller or resolved, 1 for larger, 0 for no direction."""
    return {"smaller": -1, "resolved": -1, "larger": 1}.get(change.verdict, 0)


def _change(pair: MeasuredPair, error: MeasurementError) -> Change:
    return assess_change("right", pair.prior, pair.followup, error)


def _score(error: MeasurementError, measured: FloatArray, expert: FloatArray) -> float:
    low, high = np.array([exam_interval(float(one), error) for one in measured]).T
    missed = np.maximum(low - expert, 0) + np.maximum(expert - high, 0)
    return float(np.mean(high - low + _MISS * missed))


def judgement(changes: Sequence[tuple[MeasuredPair, Change]]) -> Judgement:
    """What the changes of pairs add up to."""
    held, exams, widths, wrong, directions, doubled = [], [], [], [], [], []
    for pair, change in changes:
        low, high = change.interval or (-100.0, 100.0)
        held.append(low <= pair.expert_difference <= high)
        widths.append(high - low)
        for interval, expert in (
            (change.prior_interval, pair.expert_prior),
            (change.followup_interval, pair.expert_followup),
        ):
            exams.append(interval is not None and interval[0] <= expert <= interval[1])
        found = 0 if pair.doubt else direction(change)
        directions.append(found != 0)
        wrong.append(found != 0 and found != np.sign(pair.expert_difference))
        sizes = sorted((pair.expert_prior, pair.expert_followup))
        if sizes[1] >= 2 * sizes[0] and sizes[1] > 0:
            doubled.append(found != 0)
    return Judgement(
        pairs=len(changes),
        coverage=float(np.mean(held)),
        exam_coverage=float(np.mean(exams)),
        width=float(np.mean(widths)),
        wrong=float(np.mean(wrong)),
        directions=float(np.mean(directions)),
        doubled=len(doubled),
        doubled_directions=float(np.mean(doubled)) if doubled else float("nan"),
    )
