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

_STROKES, _LOCK = "strokes.jsonl", "lock"


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
    def holds_strokes(self) -> bool:
        """There is a draft."""
        file = self.folder / _STROKES
        return file.is_file() and file.stat().st_size > 0

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
        if not self.holds_strokes:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()
        self._lock = None

    def add(self, stroke: Mapping[str, Any]) -> None:
        """Write a stroke down; it is on disk when this returns."""
        with (self.folder / _STROKES).open("ab") as file:
            file.write(json.dumps(stroke).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def strokes(self) -> Iterator[dict[str, Any]]:
        """Those that were written whole, the first first."""
        file = self.folder / _STROKES
        if not file.is_file():
            return
        content = file.read_bytes()
        for line in content[: content.rfind(b"\n") + 1].splitlines():
            yield json.loads(line)

    def mend(self) -> None:
        """Cut off a line that was not written whole."""
        file = self.folder / _STROKES
        if file.is_file():
            content = file.read_bytes()
            os.truncate(file, content.rfind(b"\n") + 1)

    def clear(self) -> None:
        """Forget all strokes: they are saved, or given up."""
        (self.folder / _STROKES).unlink(missing_ok=True)
