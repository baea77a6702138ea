"""From stored values to display values: the grey-scale pipeline of PS3.4 N.2.

Stored values have at most 16 bits and every step maps one value to one value. So the pipeline runs once over
all values there can be, in float64, and the pixels look their result up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ptx_followup.dicom.elements import integer, items, number, text
from ptx_followup.radiograph.display import Greyscale, greyscale_of
from ptx_followup.radiograph.lookup import read_table
from ptx_followup.radiograph.voi import voi_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from ptx_followup.dicom.depth import StoredPixels

#: Where the header gives no window, these shares of the pixels bound it: 0.5 % at either end may clip, enough
#: for burned-in markers and direct exposure, too few for the lungs.
PERCENTILES = (0.5, 99.5)

#: Colour models and shapes that PS3.3 C.8.11.3 does not let go together. PhotometricInterpretation is obeyed;
#: what the pixels say is looked at once the chest is found (`anatomy.polarity`).
_CONTRADICTORY = frozenset({("MONOCHROME2", "INVERSE"), ("MONOCHROME1", "IDENTITY")})


class Rendering(NamedTuple):
    """How a film is shown.

    Attributes:
        pixels: Display values, H x W, float32, 0 (black) to 1 (white), padding black.
        greyscale: From stored values to these; None for a film in colours, or one that shows nothing.
        warnings: What the header contradicts.
    """

    pixels: NDArray[np.float32]
    greyscale: Greyscale | None
    warnings: tuple[str, ...]


def render(stored: StoredPixels, dataset: Dataset) -> Rendering:
    """Apply the modality LUT or rescale, the VOI LUT or window, and the polarity that the header states.

    Args:
        stored: H x W stored values.
        dataset: The header.
    """
    low, high = stored.depth.range
    places = stored.values - low
    every = np.bincount(places.ravel(), minlength=high - low + 1)
    padding = _padding(dataset, low, high)
    counts = np.where(padding, 0, every)

    inputs = np.arange(low, high + 1, dtype=np.float64)
    modality, warnings = _modality_values(inputs, dataset)
    display, voi_warnings = voi_values(modality, counts, dataset, depth_in_doubt=bool(stored.warnings))
    if display is None:
        display = stretch(modality, counts)
    model = text(dataset, "PhotometricInterpretation").upper()
    if model == "MONOCHROME1":
        display = 1.0 - display
    shape = text(dataset, "PresentationLUTShape").upper()
    if (model, shape) in _CONTRADICTORY:
        warnings += (f"{model} with a PresentationLUTShape of {shape}: the header contradicts itself",)
    display[padding] = 0.0
    table = display.astype(np.float32)
    greyscale = _greyscale(inputs, table, every, dataset) if model.startswith("MONOCHROME") else None
    return Rendering(np.take(table, places), greyscale, warnings + voi_warnings)


def render_plain(stored: NDArray[np.unsignedinteger]) -> NDArray[np.float32]:
    """Display values of an image without a header: H x W, uint8 or uint16, white high."""
    counts = np.bincount(stored.ravel(), minlength=np.iinfo(stored.dtype).max + 1)
    display = stretch(np.arange(len(counts), dtype=np.float64), counts)
    return np.take(display.astype(np.float32), stored)


def stretch(values: NDArray[np.float64], counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Window `values` between the `PERCENTILES` of an image's pixels.

    Args:
        values: One a grey level.
        counts: Pixels of each grey level; levels that shall not count are 0.

    Returns:
        0..1, one a grey level; all 0 where the image is flat.
    """
    occupied = counts > 0
    if not occupied.any():
        return np.zeros_like(values)
    present, weights = values[occupied], counts[occupied]
    shares = [percent / 100 for percent in PERCENTILES]
    low, high = np.quantile(present, shares, weights=weights, method="inverted_cdf")
    if low == high:  # nearly all pixels are alike: use what contrast there is
        low, high = present.min(), present.max()
    if low == high:
        return np.zeros_like(values)
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0))


def _padding(dataset: Dataset, low: int, high: int) -> NDArray[np.bool_]:
    """Mark the levels between PixelPaddingValue and PixelPaddingRangeLimit (PS3.3 C.7.5.1.1.2)."""
    mask = np.zeros(high - low + 1, dtype=np.bool_)
    first, last = integer(dataset, "PixelPaddingValue"), integer(dataset, "PixelPaddingRangeLimit")
    if first is None:
        return mask
    # Both are written as US or SS, not always as PixelRepresentation demands: 0xF830 may mean -2000.
    bounds = [
        bound - 0x10000 if low < 0 and bound > high else bound
        for bound in (first, first if last is None else last)
    ]
    if low <= min(bounds) and max(bounds) <= high:
        mask[min(bounds) - low : max(bounds) - low + 1] = True
    return mask


def _modality_values(
    inputs: NDArray[np.float64], dataset: Dataset
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Stored to modality values: a table if there is one, else the rescale, else unchanged."""
    if tables := items(dataset, "ModalityLUTSequence"):
        table = read_table(tables[0], dataset, inputs)
        if table is not None:
            return table.apply(inputs), ()
        return inputs, ("the modality LUT is damaged and was not applied",)
    rescale = _rescale(dataset)
    if rescale is None:
        return inputs, ("RescaleSlope is 0 and was not applied",)
    slope, intercept = rescale
    return inputs * slope + intercept, ()


def _rescale(dataset: Dataset) -> tuple[float, float] | None:
    """Slope and intercept, 1 and 0 where the header states none; None for a slope of 0."""
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    return None if slope == 0 else (1.0 if slope is None else slope, intercept or 0.0)


def _greyscale(
    inputs: NDArray[np.float64], table: NDArray[np.float32], counts: NDArray[np.integer], dataset: Dataset
) -> Greyscale | None:
    """The greyscale that the levels which occur are shown in; None where they are all shown alike."""
    occur = counts > 0
    shown = table[occur].astype(np.float64)
    if np.ptp(shown) == 0:
        return None
    slope, intercept = _rescale(dataset) or (1.0, 0.0)
    return greyscale_of(inputs[occur] * slope + intercept, shown, counts[occur], slope, intercept)
