"""The phantom of `examples/` at a quarter of its size, as a DICOM file whose elements a test can change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

EXAMPLES = Path(__file__).parents[1] / "examples"
REPORT = (EXAMPLES / "prior.txt").read_text(encoding="utf-8")
DENIAL = "FINDINGS: No pneumothorax on either side.\n"
REDUCED = 4

#: Put where a patient, a person or a place is named; no message and no result file may repeat it.
CANARY = "SECRET"
IDENTIFYING = {
    "PatientName": "SECRETNAME^ANN",
    "PatientID": "SECRETID7",
    "OtherPatientIDs": "SECRETOTHER",
    "PatientComments": "SECRETCOMMENT",
    "AccessionNumber": "SECRETACC",
    "ReferringPhysicianName": "SECRETDOCTOR",
    "InstitutionName": "SECRETPLACE",
    "StudyID": "SECRETSTUDY",
}


def pixels() -> NDArray[np.uint16]:
    """Stored pixels of the reduced phantom, 256 x 256, in standard orientation."""
    stored = pydicom.dcmread(EXAMPLES / "prior.dcm").pixel_array
    return np.ascontiguousarray(stored[::REDUCED, ::REDUCED])


def exam(stored: NDArray[np.uint16] | None = None, **changes: Any) -> Dataset:
    """The reduced phantom, not compressed; keyword arguments set elements, or remove them (None)."""
    dataset = pydicom.dcmread(EXAMPLES / "prior.dcm")
    stored = pixels() if stored is None else stored
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.Rows, dataset.Columns = stored.shape
    dataset.PixelData = stored.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"
    dataset["PixelData"].is_undefined_length = False
    dataset.ImagerPixelSpacing = [REDUCED * float(step) for step in dataset.ImagerPixelSpacing]
    for keyword, value in (IDENTIFYING | changes).items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    return dataset


def save_exam(folder: Path, stored: NDArray[np.uint16] | None = None, **changes: Any) -> Path:
    """Write `exam(...)` as exam.dcm into a folder."""
    path = folder / "exam.dcm"
    exam(stored, **changes).save_as(path, enforce_file_format=True)
    return path
