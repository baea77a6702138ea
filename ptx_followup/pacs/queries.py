"""Questions to an archive, and its answers as studies, series and instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from ptx_followup.dicom.accept import RADIOGRAPH_MODALITIES
from ptx_followup.dicom.elements import text, texts
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import QualityGateError, UsageError
from ptx_followup.pacs.archive import Archive, Instance
from ptx_followup.radiograph.acquisition_time import parse_moment
from ptx_followup.radiograph.body_part import described_elsewhere, require_chest
from ptx_followup.radiograph.view import read_view

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_STUDY = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "PatientID",
    "IssuerOfPatientID",
    "ModalitiesInStudy",
    "StudyDescription",
)
_SERIES = ("SeriesInstanceUID", "Modality", "BodyPartExamined", "SeriesDescription")
_IMAGE = ("SOPInstanceUID", "SOPClassUID")
#: PS3.4 section C.2.2.2: these characters are no values but wild cards and separators.
_WILD = frozenset("*?\\")


@dataclass(frozen=True)
class Study:
    """One study; what names patient or study is left out of its `repr`.

    Attributes:
        uid: Study Instance UID.
        date: Of the study, or None.
        time: Local time of day, or None where the study has none.
        accession: Accession number.
        patient_id: With the issuer it names the patient.
        issuer: Empty where not stated.
        modalities: Of its series; empty where the archive does not tell.
        description: Study description.
    """

    uid: str = field(repr=False)
    date: date | None = field(repr=False)
    time: time | None = field(repr=False)
    accession: str = field(repr=False)
    patient_id: str = field(repr=False)
    issuer: str = field(repr=False)
    modalities: tuple[str, ...]
    description: str = field(repr=False)

    @property
    def may_hold_radiographs(self) -> bool:
        """By its modalities."""
        return not self.modalities or bool(RADIOGRAPH_MODALITIES & set(self.modalities))


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes:
        study_uid: Of its study.
        uid: Series Instance UID.
        modality: Of all its instances.
        may_be_frontal_chest: It is a radiograph, and the archive's answer names no other body part (nor
            describes one) and no other view; the images themselves decide.
    """

    study_uid: str = field(repr=False)
    uid: str = field(repr=False)
    modality: str
    may_be_frontal_chest: bool


def study_of(header: Dataset) -> Study:
    """The study that a header is of: an answer of an archive, or any object of the study."""
    with lenient_pydicom():
        stated_time = text(header, "StudyTime")
        day = parse_moment(text(header, "StudyDate"), "")
        moment: datetime | None = parse_moment(text(header, "StudyDate"), stated_time)
        return Study(
            uid=text(header, "StudyInstanceUID"),
            date=None if day is None else day.date(),
            time=moment.time() if moment is not None and stated_time else None,
            accession=text(header, "AccessionNumber"),
            patient_id=text(header, "PatientID"),
            issuer=text(header, "IssuerOfPatientID"),
            modalities=texts(header, "ModalitiesInStudy"),
            description=text(header, "StudyDescription"),
        )


def find_studies(
    archive: Archive, *, accession: str = "", patient_id: str = "", until: date | None = None
) -> list[Study]:
    """Studies with exactly these values.

    Args:
        archive: To ask.
        accession: Accession number; empty for any.
        patient_id: Empty for any.
        until: Latest study date.

    Raises:
        UsageError: A value has a character that means something else in a search.
    """
    match: dict[str, str] = {}
    for keyword, value in (("AccessionNumber", accession), ("PatientID", patient_id)):
        if _WILD & set(value):
            raise UsageError("a value to search for contains * ? or \\", "give it in full")
        if value:
            match[keyword] = value.strip()
    if until is not None:
        match["StudyDate"] = f"-{until:%Y%m%d}"
    wanted = [keyword for keyword in _STUDY if keyword not in match]
    found = [study_of(answer) for answer in archive.find("STUDY", match, wanted)]
    # Archives may match without regard to case, or ignore a key that they do not know.
    return [
        study
        for study in found
        if study.uid
        and study.accession == (accession.strip() or study.accession)
        and study.patient_id == (patient_id.strip() or study.patient_id)
    ]


def series_of(archive: Archive, study_uid: str) -> list[Series]:
    """All series of a study."""
    answers = archive.find("SERIES", {"StudyInstanceUID": study_uid}, _SERIES)
    with lenient_pydicom():
        return [
            Series(study_uid, text(answer, "SeriesInstanceUID"), text(answer, "Modality"), _may_be(answer))
            for answer in answers
            if text(answer, "SeriesInstanceUID")
        ]


def instances_of(archive: Archive, study_uid: str, series_uid: str) -> list[Instance]:
    """All instances of a series."""
    match = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}
    answers = archive.find("IMAGE", match, _IMAGE)
    with lenient_pydicom():
        return [
            Instance(study_uid, series_uid, text(answer, "SOPInstanceUID"), text(answer, "SOPClassUID"))
            for answer in answers
            if text(answer, "SOPInstanceUID")
        ]


def _may_be(answer: Dataset) -> bool:
    if text(answer, "Modality") not in RADIOGRAPH_MODALITIES:
        return False
    try:
        require_chest(answer, "")
    except QualityGateError:
        return False
    if described_elsewhere(answer):
        return False
    view, _ = read_view(answer, lateral_plane=False)
    return view not in ("lateral", "oblique")
