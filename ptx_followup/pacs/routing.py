"""What of a DICOM file is needed to send it."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_file_meta_info

from ptx_followup.dicom.elements import text
from ptx_followup.errors import InputError
from ptx_followup.files.storage import file_label

#: What of a file is needed to send it (PS3.10 table 7.1-1).
_ROUTING = ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID")


def file_meta(file: Path) -> Dataset:
    """The file meta information of a file that can be sent.

    Raises:
        InputError: It is not a DICOM file, or does not say what it holds.
    """
    try:
        meta = read_file_meta_info(file)
    except Exception:  # noqa: BLE001 - pydicom raises many types on files that are none of DICOM
        meta = FileMetaDataset()
    if not all(text(meta, keyword) for keyword in _ROUTING):
        raise InputError(f"{file_label(file)} is not a DICOM file", "send DICOM files")
    return meta
