"""Strokes on disk: each is written down before it is answered, so that none is lost with the program.

A journal is a file of JSON lines in the cache (`PTX_HOME`), in a folder named by the hash of the result, for
the user alone. A line that was cut short is where the program was killed; what stands before it counts.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from typing import IO, Any

from ptx_followup.errors import UsageError
from ptx_followup.files.storage import cache_folder

_STROKES, _LOCK, _SAVED = "strokes.jsonl", "lock", "saved"


class Journal:
    """The strokes of one result by one reader; held by one program at a time.

    Args:
        result_sha256: Of the result's result.json.
        of: Whose strokes: "" where all readers share them, else the reader's code.
    """

    def __init__(self, result_sha256: str, of: str = "") -> None:
        self.folder = cache_folder() / "review" / (f"{result_sha256}-{of}" if of else result_sha256)
        self._lock: IO[bytes] | None = None

    @property
    def is_draft(self) -> bool:
        """It holds strokes that are not saved yet."""
        lines = self._lines()
        return bool(lines) and _SAVED not in json.loads(lines[-1])

    def hold(self) -> None:
        """Keep other programs from writing into it.

        Raises:
            UsageError: One does.
        """
        if self._lock is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.folder / _LOCK).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise UsageError("another program reviews this result", "end it first") from None
        self._lock = lock

    def release(self) -> None:
        """Let others write into it; an empty one is removed."""
        if self._lock is None:
            return
        if not self._lines():
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()
        self._lock = None

    def add(self, stroke: Mapping[str, Any]) -> None:
        """Write a stroke down; it is on disk when this returns."""
        self._append(stroke)

    def saved(self, folder: str, reader: str) -> None:
        """Note that all strokes so far are saved in a folder of results, by a reader."""
        self._append({_SAVED: folder, "reader": reader})

    def begin(self, reader: str | None) -> None:
        """Forget strokes that another reader has saved: who comes next begins from the result."""
        self._mend()
        lines = self._lines()
        last = json.loads(lines[-1]) if lines else {}
        if _SAVED in last and last["reader"] != reader:
            (self.folder / _STROKES).unlink()

    def _append(self, line: Mapping[str, Any]) -> None:
        with (self.folder / _STROKES).open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def strokes(self) -> Iterator[dict[str, Any]]:
        """Those that were written whole, the first first, saved ones too."""
        for line in self._lines():
            known = json.loads(line)
            if _SAVED not in known:
                yield known

    def _lines(self) -> list[bytes]:
        file = self.folder / _STROKES
        content = file.read_bytes() if file.is_file() else b""
        return content[: content.rfind(b"\n") + 1].splitlines()

    def _mend(self) -> None:
        """Cut off a line that was not written whole."""
        file = self.folder / _STROKES
        if file.is_file():
            content = file.read_bytes()
            os.truncate(file, content.rfind(b"\n") + 1)
