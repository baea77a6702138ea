"""What the presentation states of a result show: a layer for each kind of mark, and the figures as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup import colours
from ptx_followup.dicom_objects.presentation import Layer, Mark, outline_marks, write_presentation
from ptx_followup.dicom_objects.segments import Algorithm
from ptx_followup.results.words import size_in_words
from ptx_followup.sides import LUNG_LABEL, SIDES, Side, split_by_side

if TYPE_CHECKING:
    from ptx_followup.dicom_objects.tracking import Tracking
    from ptx_followup.measurement.distances import DistanceMeasurement
    from ptx_followup.segmentation.result import Segmentation

    Trackings = Mapping[Side, Tracking]

SERIES_NUMBER = 9107


def write_outlines(
    path: Path,
    result: Segmentation,
    tracking: Trackings,
    *,
    texts: Sequence[str] = (),
    distances: DistanceMeasurement | None = None,
    projected: NDArray[np.bool_] | None = None,
    series_number: int = SERIES_NUMBER,
) -> None:
    """Write the presentation state of one exam; nothing where its radiograph is not DICOM.

    Args:
        path: File to write.
        result: The exam.
        tracking: Of both sides.
        texts: Besides the size of the mask that is outlined.
        distances: Of that mask.
        projected: bool, H x W of the radiograph's `pixels`: the mask of an earlier exam brought here.
        series_number: Results of one run should differ in it.
    """
    source = result.radiograph.path
    if result.radiograph.identity is None or source is None:
        return
    layers = [
        Layer("HEMITHORACES", "Hemithoraces, which percentages rest on", colours.LUNG, _hemithoraces(result)),
        Layer(
            "PRIOR",
            "Pneumothorax of the prior exam, brought onto this one",
            colours.PROJECTED,
            () if projected is None else _sides(result, projected, tracking),
        ),
        Layer(
            "PNEUMOTHORAX",
            "Pneumothorax as segmented",
            colours.PNEUMOTHORAX,
            _sides(result, result.standard_mask, tracking),
        ),
        Layer("MEASURES", "Distances between lung and wall", colours.TEXT, _measured(result, distances)),
        Layer("TEXT", "Sizes in words", colours.TEXT, texts=(size_in_words(result), *texts)),
    ]
    model = result.model
    equipment = Algorithm(model.name, model.version, model.sha256).equipment
    write_presentation(path, source, result.radiograph, layers, equipment, series_number=series_number)


def _hemithoraces(result: Segmentation) -> tuple[Mark, ...]:
    stored = result.radiograph.to_stored(result.hemithoraces)
    return tuple(mark for side in SIDES for mark in outline_marks(stored == LUNG_LABEL[side]))


def _sides(result: Segmentation, mask: NDArray[np.bool_], tracking: Trackings) -> tuple[Mark, ...]:
    sides = split_by_side(mask, result.usable_hemithoraces)
    return tuple(
        mark
        for side, part in sides.items()
        for mark in outline_marks(result.radiograph.to_stored(part), tracking[side])
    )


def _measured(result: Segmentation, distances: DistanceMeasurement | None) -> tuple[Mark, ...]:
    sides = {} if distances is None else distances.sides
    ends = [
        [result.radiograph.to_stored_point(*point) for point in (line.start, line.end)]
        for one in sides.values()
        for line in (one.apex, one.hilum, one.upper, one.lower)
    ]
    return tuple(Mark(np.asarray(line, np.float32)[:, ::-1] + np.float32(0.5)) for line in ends)
