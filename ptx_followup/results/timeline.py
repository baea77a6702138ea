"""The output folder of a timeline: picture, table, masks, DICOM SEG and result.json, which comes last."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.timeline import draw_timeline
from ptx_followup.files.output_folder import staged
from ptx_followup.files.storage import write_atomically
from ptx_followup.followup.timeline import MOST_EXAMS, Timeline, Timepoint
from ptx_followup.results.identity import shown, stated
from ptx_followup.results.objects import Series, write_sides
from ptx_followup.results.segmentation import RESULT, write_document, write_mask
from ptx_followup.sides import SIDES, Side

PICTURE, TABLE = "timeline.png", "timeline.csv"
#: Of each exam: name in `outputs`, and end of the file's name.
_OF_EXAM = {
    "mask": "mask.png",
    "projected": "projected.png",
    "dicom_seg": "seg.dcm",
    "projected_dicom_seg": "projected.seg.dcm",
}
#: What a run may leave in its folder; result.json says that it is complete.
FILES = (
    RESULT,
    PICTURE,
    TABLE,
    *(f"exam-{number}.{end}" for number in range(1, MOST_EXAMS + 1) for end in _OF_EXAM.values()),
)
#: Series numbers of the segmentation and of the projection of exam n: these plus n.
_SEGMENTED, _BROUGHT = 9200, 9300


def write_timeline_results(result: Timeline, out: Path, *, deidentify: bool = False) -> dict[str, Any]:
    """Write picture, table, masks, DICOM SEG objects (of DICOM input) and result.json, or none of them.

    Args:
        result: What `timeline` returned.
        out: An existing folder; results of an earlier run in it are replaced.
        deidentify: Write nothing that identifies the patient; see `docs/security.md`.

    Returns:
        The result object as written, with `outputs` relative to `out`; null for what does not exist.

    Raises:
        UsageError: A file cannot be written.
    """
    with deidentifying(deidentify), staged(out, FILES) as folder:
        result = shown(result)
        write_overlay(folder / PICTURE, draw_timeline(result))
        write_atomically(folder / TABLE, lambda file: file.write(_csv(result).encode()))
        tracking: dict[Side, Tracking] = {}
        exams = []
        for number, one in enumerate(result.timepoints, start=1):
            tracking |= _write_exam(result, number, one, folder, tracking)
            names = {key: f"exam-{number}.{end}" for key, end in _OF_EXAM.items()}
            exams.append({key: name if (folder / name).exists() else None for key, name in names.items()})
        outputs = {"picture": PICTURE, "table": TABLE, "exams": exams, "result": RESULT}
        document = stated(result.to_json() | {"outputs": outputs})
        write_document(folder / RESULT, document)
    return document


def table(result: Timeline) -> list[dict[str, str | float | None]]:
    """The rows of timeline.csv, one an exam: sizes in percent of the hemithorax with their 95 % intervals.

    `left_change` and `right_change` are the verdicts since the exam before.
    """
    rows: list[dict[str, str | float | None]] = []
    for number, one in enumerate(result.timepoints, start=1):
        moment = one.exam.radiograph.acquired_at
        row: dict[str, str | float | None] = {
            "exam": number,
            "acquired_at": None if moment is None else moment.isoformat(),
            "days": None if one.days is None else round(one.days, 3),
        }
        for side in SIDES:
            low, high = one.intervals[side] or (None, None)
            values = (one.exam.percent(side), low, high)
            percent, low, high = (None if value is None else round(value, 2) for value in values)
            row |= {f"{side}_percent": percent, f"{side}_low": low, f"{side}_high": high}
            row[f"{side}_change"] = result.steps[number - 2][side].verdict if number > 1 else None
        rows.append(row)
    return rows


def _csv(result: Timeline) -> str:
    text = io.StringIO()
    rows = table(result)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write_exam(
    result: Timeline, number: int, one: Timepoint, folder: Path, tracking: dict[Side, Tracking]
) -> dict[Side, Tracking]:
    """Write the files of one exam; returns the tracking of its segments."""
    exam, last = one.exam, result.last
    write_mask(folder / f"exam-{number}.mask.png", exam.segmentation.mask)
    series = Series("pneumothorax", f"Pneumothorax of exam {number}", _SEGMENTED + number)
    path = folder / f"exam-{number}.seg.dcm"
    written = write_sides(path, exam.segmentation, exam.mask, series, tracking)
    started = {} if written is None else written.tracking
    if one.registration is not None and one.projected is not None:
        projected = np.asarray(one.projected)
        write_mask(folder / f"exam-{number}.projected.png", last.radiograph.to_stored(projected))
        brought = Series(
            f"pneumothorax on exam {number}", f"Exam {number} brought onto the last", _BROUGHT + number
        )
        path = folder / f"exam-{number}.projected.seg.dcm"
        write_sides(path, last.segmentation, projected, brought, tracking | started)
    return started
