"""Studies that wait to be compared: a bounded queue of folders on disk, which outlives the process.

`incoming/CASE/` collects what is received of a study, `working/CASE/` is the one in work, `failed/CASE/` is
kept for a person to look at; done.jsonl has one line a case that came to an end. Folders change their state
by being renamed, so that at any moment a study is in one place. A case is named by a digest of its Study
Instance UID: nothing in a path or in done.jsonl names a patient.
"""

from __future__ import annotations

import fcntl
import filecmp
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ptx_followup.errors import UsageError

_DIGITS = 16
_MB = 1_000_000


class QueueFullError(Exception):
    """There is no place for another study, or no space on the disk."""


@dataclass(frozen=True)
class Case:
    """A study in work: its name, and the folder with its objects."""

    name: str
    folder: Path


class StudyQueue:
    """The queue; used by one process at a time, by any of its threads.

    Args:
        folder: Made if missing, readable by its owner only.
        most_studies: Studies that may wait.
        least_free_mb: Megabytes to leave free on the disk.
    """

    def __init__(self, folder: Path, *, most_studies: int = 500, least_free_mb: int = 1000) -> None:
        self._folder = folder
        self._incoming, self._working = folder / "incoming", folder / "working"
        self._failed, self._parts = folder / "failed", folder / "parts"
        self._most_studies = most_studies
        self._least_free = least_free_mb * _MB
        self._change = threading.Lock()
        self._not_before: dict[str, float] = {}
        self._guard: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take possession of the folder, and put back what an earlier process left half done.

        Raises:
            UsageError: The folder cannot be used, or another process uses it.
        """
        try:
            for part in (self._incoming, self._working, self._failed, self._parts):
                part.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._guard = (self._folder / "lock").open("a", encoding="utf-8")  # no link is emptied
        except OSError:
            raise UsageError(
                f"the queue {self._folder} cannot be made or written to", "give another one with --queue"
            ) from None
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._guard.close()
            raise UsageError(
                f"the queue {self._folder} is in use by another process", "end it, or give another one"
            ) from None
        for part_file in self._parts.iterdir():
            part_file.unlink()
        for folder in self._working.iterdir():
            self._put_back(folder.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._guard is not None:
            self._guard.close()

    def __len__(self) -> int:
        """Studies that wait or are in work."""
        return len({folder.name for part in (self._incoming, self._working) for folder in part.iterdir()})

    def add(self, study_uid: str, instance_uid: str, content: bytes) -> None:
        """Keep one object of a study; when this returns, it is safely on disk.

        Args:
            study_uid: Of the study; its first object opens a case.
            instance_uid: Of the object; one that is there already is replaced.
            content: The DICOM file.

        Raises:
            QueueFullError: There is no place.
            OSError: It cannot be written.
        """
        case = self._incoming / _digest(study_uid)
        if shutil.disk_usage(self._folder).free < self._least_free + len(content):
            raise QueueFullError
        handle, part = tempfile.mkstemp(dir=self._parts)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with self._change:
                if not case.exists() and len(self) >= self._most_studies:
                    raise QueueFullError
                case.mkdir(exist_ok=True, mode=0o700)
                Path(part).replace(case / f"{_digest(instance_uid)}.dcm")
                _sync(case)
                _sync(self._incoming)
        finally:
            Path(part).unlink(missing_ok=True)

    def take(self, quiet_s: float) -> Case | None:
        """Put the study into work that has been quiet for longest, if one has for `quiet_s` seconds."""
        with self._change:
            now = time.time()
            waiting = [
                (folder.stat().st_mtime, folder.name)
                for folder in self._incoming.iterdir()
                if self._not_before.get(folder.name, 0.0) <= time.monotonic()
            ]
            if not waiting or min(waiting)[0] > now - quiet_s:
                return None
            name = min(waiting)[1]
            (self._incoming / name).rename(self._working / name)
            return Case(name, self._working / name)

    def put_back(self, case: Case, pause_s: float) -> None:
        """Let a case wait for another attempt, for at least so many seconds."""
        with self._change:
            self._not_before[case.name] = time.monotonic() + pause_s
            self._put_back(case.name)

    def finish(self, case: Case, record: Mapping[str, Any]) -> None:
        """Write down how a case ended, and let go of its objects."""
        self._write(case, record)
        shutil.rmtree(case.folder)

    def fail(self, case: Case, problem: str) -> None:
        """Write down why a case cannot be worked on, and keep its objects in `failed/`.

        They join what is kept there of the study already.
        """
        self._write(case, {"outcome": "failed", "problem": problem})
        _join(case.folder, self._failed / case.name, _place)

    def _put_back(self, name: str) -> None:
        """Move a case out of work, to what has come of it in the meantime."""
        _join(self._working / name, self._incoming / name, lambda file, folder: folder / file.name)

    def _write(self, case: Case, record: Mapping[str, Any]) -> None:
        self._not_before.pop(case.name, None)
        line = {"case": case.name, "ended_at": datetime.now(UTC).isoformat(timespec="seconds"), **record}
        with (self._folder / "done.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _digest(uid: str) -> str:
    return hashlib.sha256(uid.encode()).hexdigest()[:_DIGITS]


def _join(folder: Path, target: Path, place: Callable[[Path, Path], Path]) -> None:
    """Move a folder, or its files to their places in the target where that is there already."""
    if not target.exists():
        folder.rename(target)
        return
    for file in folder.iterdir():
        file.replace(place(file, target))
    folder.rmdir()


def _place(file: Path, folder: Path) -> Path:
    """Where a file goes in a folder: over one of the same content, but beside one that differs."""
    place, number = folder / file.name, 1
    while place.exists() and not filecmp.cmp(place, file, shallow=False):
        number += 1
        place = folder / f"{file.stem}-{number}{file.suffix}"
    return place


def _sync(folder: Path) -> None:
    """Make a change of names in a folder lasting."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
