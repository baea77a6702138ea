"""The output folder of a comparison: masks, panel, DICOM SEG and result.json, which comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom.seg import Algorithm, Segment, Tracking, write_segmentation
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.panel import draw_panel
from ptx_followup.followup import Exam, FollowUp
from ptx_followup.report.description import split_by_side
from ptx_followup.report.terms import Side
from ptx_followup.results import RESULT, all_or_none, write_document, write_mask

Mask = NDArray[np.bool_]

PANEL = "panel.png"
PRIOR_MASK, FOLLOWUP_MASK, PROJECTED_MASK = "prior_mask.png", "followup_mask.png", "projected_mask.png"
PRIOR_SEG, FOLLOWUP_SEG, PROJECTED_SEG = "prior.seg.dcm", "followup.seg.dcm", "projected.seg.dcm"
_ALL = (RESULT, PANEL, PRIOR_MASK, FOLLOWUP_MASK, PROJECTED_MASK, PRIOR_SEG, FOLLOWUP_SEG, PROJECTED_SEG)


@dataclass(frozen=True)
class _Series:
    """How a series of segmentations is named: each segment after its side, and the series."""

    label: str
    description: str
    number: int


_SHOWN = _Series("pneumothorax", "Pneumothorax segmentation", 9101)
_BROUGHT = _Series("pneumothorax on the prior exam", "Pneumothorax of the prior exam", 9102)


def write_comparison_results(result: FollowUp, out: Path) -> dict[str, Any]:
    """Write masks, panel, DICOM SEG objects (of DICOM input) and result.json, or none of them.

    Args:
        result: What `compare` returned.
        out: An existing folder; results of an earlier run in it are removed first.

    Returns:
        The result object as written, with `outputs` relative to `out`; null for what does not exist.

    Raises:
        UsageError: A file cannot be written.
    """
    with all_or_none(out, _ALL):
        write_overlay(out / PANEL, draw_panel(result))
        write_mask(out / PRIOR_MASK, result.prior.segmentation.mask)
        write_mask(out / FOLLOWUP_MASK, result.followup.segmentation.mask)
        if result.projected_mask is not None:
            write_mask(out / PROJECTED_MASK, result.projected_mask)
        outputs = {
            "panel": PANEL,
            "prior_mask": PRIOR_MASK,
            "followup_mask": FOLLOWUP_MASK,
            "projected_mask": None if result.projected_mask is None else PROJECTED_MASK,
            **_write_dicom(result, out),
            "result": RESULT,
        }
        document = result.to_json() | {"outputs": outputs}
        write_document(out / RESULT, document)
    return document


def _write_dicom(result: FollowUp, out: Path) -> dict[str, str | None]:
    """Write the objects of both masks and of the projection; the follow-up continues the prior's tracking."""
    prior, followup = result.prior, result.followup
    projected = np.zeros_like(followup.mask) if result.projected is None else result.projected
    tracking = _write_seg(out / PRIOR_SEG, prior, prior.mask, _SHOWN)
    _write_seg(out / FOLLOWUP_SEG, followup, followup.mask, _SHOWN, tracking)
    _write_seg(out / PROJECTED_SEG, followup, projected, _BROUGHT, tracking)
    names = {
        "prior_dicom_seg": PRIOR_SEG,
        "followup_dicom_seg": FOLLOWUP_SEG,
        "projected_dicom_seg": PROJECTED_SEG,
    }
    return {key: name if (out / name).exists() else None for key, name in names.items()}


def _write_seg(
    path: Path, exam: Exam, mask: Mask, series: _Series, tracking: Mapping[Side, Tracking] | None = None
) -> dict[Side, Tracking]:
    """Write one segment a side; return the tracking of each.

    Nothing is written for a source that is not DICOM, or an empty mask.
    """
    radiograph, segmentation = exam.radiograph, exam.segmentation
    if radiograph.identity is None or radiograph.path is None:
        return {}
    known = tracking or {}
    parts = {
        side: radiograph.to_stored(part)
        for side, part in split_by_side(mask, segmentation.usable_hemithoraces).items()
        if part.any()
    }
    segments = [
        Segment(part, f"{side.capitalize()} {series.label}", side=side, tracking=known.get(side))
        for side, part in parts.items()
    ]
    model = segmentation.model
    written = write_segmentation(
        path,
        radiograph.path,
        segments,
        Algorithm(model.name, model.version, model.sha256),
        description=series.description,
        series_number=series.number,
    )
    return {} if written is None else dict(zip(parts, written.tracking, strict=True))
