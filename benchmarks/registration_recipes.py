"""The table of docs/registration.md: recipes of registration over real and over simulated pairs.

    python benchmarks/registration_recipes.py DATA --split val
    python benchmarks/registration_recipes.py --phantoms 30

DATA is the folder of docs/real-data.md (its `cxr`, with pairs.csv). Every recipe gets the same hemithoraces,
from the lung model on board, so "lung Dice" is a figure of self-consistency; the distance between the expert
masks is not, as no recipe sees more of them than where not to look. On phantoms the map is known.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from simpleitk_recipes import toolkit_correlation, toolkit_information, toolkit_outlines, toolkit_sides

from ptx_followup.anatomy import Anatomy, LungFinder
from ptx_followup.dicom.read import read_radiograph
from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, Pose, known_transform, render
from ptx_followup.radiograph import Radiograph
from ptx_followup.registration import Transform, pixel_grids, resample, resample_labels
from ptx_followup.registration_fit import Affine, FloatImage, fit_affine
from ptx_followup.registration_quality import label_dice
from ptx_followup.registration_stages import (
    Chest,
    fit_sides,
    fit_whole,
    lung_similarity,
    outlines,
    refine_bspline,
)

Recipe = Callable[[Chest, Chest], Transform]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Exam:
    """A radiograph, its hemithoraces (0/1/2) and its pneumothorax (an expert's, or the phantom's)."""

    radiograph: Radiograph
    lungs: NDArray[np.uint8]
    pneumothorax: Mask


@dataclass(frozen=True)
class Pair:
    """Two exams; `known` maps (row, column) of the prior to the follow-up where that is known."""

    group: str
    prior: Exam
    followup: Exam
    known: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None


@dataclass(frozen=True)
class Outcome:
    """Figures of one recipe on one pair; NaN where they do not apply."""

    dice: float
    distance: float
    error_mm: NDArray[np.float64]
    seconds: float


def similarity(prior: Chest, followup: Chest) -> Transform:
    """Moments only: the last fall-back."""
    return _transform(prior, followup, lung_similarity(prior, followup))


def outlines_alone(prior: Chest, followup: Chest) -> Transform:
    """Gauss-Newton on the outlines of each side."""
    start = lung_similarity(prior, followup)
    return _transform(
        prior, followup, fit_affine(outlines(prior, followup), prior.grid, followup.grid, start)
    )


def whole(prior: Chest, followup: Chest) -> Transform:
    """Gauss-Newton on outlines and contrast: one affine map."""
    return _transform(prior, followup, fit_whole(prior, followup, lung_similarity(prior, followup)))


def sides(prior: Chest, followup: Chest) -> Transform:
    """The same, then each side by its own outline: what `register` does."""
    matrix = fit_whole(prior, followup, lung_similarity(prior, followup))
    return _transform(prior, followup, matrix, fit_sides(prior, followup, matrix))


def bspline(prior: Chest, followup: Chest) -> Transform:
    """The same, then the bounded B-spline: what `register(..., bspline=True)` does."""
    matrix = fit_whole(prior, followup, lung_similarity(prior, followup))
    residual = fit_sides(prior, followup, matrix)
    return _transform(prior, followup, matrix, refine_bspline(prior, followup, matrix, residual))


RECIPES: dict[str, Recipe] = {
    "moments (similarity)": similarity,
    "SimpleITK, outlines": toolkit_outlines,
    "SimpleITK, outlines, correlation": toolkit_correlation,
    "SimpleITK, outlines, mutual information": toolkit_information,
    "SimpleITK, outlines, sides": toolkit_sides,
    "outlines": outlines_alone,
    "outlines and contrast": whole,
    "outlines and contrast, sides (default)": sides,
    "the same and B-spline": bspline,
}


def _transform(
    prior: Chest, followup: Chest, matrix: Affine, residual: FloatImage | None = None
) -> Transform:
    return Transform(followup.pixels, prior.pixels, matrix, followup.grid, residual)


def real_pairs(data: Path, split: str, every: int) -> Iterator[Pair]:
    """Neighbouring exams of one patient with a pneumothorax on the prior."""
    finder = LungFinder()
    known: dict[str, Anatomy] = {}
    with (data / "cxr" / "pairs.csv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["gap"] == "1" and row["prior_ptx"] == "1" and split in ("all", row["split"])
        ]
    for row in rows[::every]:
        exams = []
        for name in (row["prior"], row["followup"]):
            radiograph = read_radiograph(data / "cxr" / "images" / f"{name}.jpg")
            if name not in known:
                known[name] = finder.find_anatomy(radiograph.pixels)
            mask = np.zeros(radiograph.pixels.shape, np.uint8)
            file_of_mask = data / "cxr" / "masks" / f"{name}.png"
            if file_of_mask.exists():
                mask[:] = cv2.imread(str(file_of_mask), cv2.IMREAD_GRAYSCALE)
            exams.append(Exam(radiograph, known[name].hemithoraces, mask > 0))
        yield Pair(f"{row['prior_view']}-{row['followup_view']}", exams[0], exams[1])


def phantom_pairs(count: int) -> Iterator[Pair]:
    """Phantoms in two poses: turned, scaled, shifted, another breath, exposure and pneumothorax."""
    for seed in range(count):
        random = np.random.default_rng(seed)
        patient = PhantomPatient(seed, "MF"[seed % 2], float(random.uniform(-0.6, 0.6)))  # type: ignore[arg-type]
        pose = Pose(
            rotation_deg=float(random.uniform(-15, 15)),
            scale=float(random.uniform(0.85, 1.15)),
            shift_mm=(float(random.uniform(-40, 40)), float(random.uniform(-40, 40))),
            breath=float(random.uniform(0.8, 1.05)),
            exposure=float(random.uniform(-1, 1)),
            view="AP" if random.random() < 0.4 else "PA",
        )
        films = []
        for number, where in enumerate((Pose(), pose)):
            percent = float(random.uniform(0, 60))
            air = [PhantomPneumothorax("right", ("apical", "lateral"), percent)] if percent > 2 else []
            films.append(render(patient, where, air, rows=512, columns=512, seed=number))
        exams = [
            Exam(Radiograph(film.pixels, film.spacing_mm, "calibrated"), film.lungs, film.pneumothorax_mask)
            for film in films
        ]
        yield Pair("phantom", exams[0], exams[1], known_transform(films[0], films[1]))


def judge(recipe: Recipe, pair: Pair) -> Outcome:
    """Run a recipe on a pair."""
    _, grids = pixel_grids(pair.prior.radiograph, pair.followup.radiograph)
    exams = zip((pair.prior, pair.followup), grids, strict=True)
    chests = [Chest.of(exam.radiograph.pixels, exam.lungs, exam.pneumothorax, grid) for exam, grid in exams]
    started = time.perf_counter()
    transform = recipe(*chests)
    seconds = time.perf_counter() - started
    moved = resample(pair.prior.pneumothorax.astype(np.float32), transform) >= 0.5
    return Outcome(
        label_dice(resample_labels(pair.prior.lungs, transform), pair.followup.lungs),
        distance(moved, pair.followup.pneumothorax),
        target_error_mm(transform, pair),
        seconds,
    )


def target_error_mm(transform: Transform, pair: Pair) -> NDArray[np.float64]:
    """Distance in the prior between points of the chest and where the transform finds them."""
    if pair.known is None:
        return np.array([])
    points = np.argwhere(pair.prior.lungs > 0)[::97].astype(float)
    followup = pair.known(points)
    seen = ((followup >= 0) & (followup < pair.followup.lungs.shape)).all(axis=1)
    error = np.linalg.norm(transform.to_prior(followup[seen]) - points[seen], axis=1)
    return np.asarray(error * transform.prior.spacing[0])


def distance(first: Mask, second: Mask) -> float:
    """Mean distance in pixels from each mask's pixels to the other mask, both ways; NaN if one is empty."""
    if not (first.any() and second.any()):
        return float("nan")
    away = [
        cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for mask in (first, second)
    ]
    return float((away[0][second].mean() + away[1][first].mean()) / 2)


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--split", default="val", help="train, val or all")
    parser.add_argument("--every", type=int, default=1, help="take every n-th pair")
    parser.add_argument("--phantoms", type=int, default=0)
    parser.add_argument("--recipe", action="append", choices=RECIPES, help="only this one; repeatable")
    options = parser.parse_args()
    pairs = real_pairs(options.data, options.split, options.every) if options.data else iter(())
    before: list[tuple[str, float, float]] = []
    outcomes: defaultdict[str, list[Outcome]] = defaultdict(list)
    for pair in (*pairs, *phantom_pairs(options.phantoms)):
        if len(np.unique(pair.prior.lungs)) < 3 or len(np.unique(pair.followup.lungs)) < 3:
            print("left out: a hemithorax is missing")
            continue
        apart = distance(pair.prior.pneumothorax, pair.followup.pneumothorax)
        before.append((pair.group, label_dice(pair.prior.lungs, pair.followup.lungs), apart))
        for name in options.recipe or RECIPES:
            outcomes[name].append(judge(RECIPES[name], pair))
    print_table(before, outcomes)


def print_table(before: list[tuple[str, float, float]], outcomes: dict[str, list[Outcome]]) -> None:
    """One row a recipe; distances over the pairs with a pneumothorax on both films."""
    groups = np.array([group for group, _, _ in before])
    dice_before, apart_before = np.array([row[1:] for row in before]).T
    print(f"{len(before)} pairs, unregistered: lung Dice {np.median(dice_before):.3f} (median)")
    views = sorted(set(groups))
    head = ["recipe", "lung Dice", "10th percentile", *views, "better", "mean distance", "median distance"]
    head += ["nearer", "target error mm (median; 95 %)", "s"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for name, rows in outcomes.items():
        dice = np.array([row.dice for row in rows])
        apart = np.array([row.distance for row in rows])
        both = ~np.isnan(apart) & ~np.isnan(apart_before)
        cells = [name, f"{np.median(dice):.3f}", f"{np.quantile(dice, 0.1):.3f}"]
        cells += [f"{np.median(dice[groups == view]):.3f}" for view in views]
        cells.append(f"{np.mean(dice > dice_before):.1%}")
        if both.any():
            means, medians = (
                1 - summary(apart[both]) / summary(apart_before[both]) for summary in (np.mean, np.median)
            )
            cells += [f"-{means:.0%}", f"-{medians:.0%}", f"{np.mean(apart[both] < apart_before[both]):.1%}"]
        else:
            cells += ["", "", ""]
        errors = np.concatenate([row.error_mm for row in rows])
        cells.append(f"{np.median(errors):.2f}; {np.quantile(errors, 0.95):.2f}" if len(errors) else "")
        cells.append(f"{np.mean([row.seconds for row in rows]):.2f}")
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
