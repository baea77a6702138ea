"""The bytes of a file that somebody else wrote."""

from __future__ import annotations

from pathlib import Path

from ptx_followup.errors import InputError
from ptx_followup.files.limits import Limits


def read_content(path: Path, label: str, limits: Limits) -> bytes:
    """The bytes of a file that is not too large.

    Raises:
        InputError: It cannot be read, is empty, larger than the limit, or no regular file.
    """
    try:
        if path.is_dir():
            raise InputError(f"{label} is a folder", "give one DICOM, PNG or JPEG file")
        if not path.exists():
            raise InputError(f"{label} does not exist", "check the path")
        if not path.is_file():
            raise InputError(f"{label} is not a regular file", "give one DICOM, PNG or JPEG file")
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
        raise InputError(f"{label} cannot be opened ({reason})", "check that you may read it") from error
    if not content:
        raise InputError(f"{label} is empty", "export or copy it again")
    if len(content) > limits.file_bytes:
        raise InputError(
            f"{label} is larger than {limits.file_bytes // 1_000_000} MB",
            "give a file with a single radiograph",
        )
    return content
