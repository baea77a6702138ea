"""The output folder of a comparison: masks, panel, DICOM objects and result.json, which comes last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptx_followup.ahead import ahead
from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.figures.overlay import png
from ptx_followup.figures.panel import draw_panel
from ptx_followup.files.output_folder import staged
from ptx_followup.files.storage import write_atomically
from ptx_followup.followup.compare import FollowUp
from ptx_followup.results.identity import reviewed, shown, stated
from ptx_followup.results.names import (
    COMPARISON_RESULTS,
    FOLLOWUP_HEMITHORACES,
    FOLLOWUP_MASK,
    PANEL,
    PRIOR_HEMITHORACES,
    PRIOR_MASK,
    PROJECTED_MASK,
    RESULT,
)
from ptx_followup.results.objects import comparison_tracking, write_comparison_objects
from ptx_followup.results.segmentation import write_document, write_hemithoraces, write_mask


def write_comparison_results(
    result: FollowUp,
    out: Path,
    *,
    deidentify: bool = False,
    with_lungs: bool = False,
    review: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write masks, panel, DICOM objects (of DICOM input) and result.json, or none of them.

    Args:
        result: What `compare` returned.
        out: An existing folder; results of an earlier run in it are replaced.
        deidentify: Write nothing that identifies the patient; see `docs/security.md`.
        with_lungs: Write the lungs of both exams as DICOM SEG too.
        review: What a reader said of it (`reader`, `reason` and more), which then stands in the result; the
            reader is named as an observer of the structured report.

    Returns:
        The result object as written, with `outputs` relative to `out`; null for what does not exist.

    Raises:
        UsageError: A file cannot be written.
    """
    with deidentifying(deidentify), staged(out, COMPARISON_RESULTS) as folder:
        result = shown(result)
        # Drawn before all else: what encodes it takes longest, and needs no lock of Python's.
        panel = draw_panel(result)
        encoding = ahead(lambda: png(panel))
        write_mask(folder / PRIOR_MASK, result.prior.segmentation.mask)
        write_mask(folder / FOLLOWUP_MASK, result.followup.segmentation.mask)
        if result.projected_mask is not None:
            write_mask(folder / PROJECTED_MASK, result.projected_mask)
        document = reviewed(stated(result.to_json()), review)
        document["tracking"] = {side: one.to_json() for side, one in comparison_tracking(result).items()}
        document["outputs"] = {
            "panel": PANEL,
            "prior_mask": PRIOR_MASK,
            "followup_mask": FOLLOWUP_MASK,
            "projected_mask": None if result.projected_mask is None else PROJECTED_MASK,
            "prior_hemithoraces": write_hemithoraces(folder / PRIOR_HEMITHORACES, result.prior.segmentation),
            "followup_hemithoraces": write_hemithoraces(
                folder / FOLLOWUP_HEMITHORACES, result.followup.segmentation
            ),
            **write_comparison_objects(result, document, panel, folder, with_lungs=with_lungs),
            "result": RESULT,
        }
        write_atomically(folder / PANEL, lambda file: file.write(encoding.result()))
        write_document(folder / RESULT, document)
    return document
