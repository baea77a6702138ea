"""The output folder of a comparison: masks, panel, DICOM SEG and result.json, which comes last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.deidentify import shown, stated
from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.panel import draw_panel
from ptx_followup.followup import FollowUp
from ptx_followup.output_folder import staged
from ptx_followup.results import (
    RESULT,
    Series,
    write_document,
    write_mask,
    write_side_segments,
)

PANEL = "panel.png"
PRIOR_MASK, FOLLOWUP_MASK, PROJECTED_MASK = "prior_mask.png", "followup_mask.png", "projected_mask.png"
PRIOR_SEG, FOLLOWUP_SEG, PROJECTED_SEG = "prior.seg.dcm", "followup.seg.dcm", "projected.seg.dcm"
#: What a run may leave in its folder; result.json says that it is complete.
FILES = (RESULT, PANEL, PRIOR_MASK, FOLLOWUP_MASK, PROJECTED_MASK, PRIOR_SEG, FOLLOWUP_SEG, PROJECTED_SEG)


_BROUGHT = Series("pneumothorax on the prior exam", "Pneumothorax of the prior exam", 9102)


def write_comparison_results(result: FollowUp, out: Path, *, deidentify: bool = False) -> dict[str, Any]:
    """Write masks, panel, DICOM SEG objects (of DICOM input) and result.json, or none of them.

    Args:
        result: What `compare` returned.
        out: An existing folder; results of an earlier run in it are replaced.
        deidentify: Write nothing that identifies the patient; see `docs/security.md`.

    Returns:
        The result object as written, with `outputs` relative to `out`; null for what does not exist.

    Raises:
        UsageError: A file cannot be written.
    """
    with deidentifying(deidentify), staged(out, FILES) as folder:
        result = shown(result)
        write_overlay(folder / PANEL, draw_panel(result))
        write_mask(folder / PRIOR_MASK, result.prior.segmentation.mask)
        write_mask(folder / FOLLOWUP_MASK, result.followup.segmentation.mask)
        if result.projected_mask is not None:
            write_mask(folder / PROJECTED_MASK, result.projected_mask)
        outputs = {
            "panel": PANEL,
            "prior_mask": PRIOR_MASK,
            "followup_mask": FOLLOWUP_MASK,
            "projected_mask": None if result.projected_mask is None else PROJECTED_MASK,
            **_write_dicom(result, folder),
            "result": RESULT,
        }
        document = stated(result.to_json() | {"outputs": outputs})
        write_document(folder / RESULT, document)
    return document


def _write_dicom(result: FollowUp, folder: Path) -> dict[str, str | None]:
    """Write the objects of both masks and of the projection; the follow-up continues the prior's tracking."""
    prior, followup = result.prior, result.followup
    projected = np.zeros_like(followup.mask) if result.projected is None else result.projected
    tracking = write_side_segments(folder / PRIOR_SEG, prior.segmentation, prior.mask)
    later = followup.segmentation
    write_side_segments(folder / FOLLOWUP_SEG, later, followup.mask, tracking=tracking)
    write_side_segments(folder / PROJECTED_SEG, later, projected, _BROUGHT, tracking)
    names = {
        "prior_dicom_seg": PRIOR_SEG,
        "followup_dicom_seg": FOLLOWUP_SEG,
        "projected_dicom_seg": PROJECTED_SEG,
    }
    return {key: name if (folder / name).exists() else None for key, name in names.items()}
