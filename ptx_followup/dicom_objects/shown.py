"""Window and polarity under which a radiograph was looked at, as a presentation state gives them.

They are measured: the display values of the radiograph are held against the stored values of its file. So
they are what the network saw, whichever header element, percentile or look at the chest decided it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.dicom.decode import stored_values
from ptx_followup.dicom.elements import number, text
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.letting_go import taken_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptx_followup.radiograph.image import Radiograph

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


def shown_greyscale(radiograph: Radiograph, source: Path) -> Greyscale | None:
    """How a radiograph was shown; None for one that is stored in colours, for which there is no such thing.

    Args:
        radiograph: As it was looked at; pixels that were let go are read again.
        source: Its DICOM file.

    Raises:
        InputError: The file cannot be read any more.
    """
    known, stored = contained.call(read_stored_in_child, file_label(source), configured_limits(), path=source)
    if not known["monochrome"]:
        return None
    slope, intercept = known["slope"], known["intercept"]
    lowest = int(stored.min())
    places = stored.ravel().astype(np.int64) - lowest  # 16 bits at most: counted faster than sorted
    every = np.bincount(places)
    levels, counts = np.flatnonzero(every), every[every > 0]
    display = radiograph.to_stored(taken_up(radiograph).pixels).ravel().astype(np.float64)
    shown = np.bincount(places, display)[levels] / counts
    return greyscale_of((levels + lowest) * slope + intercept, shown, counts, slope, intercept)


def greyscale_of(
    values: Values, shown: Values, counts: NDArray[np.integer], slope: float = 1.0, intercept: float = 0.0
) -> Greyscale:
    """The greyscale that maps modality values to display values.

    Args:
        values: Modality values that the image has.
        shown: The display value of each, 0..1.
        counts: Pixels of each.
        slope: From stored to modality values.
        intercept: Likewise.
    """
    mean = np.average(values, weights=counts), np.average(shown, weights=counts)
    inverse = float(np.sum(counts * (values - mean[0]) * (shown - mean[1]))) < 0
    grey = 1 - shown if inverse else shown
    inner = (grey > _TOLERANCE) & (grey < 1 - _TOLERANCE)
    if np.count_nonzero(inner) < 2:
        below, above = values[grey < 0.5].max(), values[grey >= 0.5].min()
        return Greyscale(slope, intercept, inverse, _linear(below, max(above, below + 1)))
    rise, start = np.polyfit(values[inner], grey[inner], 1)
    window = _linear(-start / rise, (1 - start) / rise)
    table = None
    if np.abs(start + rise * values[inner] - grey[inner]).max() > _TOLERANCE:
        table = _table(values, grey)
    return Greyscale(slope, intercept, inverse, window, table)


def read_stored_in_child(request: Request) -> Answer:
    """Stored values, float32, H x W, and their rescale, in the child process; see `contained`."""
    label, limits = request.label, request.limits
    with lenient_pydicom():
        dataset = parse(read_content(request.paths["path"], label, limits), label, limits)
        if not text(dataset, "PhotometricInterpretation").upper().startswith("MONOCHROME"):
            return {"monochrome": False}, contained.NOTHING
        slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
        if slope == 0:  # as `radiograph.greyscale` has it
            slope = intercept = None
        known = {"monochrome": True, "slope": 1.0 if slope is None else slope, "intercept": intercept or 0.0}
        return known, stored_values(dataset, label).values.astype(np.float32)


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
