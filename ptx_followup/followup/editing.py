"""An exam whose mask, or whose hemithoraces, a person has changed.

What does not rest on them stays as it was: the film, its report, what the network was told. The rest is
measured by the functions that measure a mask which is given to `compare`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.quality import doubt
from ptx_followup.followup.exam import Exam, warnings_of_given
from ptx_followup.masks.source import MaskSource
from ptx_followup.measurement.distances import DistanceMeasurement, measure_distances
from ptx_followup.measurement.sizes import measure
from ptx_followup.sides import SIDES

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint8]

_WHILE_DRAWING = DistanceMeasurement({}, dict.fromkeys(SIDES, "the mask is being drawn"))


def with_hemithoraces(exam: Exam, hemithoraces: Labels, source: MaskSource) -> Exam:
    """An exam with hemithoraces that a person outlined, which are trusted.

    Args:
        exam: As it was.
        hemithoraces: uint8, H x W of `radiograph.pixels`: 0 background, 1 the patient's right, 2 the left.
        source: Whose they are.
    """
    shown, spacing = exam.segmentation, exam.radiograph.trusted_spacing_mm
    looked_at = shown.measurement.looked_at
    measured = measure(shown.standard_mask, hemithoraces, spacing, looked_at)
    said = f"the hemithoraces were {source.in_words}"
    doubted = doubt(shown.anatomy_quality)
    changed = replace(
        shown,
        radiograph=replace(shown.radiograph, warnings=(*shown.radiograph.warnings, said)),
        hemithoraces=hemithoraces,
        anatomy_quality=1.0,
        measurement=measured,
        hemithorax_source=source,
        warnings=(said, *(one for one in shown.warnings if one not in doubted)),
    )
    matched = measure(exam.matched_mask, hemithoraces, spacing, exam.measurement.looked_at)
    return replace(exam, segmentation=changed, measurement=matched, distances=_WHILE_DRAWING)


def with_mask(exam: Exam, mask: Mask, source: MaskSource) -> Exam:
    """An exam with a person's mask, which is shown and measured; see `finished` for what takes long.

    Args:
        exam: As it was.
        mask: bool, H x W of `radiograph.pixels`.
        source: Whose mask it is.
    """
    shown = exam.segmentation
    measured = measure(mask, shown.hemithoraces, exam.radiograph.trusted_spacing_mm)
    drawn = replace(
        shown,
        told=None,
        told_by_side=None,
        standard_mask=mask,
        measurement=measured,
        concordance=(),
        mask_source=source,
    )
    drawn = replace(drawn, warnings=warnings_of_given(drawn))
    return Exam(drawn, mask, measured, _WHILE_DRAWING)


def finished(exam: Exam) -> Exam:
    """The same exam with what is left out while a person draws: distances, and where the mask is probable."""
    shown = exam.segmentation
    if shown.mask_source.kind != "network":
        shown = replace(shown, standard_probability=shown.standard_mask.astype(np.float32))
    distances = measure_distances(shown.radiograph, shown.standard_mask, shown.usable_hemithoraces)
    return replace(exam, segmentation=shown, distances=distances)
