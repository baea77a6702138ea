"""From stored values to display values: the grey-scale pipeline of PS3.4 N.2.

Stored values have at most 16 bits and every step maps one value to one value. So the pipeline runs once over
all values there can be, in float64, and the pixels look their result up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.dicom.decode import value_range
from ptx_followup.dicom.elements import integer, items, number, numbers, text
from ptx_followup.radiograph.lookup import LookupTable, read_lookup_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

#: Where the header gives no window, these shares of the pixels bound it: 0.5 % at either end may clip, enough
#: for burned-in markers and direct exposure, too few for the lungs.
PERCENTILES = (0.5, 99.5)


def render(stored: NDArray[np.int32], dataset: Dataset) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Apply the modality LUT or rescale, the VOI LUT or window, and the polarity.

    Args:
        stored: H x W stored values within `value_range(dataset)`.
        dataset: The header.

    Returns:
        Display values, H x W, float32, 0 (black) to 1 (white), padding black; and warnings.
    """
    low, high = value_range(dataset)
    counts = np.bincount((stored - low).ravel(), minlength=high - low + 1)
    padding = _padding(dataset, low, high)
    counts[padding] = 0

    inputs = np.arange(low, high + 1, dtype=np.float64)
    modality, warnings = _modality_values(inputs, dataset)
    display, voi_warnings = _voi_values(modality, counts, dataset)
    if display is None:
        display = stretch(modality, counts)
    if text(dataset, "PhotometricInterpretation").upper() == "MONOCHROME1":
        display = 1.0 - display
    display[padding] = 0.0
    return np.take(display.astype(np.float32), stored - low), warnings + voi_warnings


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


def window_values(
    values: NDArray[np.float64], center: float, width: float, function: str = "LINEAR"
) -> NDArray[np.float64]:
    """Apply a window with output 0..1 (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    Args:
        values: Modality values, any shape.
        center: WindowCenter.
        width: WindowWidth; at least 1 for LINEAR, above 0 otherwise.
        function: VOILUTFunction: LINEAR, LINEAR_EXACT or SIGMOID.
    """
    if function == "SIGMOID":
        # exp overflows beyond 709; the sigmoid is 0 or 1 in float64 long before.
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - center) / width, -700.0, 700.0))))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1.0
    if width == 0.0:
        return np.where(values > center, 1.0, 0.0)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


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
    if items(dataset, "ModalityLUTSequence"):
        table = _table(dataset, "ModalityLUTSequence", inputs)
        if table is not None:
            return table.apply(inputs), ()
        return inputs, ("the modality LUT is damaged and was not applied",)
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    if slope == 0:
        return inputs, ("RescaleSlope is 0 and was not applied",)
    return inputs * (1.0 if slope is None else slope) + (intercept or 0.0), ()


def _voi_values(
    values: NDArray[np.float64], counts: NDArray[np.integer], dataset: Dataset
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Modality to display values by the first VOI LUT, else the first window, else None."""
    if not text(dataset, "PhotometricInterpretation").upper().startswith("MONOCHROME"):
        return None, ()  # the VOI LUT module applies to monochrome images only
    warnings: tuple[str, ...] = ()
    if items(dataset, "VOILUTSequence"):
        table = _table(dataset, "VOILUTSequence", values)
        if table is not None and not _is_flat(display := table.apply(values) / table.full_scale, counts):
            return display, ()
        warnings = ("the VOI LUT is damaged and was not applied",)
    center, width = numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth")
    if not center or not width:
        return None, warnings
    function = text(dataset, "VOILUTFunction").upper()
    if function not in ("LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    if width[0] > 0 and (function != "LINEAR" or width[0] >= 1):
        display = window_values(values, center[0], width[0], function)
        if not _is_flat(display, counts):
            return display, warnings
    return None, (*warnings, "the window shows nothing of the image and was replaced by one from its pixels")


def _is_flat(display: NDArray[np.float64], counts: NDArray[np.integer]) -> bool:
    """True if the image's pixels would all get the same display value."""
    present = display[counts > 0]
    return present.size == 0 or bool(np.ptp(present) < 1 / 255)


def _table(dataset: Dataset, sequence: str, inputs: NDArray[np.float64]) -> LookupTable | None:
    _, little_endian = dataset.original_encoding
    return read_lookup_table(
        items(dataset, sequence)[0],
        inputs_signed=bool(inputs.min() < 0),
        little_endian=little_endian is not False,
    )
