"""Files: hashing, the cache folder, and writing so that a file is either whole or absent."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

#: Bytes hashed at a time.
CHUNK = 1 << 20


def cache_folder() -> Path:
    """Where embeddings and fetched models are kept: `PTX_HOME`, or `~/.cache/ptx`."""
    return Path(os.environ.get("PTX_HOME") or Path.home() / ".cache" / "ptx")


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_atomically(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Write a file under a temporary name beside it, then rename, so that no reader sees half of it.

    Args:
        path: The file; its folder is made if missing (readable by the owner only).
        write: Receives the open binary file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
