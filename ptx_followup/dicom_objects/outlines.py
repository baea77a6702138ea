"""Outlines of masks as the graphics of a presentation state (DICOM PS3.3 section C.10.5)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: Points of one graphic at most: its coordinates, two FL of four bytes a point, share a length of 16 bits in
#: Explicit VR (PS3.5 section 7.1.2).
MOST_POINTS = 8000
#: Pixels by which an outline with more points than that may deviate at first.
_TOLERANCE = 0.5


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.float32]]:
    r"""Closed lines through the middles of a mask's outermost pixels, around its holes too.

    Args:
        mask: bool, rows x columns of the stored image.

    Returns:
        One array a line, float32, points x (column, row), the last point the first. Image relative pixel
        coordinates: the top left corner of the top left pixel is 0\\0, and its middle 0.5\\0.5.

    Examples:
        >>> outlines(np.ones((1, 2), bool))[0].tolist()
        [[0.5, 0.5], [1.5, 0.5], [0.5, 0.5]]
    """
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [_closed(np.asarray(line, np.float32).reshape(-1, 2)) + 0.5 for line in found]


def _closed(line: NDArray[np.float32]) -> NDArray[np.float32]:
    tolerance = _TOLERANCE
    while len(line) >= MOST_POINTS:
        line = np.asarray(cv2.approxPolyDP(line.reshape(-1, 1, 2), tolerance, closed=True)).reshape(-1, 2)
        tolerance *= 2
    return np.vstack([line, line[:1]])
