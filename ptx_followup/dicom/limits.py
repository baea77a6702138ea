"""How large an input may be; checked before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper and lower bounds of an acceptable radiograph.

    The largest detectors in clinical use give about 4,300 x 4,300 pixels of two bytes (37 MB) and digitised
    films less than 8,192 on a side, so the defaults leave a wide margin.

    Attributes:
        file_bytes: Size of the file, and of a deflated data set once it is inflated.
        elements: Data elements of the data set; radiographs have some hundred.
        side_pixels: Rows and columns, each.
        pixel_bytes: Decoded pixels: rows x columns x samples x bytes a sample.
        least_side_pixels: Below this, in rows or columns, no chest can be read.
    """

    file_bytes: int = 250_000_000
    elements: int = 50_000
    side_pixels: int = 16_384
    pixel_bytes: int = 200_000_000
    least_side_pixels: int = 64


DEFAULT_LIMITS = Limits()
