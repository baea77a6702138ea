"""The output folder: every file is written whole, and result.json comes last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.ahead import ahead
from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.figures.canvas import Picture
from ptx_followup.figures.overlay import draw_overlay, png
from ptx_followup.files.output_folder import staged
from ptx_followup.files.storage import write_atomically
from ptx_followup.results.identity import reviewed, shown, stated
from ptx_followup.results.names import HEMITHORACES, MASK, OVERLAY, RESULT, SEGMENTATION_RESULTS
from ptx_followup.results.objects import write_exam_objects
from ptx_followup.results.words import size_in_words
from ptx_followup.segmentation.result import Segmentation


def write_segmentation_results(
    result: Segmentation,
    out: Path,
    *,
    deidentify: bool = False,
    with_lungs: bool = False,
    review: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write mask, overlay, DICOM objects (of DICOM input) and result.json.

    All of them or none; those of an earlier run are replaced.

    Args:
        result: What `Segmenter.segment` returned.
        out: An existing folder.
        deidentify: Write nothing that identifies the patient; see `docs/security.md`.
        with_lungs: Write the lungs as a DICOM SEG too.
        review: What a reader said of it (`reader`, `reason` and more), which then stands in the result; the
            reader is named as an observer of the structured report.

    Returns:
        The result object as written, with `outputs` relative to `out`.

    Raises:
        UsageError: A file cannot be written.
    """
    with deidentifying(deidentify), staged(out, SEGMENTATION_RESULTS) as folder:
        result = shown(result)
        drawing = ahead(lambda: png(_picture(result)))
        write_mask(folder / MASK, result.mask)
        document = reviewed(stated(result.to_json()), review)
        document["outputs"] = {
            "mask": MASK,
            "overlay": OVERLAY,
            "hemithoraces": write_hemithoraces(folder / HEMITHORACES, result),
            **write_exam_objects(result, document, folder, with_lungs=with_lungs),
            "result": RESULT,
        }
        write_atomically(folder / OVERLAY, lambda file: file.write(drawing.result()))
        write_document(folder / RESULT, document)
    return document


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a result object as JSON."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def write_mask(path: Path, mask: NDArray[np.bool_]) -> None:
    """Write a mask as an 8-bit PNG of 0 and 255."""
    _write_png(path, mask.astype(np.uint8) * np.uint8(255))


def write_hemithoraces(path: Path, result: Segmentation) -> str | None:
    """Write hemithoraces that a person outlined as a PNG of 0, 1 (the patient's right) and 2 (the left).

    Returns:
        The file's name; None where they are the network's, which follow from the film.
    """
    if result.hemithorax_source.kind == "network":
        return None
    _write_png(path, result.radiograph.to_stored(result.hemithoraces))
    return path.name


def _write_png(path: Path, values: NDArray[np.uint8]) -> None:
    _, encoded = cv2.imencode(".png", values)
    write_atomically(path, lambda file: file.write(encoded.tobytes()))


def warnings_of(result: Segmentation) -> list[str]:
    """What the user should know, as on the overlay: of image and report, and where report and mask differ."""
    return [*result.warnings, *(one.message for one in result.concordance if one.severity != "info")]


def _picture(result: Segmentation) -> Picture:
    return draw_overlay(
        result.radiograph,
        result.standard_mask,
        [size_in_words(result)],
        warnings=warnings_of(result),
    )
