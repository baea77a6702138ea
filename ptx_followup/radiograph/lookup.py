"""Look-up tables of the modality and VOI LUT modules (PS3.3 C.11.1.1.1 and C.11.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.multival import MultiValue

from ptx_followup.dicom.elements import numbers, value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset


@dataclass(frozen=True)
class LookupTable:
    """A table from input values to entries.

    Attributes:
        entries: Unsigned integers as float64, one an input value.
        first: Input value of `entries[0]`; inputs outside the table give its first or last entry.
        full_scale: Largest value of the bit depth that the entries use, 255 to 65,535.
    """

    entries: NDArray[np.float64]
    first: int
    full_scale: float

    def apply(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Entries for `inputs`, any shape."""
        index = np.clip(np.rint(inputs) - self.first, 0, len(self.entries) - 1).astype(np.intp)
        return np.asarray(np.take(self.entries, index))


def read_table(item: Dataset, dataset: Dataset, inputs: NDArray[np.float64]) -> LookupTable | None:
    """Read one item of a LUT sequence of `dataset` for these input values; see `read_lookup_table`."""
    _, little_endian = dataset.original_encoding
    return read_lookup_table(
        item, inputs_signed=bool(inputs.min() < 0), little_endian=little_endian is not False
    )


def read_lookup_table(item: Dataset, *, inputs_signed: bool, little_endian: bool) -> LookupTable | None:
    """Read one item of a LUT sequence, or None where it is unusable.

    The third value of LUTDescriptor is not trusted: consoles write the size of an entry there instead of
    its depth (a table of 12-bit entries declared as 16), which would render the image black. The depth is
    taken from the largest entry, as other viewers do.

    Args:
        item: Holds LUTDescriptor and LUTData.
        inputs_signed: Whether the inputs can be negative; decides how the first mapped value is read.
        little_endian: Byte order of LUTData where it is stored as bytes (OW).
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3:
        return None
    count = int(descriptor[0]) & 0xFFFF or 0x10000
    first = int(descriptor[1]) & 0xFFFF
    if inputs_signed and first >= 0x8000:
        first -= 0x10000
    entries = _entries(value(item, "LUTData"), count, little_endian=little_endian)
    if entries is None:
        return None
    bits = max(8, int(entries.max()).bit_length())
    return LookupTable(entries.astype(np.float64), first, float((1 << bits) - 1))


def _entries(stored: Any, count: int, *, little_endian: bool) -> NDArray[np.uint16] | None:
    """The first `count` entries of LUTData; entries of 8 bits may be packed two to a word."""
    word = np.dtype("<u2" if little_endian else ">u2")
    if isinstance(stored, MultiValue | list | tuple):
        content = (np.array([int(entry) & 0xFFFF for entry in stored])).astype(word).tobytes()
    elif isinstance(stored, bytes):
        content = stored
    else:
        return None
    if len(content) >= 2 * count:
        return np.frombuffer(content, word, count).astype(np.uint16)
    if len(content) >= count:
        return np.frombuffer(content, np.uint8, count).astype(np.uint16)
    return None
