"""What a compressed frame says about itself, read before a decoder trusts it.

Decoders allocate memory for the size in the code stream, not for the size in the DICOM header, and some fill
the missing part of a stream that was cut short with grey. Both are checked here. Depth and sign of the
samples are read here too: the header may state others (see `depth`).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pydicom.encaps import get_frame
from pydicom.uid import RLELossless

from ptx_followup.dicom.accept import bytes_per_pixel
from ptx_followup.dicom.elements import integer
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_JPEG_START = b"\xff\xd8"
_JPEG_2000_START = b"\xff\x4f\xff\x51"
#: EOI of JPEG and JPEG-LS, EOC of JPEG 2000: the same two bytes.
_END = b"\xff\xd9"
_START_OF_SCAN = 0xDA
#: SOF0-SOF15 without DHT (C4), JPG (C8) and DAC (CC), and SOF55 of JPEG-LS.
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class StreamForm(NamedTuple):
    """What a code stream declares.

    Attributes:
        rows: Height.
        columns: Width.
        samples: Of a pixel.
        bits: Of a sample.
        signed: Whether samples have a sign; None where that is not said (all but JPEG 2000).
    """

    rows: int
    columns: int
    samples: int
    bits: int
    signed: bool | None = None


def require_whole_pixels(dataset: Dataset, label: str) -> None:
    """Refuse pixel data that are cut short or that contradict the header's size or bits allocated.

    Raises:
        InputError: In all these cases.
    """
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    expected = rows * columns * bytes_per_pixel(dataset)
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        # YBR_FULL_422 stores two chrominance samples for every two pixels.
        if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
            expected = expected * 2 // 3
        if len(dataset.PixelData) < expected:
            raise _cut_short(label)
        return
    frame = _first_frame(dataset, label)
    if syntax == RLELossless:
        # A run costs two bytes and a literal run one byte in 128 (PS3.5 G.3.1): more is not an image.
        if len(frame) > 2 * expected + 1024:
            raise _contradiction(label)
        return
    form = stream_form(frame)
    if form is None or _END not in frame.rstrip(b"\0")[-64:]:
        raise _cut_short(label)
    if form[:3] != (rows, columns, integer(dataset, "SamplesPerPixel") or 1):
        raise _contradiction(label)
    if form.bits > (integer(dataset, "BitsAllocated") or 8):
        raise InputError(
            f"{label} holds pixel data of more bits than its header allots",
            "export it again from the archive",
        )


def declared_form(dataset: Dataset, label: str) -> StreamForm | None:
    """What the code stream of `dataset` declares; None for native pixels and run lengths.

    Raises:
        InputError: If the pixel data are damaged.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated or syntax == RLELossless:
        return None
    return stream_form(_first_frame(dataset, label))


def stream_form(frame: bytes) -> StreamForm | None:
    """What a JPEG, JPEG-LS or JPEG 2000 code stream declares, or None where no declaration is found."""
    try:
        if frame.startswith(_JPEG_START):
            return _jpeg_form(frame)
        start = frame.find(_JPEG_2000_START)  # not always at 0: some writers wrap the stream in a JP2 file
        return _jpeg_2000_form(frame, start) if start >= 0 else None
    except (struct.error, IndexError):
        return None


def _jpeg_form(frame: bytes) -> StreamForm | None:
    """Walk the marker segments to the start of frame (ITU-T T.81 B.2.2, T.87 C.2.2)."""
    position = len(_JPEG_START)
    while frame[position] == 0xFF:
        marker = frame[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _START_OF_FRAME:
            bits, rows, columns, samples = struct.unpack_from(">BHHB", frame, position + 4)
            return StreamForm(rows, columns, samples, bits)
        elif marker == _START_OF_SCAN:
            return None
        else:
            position += 2 + struct.unpack_from(">H", frame, position + 2)[0]
    return None


def _jpeg_2000_form(frame: bytes, start: int) -> StreamForm:
    """Read the SIZ marker segment (ITU-T T.800 A.5.1): image area on the reference grid, first component."""
    width, height, left, top = struct.unpack_from(">IIII", frame, start + 8)
    samples, depth = struct.unpack_from(">HB", frame, start + 40)
    return StreamForm(height - top, width - left, samples, (depth & 0x7F) + 1, bool(depth >> 7))


def _first_frame(dataset: Dataset, label: str) -> bytes:
    try:
        return get_frame(dataset.PixelData, 0, number_of_frames=1)
    except Exception as error:
        raise _cut_short(label) from error


def _cut_short(label: str) -> InputError:
    return InputError(f"{label} holds pixel data that are damaged or cut short", "export or copy it again")


def _contradiction(label: str) -> InputError:
    return InputError(
        f"{label} holds pixel data of another size than its header states", "export it again from the archive"
    )
