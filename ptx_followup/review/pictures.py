"""Films and layers as they are sent: raw pixels, compressed a little, on the grid of `Radiograph.pixels`."""

from __future__ import annotations

import gzip

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.radiograph.image import Radiograph

#: Display values are sent as words of 16 bits.
HIGHEST = 65_535
#: Longer side of the first picture, which is there before the film.
_SMALL_PX = 1024


def film_bytes(film: Radiograph) -> bytes:
    """The film as little-endian words of 16 bits, row by row, in gzip's form."""
    return _packed(np.rint(film.pixels * np.float32(HIGHEST)).astype("<u2"))


def layer_bytes(layer: NDArray[np.bool_] | NDArray[np.uint8]) -> bytes:
    """A mask (0 and 1) or labels as bytes, row by row, in gzip's form."""
    return _packed(layer.astype(np.uint8))


def small_film(film: Radiograph) -> bytes:
    """The film as a PNG of 8 bits, at most 1,024 pixels on the longer side."""
    scale = min(1.0, _SMALL_PX / max(film.pixels.shape))
    size = max(1, round(film.columns * scale)), max(1, round(film.rows * scale))
    small = cv2.resize(film.pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
    _, encoded = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return encoded.tobytes()


def _packed(values: NDArray[np.unsignedinteger]) -> bytes:
    return gzip.compress(values.tobytes(), compresslevel=1, mtime=0)
