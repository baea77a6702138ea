"""From the bytes of a file to a pydicom data set, with the inflated size bounded."""

from __future__ import annotations

import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import config
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import VR

from ptx_followup.dicom.elements import text
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from pydicom.tag import BaseTag

    from ptx_followup.files.limits import Limits

#: Length of the preamble, followed by the prefix "DICM" (PS3.10 section 7.1).
_PREAMBLE = 128
_PREFIX = b"DICM"
_EXPLICIT_VRS = {str(vr).encode() for vr in VR if len(str(vr)) == 2}
_UNDEFINED_LENGTH = 0xFFFFFFFF
_DEFLATED_STEP = 1 << 16
_INFLATE_STEP = 1 << 20
#: Bytes that pydicom reads first of an element or an item: tag and length.
_HEADER = 8

_process_settings = threading.RLock()


@contextmanager
def lenient_pydicom() -> Iterator[None]:
    """Let pydicom accept illegal values, and keep warnings, which quote them, off the terminal.

    Research collections carry illegal UIDs and dates (CANDID-PTX among them). The settings belong to the
    whole process, hence the lock: threads that read at once would otherwise restore each other's settings.
    """
    with _process_settings, warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        yield


def looks_like_dicom(content: bytes) -> bool:
    """True for a DICOM file, and for a bare data set that starts with group 0002 or 0008 (ACR-NEMA habit)."""
    if content[_PREAMBLE : _PREAMBLE + len(_PREFIX)] == _PREFIX:
        return True
    return content[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x08") and len(content) > _PREAMBLE


def parse(content: bytes, label: str, limits: Limits) -> Dataset:
    """Read a data set; `file_meta.TransferSyntaxUID` is always set, guessed where the file is silent.

    Args:
        content: The whole file.
        label: The file's base name, for messages.
        limits: Bounds of the inflated size and of the number of elements.

    Raises:
        InputError: If it is damaged, or beyond the limits.
    """
    try:
        return _parse(content, label, limits)
    except (InputError, MemoryError):
        raise
    except Exception as error:
        inner = error.__context__
        if isinstance(inner, InputError):  # pydicom wraps what comes up while it reads an item
            raise inner from None
        raise InputError(f"{label} is damaged or cut short", "export or copy it again") from error


def _parse(content: bytes, label: str, limits: Limits) -> Dataset:
    reader = _Reader(content, label, limits)
    if content[_PREAMBLE : _PREAMBLE + len(_PREFIX)] == _PREFIX:
        reader.seek(_PREAMBLE + len(_PREFIX))
    meta = FileMetaDataset(
        read_dataset(reader, is_implicit_VR=False, is_little_endian=True, stop_when=_beyond_file_meta)
    )
    start = reader.tell()
    syntax = UID(text(meta, "TransferSyntaxUID")) or _guess_syntax(content[start : start + 6])
    if syntax == DeflatedExplicitVRLittleEndian:
        reader = _Reader(_inflate(content[start:], label, limits), label, limits)
    dataset = read_dataset(
        reader,
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
        stop_when=_length_checker(reader),
    )
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    return dataset


class _Reader(BytesIO):
    """The bytes of a file, for as many elements as are allowed: pydicom counts none inside sequences."""

    def __init__(self, content: bytes, label: str, limits: Limits) -> None:
        super().__init__(content)
        self._label, self._limits = label, limits
        self._headers = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._headers += size == _HEADER  # and now and then a value, which does no harm
        if self._headers > self._limits.elements:
            raise InputError(
                f"{self._label} holds more than {self._limits.elements} data elements",
                "export it again from the archive",
            )
        return super().read(size)


def _beyond_file_meta(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag.group != 0x0002


def _length_checker(reader: BytesIO) -> Callable[[BaseTag, str | None, int], bool]:
    """Stop reading, by an error, a data set that is longer than its file."""
    end = reader.getbuffer().nbytes

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        if length != _UNDEFINED_LENGTH and reader.tell() + length > end:
            raise ValueError("the file ends before the element does")
        return False

    return stop


def _guess_syntax(first_element: bytes) -> UID:
    """Encoding of a data set without a stated transfer syntax, from its first element."""
    if first_element[4:6] not in _EXPLICIT_VRS:
        return ImplicitVRLittleEndian
    # Group 0008 read in the wrong byte order would be 0800.
    return ExplicitVRBigEndian if first_element[0] == 0 else ExplicitVRLittleEndian


def _inflate(deflated: bytes, label: str, limits: Limits) -> bytes:
    """Inflate what is known to stay within the limit: a bomb is counted first, and never held in memory."""
    size = 0
    for part in _inflated_parts(deflated):
        size += len(part)
        if size > limits.file_bytes:
            raise InputError(
                f"{label} inflates to more than {limits.file_bytes // 1_000_000} MB",
                "give a file with a single radiograph",
            )
    return b"".join(_inflated_parts(deflated))


def _inflated_parts(deflated: bytes) -> Iterator[bytes]:
    """Inflate in parts of at most `_INFLATE_STEP` bytes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(deflated), _DEFLATED_STEP):
        pending = deflated[start : start + _DEFLATED_STEP]
        while pending and not inflater.eof:
            yield inflater.decompress(pending, _INFLATE_STEP)
            pending = inflater.unconsumed_tail
    if not inflater.eof:
        raise EOFError("the deflated data set is cut short")
