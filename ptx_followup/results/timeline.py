"""The output folder of a timeline: picture, table, masks, DICOM objects and result.json, which comes last."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.sr_groups import ReferencedExam
from ptx_followup.dicom_objects.sr_timeline import WrittenTimepoint, write_timeline_report
from ptx_followup.dicom_objects.tracking import Tracking, first_tracking
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.timeline import draw_timeline
from ptx_followup.files.output_folder import staged
from ptx_followup.files.storage import write_atomically
from ptx_followup.followup.timeline import MOST_EXAMS, Timeline
from ptx_followup.followup.timepoint import Timepoint
from ptx_followup.followup.wording import verdict_in_words
from ptx_followup.measurement.change import Change
from ptx_followup.results.identity import reviewed, shown, stated
from ptx_followup.results.names import RESULT
from ptx_followup.results.objects import Series, dicom_source, write_sides
from ptx_followup.results.presentations import write_outlines
from ptx_followup.results.segmentation import write_document, write_hemithoraces, write_mask
from ptx_followup.results.words import measured_in_words
from ptx_followup.sides import SIDES, Side

PICTURE, TABLE, REPORT = "timeline.png", "timeline.csv", "report.dcm"
#: Of each exam: name in `outputs`, and end of the file's name.
_OF_EXAM = {
    "mask": "mask.png",
    "hemithoraces": "hemithoraces.png",
    "projected": "projected.png",
    "dicom_seg": "seg.dcm",
    "projected_dicom_seg": "projected.seg.dcm",
    "dicom_presentation": "outlines.dcm",
}
#: What a run may leave in its folder; result.json says that it is complete.
FILES = (
    RESULT,
    PICTURE,
    TABLE,
    REPORT,
    *(f"exam-{number}.{end}" for number in range(1, MOST_EXAMS + 1) for end in _OF_EXAM.values()),
)
#: Series numbers of the segmentation, the projection and the outlines of exam n: these plus n.
_SEGMENTED, _BROUGHT, _OUTLINED = 9200, 9300, 9400


def write_timeline_results(
    result: Timeline, out: Path, *, deidentify: bool = False, review: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write picture, table, masks, DICOM objects (of DICOM input) and result.json, or none of them.

    Args:
        result: What `timeline` returned.
        out: An existing folder; results of an earlier run in it are replaced.
        deidentify: Write nothing that identifies the patient; see `docs/security.md`.
        review: What a reader said of it (`reader`, `reason` and more), which then stands in the result; the
            reader is named as an observer of the structured report.

    Returns:
        The result object as written, with `outputs` relative to `out`; null for what does not exist.

    Raises:
        UsageError: A file cannot be written.
    """
    with deidentifying(deidentify), staged(out, FILES) as folder:
        result = shown(result)
        write_overlay(folder / PICTURE, draw_timeline(result))
        write_atomically(folder / TABLE, lambda file: file.write(_csv(result).encode()))
        tracking = _tracking(result)
        written = [
            _write_exam(result, number, one, folder, tracking)
            for number, one in enumerate(result.timepoints, start=1)
        ]
        names = [
            {key: f"exam-{number}.{end}" for key, end in _OF_EXAM.items()}
            for number in range(1, len(written) + 1)
        ]
        exams = [
            {key: name if (folder / name).exists() else None for key, name in one.items()} for one in names
        ]
        document = reviewed(stated(result.to_json()), review)
        write_timeline_report(folder / REPORT, written, document, tracking)
        document["outputs"] = {
            "picture": PICTURE,
            "table": TABLE,
            "dicom_sr": REPORT if (folder / REPORT).exists() else None,
            "exams": exams,
            "result": RESULT,
        }
        write_document(folder / RESULT, document)
    return document


def table(result: Timeline) -> list[dict[str, str | float | None]]:
    """The rows of timeline.csv, one an exam: sizes in percent of the hemithorax with their 95 % intervals.

    `left_change` and `right_change` are the verdicts since the exam before, `..._smaller` and `..._larger`
    the probabilities of either direction, `..._in_words` both.
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
            values = (one.percent(side), low, high)
            percent, low, high = (None if value is None else round(value, 2) for value in values)
            row |= {f"{side}_percent": percent, f"{side}_low": low, f"{side}_high": high}
            row |= _change_since(result.steps[number - 2][side] if number > 1 else None, side)
        rows.append(row)
    return rows


def _change_since(change: Change | None, side: Side) -> dict[str, str | float | None]:
    chances = None if change is None else change.probability
    return {
        f"{side}_change": None if change is None else change.verdict,
        f"{side}_smaller": None if chances is None else round(chances.decrease, 4),
        f"{side}_larger": None if chances is None else round(chances.increase, 4),
        f"{side}_in_words": None if change is None else verdict_in_words(change),
    }


def _csv(result: Timeline) -> str:
    text = io.StringIO()
    rows = table(result)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _tracking(result: Timeline) -> dict[Side, Tracking]:
    """Of both sides, which starts with the first exam that is DICOM; none where no exam is."""
    sources = (dicom_source(one.exam.segmentation) for one in result.timepoints)
    first = next((source for source in sources if source is not None), None)
    if first is None:
        return {}
    uid = str(read_source(first).SOPInstanceUID)
    return {side: first_tracking(uid, side) for side in SIDES}


def _write_exam(
    result: Timeline, number: int, one: Timepoint, folder: Path, tracking: dict[Side, Tracking]
) -> WrittenTimepoint:
    """Write the files of one exam."""
    exam, last = one.exam, result.last
    write_mask(folder / f"exam-{number}.mask.png", exam.segmentation.mask)
    write_hemithoraces(folder / f"exam-{number}.hemithoraces.png", exam.segmentation)
    series = Series("pneumothorax", f"Pneumothorax of exam {number}", _SEGMENTED + number)
    path = folder / f"exam-{number}.seg.dcm"
    segmentation = write_sides(path, exam.segmentation, exam.mask, series, tracking)
    measured = (measured_in_words(side, one.sizes[side], one.intervals[side]) for side in result.sides)
    texts = [words for words in measured if words is not None]
    write_outlines(
        folder / f"exam-{number}.outlines.dcm",
        exam.segmentation,
        tracking,
        texts=texts if one is not result.timepoints[-1] else [*texts, result.sentence],
        distances=exam.distances,
        series_number=_OUTLINED + number,
    )
    brought = None
    if one.registration is not None and one.projected is not None:
        projected = np.asarray(one.projected)
        write_mask(folder / f"exam-{number}.projected.png", last.radiograph.to_stored(projected))
        name = Series(
            f"pneumothorax on exam {number}", f"Exam {number} brought onto the last", _BROUGHT + number
        )
        path = folder / f"exam-{number}.projected.seg.dcm"
        brought = write_sides(path, last.segmentation, projected, name, tracking)
    source = dicom_source(exam.segmentation)
    return WrittenTimepoint(
        None if source is None else ReferencedExam(read_source(source), segmentation), brought
    )
