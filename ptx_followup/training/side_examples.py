"""From a data set to films for training on one hemithorax at a time: decoded once, held in memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithorax_view import boxes
from ptx_followup.data.convert import reduce_labels
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.network.preprocessing import resized
from ptx_followup.report.description import describe
from ptx_followup.sides import LUNG_LABEL, both_found, split_by_side
from ptx_followup.training.augment import unit
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.examples import FindLungs
from ptx_followup.training.sides import Film, Reading

Grey = NDArray[np.uint8]

#: Of a mask that is the union of readings which nothing tells apart: it is too large, but in the right place.
UNION_WEIGHT = 0.7


def films(data: DataSet, cases: Iterable[Case], config: TrainingConfig, find_lungs: FindLungs) -> list[Film]:
    """Films with their boxes and readings.

    Args:
        data: The data set.
        cases: Those of it that become films.
        config: For the size that they are held at.
        find_lungs: Finds the hemithoraces.
    """
    return [_film(data, case, config, find_lungs) for case in cases]


def _film(data: DataSet, case: Case, config: TrainingConfig, find_lungs: FindLungs) -> Film:
    radiograph = data.load_image(case)
    image = _held(radiograph.pixels, config.film_size)
    hemithoraces = find_lungs(unit(image))
    readings = tuple(_reading(mask, hemithoraces) for mask in data.load_readings(case, radiograph))
    union = case.united and len(readings) == 1
    return Film(image, boxes(hemithoraces), readings, case.weight * (UNION_WEIGHT if union else 1.0))


def _held(pixels: NDArray[np.float32], longest: int) -> Grey:
    """A radiograph (0..1) as 8-bit grey, reduced where its longest side is longer than that."""
    factor = longest / max(pixels.shape)
    if factor < 1:
        rows, columns = (max(1, round(length * factor)) for length in pixels.shape)
        pixels = resized(pixels, (rows, columns))
    return (pixels * 255 + 0.5).astype(np.uint8)


def _reading(mask: NDArray[np.bool_], hemithoraces: Grey) -> Reading:
    shape = (hemithoraces.shape[0], hemithoraces.shape[1])
    reduced = mask if mask.shape == shape else reduce_labels(mask.astype(np.uint8), shape) > 0
    lungs = hemithoraces if both_found(hemithoraces) else None
    label = np.zeros(shape, np.uint8)
    if not reduced.any():
        return Reading(label, {})
    for side, part in split_by_side(reduced, lungs).items():
        label[part] = LUNG_LABEL[side]
    return Reading(label, {one.side: one for one in describe(reduced, lungs)})
