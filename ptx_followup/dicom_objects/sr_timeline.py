"""The structured report of a timeline: every exam, each on the last, and the changes from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects import sr_codes as terms
from ptx_followup.dicom_objects.sr import exam_warnings, write_report
from ptx_followup.dicom_objects.sr_change import change_group
from ptx_followup.dicom_objects.sr_groups import (
    FIRST_EXAM,
    Document,
    ReferencedExam,
    TimePoint,
    exam_groups,
    projection_groups,
    registration_group,
)
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.dicom_objects.segments import WrittenSegmentation
    from ptx_followup.dicom_objects.tracking import Tracking


@dataclass(frozen=True, eq=False)
class WrittenTimepoint:
    """The DICOM objects of one exam of a timeline.

    Attributes:
        exam: None where the exam is not DICOM.
        projected: Its mask on the last exam; None for the last, and where there is none.
    """

    exam: ReferencedExam | None
    projected: WrittenSegmentation | None


def write_timeline_report(
    path: Path, written: Sequence[WrittenTimepoint], document: Document, tracking: Mapping[Side, Tracking]
) -> None:
    """Write the report in the study of the last exam; nothing where that is not DICOM.

    Args:
        path: File to write.
        written: The exams, the earliest first.
        document: Result object, schema "ptx-timeline/1".
        tracking: Of both sides.
    """
    last = written[-1].exam
    if last is None:
        return
    exams = document["exams"]
    points = [
        TimePoint(f"exam {number}", number, one["days"], FIRST_EXAM) for number, one in enumerate(exams, 1)
    ]
    groups: list[Dataset] = []
    others: list[tuple[Dataset, WrittenSegmentation]] = []
    for one, stated, point in zip(written, exams, points, strict=True):
        if one.exam is not None:
            groups += exam_groups(one.exam, stated, tracking, point)
        if one.projected is not None:
            groups += projection_groups(last.header, one.projected, tracking, point)
            others.append((last.header, one.projected))
        if stated["registration"] is not None:
            groups.append(_registration(stated, one.exam, last, point.name))
    for step, (before, after) in zip(document["steps"], pairwise(range(len(exams))), strict=True):
        changed = {"change_by_side": step, "followup": exams[after]}
        headers = _headers(written[after].exam, written[before].exam) or [last.header]
        groups += [change_group(changed, side, tracking[side], headers, points[after]) for side in SIDES]
    if len(exams) > 2:
        overall = {"change_by_side": document["change_by_side"], "followup": exams[-1]}
        headers = _headers(last, written[0].exam)
        groups += [change_group(overall, side, tracking[side], headers, points[-1]) for side in SIDES]
    texts = [
        (terms.SENTENCE, document["sentence"]),
        (terms.MATCHED_PROMPT, document["matched_prompt"]),
        *((terms.WARNING, warning) for warning in document["warnings"]),
        *(
            (terms.WARNING, f"Exam {number}: {warning}")
            for number, one in enumerate(exams, 1)
            for warning in exam_warnings(one)
        ),
    ]
    referenced = [last, *(one.exam for one in written[:-1] if one.exam is not None)]
    description = "Pneumothorax timeline measurements"
    write_report(path, referenced, others, groups, texts, document, description, exams[-1]["model"])


def _registration(stated: Document, exam: ReferencedExam | None, last: ReferencedExam, name: str) -> Dataset:
    """The registration of an exam onto the last; a timeline states no regions."""
    headers = _headers(last, exam)
    uid = derived_uid("registration", *(str(header.SOPInstanceUID) for header in headers), name)
    return registration_group({**stated, "regions": dict.fromkeys(terms.REGIONS)}, uid, headers)


def _headers(*exams: ReferencedExam | None) -> list[Dataset]:
    return [exam.header for exam in exams if exam is not None]
