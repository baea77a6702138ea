"""Structured reports of one exam and of a comparison: Comprehensive 3D SR, template TID 1500.

The reports are preliminary and unverified, also where a person looked at the result (see `observers`).
`sr_groups` says what they measure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, SegmentationStorage

from ptx_followup import DISCLAIMER
from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects import content
from ptx_followup.dicom_objects import sr_codes as terms
from ptx_followup.dicom_objects.derived import (
    MANUFACTURER,
    Equipment,
    Naming,
    keep_texts_readable,
    new_object,
    reference,
    time_of_creation,
)
from ptx_followup.dicom_objects.observers import observers, persons_of
from ptx_followup.dicom_objects.sr_change import change_group
from ptx_followup.dicom_objects.sr_groups import (
    Document,
    ReferencedExam,
    TimePoint,
    exam_groups,
    projection_groups,
    registration_group,
)
from ptx_followup.files.storage import write_atomically
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.dicom_objects.segments import WrittenSegmentation
    from ptx_followup.dicom_objects.tracking import Tracking

SERIES_NUMBER = 9103

#: What a result says of a run rather than of the patient; a second run gives the same report.
_OF_THE_RUN = ("timing_s", "path", "outputs")


def write_exam_report(
    path: Path, exam: ReferencedExam, document: Document, tracking: Mapping[Side, Tracking]
) -> None:
    """Write the report of `ptx segment`.

    Args:
        path: File to write.
        exam: The radiograph and its Segmentation.
        document: Result object, schema "ptx-segment/1".
        tracking: Of both sides.
    """
    groups = exam_groups(exam, document, tracking, TimePoint("exam", 1))
    texts = [(terms.WARNING, one) for one in exam_warnings(document)]
    write_report(path, [exam], [], groups, texts, document, "Pneumothorax measurements", document["model"])


def write_comparison_report(
    path: Path,
    prior: ReferencedExam | None,
    followup: ReferencedExam,
    projected: WrittenSegmentation | None,
    document: Document,
    tracking: Mapping[Side, Tracking],
) -> None:
    """Write the report of `ptx compare`, in the study of the follow-up.

    Args:
        path: File to write.
        prior: The earlier exam; None where it was no DICOM file: then only the change tells of it.
        followup: The later exam.
        projected: The prior's mask on the follow-up, if the registration was accepted.
        document: Result object, schema "ptx-compare/1".
        tracking: Of both sides.
    """
    before = TimePoint("prior", 1)
    after = TimePoint("follow-up", 2, document["belonging"]["interval_days"])
    exams = [exam for exam in (followup, prior) if exam is not None]
    headers = [exam.header for exam in exams]
    groups: list[Dataset] = []
    if prior is not None:
        groups += exam_groups(prior, document["prior"], tracking, before)
    groups += exam_groups(followup, document["followup"], tracking, after)
    if projected is not None:
        groups += projection_groups(followup.header, projected, tracking, before)
    groups += [change_group(document, side, tracking[side], headers, after) for side in SIDES]
    registration = derived_uid("registration", *(str(header.SOPInstanceUID) for header in headers))
    groups.append(registration_group(document, registration, headers))
    texts = [
        (terms.SENTENCE, document["sentence"]),
        (terms.MATCHED_PROMPT, document["matched_prompt"]),
        *((terms.WARNING, one) for one in document["warnings"]),
        *((terms.WARNING, f"Prior: {one}") for one in exam_warnings(document["prior"])),
        *((terms.WARNING, f"Follow-up: {one}") for one in exam_warnings(document["followup"])),
    ]
    others = [] if projected is None else [(followup.header, projected)]
    model = document["followup"]["model"]
    write_report(path, exams, others, groups, texts, document, "Pneumothorax follow-up measurements", model)


def write_report(
    path: Path,
    exams: Sequence[ReferencedExam],
    others: Iterable[tuple[Dataset, WrittenSegmentation]],
    groups: Sequence[Dataset],
    texts: Iterable[tuple[Code, str]],
    document: Document,
    description: str,
    model: Document,
) -> None:
    """Put a report together in the study of the first exam, and write it.

    Args:
        path: File to write.
        exams: What is reported on.
        others: Segmentations besides theirs, with the header of their image.
        groups: Of measurements.
        texts: Remarks, by the code of their name; empty ones are left out.
        document: The result object, whose content names the report.
        description: Of the series.
        model: The `model` object of the result.
    """
    header = exams[0].header
    equipment = Equipment(model["name"], model["version"], model["sha256"])
    segmentations = [
        *((exam.header, exam.segmentation) for exam in exams if exam.segmentation is not None),
        *others,
    ]
    name = (str(header.SOPInstanceUID), description, _fingerprint(document, segmentations))
    title = f"{description} (research use only)"
    naming = Naming(derived_uid("instance", *name), derived_uid("series", *name), SERIES_NUMBER, title)
    now = time_of_creation(header)
    with lenient_pydicom():
        report = new_object(Comprehensive3DSRStorage, "SR", header, naming, equipment, now)
        report.update(_content(groups, texts, observers(equipment, persons_of(document))))
        report.CompletionFlag = "COMPLETE"
        report.PreliminaryFlag = "PRELIMINARY"
        report.VerificationFlag = "UNVERIFIED"
        report.PerformedProcedureCodeSequence = []
        report.ReferencedPerformedProcedureStepSequence = []
        report.CodingSchemeIdentificationSequence = [_coding_scheme()]
        _refer(report, [*(exam.header for exam in exams), *(_evidence(*one) for one in segmentations)])
        named = ("TextValue", "PersonName")
        stated = [str(one.value) for one in report.iterall() if one.keyword in named]
        keep_texts_readable(report, header, stated)
        write_atomically(path, lambda file: report.save_as(file, enforce_file_format=True))


def _content(
    groups: Sequence[Dataset], texts: Iterable[tuple[Code, str]], observed_by: Iterable[Dataset]
) -> Dataset:
    """The root of the content tree (PS3.16 TID 1500)."""
    remarks = [*((code, text) for code, text in texts if text), (terms.COMMENT, DISCLAIMER)]
    language = codes.LANGUAGE_OF_CONTENT_ITEM_AND_DESCENDANTS, terms.ENGLISH
    procedure = codes.PROCEDURE_REPORTED, terms.CHEST_RADIOGRAPH
    children = [
        content.code(*language, "HAS CONCEPT MOD"),
        *observed_by,
        content.code(*procedure, "HAS CONCEPT MOD"),
        content.container(codes.IMAGING_MEASUREMENTS, groups),
        content.container(terms.QUALITATIVE_EVALUATIONS, [content.text(*one) for one in remarks]),
    ]
    return content.container(codes.IMAGING_MEASUREMENT_REPORT, children, None, "1500")


def _coding_scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeDesignator = terms.SCHEME
    scheme.CodingSchemeName = terms.SCHEME_NAME
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def _refer(report: Dataset, evidence: Iterable[Dataset]) -> None:
    """List the objects that the content refers to: those of the report's own study, and the others."""
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for one in evidence:
        series = studies.setdefault(one.StudyInstanceUID, {})
        series.setdefault(one.SeriesInstanceUID, []).append(reference(one))
    own = studies.pop(report.StudyInstanceUID)
    report.CurrentRequestedProcedureEvidenceSequence = [_study(report.StudyInstanceUID, own)]
    if studies:
        report.PertinentOtherEvidenceSequence = [_study(uid, series) for uid, series in studies.items()]


def _study(uid: str, series: Mapping[str, list[Dataset]]) -> Dataset:
    study = Dataset()
    study.StudyInstanceUID = uid
    study.ReferencedSeriesSequence = []
    for series_uid, objects in series.items():
        item = Dataset()
        item.SeriesInstanceUID = series_uid
        item.ReferencedSOPSequence = objects
        study.ReferencedSeriesSequence.append(item)
    return study


def _evidence(header: Dataset, written: WrittenSegmentation) -> Dataset:
    evidence = Dataset()
    evidence.StudyInstanceUID = header.StudyInstanceUID
    evidence.SeriesInstanceUID = written.series_instance_uid
    evidence.SOPInstanceUID = written.sop_instance_uid
    evidence.SOPClassUID = SegmentationStorage
    return evidence


def exam_warnings(document: Document) -> list[str]:
    """What the user should know of an exam: of image and report, and where report and mask differ."""
    concordance = [one["message"] for one in document["concordance"] if one["severity"] != "info"]
    return [*document["warnings"], *concordance]


def _fingerprint(document: Document, segmentations: Iterable[tuple[Dataset, WrittenSegmentation]]) -> str:
    """Names the content of a report, whenever and wherever it was made."""
    stated = json.dumps(_of_the_patient(document), sort_keys=True)
    names = [written.sop_instance_uid for _, written in segmentations]
    return hashlib.sha256("\n".join([stated, *names]).encode()).hexdigest()


def _of_the_patient(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _of_the_patient(one) for key, one in value.items() if key not in _OF_THE_RUN}
    return [_of_the_patient(one) for one in value] if isinstance(value, list) else value
