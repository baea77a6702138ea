"""The header of a radiograph, as far as an object about it (SEG, SR, capture) repeats it, in legal form.

Objects about an image repeat its patient and study and refer to it by UID. Radiographs from research
collections break the standard in these very elements; copied as they are, they would make the new object
illegal too. So only what is listed here is copied, and only where it is legal.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import config
from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import UID, ComputedRadiographyImageStorage
from pydicom.valuerep import validate_value

from ptx_followup.dicom.accept import require_radiograph
from ptx_followup.dicom.basic_profile import repeatable_header
from ptx_followup.dicom.elements import integer, text, texts
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom, parse
from ptx_followup.dicom.uids import derived_uid, legal_uid
from ptx_followup.errors import InputError
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Patient and General Study modules, type 2: present in every object, empty where not known.
_REQUIRED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "StudyID",
)
#: Type 3: copied where stated. The issuer belongs to the identity; the others help people to find the study.
_OPTIONAL = ("IssuerOfPatientID", "PatientAge", "StudyDescription", "TimezoneOffsetFromUTC")
_LOSSY = ("LossyImageCompressionRatio", "LossyImageCompressionMethod")
_SEXES = ("F", "M", "O")


def read_source(path: Path) -> Dataset:
    """Read what an object about the radiograph in a DICOM file repeats of it.

    Elements of type 2 that are missing or illegal are empty, optional ones that are illegal are left out,
    illegal UIDs are replaced by `legal_uid`, missing ones are derived from the rest of the header. Pixel
    spacing, frame of reference and everything else that is not needed stays behind. The character set is the
    file's; UTF-8 where the file's is unknown, or where it states none and has other than ASCII characters.

    Returns:
        SpecificCharacterSet (where needed), patient and study elements, StudyInstanceUID, SeriesInstanceUID,
        SOPInstanceUID, SOPClassUID, Modality, PatientOrientation (may be empty), Rows, Columns, and the
        elements of lossy compression.

    In `basic_profile.deidentifying` all that identifies is then removed.

    Raises:
        InputError: If the file is not a radiograph in DICOM form, or cannot be read.
    """
    label, limits = file_label(path), configured_limits()
    content = read_content(path, label, limits)
    if not looks_like_dicom(content):
        raise InputError(f"{label} is not a DICOM file", "DICOM results need a DICOM source")
    with lenient_pydicom():
        stated = parse(content, label, limits)
        require_radiograph(stated, label)
        return repeatable_header(legal_header(stated))


def legal_header(stated: Dataset) -> Dataset:
    """`read_source` for a data set in memory; what was left out or replaced can be seen by comparing."""
    source = Dataset()
    with lenient_pydicom():
        for keyword in _REQUIRED:
            setattr(source, keyword, _legal_text(stated, keyword))
        for keyword in _OPTIONAL:
            if value := _legal_text(stated, keyword):
                setattr(source, keyword, value)
        _copy_uids(source, stated)
        _copy_image(source, stated)
        _copy_character_set(source, stated)
    return source


def _legal_text(stated: Dataset, keyword: str) -> str:
    """The single value of an element as text, empty if it is missing or illegal."""
    values = texts(stated, keyword)
    if len(values) != 1 or not _is_legal(dictionary_VR(keyword), values):
        return ""
    return "" if keyword == "PatientSex" and values[0] not in _SEXES else values[0]


def _is_legal(representation: str, values: Iterable[str]) -> bool:
    try:
        for value in values:
            validate_value(representation, value, config.RAISE)
    except ValueError:
        return False
    # Bytes that the stated character set does not define were read as replacement characters.
    return not any("\ufffd" in value for value in values)


def _copy_uids(source: Dataset, stated: Dataset) -> None:
    meta = getattr(stated, "file_meta", Dataset())
    instance = text(stated, "SOPInstanceUID") or text(meta, "MediaStorageSOPInstanceUID")
    if not instance:
        instance = derived_uid("pixels", hashlib.sha256(stated.get("PixelData", b"")).hexdigest())
    source.SOPInstanceUID = legal_uid(instance)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID"):
        uid = text(stated, keyword)
        setattr(source, keyword, legal_uid(uid) if uid else derived_uid(keyword, instance))
    stated_class = UID(text(stated, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID"))
    # What is read without a class of the standard is filed as CR or DX (see `accept`): the older class fits.
    source.SOPClassUID = stated_class if stated_class.type else ComputedRadiographyImageStorage


def _copy_image(source: Dataset, stated: Dataset) -> None:
    source.Modality = text(stated, "Modality") or "OT"
    source.Rows, source.Columns = integer(stated, "Rows"), integer(stated, "Columns")
    orientation = texts(stated, "PatientOrientation")
    legal = len(orientation) == 2 and _is_legal("CS", orientation)
    source.PatientOrientation = list(orientation) if legal else None
    if text(stated, "LossyImageCompression") == "01":
        source.LossyImageCompression = "01"
        for keyword in _LOSSY:
            values = texts(stated, keyword)
            if values and all(values) and _is_legal(dictionary_VR(keyword), values):
                setattr(source, keyword, list(values))


def _copy_character_set(source: Dataset, stated: Dataset) -> None:
    names = texts(stated, "SpecificCharacterSet")
    known = any(names) and all(name in python_encoding for name in names)
    if known:
        source.SpecificCharacterSet = list(names) if len(names) > 1 else names[0]
    elif any(not str(element.value).isascii() for element in source):
        source.SpecificCharacterSet = "ISO_IR 192"
