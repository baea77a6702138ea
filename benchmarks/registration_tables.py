"""What registration_recipes.py has measured, and its tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Figures:
    """Of one recipe on one pair.

    Overlap of the hemithoraces; distance between the masks in pixels, None where one is empty; target errors
    in mm, none where the true map is not known.
    """

    dice: float
    distance: float | None
    errors_mm: list[float]


@dataclass(frozen=True)
class Outcome:
    """Of one pair.

    `accepted`, `reason` and `seconds` are of `register`, with its map back and its gates; `change_error` is
    that of the change in percentage points, by the hemithoraces alone; figures "before" are unregistered.
    """

    name: str
    part: str
    views: str
    accepted: bool
    reason: str | None
    seconds: float
    same_side: bool
    dice_before: float
    distance_before: float | None
    change_error: float | None
    recipes: dict[str, Figures]


def read_outcomes(file: Path) -> list[Outcome]:
    """Outcomes, one JSON object a line."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Outcome(**{**line, "recipes": {name: Figures(**one) for name, one in line["recipes"].items()}})
        for line in lines
    ]


def print_tables(outcomes: list[Outcome]) -> None:
    """One table of recipes for each part, and one of the default by view pair."""
    for part in dict.fromkeys(one.part for one in outcomes):
        of_part = [one for one in outcomes if one.part == part]
        fitted = [one for one in of_part if one.recipes]
        refused = sorted({one.reason or "" for one in of_part if not one.accepted})
        accepted = np.mean([one.accepted for one in of_part])
        print(f"\n{part}: {len(of_part)} pairs, accepted {accepted:.1%} {refused}")
        print(f"register: {np.median([one.seconds for one in of_part]):.2f} s (median, busy or not)")
        print(f"lung Dice unregistered: {np.median([one.dice_before for one in of_part]):.3f}")
        real = any(one.views for one in of_part)
        heads = REAL_HEADS if real else PHANTOM_HEADS
        print(f"| recipe | {' | '.join(heads)} |\n|---" + "|---" * len(heads) + "|")
        for recipe in dict.fromkeys(name for one in fitted for name in one.recipes):
            cells = real_cells(fitted, recipe) if real else phantom_cells(fitted, recipe)
            print(f"| {recipe} | {' | '.join(cells)} |")
        if real:
            print_views(of_part)
        else:
            errors = np.abs([one.change_error for one in of_part if one.change_error is not None])
            print(f"change: median {np.median(errors):.2f}, below 2 points in {np.mean(errors < 2):.0%}")


REAL_HEADS = (
    "lung Dice, median",
    "10th percentile",
    "better",
    "pairs with both",
    "distance, mean",
    "median",
    "nearer",
    "same side: pairs",
    "mean",
    "nearer",
)
PHANTOM_HEADS = "lung Dice, median", "target error, mm: median", "95th percentile"


def real_cells(outcomes: list[Outcome], recipe: str) -> list[str]:
    """Figures of a recipe on real pairs; distances where both films show a pneumothorax."""
    outcomes = [one for one in outcomes if recipe in one.recipes]
    dice = np.array([one.recipes[recipe].dice for one in outcomes])
    better = np.mean(dice > [one.dice_before for one in outcomes])
    cells = [f"{np.median(dice):.3f}", f"{np.quantile(dice, 0.1):.3f}", f"{better:.1%}"]
    for same_side in (False, True):
        before, after = distances(outcomes, recipe, same_side)
        if not before.size:
            return [*cells, *[""] * (len(REAL_HEADS) - len(cells))]
        cells += [str(before.size), f"{after.mean() / before.mean() - 1:+.0%}"]
        if not same_side:
            cells.append(f"{np.median(after) / np.median(before) - 1:+.0%}")
        cells.append(f"{np.mean(after < before):.0%}")
    return cells


def distances(
    outcomes: list[Outcome], recipe: str, same_side: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance between the masks before and after, where both films show a pneumothorax."""
    rows = [
        (one.distance_before, one.recipes[recipe].distance)
        for one in outcomes
        if one.distance_before is not None and (one.same_side or not same_side)
    ]
    # A mask that a map has pushed off the film is as far as it was.
    pairs = np.array([(before, before if after is None else after) for before, after in rows]).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def phantom_cells(outcomes: list[Outcome], recipe: str) -> list[str]:
    """Figures of a recipe on phantoms."""
    errors = np.concatenate([one.recipes[recipe].errors_mm for one in outcomes])
    dice = np.median([one.recipes[recipe].dice for one in outcomes])
    return [f"{dice:.3f}", f"{np.median(errors):.2f}", f"{np.quantile(errors, 0.95):.2f}"]


def print_views(outcomes: list[Outcome]) -> None:
    """The default by view pair, mixed pairs together."""
    default = next(name for one in outcomes for name in one.recipes if name.endswith("(default)"))
    heads = "pairs", "accepted", *REAL_HEADS
    print(f"\n| views | {' | '.join(heads)} |\n|---" + "|---" * len(heads) + "|")
    for views in ("PA-PA", "AP-AP", "mixed"):
        chosen = [one for one in outcomes if one.views == views or (views == "mixed" and mixed(one.views))]
        if chosen:
            accepted = [one for one in chosen if one.accepted]
            share = len(accepted) / len(chosen)
            cells = [str(len(chosen)), f"{share:.1%}", *real_cells(accepted, default)]
            print(f"| {views} | {' | '.join(cells)} |")


def mixed(views: str) -> bool:
    """The films are of two kinds."""
    return len(set(views.split("-"))) > 1
