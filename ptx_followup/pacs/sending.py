"""Sending results: what is there already is not sent again, and what was sent is looked for afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ptx_followup.dicom.elements import text
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import InputError, PacsError
from ptx_followup.files.storage import file_label
from ptx_followup.pacs.archive import Archive, ArchiveUnavailableError
from ptx_followup.pacs.queries import instances_of
from ptx_followup.radiograph.header import read_header

#: An archive may list a new object only some moments later: seconds between the looks at it.
_LOOKS_S = (0.0, 1.0, 3.0)


@dataclass(frozen=True)
class Sent:
    """Numbers of objects.

    Attributes:
        stored: Sent, and found in the archive afterwards.
        present: They were there before.
    """

    stored: int
    present: int


@dataclass(frozen=True)
class _Object:
    file: Path
    study_uid: str
    series_uid: str
    uid: str


def send(archive: Archive, files: Sequence[Path]) -> Sent:
    """Store DICOM files in an archive, each once.

    An object is known by its SOP Instance UID. Results of `ptx` get theirs from image, model and content, so
    that the same result is the same object whenever and wherever it is made.

    Args:
        archive: Where to.
        files: DICOM files.

    Raises:
        ArchiveUnavailableError: The connection failed; what was stored stays, sending again adds the rest.
        PacsError: The archive did not take all of them, or does not list them afterwards.
        InputError: A file is not a DICOM object.
    """
    objects = [_identify(file) for file in files]
    missing = _missing(archive, objects)
    refused: list[PacsError] = []
    for number, one in enumerate(missing):
        try:
            archive.store(one.file)
        except ArchiveUnavailableError as error:
            done = len(objects) - len(missing) + number - len(refused)
            raise ArchiveUnavailableError(
                f"{done} of {len(objects)} objects are stored, then {error.problem}", error.hint
            ) from None
        except PacsError as error:
            refused.append(error)
    if refused:
        first = refused[0]
        raise PacsError(
            f"{len(refused)} of {len(objects)} objects are not stored: {first.problem}", first.hint
        )
    _require_listed(archive, missing)
    return Sent(stored=len(missing), present=len(objects) - len(missing))


def dicom_files(paths: Sequence[Path]) -> list[Path]:
    """The files among `paths`, and every *.dcm directly inside its folders, in the order of their names."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.dcm")) if path.is_dir() else [path]
    return found


def _identify(file: Path) -> _Object:
    header = read_header(file)
    with lenient_pydicom():
        uids = [text(header, f"{level}InstanceUID") for level in ("Study", "Series", "SOP")]
    if not all(uids):
        raise InputError(f"{file_label(file)} is not a DICOM object", "name DICOM files, or their folder")
    return _Object(file, *uids)


def _missing(archive: Archive, objects: Sequence[_Object]) -> list[_Object]:
    """Those that the archive does not list."""
    series = {(one.study_uid, one.series_uid) for one in objects}
    listed = {instance.uid for study, uid in series for instance in instances_of(archive, study, uid)}
    return [one for one in objects if one.uid not in listed]


def _require_listed(archive: Archive, objects: Sequence[_Object]) -> None:
    missing = list(objects)
    for pause in _LOOKS_S:
        if not missing:
            return
        time.sleep(pause)
        missing = _missing(archive, missing)
    if missing:
        raise PacsError(
            f"{len(missing)} objects were accepted by the archive but are not listed there",
            "look into its quarantine and log",
        )
