"""From a data set to training examples: decoded once, held in memory at one size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.report.description import LUNG_LABEL, describe, split_by_side
from ptx_followup.training.augment import unit
from ptx_followup.training.batches import Example, FloatImage, prepare

#: Gives the lungs (uint8, 0/1 right/2 left) of a square radiograph, float32 0..1.
FindLungs = Callable[[FloatImage], NDArray[np.uint8]]


def lung_examples(data: DataSet, cases: Iterable[Case], size: int) -> list[Example]:
    """Examples whose label is the lungs."""
    examples = []
    for case in cases:
        radiograph = data.load_image(case)
        examples.append(prepare(radiograph.pixels, data.load_lungs(case, radiograph), size))
    return examples


def pneumothorax_examples(
    data: DataSet, cases: Iterable[Case], size: int, find_lungs: FindLungs
) -> list[Example]:
    """Examples whose label is the pneumothorax by side, with what a report can say of it.

    The lungs only place the pneumothorax in words: side, zone, and size as a share of the hemithorax.
    """
    examples = []
    for case in cases:
        radiograph = data.load_image(case)
        mask = data.load_mask(case, radiograph)
        example = prepare(radiograph.pixels, mask.astype(np.uint8), size)
        examples.append(_by_side(example, find_lungs) if mask.any() else example)
    return examples


def _by_side(example: Example, find_lungs: FindLungs) -> Example:
    lungs: NDArray[np.uint8] | None = find_lungs(unit(example.image))
    if lungs is not None and not all(np.any(lungs == value) for value in LUNG_LABEL.values()):
        lungs = None
    mask = example.label > 0
    label = np.zeros_like(example.label)
    for side, part in split_by_side(mask, lungs).items():
        label[part] = LUNG_LABEL[side]
    return replace(example, label=label, descriptions=describe(mask, lungs))
