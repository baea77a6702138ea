"""The output folder of an explanation: one picture, and result.json, which comes last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ptx_followup.figures.explanation import draw_explanation
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.files.output_folder import staged
from ptx_followup.results.names import EXPLANATION, EXPLANATION_RESULTS, RESULT
from ptx_followup.results.segmentation import write_document
from ptx_followup.segmentation.explanation import Explanation


def write_explanation(explanation: Explanation, out: Path) -> dict[str, Any]:
    """Write the picture and result.json, or neither; both quote the report.

    Args:
        explanation: What `explain` returned.
        out: An existing folder; results of an earlier run in it are replaced.

    Returns:
        The result object as written, with `outputs` relative to `out`.

    Raises:
        UsageError: A file cannot be written.
    """
    with staged(out, EXPLANATION_RESULTS) as folder:
        write_overlay(folder / EXPLANATION, draw_explanation(explanation))
        document = explanation.to_json() | {"outputs": {"picture": EXPLANATION, "result": RESULT}}
        write_document(folder / RESULT, document)
    return document
