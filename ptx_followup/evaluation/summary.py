"""What the rows of an evaluation add up to: the object that `ptx eval --json` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ptx_followup.evaluation.raters import Values
from ptx_followup.evaluation.scoring import Row
from ptx_followup.evaluation.statistics import Bootstrap, agreement, area_ratios, share
from ptx_followup.evaluation.strata import strata
from ptx_followup.evaluation.tables import OtherTable, as_table
from ptx_followup.evaluation.texts import CONDITIONS, Condition

#: Figures of a row that are averaged, where they are defined.
MEASURES = ("dice", "iou", "surface_px", "hd95_px", "surface_mm", "hd95_mm")
#: A mask below this share of the image is nearly empty (0.2 %: a square of 1.9 cm on a film of 43 cm).
NEARLY_EMPTY = 0.002


def summarise(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Figures over all rows.

    Args:
        rows: Of one model.
        seed: Of the bootstrap.

    Returns:
        "cases"; "positives": figures under the own report; "conditions": what other texts do to them;
        "strata"; "area": agreement with the expert; "area_ratio": how far apart the areas are; "detection":
        the empty mask as a test.
    """
    positives = [row for row in rows if row.positive]
    matching = _of(positives, "matching")
    return {
        "cases": _counts(rows),
        "positives": _means(matching, seed)
        | {"missed": share(sum(row.area_px == 0 for row in matching), len(matching)).to_json()},
        "conditions": {
            name: _condition(positives, matching, name, seed) for name in CONDITIONS if _of(positives, name)
        },
        "strata": {
            name: {label: _stratum(group, seed) for label, group in groups.items()}
            for name, groups in strata(matching).items()
        },
        "area": _areas(matching, seed),
        "area_ratio": _ratios(matching, seed),
        "detection": _detection(rows),
    }


def compare(rows: Sequence[Row], other: OtherTable, seed: int) -> dict[str, Any]:
    """Paired tests of Dice and intersection over union, under the own report, against another model.

    Returns:
        Without "dice" and "iou" where no positive is in both tables.
    """
    matching = _of([row for row in rows if row.positive], "matching")
    theirs = other.of("matching")
    shared = [row for row in matching if row.id in theirs]
    result: dict[str, Any] = {
        "against": other.name,
        "cases": len(shared),
        "not_shared": len(matching) - len(shared),
    }
    if shared:
        bootstrap = Bootstrap([row.patient for row in shared], seed)
        ours = as_table("", shared).of("matching")
        for place, measure in enumerate(("dice", "iou")):
            pairs = np.array([(ours[row.id][place], theirs[row.id][place]) for row in shared])
            result[measure] = {"other": bootstrap.mean(pairs[:, 1]).to_json()} | bootstrap.compare(
                pairs[:, 0], pairs[:, 1]
            ).to_json()
    return result


def column(rows: Sequence[Row], name: str) -> Values:
    """One figure of each row; NaN where it is not defined."""
    return np.array([np.nan if (value := getattr(row, name)) is None else value for row in rows], np.float64)


def _of(rows: Sequence[Row], condition: Condition) -> list[Row]:
    return [row for row in rows if row.condition == condition]


def _counts(rows: Sequence[Row]) -> dict[str, Any]:
    matching = _of(rows, "matching")
    positives = [row for row in matching if row.positive]
    return {
        "positives": len(positives),
        "negatives": len(matching) - len(positives),
        "patients": len({row.patient for row in matching}),
        "reports": {
            origin: sum(row.report == origin for row in matching) for origin in ("own", "synthesised")
        },
        "denied_beside_a_mask": sum(not row.network_run for row in positives),
    }


def _means(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    return {name: bootstrap.mean(column(rows, name)).to_json() for name in MEASURES} if rows else {}


def _condition(
    positives: Sequence[Row], matching: Sequence[Row], name: Condition, seed: int
) -> dict[str, Any]:
    """One text condition, beside the own reports of the same cases."""
    rows = _of(positives, name)
    own = {row.id: row for row in matching}
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    beside = [own[row.id] for row in rows]
    figures = {
        "meaning": CONDITIONS[name],
        "dice": bootstrap.mean(column(rows, "dice")).to_json(),
        "dice_matching": bootstrap.mean(column(beside, "dice")).to_json(),
        "on_named_side": bootstrap.mean(column(rows, "on_named_side")).to_json(),
    }
    if name == "matching":
        return figures
    figures |= bootstrap.compare(column(rows, "dice"), column(beside, "dice")).to_json()
    figures["area_change"] = _area_change(rows, beside, seed)
    for direction in ("larger", "smaller"):
        places = [place for place, row in enumerate(rows) if row.size_change == direction]
        if places:
            figures[f"area_change_{direction}"] = _area_change(
                [rows[place] for place in places], [beside[place] for place in places], seed
            )
    return figures


def _area_change(rows: Sequence[Row], beside: Sequence[Row], seed: int) -> dict[str, Any]:
    """Relative change of the summed area, so that a mask of a few pixels does not lead."""
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    return bootstrap.statistic(_relative, column(rows, "area_px"), column(beside, "area_px")).to_json()


def _relative(drawn: Values, after: Values, before: Values) -> Values:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((drawn @ after) / (drawn @ before) - 1)


def _stratum(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    return {
        "dice": bootstrap.mean(column(rows, "dice")).to_json(),
        "missed": share(sum(row.area_px == 0 for row in rows), len(rows)).to_json(),
    }


def _areas(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Agreement of areas: percent of both hemithoraces, square millimetres, percent of the image."""
    if not rows:
        return {}
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    measures: dict[str, tuple[Callable[[Row], float | None], Callable[[Row], float | None]]] = {
        "hemithorax_percent": (lambda row: row.percent, lambda row: row.expert_percent),
        "mm2": (lambda row: row.area_mm2, lambda row: row.expert_mm2),
        "image_percent": (lambda row: 100 * row.share, lambda row: 100 * row.expert_share),
    }
    figures: dict[str, Any] = {}
    for name, (of_model, of_expert) in measures.items():
        model, expert = (
            np.array([np.nan if (value := of(row)) is None else value for row in rows], np.float64)
            for of in (of_model, of_expert)
        )
        if np.isfinite(model - expert).any():
            figures[name] = agreement(bootstrap, model, expert).to_json() | {
                "relative_bias": bootstrap.statistic(_relative, model, expert).to_json()
            }
    return figures


def _ratios(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    if not rows:
        return {}
    bootstrap = Bootstrap([row.patient for row in rows], seed)
    return area_ratios(bootstrap, column(rows, "area_px"), column(rows, "expert_px")).to_json()


def _detection(rows: Sequence[Row]) -> dict[str, Any]:
    """The mask that is not empty as a test for a pneumothorax, in each condition that a kind of case has."""
    figures: dict[str, Any] = {}
    for name in CONDITIONS:
        in_condition = _of(rows, name)
        positives = [row for row in in_condition if row.positive]
        negatives = [row for row in in_condition if not row.positive]
        figures[name] = {
            "sensitivity": share(sum(row.area_px > 0 for row in positives), len(positives)).to_json(),
            "specificity": share(sum(row.area_px == 0 for row in negatives), len(negatives)).to_json(),
            "nearly_empty": share(
                sum(row.share < NEARLY_EMPTY for row in negatives), len(negatives)
            ).to_json(),
        }
    return {name: one for name, one in figures.items() if any(figure["n"] for figure in one.values())}
