"""Writing any data set as a plain folder of small PNG files, decoded once so that training reads fast."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import ascii_lowercase

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case, DataSet, Problem
from ptx_followup.data.folder import COLUMNS, INDEX
from ptx_followup.data.workers import for_each_case
from ptx_followup.errors import InputError, PtxError
from ptx_followup.files.output_folder import new_folder
from ptx_followup.radiograph.image import Radiograph

SCHEMA = "ptx-data-set/1"
#: Of the new data set; those that stay empty are left out.
FOLDERS = ("images", "masks", "readings", "reports")

Mask = NDArray[np.bool_] | NDArray[np.uint8]


@dataclass(frozen=True)
class Conversion:
    """What was written.

    Attributes:
        folder: The new data set.
        converted: Number of cases in it.
        skipped: Why each of the others was left out.
    """

    folder: Path
    converted: int
    skipped: tuple[Problem, ...]


def convert(
    data_set: DataSet,
    destination: Path,
    *,
    long_side: int | None,
    advance: Callable[[], object] = lambda: None,
    workers: int = 1,
) -> Conversion:
    """Write a data set in the plain folder form.

    Images are windowed as their headers ask, brought to the standard orientation and written with 8 bits;
    masks, and those of single readers, follow on the same pixels. Cases that cannot be read, or whose mask
    contradicts what they state, are left out and reported.

    Args:
        data_set: The source, best opened with `tolerant=True`.
        destination: A folder that does not exist yet; it appears when everything is written, or not at all.
        long_side: Longer images are reduced to this many pixels on their longer side; None keeps all sizes.
        advance: Called after each case, for a progress bar.
        workers: Number of processes that read and write (see `for_each_case`).

    Raises:
        UsageError: The destination exists.
        InputError: It cannot be written (full disk, permissions), or no case could be read.
    """
    rows: list[dict[str, str]] = []
    skipped: list[Problem] = []
    with new_folder(destination) as folder:
        for name in FOLDERS:
            (folder / name).mkdir()
        work = partial(_convert_case, folder=folder, long_side=long_side)
        for outcome in for_each_case(data_set, work, workers=workers):
            if isinstance(outcome, Problem):
                skipped.append(outcome)
            else:
                rows.append(outcome)
            advance()
        if not rows:
            raise InputError(f"no case of {data_set.root} can be read", "run `ptx data check` on it")
        write_index(folder / INDEX, rows)
        (folder / "data-set.json").write_text(
            json.dumps(_origin(data_set, long_side, len(rows), skipped), indent=2) + "\n", encoding="utf-8"
        )
        for name in FOLDERS[1:]:
            if not any((folder / name).iterdir()):
                (folder / name).rmdir()
    return Conversion(destination, len(rows), tuple(skipped))


def write_index(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write `index.csv`: the known columns that any row fills, then the others."""
    filled = {column for row in rows for column, value in row.items() if value}
    columns = [column for column in COLUMNS if column in filled]
    columns += sorted(filled - set(columns))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an 8-bit grey PNG."""
    _, encoded = cv2.imencode(".png", pixels)
    path.write_bytes(encoded.tobytes())


def _convert_case(
    data_set: DataSet, case: Case, *, folder: Path, long_side: int | None
) -> dict[str, str] | Problem:
    try:
        radiograph = data_set.load_image(case)
        mask: Mask = (
            data_set.load_lungs(case, radiograph)
            if data_set.lung_labels
            else data_set.load_mask(case, radiograph)
        )
        readings = [] if data_set.lung_labels else data_set.load_readings(case, radiograph)
        text = data_set.load_report(case)
    except PtxError as error:
        return Problem("left-out", "error", case.where, error.problem, case.id)
    if not data_set.lung_labels and case.positive not in (None, bool(mask.any())):
        stated = "a pneumothorax, and its mask is empty" if case.positive else "none, and has a mask"
        return Problem("left-out", "error", case.where, f"it states {stated}", case.id)
    size = _reduced(radiograph, long_side)
    small = reduce_labels(mask, size) if data_set.lung_labels else 255 * _reduce_mask(mask, size)
    pixels = cv2.resize(radiograph.pixels, size[::-1], interpolation=cv2.INTER_AREA)
    write_png(folder / "images" / f"{case.id}.png", (pixels * 255).round().astype(np.uint8))
    if small.any():
        write_png(folder / "masks" / f"{case.id}.png", small)
    for letter, reading in zip(ascii_lowercase, readings if len(readings) > 1 else [], strict=False):
        write_png(folder / "readings" / f"{case.id}_{letter}.png", 255 * _reduce_mask(reading, size))
    if text:
        (folder / "reports" / f"{case.id}.txt").write_text(text, encoding="utf-8", newline="")
    return _index_row(data_set, case, radiograph, small)


def _reduced(radiograph: Radiograph, long_side: int | None) -> tuple[int, int]:
    """Rows and columns after the reduction."""
    longest = max(radiograph.rows, radiograph.columns)
    scale = 1.0 if long_side is None else min(1.0, long_side / longest)
    return max(1, round(radiograph.rows * scale)), max(1, round(radiograph.columns * scale))


def _reduce_mask(mask: Mask, size: tuple[int, int]) -> NDArray[np.uint8]:
    """1 where at least half of a pixel is covered; a mask thinner than that keeps its best covered pixels."""
    coverage = cv2.resize(mask.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA)
    threshold = min(0.5, float(coverage.max()))
    return np.asarray((coverage >= threshold) & (coverage > 0), dtype=np.uint8)


def reduce_labels(labels: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Labels 1 and 2 (right and left) at another size (rows, columns); neither vanishes, however thin."""
    reduced = np.zeros(size, dtype=np.uint8)
    for label in (1, 2):
        if (labels == label).any():
            reduced[_reduce_mask(labels == label, size) > 0] = label
    return reduced


def _index_row(
    data_set: DataSet, case: Case, radiograph: Radiograph, mask: NDArray[np.uint8]
) -> dict[str, str]:
    row = dict(case.extra)
    row |= {
        "id": case.id,
        "patient": case.patient or "",
        "follow_up": "" if case.order is None else str(case.order),
        "view": case.view if radiograph.view == "unknown" else radiograph.view,
        "pneumothorax": "" if case.positive is None else str(int(case.positive)),
        "side": case.side or "",
        "chest_tube": "" if case.chest_tube is None else str(int(case.chest_tube)),
        "split": case.part or "",
        "original_rows": str(radiograph.rows),
        "original_columns": str(radiograph.columns),
    }
    if not data_set.lung_labels:
        row["mask_px"] = str(np.count_nonzero(mask))
    if radiograph.spacing_mm is not None:
        rows, columns = mask.shape
        row["spacing_mm_row"] = f"{radiograph.spacing_mm[0] * radiograph.rows / rows:.6g}"
        row["spacing_mm_column"] = f"{radiograph.spacing_mm[1] * radiograph.columns / columns:.6g}"
        row["spacing_source"] = radiograph.spacing_source
    return row


def _origin(
    data_set: DataSet, long_side: int | None, converted: int, skipped: Sequence[Problem]
) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "source_layout": data_set.layout,
        "source_rle_convention": data_set.convention,
        "source_fingerprint": data_set.fingerprint,
        "long_side_px": long_side,
        "cases": converted,
        "left_out": [{"where": problem.where, "message": problem.message} for problem in skipped],
    }
