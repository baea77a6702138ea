"""What the status of a storage operation means (PS3.4 table B.2-1, PS3.7 annex C; PS3.18 uses the same)."""

from __future__ import annotations

#: Success, and the warnings after which the object is stored all the same.
_STORED = frozenset({0x0000, 0xB000, 0xB006, 0xB007})
_MEANINGS = {
    0x0110: "processing failure",
    0x0117: "invalid object",
    0x0122: "kind of object not supported",
    0x0124: "not authorised",
    0x0211: "operation not supported",
}


def is_stored(status: int) -> bool:
    """Whether the object is in the archive."""
    return status in _STORED


def meaning(status: int) -> str:
    """In words, with the number for the archive's administrator.

    >>> meaning(0xA700)
    'out of resources, status A700'
    """
    ranges = {0xA7: "out of resources", 0xA9: "object does not fit its kind", 0xFE: "cancelled"}
    known = _MEANINGS.get(status) or ranges.get(status >> 8)
    if known is None:
        known = "object not understood" if status >> 12 == 0xC else "unknown reason"
    return f"{known}, status {status:04X}"
