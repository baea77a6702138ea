"""Questions to an archive, and its answers as studies, series and instances."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from ptx_followup.dicom.accept import RADIOGRAPH_MODALITIES
from ptx_followup.dicom.elements import identifier, text, texts
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import PacsError, QualityGateError, UsageError
from ptx_followup.pacs.archive import Archive, Instance, TooManyError
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
#: Characters that DICOMweb encodes (RFC 3986 section 2.3 has those that it does not), but for wild cards.
_DOUBTFUL = re.compile(r"[^A-Za-z0-9._~*?-]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
#: What an answer in a smaller character set lacks, or has a question mark for.
_LOST = re.compile(r"[^\x00-\x7f]|\?")


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
            accession=identifier(header, "AccessionNumber"),
            patient_id=identifier(header, "PatientID"),
            issuer=identifier(header, "IssuerOfPatientID"),
            modalities=texts(header, "ModalitiesInStudy"),
            description=text(header, "StudyDescription"),
        )


def find_studies(
    archive: Archive, *, accession: str = "", patient_id: str = "", until: date | None = None
) -> list[Study]:
    """Studies with exactly these values, however the archive searches.

    Some archives do not find a value with certain characters, though they hold it: Orthanc 1.10 compares what
    comes by DICOMweb without decoding it, and takes a comma as "or". So where nothing is found, wild cards
    take the place of such characters, and what comes back is compared with its own headers.

    Args:
        archive: To ask.
        accession: Accession number; empty for any.
        patient_id: Empty for any.
        until: Latest study date.

    Raises:
        UsageError: A value holds a backslash, which no value of DICOM does.
        PacsError: The archive finds nothing with wild cards: whether it holds such a study cannot be told.
    """
    stated = {"AccessionNumber": accession.strip(), "PatientID": patient_id.strip()}
    wanted = {keyword: value for keyword, value in stated.items() if value}
    if any("\\" in value for value in wanted.values()):
        raise UsageError("a value to search for contains \\", "give it without")
    found = _find(archive, wanted, until)
    studies = [study for study in found if _states(study, wanted)] or _confirmed(archive, found, wanted)
    patterns = {keyword: pattern_of(value) for keyword, value in wanted.items()}
    if studies or patterns == wanted:
        return studies
    try:
        studies = _confirmed(archive, _find(archive, patterns, until), wanted)
    except TooManyError:
        raise _unanswerable() from None
    if not studies and not archive.honours_wild_cards():
        raise _unanswerable()
    return studies


def pattern_of(value: str) -> str:
    """A value with wild cards for what archives are known to find wrongly.

    A letter outside ASCII may count as several characters or as none.

    Examples:
        >>> pattern_of("12/3,4")
        '12?3?4'
        >>> pattern_of("山田 7")
        '*?7'
    """
    return _DOUBTFUL.sub("?", _FOREIGN.sub("*", value))


def as_in_header(study: Study, header: Dataset) -> Study:
    """The study with the patient ID of one of its objects, where the archive's answer left letters out."""
    patient_id = identifier(header, "PatientID")
    if not _may_stand_for(study.patient_id, patient_id):
        return study
    return replace(
        study, patient_id=patient_id, issuer=study.issuer or identifier(header, "IssuerOfPatientID")
    )


def _find(archive: Archive, match: Mapping[str, str], until: date | None) -> list[Study]:
    dates = {} if until is None else {"StudyDate": f"-{until:%Y%m%d}"}
    wanted = [keyword for keyword in _STUDY if keyword not in match and keyword not in dates]
    found = [study_of(answer) for answer in archive.find("STUDY", {**match, **dates}, wanted)]
    return [study for study in found if study.uid]


def _values(study: Study) -> dict[str, str]:
    return {"AccessionNumber": study.accession, "PatientID": study.patient_id}


def _states(study: Study, wanted: Mapping[str, str]) -> bool:
    """Archives may match without regard to case, or ignore a key that they do not know."""
    stated = _values(study)
    return all(stated[keyword] == value for keyword, value in wanted.items())


def _confirmed(archive: Archive, answered: Iterable[Study], wanted: Mapping[str, str]) -> list[Study]:
    """Those whose own objects state these values, where the archive's answer may stand for them."""
    likely = (
        study
        for study in answered
        if all(_may_stand_for(_values(study)[keyword], value) for keyword, value in wanted.items())
    )
    return [whole for study in likely if _states(whole := _as_filed(archive, study), wanted)]


def _as_filed(archive: Archive, study: Study) -> Study:
    """The study with the values of its first object in place of the archive's answer."""
    instances = (
        instance
        for series in series_of(archive, study.uid)
        for instance in instances_of(archive, study.uid, series.uid)
    )
    first = next(instances, None)
    if first is None:
        return study
    own = study_of(archive.header(first))
    return replace(
        study, accession=own.accession, patient_id=own.patient_id, issuer=study.issuer or own.issuer
    )


def _may_stand_for(answered: str, value: str) -> bool:
    """Whether an archive's answer is a value, or what is left of it in a smaller character set."""
    return answered == value or (not value.isascii() and _LOST.sub("", answered) == _LOST.sub("", value))


def _unanswerable() -> PacsError:
    return PacsError(
        "the archive cannot be asked for a patient ID or an accession number with such characters",
        "fetch the exams by other means, or over another protocol, and give files",
    )


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
