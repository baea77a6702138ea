"""How many bits of a stored word are pixel, and whether they have a sign.

BitsStored and PixelRepresentation say it; but a code stream states a precision, one of JPEG 2000 a sign too,
and a native word has room for more bits than BitsStored. Where the two ways to read the words differ, the
picture decides: neighbouring pixels of a radiograph are alike. Values that are cut off at BitsStored jump by
the whole range where they fold over; an overlay or rubbish above BitsStored (PS3.5 section 8.1.1) jumps where
it is counted as pixel; and so do middle greys whose sign is taken for a bit of the value, or the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of the neighbours that must speak for one of two readings; a picture gives 0.85 to 1.
_MAJORITY = 0.75
#: Mean difference of neighbours in standard deviations below which there is a picture: radiographs have 0.01
#: to 0.1; white noise, which is what a picture folded over many times looks like, has 1.15.
_PICTURE = 0.5
#: Neighbours that differ by less than this part of the range say whether there is a sign: larger steps are
#: edges. Of those of 1,083 films of NIH ChestX-ray14, 0.994 to 1 speak for the right reading.
_SMALL_STEP = 1 / 16
#: Neighbours, and shares of the pixels with and without the highest bit, below which nothing is said of the
#: sign: a burned-in marker may be all that is white, some noise around zero all that is negative.
_FEW_NEIGHBOURS, _FEW_PIXELS = 50, 0.005


class Depth(NamedTuple):
    """How a stored word is read: its lowest `bits`, in two's complement where `signed`."""

    bits: int
    signed: bool

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest value."""
        if self.signed:
            return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        return 0, (1 << self.bits) - 1

    def read(self, words: NDArray[np.integer]) -> NDArray[np.int32]:
        """Values of words; what lies above `bits` is cleared, or takes the sign."""
        low, high = self.range
        return ((words.astype(np.int32) - low) & (high - low)) + low


@dataclass(frozen=True, eq=False)
class StoredPixels:
    """Stored values, and what they can be.

    Attributes:
        values: int32, H x W or H x W x 3.
        depth: How the words were read; `values` lie inside `depth.range`.
        warnings: Where that is not what the header says.
    """

    values: NDArray[np.int32] = field(repr=False)
    depth: Depth
    warnings: tuple[str, ...] = ()


def read_words(
    words: NDArray[np.integer], stated: Depth, found: Depth, label: str, *, trusted: bool
) -> StoredPixels:
    """Read words as the header states or as the pixels were found, of either sign: what makes a picture.

    Args:
        words: H x W or H x W x 3, as decoded, every bit kept.
        stated: What the header says.
        found: What the code stream says, or the whole word.
        label: The file's base name, for messages.
        trusted: Take `found` where both make the same picture but for a constant.

    Raises:
        InputError: No reading makes a picture.
    """
    depth = _by_depth(words, stated, found, trusted=trusted)
    if depth is None:
        raise InputError(
            f"{label} holds pixel values that contradict its BitsStored or PixelRepresentation",
            "export it again from the archive",
        )
    if _other_sign_share(words, depth) >= _MAJORITY:
        depth = depth._replace(signed=not depth.signed)
    values = depth.read(words)
    if np.array_equal(values, stated.read(words)):
        return StoredPixels(values, stated)
    return StoredPixels(values, depth, (_warning(stated, depth),))


def _by_depth(words: NDArray[np.integer], stated: Depth, found: Depth, *, trusted: bool) -> Depth | None:
    """Which of two readings makes a picture; None where neither does. See `read_words`."""
    as_stated, as_found = stated.read(words), found.read(words)
    if stated == found or np.array_equal(as_stated, as_found):
        return stated
    share = _smoother_share(as_found, as_stated)
    if share is None:
        share = float(trusted)
    if share >= _MAJORITY:
        return found
    stated_is_picture = _roughness(as_stated) < _PICTURE
    if share <= 1 - _MAJORITY and stated_is_picture:
        return stated
    return found if not stated_is_picture and _roughness(as_found) < _PICTURE else None


def _smoother_share(first: NDArray[np.int32], second: NDArray[np.int32]) -> float | None:
    """Of the neighbours whose difference is not the same in both, the share that is closer in `first`."""
    closer = total = 0
    for axis in (0, 1):
        one, other = np.abs(np.diff(first, axis=axis)), np.abs(np.diff(second, axis=axis))
        closer += int(np.count_nonzero(one < other))
        total += int(np.count_nonzero(one != other))
    return closer / total if total else None


def _other_sign_share(words: NDArray[np.integer], depth: Depth) -> float:
    """Of the neighbours on both sides of the middle grey, the share that is closer with the other sign.

    Only there do the two readings differ: what is a small step in one is a jump by the range in the other.
    0 where too few pixels say anything.
    """
    half = 1 << (depth.bits - 1)
    unsigned = Depth(depth.bits, signed=False).read(words).astype(np.uint16)
    upper = unsigned >= half
    if not _FEW_PIXELS <= np.count_nonzero(upper) / upper.size <= 1 - _FEW_PIXELS:
        return 0.0
    # The lowest and highest of both readings are borders and letters, which have sharp edges.
    turned = unsigned ^ np.uint16(half)
    flat = [*_ends(unsigned), *(end ^ half for end in _ends(turned))]
    pairs = np.concatenate(
        [_crossing(unsigned, upper), _crossing(unsigned.swapaxes(0, 1), upper.swapaxes(0, 1))]
    )
    pairs = pairs[~np.isin(pairs, flat).any(axis=1)].astype(np.int32)
    steps = np.abs(pairs[:, 0] - pairs[:, 1])
    small = _SMALL_STEP * 2 * half
    near, wrapped = np.count_nonzero(steps < small), np.count_nonzero(2 * half - steps < small)
    if near + wrapped < _FEW_NEIGHBOURS:
        return 0.0
    return float(near if depth.signed else wrapped) / (near + wrapped)


def _crossing(values: NDArray[np.uint16], upper: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Neighbours in successive rows of which one is `upper`: pairs x 2."""
    crossing = upper[1:] != upper[:-1]
    return np.stack([values[1:][crossing], values[:-1][crossing]], axis=1)


def _ends(values: NDArray[np.uint16]) -> tuple[int, int]:
    return int(values.min()), int(values.max())


def _roughness(values: NDArray[np.int32]) -> float:
    """Mean difference of neighbours in standard deviations; 0 for a flat image."""
    spread = float(values.std())
    differences = [float(np.abs(np.diff(values, axis=axis)).mean()) for axis in (0, 1)]
    return sum(differences) / 2 / spread if spread else 0.0


def _warning(stated: Depth, found: Depth) -> str:
    def words(depth: Depth) -> str:
        return f"{depth.bits} bits {'with' if depth.signed else 'without'} sign"

    return (
        f"the header states pixels of {words(stated)}, and they are of {words(found)}: "
        "they were read as they are"
    )
