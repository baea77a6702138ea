"""DICOM objects without identity: the Basic Application Level Confidentiality Profile (PS3.15 annex E).

Dates of the exam are removed, not shifted; UIDs are replaced. Masks and pictures stay: what is burnt into the
film cannot be taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from ptx_followup.dicom import codes
from ptx_followup.dicom.uids import derived_uid

if TYPE_CHECKING:
    from pydicom.uid import UID

#: What `source` copies of a header, by its action in PS3.15 table E.1-1: Z (emptied), X (left out), U.
_EMPTIED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ReferringPhysicianName", "StudyID"),
)
_LEFT_OUT = ("IssuerOfPatientID", "PatientAge", "StudyDescription", "TimezoneOffsetFromUTC")
_REPLACED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")

_requested: ContextVar[bool] = ContextVar("deidentify", default=False)


@contextmanager
def deidentifying(requested: bool) -> Iterator[None]:
    """All results that are written inside go without identity, if requested.

    It is a state of the context, not an argument, so that no writer can forget to hand it on.
    """
    token = _requested.set(requested)
    try:
        yield
    finally:
        _requested.reset(token)


def is_deidentifying() -> bool:
    """Whether results go without identity here."""
    return _requested.get()


def repeatable_header(header: Dataset) -> Dataset:
    """What an object may repeat of its source: all, or in `deidentifying` what the Basic Profile leaves.

    Args:
        header: As `source` makes it; it is changed.
    """
    if not is_deidentifying():
        return header
    for keyword in _EMPTIED:
        setattr(header, keyword, "")
    for keyword in (*_LEFT_OUT, "SpecificCharacterSet"):  # which is of texts that are gone
        header.pop(keyword, None)
    for keyword in _REPLACED:
        setattr(header, keyword, deidentified_uid(getattr(header, keyword)))
    profile = codes.BASIC_APPLICATION_CONFIDENTIALITY_PROFILE
    method = Dataset()
    method.CodeValue, method.CodingSchemeDesignator = profile.value, profile.scheme_designator
    method.CodeMeaning = profile.meaning
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethodCodeSequence = [method]
    header.LongitudinalTemporalInformationModified = "REMOVED"
    return header


def deidentified_uid(uid: str) -> UID:
    """The UID that stands for another in de-identified results, always the same.

    Objects of one exam stay together, and whoever has the image can replace its UIDs by the same rule.
    """
    return derived_uid("deidentified", uid)
