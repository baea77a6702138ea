"""What every object that is derived from a radiograph shares: patient, study, character set, equipment.

The header of the radiograph comes from `source.read_source`, which has made it legal.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from pydicom.charset import python_encoding
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from ptx_followup import DISCLAIMER, __version__
from ptx_followup.dicom.elements import text, texts
from ptx_followup.radiograph.header import MANUFACTURER as MANUFACTURER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ptx_followup.colours import Colour

#: Characters of a Long String, such as Segment Algorithm Name.
LONG_STRING = 64
LATIN_1, UNICODE = "ISO_IR 100", "ISO_IR 192"
_ASCII = ("", "ISO_IR 6", "ISO 2022 IR 6")

#: CIE XYZ of the primaries of sRGB, in columns, and of its white.
_SRGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_D65 = np.array([0.95047, 1, 1.08883])

#: What a source header says of the image alone; all else is of the patient and the study.
_IMAGE = frozenset(
    {
        "SOPClassUID",
        "SOPInstanceUID",
        "SeriesInstanceUID",
        "Modality",
        "Rows",
        "Columns",
        "PatientOrientation",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "LossyImageCompressionMethod",
    }
)


@dataclass(frozen=True)
class Equipment:
    """What made an object.

    Attributes:
        model: Name of the network, or of the command.
        version: Of the network.
        serial_number: SHA-256 of its weights: the program's "device serial number".
    """

    model: str
    version: str
    serial_number: str

    @property
    def software_versions(self) -> tuple[str, str]:
        """Of the program and of the model, as Software Versions states them."""
        return f"{MANUFACTURER} {__version__}", f"{self.model} {self.version}"[:LONG_STRING]


@dataclass(frozen=True)
class Naming:
    """UIDs and names of an object and its series."""

    instance_uid: UID
    series_uid: UID
    series_number: int
    description: str


def copy_patient_and_study(dataset: Dataset, header: Dataset) -> None:
    """Copy the elements of patient and study, and the character set they are written in."""
    for element in header:
        if element.keyword not in _IMAGE:
            dataset[element.tag] = copy(element)


def keep_texts_readable(dataset: Dataset, header: Dataset, added: Iterable[str]) -> None:
    """Change the character set if it cannot hold a text that was added to what the source states.

    The source's character set stays wherever it can, as archives and work lists compare names as written.
    Else it is Latin-1, which every viewer knows, where that holds everything, and UTF-8 where it does not.
    """
    wide = "".join(one for one in added if not one.isascii())
    stated = texts(header, "SpecificCharacterSet")
    if all(any(_holds(name, letter) for name in stated) for letter in wide):
        return
    kept = "".join(str(element.value) for element in header)
    dataset.SpecificCharacterSet = LATIN_1 if kept.isascii() and _holds(LATIN_1, wide) else UNICODE


def _holds(character_set: str, letters: str) -> bool:
    if character_set in _ASCII:  # pydicom reads these as Latin-1, to be lenient
        return letters.isascii()
    try:
        letters.encode(python_encoding[character_set])
    except UnicodeEncodeError:
        return False
    return True


def new_object(
    sop_class: UID, modality: str, header: Dataset, naming: Naming, equipment: Equipment, now: datetime
) -> Dataset:
    """An object of the source's study: file meta information, SOP Common, Patient, Study, Series, Equipment.

    Args:
        sop_class: Of the new object.
        modality: Of its series.
        header: Of the radiograph.
        naming: UIDs and names.
        equipment: What made it.
        now: Time of its creation.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = naming.instance_uid
    copy_patient_and_study(dataset, header)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = naming.instance_uid
    stamp(dataset, now)
    dataset.Modality = modality
    dataset.SeriesInstanceUID = naming.series_uid
    dataset.SeriesNumber = naming.series_number
    dataset.SeriesDescription = naming.description
    dataset.InstanceNumber = 1
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = equipment.model
    dataset.DeviceSerialNumber = equipment.serial_number
    dataset.SoftwareVersions = list(equipment.software_versions)
    return dataset


def time_of_creation(header: Dataset) -> datetime:
    """Now, in the time zone that the header of the source states: it counts for every time of the object."""
    now = datetime.now().astimezone()
    offset = text(header, "TimezoneOffsetFromUTC")
    return now.astimezone(datetime.strptime(offset, "%z").tzinfo) if offset else now


def stamp(dataset: Dataset, now: datetime) -> None:
    """Write when an object was made."""
    dataset.InstanceCreationDate = dataset.ContentDate = now.strftime("%Y%m%d")
    dataset.InstanceCreationTime = dataset.ContentTime = now.strftime("%H%M%S")


def capture(dataset: Dataset, now: datetime) -> None:
    """Add the SC Equipment and General Image elements that tell of a capture by a program."""
    dataset.ConversionType = "WSD"
    dataset.DateOfSecondaryCapture = now.strftime("%Y%m%d")
    dataset.TimeOfSecondaryCapture = now.strftime("%H%M%S")
    dataset.SecondaryCaptureDeviceManufacturer = MANUFACTURER
    dataset.SecondaryCaptureDeviceSoftwareVersions = f"{MANUFACTURER} {__version__}"
    dataset.ImageComments = DISCLAIMER


def reference(header: Dataset) -> Dataset:
    """An item that refers to the image of a header (or to any object) by class and instance."""
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def even(content: bytes) -> bytes:
    """Padded to an even length, as DICOM asks for."""
    return content + bytes(len(content) % 2)


def cielab(colour: Colour) -> list[int]:
    """A colour as viewers are recommended it (PS3.3 section C.10.7.1.1), from sRGB under its white, D65.

    Formulas: IEC 61966-2-1 for sRGB, CIE 15 for L*a*b*.

    Returns:
        L* of 0 to 100, a* and b* of -128 to 127, each scaled to 0..65,535.
    """
    encoded = np.array(colour) / 255
    linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
    relative = _SRGB_TO_XYZ @ linear / _D65
    x, y, z = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative * (29 / 6) ** 2 / 3 + 4 / 29)
    lightness, red_green, blue_yellow = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    scaled = lightness / 100, (red_green + 128) / 255, (blue_yellow + 128) / 255
    return [round(65535 * one) for one in scaled]
