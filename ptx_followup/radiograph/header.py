"""What tells the objects of a study apart: some elements of a header, read in the child process."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from ptx_followup.dicom.elements import text
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.errors import PtxError
from ptx_followup.files import contained
from ptx_followup.files.contained import NOTHING, Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label

#: What our own objects state.
MANUFACTURER = "ptx-followup"

#: Whose an object is, of what kind, what it shows and who made it; no pixels, and of documents no content.
KEYWORDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "PatientID",
    "IssuerOfPatientID",
    "AccessionNumber",
    "StudyDate",
    "StudyTime",
    "ContentDate",
    "ContentTime",
    "Modality",
    "Manufacturer",
    "PresentationIntentType",
    "BodyPartExamined",
    "AnatomicRegionSequence",
    "ViewPosition",
    "ViewCodeSequence",
    "SeriesDescription",
    "ProtocolName",
    "AcquisitionDeviceProcessingDescription",
    "PerformedProcedureStepDescription",
    "StudyDescription",
    "NumberOfFrames",
    "ConceptNameCodeSequence",
    "CompletionFlag",
    "VerificationFlag",
)


def read_header(path: Path) -> Dataset:
    """The elements `KEYWORDS` of a DICOM file, read in a child process.

    Returns:
        Those of them that the file has; none where it cannot be read within the limits.
    """
    try:
        known, _ = contained.call(read_header_in_child, file_label(path), configured_limits(), path=path)
    except PtxError:
        return Dataset()
    with lenient_pydicom():
        return Dataset.from_json(known["header"])


def header_of(content: bytes) -> Dataset:
    """The same of a file in memory."""
    with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
        file = Path(folder) / "object.dcm"
        file.write_bytes(content)
        return read_header(file)


def read_header_in_child(request: Request) -> Answer:
    """Read a header in the child process, as DICOM JSON (PS3.18 annex F); see `contained`."""
    header: dict[str, Any] = {}
    content = read_content(request.paths["path"], request.label, request.limits)
    with lenient_pydicom():
        dataset = parse(content, request.label, request.limits)
        for keyword in KEYWORDS:
            with suppress(Exception):  # a damaged value counts as absent, and pydicom raises many types
                if keyword in dataset:
                    element = dataset[keyword]
                    header[f"{element.tag:08X}"] = element.to_json_dict(None, 0)
    return {"header": header}, NOTHING


def is_ours(header: Dataset) -> bool:
    """Whether `ptx` wrote the object."""
    with lenient_pydicom():
        return text(header, "Manufacturer") == MANUFACTURER
