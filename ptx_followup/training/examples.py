"""From a data set to training examples: decoded once, held in memory at one size."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.report.description import describe
from ptx_followup.report.synthesis import Phrasing, synthesise
from ptx_followup.sides import LUNG_LABEL, both_found, split_by_side
from ptx_followup.training.augment import unit
from ptx_followup.training.batches import Example, FloatImage, prepare
from ptx_followup.training.telling import contradicts

#: Gives the lungs (uint8, 0/1 right/2 left) of a square radiograph, float32 0..1.
FindLungs = Callable[[FloatImage], NDArray[np.uint8]]


def lung_examples(data: DataSet, cases: Iterable[Case], size: int) -> list[Example]:
    """Examples whose label is the lungs."""
    examples = []
    for case in cases:
        radiograph = data.load_image(case)
        examples.append(prepare(radiograph.pixels, data.load_lungs(case, radiograph), size))
    return examples


@dataclass
class ReportCount:
    """How many examples have which report.

    Attributes:
        own: The data set's.
        contradicting: Left out, as they deny what the expert drew or state what the expert did not draw;
            one is written in the place of each, and stays.
        written: Written from the mask.
    """

    own: int = 0
    contradicting: int = 0
    written: int = 0

    def __str__(self) -> str:
        told = f"reports: {self.own} of the data set, {self.written} written from the masks"
        against = f" ({self.contradicting} in place of own ones that contradict the mask)"
        return told + against if self.contradicting else told


def pneumothorax_examples(
    data: DataSet,
    cases: Iterable[Case],
    size: int,
    find_lungs: FindLungs,
    reports: Literal["own", "synthesised"] = "own",
    phrasing: Phrasing = "train",
    count: ReportCount | None = None,
) -> list[Example]:
    """Examples whose label is the pneumothorax by side, with its report or what one can say of it.

    The lungs only place the pneumothorax in words: side, zone, and size as a share of the hemithorax.

    Args:
        data: The data set.
        cases: Those of it that become examples.
        size: Side of the square that they are held at, in pixels.
        find_lungs: Finds the lungs.
        reports: Whether the data set's own reports are used where it has them.
        phrasing: Of the reports written in the place of contradicting ones.
        count: Counts the reports.
    """
    count = count if count is not None else ReportCount()
    examples = []
    for case in cases:
        radiograph = data.load_image(case)
        mask = data.load_mask(case, radiograph)
        example = prepare(radiograph.pixels, mask.astype(np.uint8), size)
        if mask.any():
            example = _by_side(example, find_lungs)
        report = data.load_report(case) if reports == "own" else None
        contradicting = report is not None and contradicts(report, bool(mask.any()))
        count.contradicting += contradicting
        count.own += report is not None and not contradicting
        count.written += report is None or contradicting
        if contradicting:
            rng = np.random.default_rng(zlib.crc32(case.id.encode()))
            report = synthesise(example.descriptions, rng, phrasing=phrasing)
        examples.append(replace(example, report=report, weight=case.weight))
    return examples


def _by_side(example: Example, find_lungs: FindLungs) -> Example:
    lungs: NDArray[np.uint8] | None = find_lungs(unit(example.image))
    if lungs is not None and not both_found(lungs):
        lungs = None
    mask = example.label > 0
    label = np.zeros_like(example.label)
    for side, part in split_by_side(mask, lungs).items():
        label[part] = LUNG_LABEL[side]
    return replace(example, label=label, descriptions=describe(mask, lungs))
