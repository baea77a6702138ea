"""From encoded pixel data to stored values: the only place where decoders run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.utils import pixel_array

from ptx_followup.dicom.elements import integer
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset


def decode(dataset: Dataset) -> NDArray[Any]:
    """Decode the one frame of `dataset`.

    Returns:
        Integers, H x W, or H x W x 3 as RGB.

    Raises:
        BaseException: Whatever the decoder raises; some are no `Exception` (a Rust panic). Call it through
            `stored_values`.
    """
    return pixel_array(dataset)


def stored_values(dataset: Dataset, label: str) -> NDArray[np.int32]:
    """Stored values, H x W or H x W x 3, int32, inside `value_range(dataset)`.

    Raises:
        InputError: If the pixel data cannot be decoded.
        MemoryError: If they need more memory than there is.
    """
    try:
        decoded = decode(dataset)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of a decoder written in Rust is no Exception
        raise InputError(
            f"{label} holds pixel data that cannot be decoded", "export it uncompressed from the archive"
        ) from error
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    if decoded.shape not in ((rows, columns), (rows, columns, 3)) or decoded.dtype.kind not in "iu":
        raise InputError(f"{label} holds pixel data that cannot be decoded", "export it again")
    return _used_bits(decoded.astype(np.int32), dataset)


def value_range(dataset: Dataset) -> tuple[int, int]:
    """Lowest and highest stored value that BitsStored and PixelRepresentation allow."""
    bits = integer(dataset, "BitsStored") or 8
    if integer(dataset, "PixelRepresentation") == 1:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def _used_bits(values: NDArray[np.int32], dataset: Dataset) -> NDArray[np.int32]:
    """Clear or sign-extend the bits above BitsStored.

    They may hold anything, overlays among it (PS3.5 section 8.1.1), and a lossless code stream carries them
    along.
    """
    low, high = value_range(dataset)
    span = high - low + 1
    return ((values - low) & (span - 1)) + low
