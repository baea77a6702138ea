"""Films and layers as they are sent: raw pixels, compressed a little, on the grid of `Radiograph.pixels`."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.radiograph.image import Radiograph

#: Longer side of the first picture, which is there before the film.
_SMALL_PX = 1024
#: Pixels that are neither black nor white, of every sixteenth, without which no window can be told.
_LEAST_GREY = 100


@dataclass(frozen=True, eq=False)
class Film:
    """A film with all its grey levels.

    Attributes:
        radiograph: As it is shown and segmented, through the window of its file.
        levels: uint16, H x W of `radiograph.pixels`: as stored, white high.
        bits: That the levels have.
        window: Centre and width, in levels, through which they look like `radiograph.pixels`; exactly where
            the file states a linear window, nearly where it states a table.
    """

    radiograph: Radiograph = field(repr=False)
    levels: NDArray[np.uint16] = field(repr=False)
    bits: int
    window: tuple[float, float]

    def shown_as(self, radiograph: Radiograph) -> Film:
        """The film after its networks have run, which may have found that it is a negative."""
        if radiograph.inverted == self.radiograph.inverted:
            return replace(self, radiograph=radiograph)
        highest = (1 << self.bits) - 1
        levels = np.asarray(highest - self.levels, np.uint16)
        return Film(radiograph, levels, self.bits, (highest - self.window[0], self.window[1]))

    @property
    def bounds(self) -> tuple[int, int]:
        """Lowest and highest level."""
        return int(self.levels.min()), int(self.levels.max())


def film_of(radiograph: Radiograph, stored: NDArray[np.uint16], bits: int) -> Film:
    """Put a film together.

    Args:
        radiograph: The film, perhaps turned round from a negative.
        stored: Its stored values, on the grid of its file (`read_levels`).
        bits: That these have.
    """
    levels = radiograph.to_standard(stored)
    shown, sampled = radiograph.pixels[::4, ::4], levels[::4, ::4].astype(np.float64)
    grey = (shown > 0) & (shown < 1)
    if np.count_nonzero(grey) < _LEAST_GREY or np.ptp(sampled[grey]) == 0:
        highest = float((1 << bits) - 1)
        return Film(radiograph, levels, bits, (highest / 2, highest))
    slope, offset = np.polyfit(sampled[grey], shown[grey].astype(np.float64), 1)
    if slope < 0:  # white is low in the file, or a negative was turned round
        highest = (1 << bits) - 1
        levels = np.asarray(highest - levels, np.uint16)
        slope, offset = -slope, offset + slope * highest
    window = (float((0.5 - offset) / slope), float(1 / slope))
    padding = (radiograph.pixels == 0) & (levels > window[0])
    levels[padding] = 0  # black by its header, whatever the value
    return Film(radiograph, levels, bits, window)


def film_bytes(film: Film) -> bytes:
    """The levels as little-endian words of 16 bits, row by row, in gzip's form."""
    return _packed(film.levels.astype("<u2", copy=False))


def layer_bytes(layer: NDArray[np.bool_] | NDArray[np.uint8]) -> bytes:
    """A mask (0 and 1) or labels as bytes, row by row, in gzip's form."""
    return _packed(layer.astype(np.uint8))


def small_film(film: Film) -> bytes:
    """The film through its window as a PNG of 8 bits, at most 1,024 pixels on the longer side."""
    pixels = film.radiograph.pixels
    scale = min(1.0, _SMALL_PX / max(pixels.shape))
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
    _, encoded = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return encoded.tobytes()


def _packed(values: NDArray[np.unsignedinteger]) -> bytes:
    return gzip.compress(values.tobytes(), compresslevel=1, mtime=0)
