"""Files: hashing, the cache and model folders, and writing so that a file is either whole or absent."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ptx_followup.errors import UsageError

#: Bytes hashed at a time.
CHUNK = 1 << 20
#: The file that makes a folder a model.
MODEL_CONFIG = "config.json"


def cache_folder() -> Path:
    """Where embeddings and fetched models are kept: `PTX_HOME`, or `~/.cache/ptx`."""
    return Path(os.environ.get("PTX_HOME") or Path.home() / ".cache" / "ptx")


def models_folder() -> Path:
    """The models on board: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parents[1]
    inside = package / "_models"
    return inside if inside.is_dir() else package.parent / "models"


def names_on_board() -> list[str]:
    """Names of the models that come with the tool."""
    return sorted(path.parent.name for path in models_folder().glob(f"*/{MODEL_CONFIG}"))


def file_label(path: Path) -> str:
    """Base name of a file for messages, on one line: folders may be named after a patient."""
    name = path.name or str(path)
    return "".join(character if character.isprintable() else "?" for character in name)


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def require_absent(path: Path, hint: str) -> None:
    """Refuse a path where something is already, be it a link that leads nowhere.

    Raises:
        UsageError: Something is there; `hint` says what to do.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} exists", hint)


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
