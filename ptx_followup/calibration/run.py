"""A calibration, from sizes to the result object: coefficients, figures out of fold, what is detectable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ptx_followup import DISCLAIMER
from ptx_followup.calibration.figures import figures_of
from ptx_followup.calibration.fitting import fit_change_error
from ptx_followup.calibration.predictions import (
    FOLDS,
    predict_by_slope,
    predict_out_of_fold,
    predict_with,
    second_expert,
)
from ptx_followup.calibration.rows import LOOKS, Look, PairRows, look_at
from ptx_followup.measurement.change import LEANING, STATED
from ptx_followup.measurement.deciding import smallest_detectable
from ptx_followup.measurement.outlines import difference_interval
from ptx_followup.measurement.uncertainty import ReadWith, Size, Uncertainty
from ptx_followup.network.change_error import ChangeError

SCHEMA = "ptx-calibration/1"
#: Steps that `calibrate` tells of: the folds, and one for all that stands beside them.
STEPS = FOLDS + 1
#: A further term is worth its place if it lowers the log-loss by so much out of fold.
WORTH = 0.01
#: Sizes of the prior, in percent of the hemithorax, for which the smallest detectable change is told.
_SIZES = (2, 5, 10, 20, 40)
_FILMS: list[tuple[str, tuple[ReadWith, ReadWith]]] = [*LOOKS.items(), ("masks", ("reader", "reader"))]


@dataclass(frozen=True)
class Calibrated:
    """What a calibration gives.

    Attributes:
        error: For the model's configuration.
        document: The result object, schema "ptx-calibration/1", without `outputs`.
    """

    error: ChangeError
    document: dict[str, Any]


def calibrate(
    rows: PairRows,
    source: str,
    seed: int = 0,
    advance: Callable[[], object] = lambda: None,
    stored: ChangeError | None = None,
) -> Calibrated:
    """Fit a model's error to measured pairs, and judge it on patients that the fit has not seen.

    Args:
        rows: The pairs.
        source: Where they come from, kept with the coefficients.
        seed: Of the readers that are simulated.
        advance: Called at most `STEPS` times.
        stored: An error that was fitted to other patients: it is judged, and none is fitted.
    """
    predicted = predict_out_of_fold(rows, advance) if stored is None else predict_with(rows, stored)
    routes = {look: figures_of(found) for look, found in predicted.items()}
    losses = {look: routes[look]["log_loss"]["value"] for look in LOOKS}
    error = stored or fit_change_error(rows, source).model_copy(update=_leading(losses))
    document = {
        "schema": SCHEMA,
        "disclaimer": DISCLAIMER,
        "pairs": len(rows),
        "patients": len(np.unique(rows.patients)),
        "error": error.model_dump(mode="json"),
        "routes": routes,
        "beside": _beside(rows, seed),
        "terms": _terms(rows, losses),
        "detectable": detectable(error),
    }
    advance()
    return Calibrated(error, document)


def _leading(losses: dict[Look, float]) -> dict[str, str]:
    """The route with the lower log-loss, where both films have their own words and where only one has."""

    def lower(look: Look) -> str:
        return "images and words" if losses[look] < losses["images"] else "images"

    return {"leading": lower("images and words"), "leading_mixed": lower("mixed")}


def _beside(rows: PairRows, seed: int) -> dict[str, Any]:
    """What the model must be better than, and what it cannot be: on the pairs whose prior is positive."""
    rows = rows.where(rows.experts[:, 0] > 0)
    plain = look_at(rows, ("words", "words"))
    expert = second_expert(rows, seed)
    read = look_at(expert, ("images", "images"))
    scores = {
        "the constant answer": (rows, plain, np.full(len(plain.row), -1.0)),
        "the words alone": (rows, plain, np.diff(np.sqrt(plain.told), axis=1)[:, 0]),
        "a second expert": (expert, read, np.diff(np.log1p(read.percents), axis=1)[:, 0]),
    }
    return {name: figures_of(predict_by_slope(*one)) for name, one in scores.items()}


def _terms(rows: PairRows, losses: dict[Look, float]) -> dict[str, Any]:
    """Log-loss of other forms of the probability, and whether a further term would be worth its place."""
    rows = rows.where(rows.experts[:, 0] > 0)
    found: dict[str, Any] = {}
    both: tuple[Look, ...] = ("images", "images and words")
    for look in both:
        looked = look_at(rows, LOOKS[look])
        supine = (looked.views == "AP").any(axis=1)
        one = figures_of(predict_by_slope(rows, looked, looked.roots))["log_loss"]["value"]
        two = figures_of(predict_by_slope(rows, looked, looked.roots, supine))["log_loss"]["value"]
        found[look] = {
            "as fitted": losses[look],
            "one parameter, difference of roots": one,
            "one parameter for each projection": two,
            "projection_is_worth_a_term": bool(one - two >= WORTH),
        }
    return found


def detectable(error: ChangeError) -> list[dict[str, Any]]:
    """The smallest detectable change, by size of the prior and by what both films are read with.

    Returns:
        For each size and route the sizes of a follow-up below and above which a direction is probable (80 %)
        or stated (95 %), null where no size is; and half the width of the interval of no change, by
        projection.
    """
    uncertainty = Uncertainty(error)
    found = []
    for percent in _SIZES:
        for route, (first, second) in _FILMS:
            entry: dict[str, Any] = {"prior": percent, "route": route}
            for name, chance in (("probable", LEANING), ("stated", STATED)):
                ends = smallest_detectable(Size(0, first).of(percent), Size(0, second), uncertainty, chance)
                entry[name] = {
                    "below": None if ends.below is None else round(ends.below, 1),
                    "above": None if ends.above is None else round(ends.above, 1),
                }
            entry["half_width"] = {}
            for view in ("AP", "PA"):
                before, after = (Size(0, kind, view).of(percent) for kind in (first, second))
                low, high = difference_interval(
                    uncertainty.wide_outline(before),
                    uncertainty.wide_outline(after),
                    uncertainty.correlation(before, after),
                )
                entry["half_width"][view] = round((high - low) / 2, 1)
            found.append(entry)
    return found
