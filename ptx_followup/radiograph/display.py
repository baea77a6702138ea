"""Window and polarity under which a radiograph is looked at, as a presentation state gives them.

They are measured: the display values that stored values were given are held against these. So they are what
the network sees, whichever header element or percentile decided it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

#: Display values nearer to black or white than this are clipped; a ramp may deviate by as much.
_TOLERANCE = 2e-3
#: A table of the VOI LUT module has so many entries at most (PS3.3 section C.11.2.1.1).
_MOST_ENTRIES = 1 << 16


@dataclass(frozen=True, eq=False)
class Greyscale:
    """From stored values to display values.

    Attributes:
        slope, intercept: From stored to modality values; 1 and 0 where the file states none.
        inverse: High modality values are black.
        window: Centre and width of a linear window (VOI LUT function LINEAR), in modality values.
        table: Where no window does: the first modality value, and uint16 entries from 0 (the end that
            `inverse` makes white) to 65,535.
    """

    slope: float
    intercept: float
    inverse: bool
    window: tuple[float, float]
    table: tuple[int, NDArray[np.uint16]] | None = field(default=None, repr=False)

    def turned_round(self) -> Greyscale:
        """That of the negative."""
        return replace(self, inverse=not self.inverse)

    def to_json(self) -> dict[str, Any]:
        """As the process that reads files sends it."""
        table = None if self.table is None else (self.table[0], self.table[1].tolist())
        return {**vars(self), "table": table}

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Greyscale:
        """From `to_json`."""
        table = known["table"]
        entries = None if table is None else (table[0], np.array(table[1], np.uint16))
        return cls(**(known | {"window": tuple(known["window"]), "table": entries}))


def greyscale_of(
    values: Values,
    shown: Values,
    counts: NDArray[np.integer],
    slope: float = 1.0,
    intercept: float = 0.0,
) -> Greyscale:
    """The greyscale that maps modality values to display values.

    Args:
        values: One for each grey level that the image has, rising or falling.
        shown: The display value of each, 0..1; not all are alike.
        counts: Pixels of each.
        slope: From stored to modality values.
        intercept: Likewise.
    """
    mean = np.average(values, weights=counts), np.average(shown, weights=counts)
    inverse = float(np.sum(counts * (values - mean[0]) * (shown - mean[1]))) < 0
    grey = 1 - shown if inverse else shown
    inner = (grey > _TOLERANCE) & (grey < 1 - _TOLERANCE)
    if len(np.unique(grey[inner])) < 2:
        middle = (grey.min() + grey.max()) / 2
        below, above = values[grey < middle].max(), values[grey >= middle].min()
        return Greyscale(slope, intercept, inverse, _linear(below, max(above, below + 1)))
    rise, start = np.polyfit(values[inner], grey[inner], 1)
    window = _linear(-start / rise, (1 - start) / rise)
    table = None
    if np.abs(start + rise * values[inner] - grey[inner]).max() > _TOLERANCE:
        table = _table(values, grey)
    return Greyscale(slope, intercept, inverse, window, table)


def _linear(low: float, high: float) -> tuple[float, float]:
    """Centre and width of the window that makes `low` black and `high` white (PS3.3 C.11.2.1.2.1)."""
    return float((low + high) / 2 + 0.5), float(high - low + 1)


def _table(values: Values, grey: Values) -> tuple[int, NDArray[np.uint16]] | None:
    """A table through all points; None where the modality values do not allow one."""
    first, last = int(np.floor(values.min())), int(np.ceil(values.max()))
    if not -(_MOST_ENTRIES // 2) <= first < _MOST_ENTRIES or last - first >= _MOST_ENTRIES:
        return None
    order = np.argsort(values)
    entries = np.interp(np.arange(first, last + 1), values[order], grey[order])
    return first, np.rint(entries * 65535).astype(np.uint16)
