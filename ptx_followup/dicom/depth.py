"""How many bits of a stored word are pixel, and whether they have a sign.

BitsStored and PixelRepresentation say it; but a code stream states a precision, one of JPEG 2000 a sign too,
and a native word has room for more bits than BitsStored. Where the two ways to read the words differ, the
picture decides: neighbouring pixels of a radiograph are alike. Values that are cut off at BitsStored jump by
the whole range where they fold over; an overlay or rubbish above BitsStored (PS3.5 section 8.1.1) jumps where
it is counted as pixel; and so do middle greys whose sign is taken for a bit of the value, or the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
#: On films of few grey levels no neighbours do. Those that differ by less than this may show that the header
#: is right, but not that it is wrong: so differ air and a black border, the ends of the range.
_LARGER_STEP = 1 / 4
#: Neighbours below which nothing is told by them; and the share of the pixels below which two readings are
#: alike: a burned-in marker may be all that is white, some noise around zero all that is negative.
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
        sign_is_open: The pixels do not tell whether they have a sign, so `depth` has that of the header.
    """

    values: NDArray[np.int32] = field(repr=False)
    depth: Depth
    warnings: tuple[str, ...] = ()
    sign_is_open: bool = False

    def with_other_sign(self) -> StoredPixels:
        """The same words with a sign where these have none, and the other way."""
        other = self.depth._replace(signed=not self.depth.signed)
        return replace(self, values=other.read(self.values), depth=other)


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
    share = _other_sign_share(words, depth)
    is_open = share is None or 1 - _MAJORITY < share < _MAJORITY
    if share is not None and share >= _MAJORITY:
        depth = depth._replace(signed=not depth.signed)
    values = depth.read(words)
    if np.array_equal(values, stated.read(words)):
        return StoredPixels(values, stated, sign_is_open=is_open)
    return StoredPixels(values, depth, (_warning(stated, depth),), is_open)


def _by_depth(words: NDArray[np.integer], stated: Depth, found: Depth, *, trusted: bool) -> Depth | None:
    """Which of two readings makes a picture; None where neither does. See `read_words`."""
    as_stated, as_found = stated.read(words), found.read(words)
    # Where no bit is set above those that the header states, there is only the sign left to ask for.
    nothing_above = stated.signed == found.signed and not (words >> stated.bits).any()
    if stated == found or nothing_above or np.array_equal(as_stated, as_found):
        return stated
    share = _smoother_share(as_found, as_stated)
    if share is None:
        share = float(trusted)
    if share >= _MAJORITY:
        return found
    stated_is_picture = _roughness(as_stated) < _PICTURE
    alike = np.count_nonzero(as_stated != as_found) < _FEW_PIXELS * words.size
    if (share <= 1 - _MAJORITY or alike) and stated_is_picture:
        return stated
    return found if not stated_is_picture and _roughness(as_found) < _PICTURE else None


def _smoother_share(first: NDArray[np.int32], second: NDArray[np.int32]) -> float | None:
    """Of the neighbours whose difference is not the same in both, the share that is closer in `first`.

    Its lowest and highest values, which are borders and letters, count where hardly any others differ.
    """
    ends = _ends(first)
    votes = {flat: [0, 0] for flat in (False, True)}
    for one, other in ((first, second), (first.swapaxes(0, 1), second.swapaxes(0, 1))):
        steps, others = np.abs(np.diff(one, axis=0)), np.abs(np.diff(other, axis=0))
        differ = steps != others
        pairs = np.stack([one[1:][differ], one[:-1][differ]])
        flat, closer = np.isin(pairs, ends).any(axis=0), (steps < others)[differ]
        for kind in (False, True):
            votes[kind][0] += int(np.count_nonzero(closer[flat == kind]))
            votes[kind][1] += int(np.count_nonzero(flat == kind))
    if votes[False][1] < _FEW_NEIGHBOURS:
        votes[False] = [sum(counts) for counts in zip(*votes.values(), strict=True)]
    closer_count, total = votes[False]
    return closer_count / total if total else None


def _other_sign_share(words: NDArray[np.integer], depth: Depth) -> float | None:
    """Of the neighbours on both sides of the middle grey, the share that is closer with the other sign.

    Only there do the two readings differ: what is a small step in one is a jump by the range in the other.
    0 where so few pixels lie on one side that both readings look alike, None where too few neighbours tell.
    """
    half = 1 << (depth.bits - 1)
    unsigned = Depth(depth.bits, signed=False).read(words).astype(np.uint16)
    upper = unsigned >= half
    if not _FEW_PIXELS <= np.count_nonzero(upper) / upper.size <= 1 - _FEW_PIXELS:
        return 0.0
    # The lowest and highest of a reading are borders and letters, which have sharp edges.
    low, high = _ends(unsigned ^ np.uint16(half))
    own, others = _ends(unsigned), (low ^ half, high ^ half)
    if depth.signed:
        own, others = others, own
    pairs = np.concatenate(
        [_crossing(unsigned, upper), _crossing(unsigned.swapaxes(0, 1), upper.swapaxes(0, 1))]
    )
    share = _wrapped_share(pairs, own + others, half, _SMALL_STEP)
    if share is not None:
        return 1 - share if depth.signed else share
    # The ends of the other reading are middle greys of this one; they may show it to be right.
    share = _wrapped_share(pairs, own, half, _LARGER_STEP)
    confirmed = share is not None and (1 - share if depth.signed else share) <= 1 - _MAJORITY
    return 0.0 if confirmed else None


def _wrapped_share(pairs: NDArray[np.uint16], flat: tuple[int, ...], half: int, small: float) -> float | None:
    """Of the pairs without a flat value that are close in one reading, the share that is with a sign."""
    counting = pairs[~np.isin(pairs, flat).any(axis=1)].astype(np.int32)
    steps = np.abs(counting[:, 0] - counting[:, 1])
    most = small * 2 * half
    near, wrapped = np.count_nonzero(steps < most), np.count_nonzero(2 * half - steps < most)
    return float(wrapped) / (near + wrapped) if near + wrapped >= _FEW_NEIGHBOURS else None


def _crossing(values: NDArray[np.uint16], upper: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Neighbours in successive rows of which one is `upper`: pairs x 2."""
    crossing = upper[1:] != upper[:-1]
    return np.stack([values[1:][crossing], values[:-1][crossing]], axis=1)


def _ends(values: NDArray[np.integer]) -> tuple[int, int]:
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
