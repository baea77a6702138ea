"""The tables of docs/registration.md: recipes of registration over real and over simulated pairs.

    python benchmarks/registration_recipes.py real DATA WORK --split val
    python benchmarks/registration_recipes.py real DATA WORK --split train
    python benchmarks/registration_recipes.py phantoms WORK
    python benchmarks/registration_recipes.py tables WORK

DATA is the folder of docs/real-data.md (its `cxr`, with pairs.csv). Of films that an expert read all
neighbouring exams of the validation part are taken, and 300 pairs of the training part by chance, always
the same; of one patient twelve at most. WORK keeps the hemithoraces and what has been measured, so that a
run goes on where it was. "lung Dice" is of the hemithoraces that drove the maps; the distance between the
expert masks is independent of them. On phantoms the map is known.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np
from contrast_recipes import Contrast, fit_contrast
from numpy.typing import NDArray
from registration_tables import Figures, Outcome, print_tables, read_outcomes

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.data.pairs import at_most, read_pairs
from ptx_followup.measurement.sizes import measure
from ptx_followup.phantom import (
    PhantomPatient,
    PhantomPneumothorax,
    PhantomRadiograph,
    Pose,
    known_transform,
    render,
)
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.registration.grid import Affine, FloatImage
from ptx_followup.registration.quality import label_dice
from ptx_followup.registration.register import (
    Registration,
    Transform,
    pixel_grids,
    register,
    resample,
    resample_labels,
)
from ptx_followup.registration.stages import (
    Chest,
    fit_sides,
    fit_whole,
    lung_similarity,
    refine_bspline,
)
from ptx_followup.sides import LUNG_LABEL

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint8]

TRAINING_PAIRS = 300
PHANTOM_PX = 512


@dataclass(frozen=True, eq=False)
class Exam:
    """A radiograph, its hemithoraces (0/1/2) and its pneumothorax (an expert's, or the phantom's)."""

    radiograph: Radiograph
    lungs: Labels
    pneumothorax: Mask


@dataclass(frozen=True, eq=False)
class Pair:
    """Two exams; `known` maps (row, column) of the prior to the follow-up where that is known."""

    name: str
    part: str
    views: str
    prior: Exam
    followup: Exam
    known: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    change_error: float | None = None

    @cached_property
    def chests(self) -> tuple[Chest, Chest]:
        """Both, made ready for fitting."""
        _, grids = pixel_grids(self.prior.radiograph, self.followup.radiograph)
        return Chest.of(self.prior.lungs, grids[0]), Chest.of(self.followup.lungs, grids[1])

    @cached_property
    def found(self) -> Registration:
        """What `ptx compare` makes of them."""
        return register(
            self.prior.radiograph, self.followup.radiograph, self.prior.lungs, self.followup.lungs
        )

    @cached_property
    def sides(self) -> Transform:
        """An affine map and what each side adds to it: what `register` does, unless its gates refuse it."""
        if self.found.method == "affine" and self.found.transform is not None:
            return self.found.transform
        matrix = fit_whole(*self.chests, lung_similarity(*self.chests))
        return self.transform(matrix, fit_sides(*self.chests, matrix))

    def contrasted(self, metric: str) -> Affine:
        """The affine map, refined by grey values."""
        exams = zip((self.prior, self.followup), self.chests, strict=True)
        films = [Contrast.of(one.radiograph.pixels, one.pneumothorax, chest) for one, chest in exams]
        return fit_contrast(films[0], films[1], self.sides.matrix, metric)

    def transform(self, matrix: Affine, residual: FloatImage | None = None) -> Transform:
        """A map as `register` makes it."""
        prior, followup = self.chests
        return Transform(followup.pixels, prior.pixels, matrix, followup.grid, residual)


def bspline(pair: Pair) -> Transform:
    """Sides, then the bounded B-spline: what `register(..., bspline=True)` does."""
    matrix, residual = pair.sides.matrix, np.asarray(pair.sides.residual)
    return pair.transform(matrix, refine_bspline(*pair.chests, matrix, residual))


RECIPES: dict[str, Callable[[Pair], Transform]] = {
    "moments": lambda pair: pair.transform(lung_similarity(*pair.chests)),
    "affine": lambda pair: pair.transform(pair.sides.matrix),
    "affine, correlation": lambda pair: pair.transform(pair.contrasted("correlation")),
    "affine, mutual information": lambda pair: pair.transform(pair.contrasted("information")),
    "affine, sides (default)": lambda pair: pair.sides,
    "affine, sides, B-spline": bspline,
}


def real_pairs(data: Path, split: str, kept: Path) -> Iterator[Pair]:
    """Pairs of one part of the data, of any finding."""
    listed = read_pairs(data / "cxr" / "pairs.csv")
    sure = [pair for pair in listed if pair.split == split and pair.for_figures]
    pairs = at_most(pair for pair in sure if split == "train" or pair.gap == 1)
    if split == "train":
        chosen = np.random.default_rng(0).permutation(len(pairs))[:TRAINING_PAIRS]
        pairs = [pairs[place] for place in sorted(chosen)]
    for pair in pairs:
        prior, followup = (real_exam(data / "cxr", name, kept) for name in (pair.prior, pair.followup))
        yield Pair(f"{pair.prior} {pair.followup}", split, "-".join(pair.views), prior, followup)


def real_exam(folder: Path, name: str, kept: Path) -> Exam:
    """One film, with hemithoraces found now or before."""
    radiograph = read_radiograph(folder / "images" / f"{name}.jpg")
    labels = kept / f"{name}.png"
    if not labels.exists():
        cv2.imwrite(str(labels), finder().find_anatomy(radiograph.pixels).hemithoraces)
    pneumothorax = np.zeros(radiograph.pixels.shape, bool)
    mask = folder / "masks" / f"{name}.png"
    if mask.exists():
        pneumothorax |= np.asarray(cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE)) > 0
    return Exam(radiograph, np.asarray(cv2.imread(str(labels), cv2.IMREAD_GRAYSCALE), np.uint8), pneumothorax)


@cache
def finder() -> LungFinder:
    """The lung model on board."""
    return LungFinder()


def phantom_pairs(count: int) -> Iterator[Pair]:
    """Phantoms in two poses, once with their own hemithoraces and once with those that a network finds.

    The follow-up is turned, scaled, shifted, of another breath, exposure and pneumothorax.
    """
    for seed in range(count):
        films = phantom_films(seed)
        known = known_transform(*films)
        for part in ("phantoms, own outlines", "phantoms, found outlines"):
            own = part == "phantoms, own outlines"
            exams = [
                Exam(
                    Radiograph(film.pixels, film.spacing_mm, "calibrated"),
                    film.lungs if own else finder().find_anatomy(film.pixels).hemithoraces,
                    film.pneumothorax_mask,
                )
                for film in films
            ]
            masks = [film.pneumothorax_mask for film in films]
            error = percent_change(masks, [exam.lungs for exam in exams]) - percent_change(
                masks, [film.lungs for film in films]
            )
            yield Pair(f"phantom {seed}", part, "", exams[0], exams[1], known, error)


def phantom_films(seed: int) -> tuple[PhantomRadiograph, PhantomRadiograph]:
    """Two films of one phantom patient."""
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
        size = float(random.uniform(0, 60))
        air = [PhantomPneumothorax("right", ("apical", "lateral"), size)] if size > 2 else []
        films.append(render(patient, where, air, rows=PHANTOM_PX, columns=PHANTOM_PX, seed=number))
    return films[0], films[1]


def percent_change(masks: list[Mask], lungs: list[Labels]) -> float:
    """Change of the right pneumothorax in points of its hemithorax; NaN where that was not found."""
    sizes = [
        measure(mask, labels, None).hemithorax_percent for mask, labels in zip(masks, lungs, strict=True)
    ]
    right = [float("nan") if size is None else size.right for size in sizes]
    return right[1] - right[0]


def judge(pair: Pair, recipes: list[str]) -> Outcome:
    """Figures of the unregistered pair, of what `ptx compare` makes of it, and of each recipe."""
    started = time.perf_counter()
    found = pair.found
    seconds = time.perf_counter() - started
    figures = {}
    if found.transform is not None:
        for name in recipes:
            transform = RECIPES[name](pair)
            moved = resample(pair.prior.pneumothorax.astype(np.float32), transform) >= 0.5
            figures[name] = Figures(
                label_dice(resample_labels(pair.prior.lungs, transform), pair.followup.lungs),
                distance(moved, pair.followup.pneumothorax),
                target_error_mm(transform, pair),
            )
    return Outcome(
        pair.name,
        pair.part,
        pair.views,
        found.accepted,
        found.reason,
        seconds,
        same_side(pair),
        label_dice(pair.prior.lungs, pair.followup.lungs),
        distance(pair.prior.pneumothorax, pair.followup.pneumothorax),
        pair.change_error,
        figures,
    )


def target_error_mm(transform: Transform, pair: Pair) -> list[float]:
    """Distance in the prior between points of the chest and where the transform finds them."""
    if pair.known is None:
        return []
    points = np.argwhere(pair.prior.lungs > 0)[::97].astype(float)
    followup = pair.known(points)
    seen = ((followup >= 0) & (followup < pair.followup.lungs.shape)).all(axis=1)
    error = np.linalg.norm(transform.to_prior(followup[seen]) - points[seen], axis=1)
    return [round(float(one), 2) for one in error * transform.prior.spacing[0]]


def distance(first: Mask, second: Mask) -> float | None:
    """Mean distance in pixels from each mask's pixels to the other mask, both ways; None if one is empty."""
    if not (first.any() and second.any()):
        return None
    away = [
        cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for mask in (first, second)
    ]
    return float((away[0][second].mean() + away[1][first].mean()) / 2)


def same_side(pair: Pair) -> bool:
    """Some side holds at least a tenth of the pneumothorax on both films."""
    sides = []
    for exam in (pair.prior, pair.followup):
        areas = np.array(
            [np.count_nonzero(exam.pneumothorax & (exam.lungs == one)) for one in LUNG_LABEL.values()]
        )
        sides.append(areas > 0.1 * areas.sum())
    return bool((sides[0] & sides[1]).any())


def main() -> None:
    """Measure, or print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    real = commands.add_parser("real")
    real.add_argument("data", type=Path)
    phantoms = commands.add_parser("phantoms")
    for command in (real, phantoms, commands.add_parser("tables")):
        command.add_argument("work", type=Path)
    for command in (real, phantoms):
        command.add_argument("--recipe", action="append", choices=RECIPES, help="only this one; repeatable")
    real.add_argument("--split", default="val", choices=("val", "train"))
    phantoms.add_argument("--count", type=int, default=30)
    options = parser.parse_args()
    table = options.work / "outcomes.jsonl"
    known = read_outcomes(table) if table.exists() else []
    if options.command == "tables":
        print_tables(known)
        return
    kept = options.work / "hemithoraces"
    kept.mkdir(parents=True, exist_ok=True)
    done = {(one.part, one.name) for one in known}
    pairs = (
        real_pairs(options.data, options.split, kept)
        if options.command == "real"
        else phantom_pairs(options.count)
    )
    with table.open("a", encoding="utf-8") as file:
        for pair in pairs:
            if (pair.part, pair.name) not in done:
                file.write(json.dumps(asdict(judge(pair, options.recipe or list(RECIPES)))) + "\n")
                file.flush()


if __name__ == "__main__":
    main()
