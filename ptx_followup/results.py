"""The output folder: every file is written whole, and result.json comes last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom.seg import Algorithm, Segment, Tracking, write_segmentation
from ptx_followup.errors import UsageError
from ptx_followup.figures.canvas import Picture
from ptx_followup.figures.captions import describe_size
from ptx_followup.figures.overlay import draw_overlay, write_overlay
from ptx_followup.report.description import split_by_side
from ptx_followup.report.terms import Side
from ptx_followup.segmentation import Segmentation
from ptx_followup.storage import write_atomically

MASK, OVERLAY, DICOM_SEG, RESULT = "mask.png", "overlay.png", "segmentation.dcm", "result.json"


@dataclass(frozen=True)
class Series:
    """How a series of segmentations is named: each segment after its side, and the series."""

    label: str
    description: str
    number: int


SEGMENTED = Series("pneumothorax", "Pneumothorax segmentation", 9101)


def prepare_folder(out: Path) -> None:
    """Make the output folder, readable by its owner only, before any work is done.

    Raises:
        UsageError: It cannot be made or written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise UsageError(f"the output folder {out} cannot be made", "give another one with --out") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise UsageError(f"the output folder {out} cannot be written to", "give another one with --out")


def write_segmentation_results(result: Segmentation, out: Path) -> dict[str, Any]:
    """Write mask, overlay, DICOM SEG (for DICOM input and a mask that is not empty) and result.json.

    What an earlier run left is removed first, and what this run wrote is removed where it fails: the files of
    a folder always belong together.

    Args:
        result: What `Segmenter.segment` returned.
        out: An existing folder.

    Returns:
        The result object as written, with `outputs` relative to `out`.

    Raises:
        UsageError: A file cannot be written.
    """
    with all_or_none(out, (RESULT, MASK, OVERLAY, DICOM_SEG)):
        write_mask(out / MASK, result.mask)
        write_overlay(out / OVERLAY, _picture(result))
        written = write_side_segments(out / DICOM_SEG, result, result.standard_mask)
        outputs = {
            "mask": MASK,
            "overlay": OVERLAY,
            "dicom_seg": DICOM_SEG if written else None,
            "result": RESULT,
        }
        document = result.to_json() | {"outputs": outputs}
        write_document(out / RESULT, document)
    return document


@contextmanager
def all_or_none(out: Path, names: Sequence[str]) -> Iterator[None]:
    """Remove the files `names` of an earlier run from `out`, and of this run if it does not come to its end.

    Raises:
        UsageError: In place of an error of the operating system.
    """
    _remove(out, names)
    try:
        yield
    except BaseException as error:
        _remove(out, names)
        if not isinstance(error, OSError):
            raise
        raise UsageError(
            f"the results cannot be written to {out} ({error.strerror or type(error).__name__})",
            "free some space, or give another folder with --out",
        ) from None


def _remove(out: Path, names: Sequence[str]) -> None:
    for name in names:
        with suppress(OSError):  # what cannot be removed cannot be replaced either: writing it will say so
            (out / name).unlink(missing_ok=True)


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a result object as JSON."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def write_mask(path: Path, mask: NDArray[np.bool_]) -> None:
    """Write a mask as an 8-bit PNG of 0 and 255."""
    _, encoded = cv2.imencode(".png", mask.astype(np.uint8) * np.uint8(255))
    write_atomically(path, lambda file: file.write(encoded.tobytes()))


def warnings_of(result: Segmentation) -> list[str]:
    """What the user should know, as on the overlay: of image and report, and where report and mask differ."""
    return [*result.warnings, *(one.message for one in result.concordance if one.severity != "info")]


def size_in_words(result: Segmentation) -> str:
    """The finding and its size, as on the overlay: "Right pneumothorax: 12 % of the hemithorax, 9,800 px"."""
    measured, percent = result.measurement, result.measurement.hemithorax_percent
    return describe_size(
        measured.side,
        measured.area_px,
        area_mm2=measured.area_mm2,
        spacing_source=result.radiograph.spacing_source,
        percent=None if percent is None or measured.side is None else percent.of(measured.side),
    )


def _picture(result: Segmentation) -> Picture:
    return draw_overlay(
        result.radiograph,
        result.standard_mask,
        [size_in_words(result)],
        warnings=warnings_of(result),
    )


def write_side_segments(
    path: Path,
    result: Segmentation,
    mask: NDArray[np.bool_],
    series: Series = SEGMENTED,
    tracking: Mapping[Side, Tracking] | None = None,
) -> dict[Side, Tracking]:
    """Write a DICOM SEG with one segment a side.

    Nothing is written for a source that is not DICOM, or an empty mask.

    Args:
        path: File to write.
        result: Gives the source image, its hemithoraces and the model.
        mask: bool, H x W of the radiograph's `pixels`.
        series: How the object is named.
        tracking: Of an earlier exam, to continue it.

    Returns:
        The tracking of each side that was written; empty where nothing was.
    """
    radiograph, model = result.radiograph, result.model
    if radiograph.identity is None or radiograph.path is None:
        return {}
    known = tracking or {}
    parts = {
        side: radiograph.to_stored(part)
        for side, part in split_by_side(mask, result.usable_hemithoraces).items()
        if part.any()
    }
    written = write_segmentation(
        path,
        radiograph.path,
        [
            Segment(part, f"{side.capitalize()} {series.label}", side=side, tracking=known.get(side))
            for side, part in parts.items()
        ],
        Algorithm(model.name, model.version, model.sha256),
        description=series.description,
        series_number=series.number,
    )
    return {} if written is None else dict(zip(parts, written.tracking, strict=True))
