"""What every object that is derived from a radiograph shares: patient, study, character set, equipment.

The header of the radiograph comes from `source.read_source`, which has made it legal.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydicom.charset import python_encoding
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from ptx_followup import DISCLAIMER, __version__
from ptx_followup.dicom.elements import text, texts
from ptx_followup.radiograph.header import MANUFACTURER as MANUFACTURER

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Characters of a Long String, such as Segment Algorithm Name.
LONG_STRING = 64
LATIN_1, UNICODE = "ISO_IR 100", "ISO_IR 192"
_ASCII = ("", "ISO_IR 6", "ISO 2022 IR 6")

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
#: What `anonymous` empties.
_PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime")


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

    def as_arguments(self) -> dict[str, Any]:
        """What makes highdicom state it in an object."""
        return {
            "manufacturer": MANUFACTURER,
            "manufacturer_model_name": self.model,
            "software_versions": self.software_versions,
            "device_serial_number": self.serial_number,
        }


@dataclass(frozen=True)
class Naming:
    """UIDs and names of an object and its series."""

    instance_uid: UID
    series_uid: UID
    series_number: int
    description: str


def anonymous(header: Dataset) -> Dataset:
    """The header for highdicom: without a patient, as it quotes unusual names in warnings and refuses others.

    The class is always CR: under a multi-frame Secondary Capture class highdicom asks for functional groups,
    even where there is but one frame. Whoever writes the object puts both back.
    """
    bare = deepcopy(header)
    for keyword in _PATIENT:
        setattr(bare, keyword, "")
    bare.pop("SpecificCharacterSet", None)
    bare.SOPClassUID = ComputedRadiographyImageStorage
    return bare


def copy_patient_and_study(dataset: Dataset, header: Dataset) -> None:
    """Copy the elements of patient and study, and the character set they are written in."""
    for element in header:
        if element.keyword not in _IMAGE:
            dataset[element.tag] = deepcopy(element)


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
