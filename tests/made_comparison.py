"""Two DICOM exams of one patient with known masks, compared: the objects that follow, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from made_exams import EXAMPLES, REDUCED, REPORT, exam
from numpy.typing import NDArray

from ptx_followup.followup.compare import FollowUp, compare

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Legal UIDs of the second and the third exam.
LATER = {"SOPInstanceUID": "2.25.1234", "StudyInstanceUID": "2.25.5678", "SeriesInstanceUID": "2.25.9012"}
LATEST = {"SOPInstanceUID": "2.25.21", "StudyInstanceUID": "2.25.22", "SeriesInstanceUID": "2.25.23"}


def save(path: Path, name: str = "prior", day: int = 2, **changes: Any) -> Path:
    """Write a phantom of `examples/`, reduced, as taken on a day of March 2026."""
    stored = np.ascontiguousarray(pydicom.dcmread(EXAMPLES / f"{name}.dcm").pixel_array[::REDUCED, ::REDUCED])
    dates = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), f"202603{day:02}")
    dataset = exam(stored, **(dates | changes))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def truth(name: str) -> NDArray[np.bool_]:
    """The true pneumothorax of a phantom of `examples/`, reduced."""
    from cv2 import IMREAD_UNCHANGED, imread

    return np.asarray(imread(str(EXAMPLES / f"{name}_truth.png"), IMREAD_UNCHANGED)[::REDUCED, ::REDUCED] > 0)


def compared(segmenter: Segmenter, folder: Path, **changes: Any) -> FollowUp:
    """The phantoms of `examples/` under their true masks; keyword arguments go to `compare`."""
    known = {"prior_mask": truth("prior"), "followup_mask": truth("followup"), "report": REPORT}
    prior = save(folder / "prior.dcm")
    followup = save(folder / "followup.dcm", "followup", 4, **LATER)
    return compare(prior, followup, segmenter=segmenter, **(known | changes))
