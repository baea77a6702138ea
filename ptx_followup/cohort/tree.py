"""The frontal chest radiographs and reports in a tree of DICOM files, told by their headers alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES, require_frontal, require_radiograph
from ptx_followup.dicom.elements import identifier, text
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom
from ptx_followup.errors import InputError, NotARadiographError, PtxError, QualityGateError
from ptx_followup.files import contained
from ptx_followup.files.contained import NOTHING, Answer, Request
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.pacs.reports import REPORTS
from ptx_followup.radiograph.acquisition_time import read_acquisition_time
from ptx_followup.radiograph.body_part import described_elsewhere, require_chest
from ptx_followup.radiograph.choice import rank_of
from ptx_followup.radiograph.header import is_ours
from ptx_followup.radiograph.orientation import read_orientation
from ptx_followup.radiograph.view import read_view

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Bytes by which a file's kind is told.
_HEAD_BYTES = 1024
Kind = Literal["film", "report", "unfit", "other"]


@dataclass(frozen=True)
class Found:
    """One file of a tree.

    Attributes:
        path: The file.
        kind: "film" is a frontal chest radiograph, "report" a document that may be one, "unfit" a radiograph
            that cannot be used.
        reason: Why it is unfit.
        patient: Patient ID and its issuer, as stated.
        study: Study Instance UID.
        instance: SOP Instance UID.
        acquired_at: Of a film, or None.
        rank: Of a film among those of its study; see `rank_of`.
    """

    path: Path
    kind: Kind
    reason: str = ""
    patient: tuple[str, str] = field(default=("", ""), repr=False)
    study: str = field(default="", repr=False)
    instance: str = field(default="", repr=False)
    acquired_at: datetime | None = field(default=None, repr=False)
    rank: int = 0


def walk(root: Path) -> Iterator[Found]:
    """Every DICOM file of a tree that is a radiograph or a report, in the order of the paths.

    Hidden files and linked folders are passed by. Headers are read in a child process (see `contained`).

    Raises:
        InputError: There is no such folder.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder", "give the folder of the studies")
    limits = configured_limits()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or not _is_dicom(path):
                continue
            label = file_label(path)
            try:
                known, _ = contained.call(describe_in_child, label, limits, path=path)
            except PtxError as error:
                yield Found(path, "unfit", error.problem)
                continue
            found = _from_json(path, known)
            if found.kind != "other":
                yield found


def describe_in_child(request: Request) -> Answer:
    """Read what a header says of a file, in the child process; see `contained`."""
    import pydicom

    with lenient_pydicom(), request.paths["path"].open("rb") as file:
        try:
            dataset = pydicom.dcmread(file, force=True, stop_before_pixels=True)
            if file.read(1):  # it stopped before pixels, so there are some
                dataset.add_new("PixelData", "OW", b"\0\0")
            return _described(dataset, request.label), NOTHING
        except (PtxError, MemoryError):
            raise
        except Exception as error:
            raise InputError(f"{request.label} is damaged or cut short", "export or copy it again") from error


def _described(dataset: Dataset, label: str) -> dict[str, Any]:
    sop_class = text(dataset, "SOPClassUID") or text(dataset.file_meta, "MediaStorageSOPClassUID")
    stated = {
        "patient": [identifier(dataset, "PatientID"), identifier(dataset, "IssuerOfPatientID")],
        "study": text(dataset, "StudyInstanceUID"),
        "instance": text(dataset, "SOPInstanceUID"),
    }
    if sop_class in REPORTS and not is_ours(dataset):
        return {"kind": "report", **stated}
    if (sop_class and sop_class not in RADIOGRAPH_CLASSES) or is_ours(dataset):
        return {"kind": "other"}
    try:
        require_radiograph(dataset, label)
        require_chest(dataset, label)
        view, _ = read_view(dataset, lateral_plane=read_orientation(dataset).lateral)
        require_frontal(view, label)
    except NotARadiographError as error:
        # What is left of a file that was cut short may be a film's, and must not go unnoticed.
        return {"kind": "other"} if dataset else {"kind": "unfit", "reason": error.problem, **stated}
    except (InputError, QualityGateError) as error:
        return {"kind": "unfit", "reason": error.problem, **stated}
    if described_elsewhere(dataset):
        reason = f"{label} shows another body part by its description"
        return {"kind": "unfit", "reason": reason, **stated}
    acquired_at, _ = read_acquisition_time(dataset)
    return {
        "kind": "film",
        **stated,
        "acquired_at": None if acquired_at is None else acquired_at.isoformat(),
        "rank": rank_of(dataset),
    }


def _from_json(path: Path, known: dict[str, Any]) -> Found:
    if known["kind"] == "other":
        return Found(path, "other")
    stated = known.get("acquired_at")
    patient_id, issuer = known["patient"]
    return Found(
        path,
        known["kind"],
        known.get("reason", ""),
        (patient_id, issuer),
        known["study"],
        known["instance"],
        None if stated is None else datetime.fromisoformat(stated),
        known.get("rank", 0),
    )


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return path.is_file() and looks_like_dicom(file.read(_HEAD_BYTES))
    except OSError:
        return False
