"""From modality to display values: the VOI LUT or window that fits the pixels (PS3.3 C.11.2).

A window that was made for other pixel values (8 bits under 12, another export of the same film) shows most of
the film black or white. So every LUT and window that the header holds is tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.dicom.elements import items, numbers, text
from ptx_followup.radiograph.lookup import read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    Display = NDArray[np.float64]
    Counts = NDArray[np.integer]

#: Share of a film that a window may make white, and that it may make white or black: no film is white for
#: half, but collimation and direct exposure are black on more than half of the film of a small child.
_MOST_WHITE, _MOST_SATURATED = 0.5, 0.65
#: The same for both where the header is wrong about the pixels.
_MOST_IN_DOUBT = 0.2
#: Share of the film that it may make white or black where more than the second share of the film's grey
#: levels goes with it: such windows changed masks (docs/reading.md). Direct exposure is many pixels of few
#: levels.
_MOST_CLIPPED, _MOST_LOST = 0.1, 0.25
#: Steps between the percentiles 0.5 and 99.5 of the film, and the share of its pixels from which one counts.
_STEPS, _LEAST_IN_STEP = 64, 0.002
#: Part of the grey scale over which a film must spread, between its 5 and 95 percentiles.
_SPREAD = 1 / 8
#: Display values that no screen tells from black or white.
_BLACK, _WHITE = 1 / 255, 254 / 255


def voi_values(
    values: Display, counts: Counts, dataset: Dataset, *, depth_in_doubt: bool = False
) -> tuple[Display | None, tuple[str, ...]]:
    """Display values by the first VOI LUT, then the first window, that shows the film.

    Args:
        values: Modality values, one a grey level.
        counts: Pixels of each grey level; levels that shall not count are 0.
        dataset: The header.
        depth_in_doubt: The header is wrong about depth or sign of the pixels, so perhaps about the window.

    Returns:
        0..1, one a grey level, or None where the header holds nothing that shows the film; and a warning
        where it is not the first that the header holds.
    """
    if not text(dataset, "PhotometricInterpretation").upper().startswith("MONOCHROME"):
        return None, ()  # the VOI LUT module applies to monochrome images only
    white_high = text(dataset, "PhotometricInterpretation").upper() != "MONOCHROME1"
    most = (_MOST_IN_DOUBT, _MOST_IN_DOUBT) if depth_in_doubt else (_MOST_WHITE, _MOST_SATURATED)
    faults: list[str] = []
    for name, display in (*_luts(values, dataset), *_windows(values, dataset)):
        shown = display if display is None or white_high else 1 - display
        fault = "is damaged" if shown is None else _fault(shown, values, counts, *most)
        if display is not None and fault is None:
            return display, (f"{faults[0]} and was replaced by {name}",) if faults else ()
        faults.append(f"{name} {fault}")
    return None, (f"{faults[0]} and was replaced by a window from the pixels",) if faults else ()


def window_values(values: Display, center: float, width: float, function: str = "LINEAR") -> Display:
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


def _luts(values: Display, dataset: Dataset) -> Iterator[tuple[str, Display | None]]:
    """Name and display values of each VOI LUT; None where it is damaged."""
    tables = items(dataset, "VOILUTSequence")
    for number, item in enumerate(tables, 1):
        table = read_table(item, dataset, values)
        yield (
            _name("VOI LUT", number, len(tables)),
            None if table is None else table.apply(values) / table.full_scale,
        )


def _windows(values: Display, dataset: Dataset) -> Iterator[tuple[str, Display | None]]:
    """Name and display values of each window; None where its width is none."""
    function = text(dataset, "VOILUTFunction").upper()
    if function not in ("LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    pairs = list(zip(numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth"), strict=False))
    for number, (center, width) in enumerate(pairs, 1):
        legal = width > 0 and (function != "LINEAR" or width >= 1)
        yield (
            _name("window", number, len(pairs)),
            window_values(values, center, width, function) if legal else None,
        )


def _name(kind: str, number: int, of: int) -> str:
    return f"the {kind}" if of == 1 else f"{kind} {number} of {of}"


def _fault(
    display: Display, values: Display, counts: Counts, most_white: float, most_saturated: float
) -> str | None:
    """Why display values do not show a film of these modality values; None where they do."""
    occupied = np.flatnonzero(counts)
    if occupied.size == 0 or np.ptp(display[occupied]) < 1 / 255:
        return "shows nothing of the image"
    # A black border and a burned-in marker lie at the ends of the stored values and lose nothing.
    inner = occupied[1:-1] if occupied.size > 2 else occupied
    shown, weights = display[inner], counts[inner]
    white = shown > _WHITE
    clipped = white | (shown < _BLACK)
    white_share, share = (float(weights[where].sum() / weights.sum()) for where in (white, clipped))
    too_much = white_share > most_white or share > most_saturated
    if too_much or (share > _MOST_CLIPPED and _lost(values[inner], weights, clipped) > _MOST_LOST):
        return f"does not fit the pixels (it shows {share:.0%} of the film black or white)"
    low, high = np.quantile(shown, (0.05, 0.95), weights=weights, method="inverted_cdf")
    if high - low < _SPREAD:
        return "does not fit the pixels (it shows the film without contrast)"
    return None


def _lost(values: Display, weights: Counts, clipped: NDArray[np.bool_]) -> float:
    """Share of the grey levels that are clipped, of those that hold some of the film's pixels."""
    low, high = np.quantile(values, (0.005, 0.995), weights=weights, method="inverted_cdf")
    if low == high:
        return 0.0
    step = np.clip((values - low) / (high - low) * _STEPS, 0, _STEPS - 1).astype(np.intp)
    pixels = np.bincount(step, weights, _STEPS)
    counting = pixels >= _LEAST_IN_STEP * weights.sum()
    most_clipped = 2 * np.bincount(step, weights * clipped, _STEPS) > pixels
    return float(np.mean(most_clipped[counting]))
