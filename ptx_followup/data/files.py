"""The files of a data set: finding images by name, reading masks and reports."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ptx_followup.errors import InputError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.storage import file_label

#: Endings that are not part of an image's name. A UID has dots of its own, so nothing else is cut off.
IMAGE_ENDINGS = (".dcm", ".dicom", ".png", ".jpg", ".jpeg")
#: A PNG file starts with this, and states its columns and rows in the eight bytes after the next eight.
_PNG = b"\x89PNG\r\n\x1a\n"
#: Bytes of a DICOM file in which Rows and Columns are looked for; headers are of some kilobytes.
_HEADER_BYTES = 1 << 18


def find_images(folder: Path) -> dict[str, Path]:
    """Find the image files of a folder and of the folders below it, by name without ending.

    Files without an ending count as images too; hidden files, tables and texts do not.

    Raises:
        InputError: The folder is missing, or two files have the same name but for their ending or folder.
    """
    if not folder.is_dir():
        raise InputError(f"no folder {folder.name} in {folder.parent}", "check that the data set is complete")
    found: dict[str, Path] = {}
    for path in _walk(folder):
        name = image_name(path.name)
        if name is None:
            continue
        if name in found:
            # Without the folders below, which may be named after patients.
            twice = " and ".join(sorted({file_label(found[name]), file_label(path)}))
            raise InputError(f"two images have one name: {twice}", "keep one of them")
        found[name] = path
    return found


def image_name(file: str) -> str | None:
    """The name of an image without its ending, or None where the file is of another kind."""
    if file.startswith("."):
        return None
    stem, ending = os.path.splitext(file)
    if ending.lower() in IMAGE_ENDINGS:
        return stem
    # An image named by its UID has no ending, and the UID's last component looks like one.
    return file if not ending or ending[1:].isdigit() else None


def read_mask(path: Path, shape: tuple[int, ...] | None = None) -> NDArray[np.uint8]:
    """Read a mask image, in a child process (see `files.contained`).

    Args:
        path: An 8-bit, single-channel PNG.
        shape: Rows and columns that it must have, or None.

    Returns:
        uint8, H x W, values as stored.

    Raises:
        InputError: It cannot be read, is not 8-bit grey, or is of another size.
    """
    _, mask = contained.call(read_mask_in_child, file_label(path), configured_limits(), path=path)
    if shape is not None and mask.shape != tuple(shape):
        raise InputError(
            f"mask {path.name} is {mask.shape[0]} x {mask.shape[1]}, its image {shape[0]} x {shape[1]} "
            "(rows x columns)",
            "draw or resize the mask to the pixels of its image",
        )
    return np.asarray(mask, dtype=np.uint8)


def read_mask_in_child(request: Request) -> Answer:
    """Read a mask image in the child process; see `contained`."""
    return {}, read_mask_unprotected(request.paths["path"], request.label, request.limits)


def read_mask_unprotected(path: Path, label: str, limits: Limits) -> NDArray[np.uint8]:
    """Read a mask image in this very process; see `read_mask`."""
    content = read_content(path, label, limits)
    if not content.startswith(_PNG) or len(content) < 24:
        raise InputError(f"mask {label} cannot be read", "expected an 8-bit grey PNG")
    columns, rows = struct.unpack(">II", content[16:24])
    if max(rows, columns) > limits.side_pixels or rows * columns > limits.pixel_bytes:
        raise InputError(f"mask {label} promises {rows} x {columns} pixels", "give it the size of its image")
    mask = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if mask is None:
        raise InputError(f"mask {label} cannot be read", "expected an 8-bit grey PNG")
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise InputError(f"mask {label} is not 8-bit grey", "expected an 8-bit PNG with one channel")
    return np.asarray(mask, dtype=np.uint8)


def binary(path: Path, mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Turn a mask of 0 and 255, or of 0 and 1, into True and False.

    Raises:
        InputError: It has other values: resized with interpolation, or labels.
    """
    inside = mask > 0
    values = np.unique(mask[inside])
    if values.size > 1 or (values.size == 1 and values[0] not in (1, 255)):
        raise InputError(
            f"mask {path.name} has {values.size} values besides 0",
            "expected 0 outside and 255 inside, nothing else",
        )
    return inside


def read_text(path: Path) -> tuple[str, str]:
    """Read a text in UTF-8 (with or without a mark) or Latin-1.

    Returns:
        The text, and the encoding that was found: "utf-8" or "latin-1".

    Raises:
        InputError: It cannot be read, or is in another encoding (UTF-16, or not text at all).
    """
    raw = read_bytes(path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise InputError(f"{path.name} is not UTF-8 or Latin-1 text", "save it as plain text in UTF-8")
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"


def read_bytes(path: Path) -> bytes:
    """Read a file that is not too large.

    Raises:
        InputError: It cannot be read, is larger than the limit of files, or no regular file.
    """
    limits = configured_limits()
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path.name} is not a regular file", "give a file")
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read ({error.strerror})", "check that it is there"
        ) from error
    if len(content) > limits.file_bytes:
        raise InputError(
            f"{path.name} is larger than {limits.file_bytes // 1_000_000} MB", "divide the data set"
        )
    return content


def count_pixels(path: Path) -> int | None:
    """Rows times columns of an image, from the beginning of its file; None where that cannot be read."""
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            return image.width * image.height
    except OSError:
        pass
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
        if DeflatedExplicitVRLittleEndian.encode() in head[:1024]:
            return None  # pydicom would inflate it whole, however large it is
        header = pydicom.dcmread(
            BytesIO(head), force=True, stop_before_pixels=True, specific_tags=["Rows", "Columns"]
        )
        return int(header.Rows) * int(header.Columns)
    except Exception:  # noqa: BLE001 - pydicom raises many types on damaged files, which the check reports
        return None


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, in order; linked folders are followed once."""
    visited = set()
    for parent, folders, files in os.walk(folder, followlinks=True):
        visited.add(os.path.realpath(parent))
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(parent, name)) not in visited
        )
        for file in sorted(files):
            yield Path(parent, file)
