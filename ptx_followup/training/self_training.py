"""A data set of hemithoraces from one of lungs and one of pneumothoraces.

Lung data sets show few pneumothoraces, and a model trained on them alone loses the deep sulcus and the
clipped apex. Here a first model (the teacher) outlines the radiographs of a pneumothorax data set, the
expert's pneumothorax is added to what it finds, the union is smoothed, and training goes on with both sets.
Only the "train" part of the pneumothorax data set is read.

    python -m ptx_followup.training.self_training LUNGS PNEUMOTHORACES OUT --teacher MODEL
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithoraces import LEFT, RIGHT, Anatomy, LungFinder
from ptx_followup.data.convert import write_index, write_png
from ptx_followup.data.dataset import DataSet
from ptx_followup.data.layout import open_data_set
from ptx_followup.training.run import parts

#: Radius of the closing that joins the pneumothorax to the lung, as a fraction of the image's longer side.
CLOSING = 0.045
#: Expert masks are drawn roughly: what lies further than this from the teacher's hemithorax (its convex hull
#: taken) is not chest. Fraction of the longer side.
REACH = 0.06
#: The air reaches the chest wall, but experts draw it a little inside: their masks are grown by this part of
#: the longer side (1.5 mm on a film of 43 cm), so that the wall itself is learnt.
MARGIN = 0.0035
#: Films without a pneumothorax teach only what the teacher knows already: every third is enough.
NEGATIVES = 3
#: Hemithoraces that the teacher is less sure of are left out, as are films whose sides differ in area by
#: more than this ratio: there the teacher has mostly lost an opaque lung.
LEAST_QUALITY, LARGEST_RATIO = 0.9, 1.7


@dataclass(frozen=True)
class Labelled:
    """A radiograph (float32, H x W, 0..1) and its hemithoraces (uint8, H x W, 0/1/2) for the new data set."""

    id: str
    part: str
    pixels: NDArray[np.float32]
    labels: NDArray[np.uint8]


def hemithoraces_with(pneumothorax: NDArray[np.bool_], anatomy: Anatomy) -> NDArray[np.uint8] | None:
    """Unite the expert's pneumothorax with the hemithoraces found.

    Args:
        pneumothorax: bool, H x W; may be empty.
        anatomy: What the teacher found on the same grid.

    Returns:
        uint8, H x W, 0/1/2; None where the teacher cannot be trusted.
    """
    sides = [anatomy.hemithoraces == label for label in (RIGHT, LEFT)]
    areas = sorted(np.count_nonzero(side) for side in sides)
    if anatomy.quality < LEAST_QUALITY or areas[0] * LARGEST_RATIO < areas[1]:
        return None
    size = max(pneumothorax.shape)
    air = _distance(pneumothorax) <= MARGIN * size if pneumothorax.any() else pneumothorax
    distances = [_distance(side) for side in sides]
    labels = np.zeros(pneumothorax.shape, np.uint8)
    for label, side, own, other in zip((RIGHT, LEFT), sides, distances, distances[::-1], strict=True):
        near = _distance(_hull(side)) <= REACH * size
        grown = _closed(side | (air & near & (own < other)))
        labels[grown & (labels == 0) & (own < other)] = label
    return labels


def labelled(lungs: DataSet, pneumothoraces: DataSet, teacher: LungFinder) -> Iterator[Labelled]:
    """The cases of the new data set: all of `lungs`, and the usable "train" cases of `pneumothoraces`."""
    training, validation = parts(lungs)
    for part, cases in (("train", training), ("validation", validation)):
        for case in cases:
            radiograph = lungs.load_image(case)
            yield Labelled(case.id, part, radiograph.pixels, lungs.load_lungs(case, radiograph))
    training = [case for case in pneumothoraces if case.part == "train"]
    negatives = [case for case in training if not case.positive]
    for case in (*(case for case in training if case.positive), *negatives[::NEGATIVES]):
        radiograph = pneumothoraces.load_image(case)
        anatomy = teacher.find_anatomy(radiograph.pixels)
        labels = hemithoraces_with(pneumothoraces.load_mask(case, radiograph), anatomy)
        if labels is not None:
            yield Labelled(case.id, "train", radiograph.pixels, labels)


def write(cases: Iterator[Labelled], out: Path) -> int:
    """Write the cases as a plain folder data set with lung labels; return their number."""
    for folder in ("images", "masks"):
        (out / folder).mkdir(parents=True)
    rows = []
    for case in cases:
        write_png(out / "images" / f"{case.id}.png", (case.pixels * 255 + 0.5).astype(np.uint8))
        write_png(out / "masks" / f"{case.id}.png", case.labels)
        rows.append({"id": case.id, "split": case.part})
    write_index(out / "index.csv", rows)
    return len(rows)


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance of every pixel to the mask, in pixels."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE))


def _hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    points = np.argwhere(mask)[:, ::-1].astype(np.int32)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.astype(bool)


def _closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Morphological closing by a disc; the border of the image does not attract it."""
    radius = round(CLOSING * max(mask.shape))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    padded = np.pad(mask.astype(np.uint8), radius)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)
    return np.asarray(closed[radius:-radius, radius:-radius] > 0)


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description="Make a data set of hemithoraces (see the module).")
    parser.add_argument("lungs", type=Path)
    parser.add_argument("pneumothoraces", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--teacher", default="lungs")
    options = parser.parse_args()
    sets = (open_data_set(options.lungs), open_data_set(options.pneumothoraces))
    write(labelled(*sets, LungFinder(options.teacher)), options.out)


if __name__ == "__main__":
    main()
