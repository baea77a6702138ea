"""Which film it is, whatever its file is called and however it is encoded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptx_followup.dicom.depth import Depth


def pixels_sha256(values: NDArray[Any], depth: Depth) -> str:
    """SHA-256 of stored pixel values, with their shape and type.

    It is taken of one line of ASCII, "ROWS COLUMNS CHANNELS BITS signed|unsigned" with a line feed, and of
    the values, row by row, as little-endian words of 16 bits (of 32 where they have more), negative ones in
    two's complement. Values are those of the file, before any window, inversion or turning.

    Args:
        values: Integers inside `depth.range`, H x W or H x W x 3.
        depth: As they were read.

    Returns:
        64 hexadecimal digits.
    """
    rows, columns, *channels = values.shape
    form = (rows, columns, *(channels or [1]), depth.bits, "signed" if depth.signed else "unsigned")
    digest = hashlib.sha256((" ".join(map(str, form)) + "\n").encode("ascii"))
    digest.update(values.astype("<u2" if depth.bits <= 16 else "<u4").tobytes())
    return digest.hexdigest()
