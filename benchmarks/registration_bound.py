"""How near the experts' masks could be brought: what is left when the best small shift is known.

    python benchmarks/registration_bound.py DATA WORK [--split val] [--pairs 100]

Each expert mask of a prior is laid on the follow-up as `ptx compare` does, then shifted by up to 5, 10 and
20 mm to wherever it lies nearest to the follow-up's expert mask. No registration can know that shift: what is
left after it is no error of registration, but a pneumothorax that has moved or changed its shape. DATA and
WORK are those of registration_recipes.py, whose pairs these are.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from registration_recipes import Mask, Pair, distance, real_pairs, same_side

from ptx_followup.registration.register import resample

REACHES_MM = (5, 10, 20)
#: Of the grid of shifts that are tried.
STEP_MM = 2.5


def least_distances(moved: Mask, expert: Mask, mm_per_px: float) -> list[float]:
    """Least `distance` in pixels over shifts of `moved` by at most each of `REACHES_MM`."""
    # Room for the largest shift, so that no mask leaves the picture.
    margin = round(max(REACHES_MM) / mm_per_px) + 1
    masks = [np.pad(one, margin) for one in (moved, expert)]
    away = [
        cv2.distanceTransform((~one).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for one in masks
    ]
    points = [np.argwhere(one) for one in masks]
    least = dict.fromkeys(REACHES_MM, float("inf"))
    steps = np.arange(-max(REACHES_MM), max(REACHES_MM) + STEP_MM, STEP_MM)
    for shift_mm in ((down, right) for down in steps for right in steps):
        shift = np.round(np.array(shift_mm) / mm_per_px).astype(int)
        found = (_mean_at(away[1], points[0] + shift) + _mean_at(away[0], points[1] - shift)) / 2
        for reach in REACHES_MM:
            if np.hypot(*shift_mm) <= reach:
                least[reach] = min(least[reach], found)
    return list(least.values())


def _mean_at(image: NDArray[np.float32], points: NDArray[np.int64]) -> float:
    rows, columns = np.clip(points, 0, np.array(image.shape) - 1).T
    return float(image[rows, columns].mean())


def figures(pair: Pair) -> list[float] | None:
    """Distance before, as registered, and at best; None without two masks or without a map."""
    before = distance(pair.prior.pneumothorax, pair.followup.pneumothorax)
    if before is None or pair.found.transform is None:
        return None
    moved = resample(pair.prior.pneumothorax.astype(np.float32), pair.found.transform) >= 0.5
    after = distance(moved, pair.followup.pneumothorax)
    if after is None:
        return None
    mm_per_px = pair.found.transform.followup.spacing[0]
    return [before, after, *least_distances(moved, pair.followup.pneumothorax, mm_per_px)]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--split", default="val", choices=("val", "train"))
    parser.add_argument("--pairs", type=int, help="so many at most, the first")
    options = parser.parse_args()
    kept = options.work / "hemithoraces"
    kept.mkdir(parents=True, exist_ok=True)
    pairs = islice(real_pairs(options.data, options.split, kept), options.pairs)
    measured = [(same_side(pair), found) for pair in pairs if (found := figures(pair)) is not None]
    print("| pairs | n | as registered: mean | nearer | shifted by 5 mm at most | 10 mm | 20 mm |")
    print("|---|---|---|---|---|---|---|")
    for name, some in (("all", measured), ("same side", [one for one in measured if one[0]])):
        values = np.array([found for _, found in some])
        change = [f"{one:+.0%}" for one in values[:, 1:].mean(axis=0) / values[:, 0].mean() - 1]
        nearer = f"{np.mean(values[:, 1] < values[:, 0]):.0%}"
        print(f"| {name} | {len(some)} | {change[0]} | {nearer} | {' | '.join(change[1:])} |")


if __name__ == "__main__":
    main()
