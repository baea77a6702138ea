"""Pixel grids in millimetres, and affine maps between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
#: 2 x 3: (x, y) in mm of the follow-up to (x, y) in mm of the prior.
Affine = NDArray[np.float64]
#: Rows of a grid that are worked on at a time.
_STRIP_ROWS = 256


@dataclass(frozen=True)
class Grid:
    """A pixel grid in millimetres: pixel (row, column) has its centre at (column, row) x spacing + origin.

    Attributes:
        shape: Rows, columns.
        spacing: Millimetres per pixel along x (columns) and y (rows).
        origin: Centre of pixel (0, 0), x and y in mm.
    """

    shape: tuple[int, int]
    spacing: tuple[float, float]
    origin: tuple[float, float] = (0.0, 0.0)

    def reduced(self, pitch: float) -> Grid:
        """A grid of the same extent with square pixels of about `pitch` mm."""
        rows, columns = self.shape
        width, height = columns * self.spacing[0], rows * self.spacing[1]
        new = (max(1, round(height / pitch)), max(1, round(width / pitch)))
        spacing = (width / new[1], height / new[0])
        corner = (self.origin[0] - self.spacing[0] / 2, self.origin[1] - self.spacing[1] / 2)
        return Grid(new, spacing, (corner[0] + spacing[0] / 2, corner[1] + spacing[1] / 2))

    def points(self, rows: slice = slice(None)) -> FloatImage:
        """Position of every pixel, or of those of some rows: float32, H x W x 2, x and y in mm."""
        x = np.arange(self.shape[1], dtype=np.float32) * self.spacing[0] + self.origin[0]
        y = np.arange(self.shape[0], dtype=np.float32)[rows] * self.spacing[1] + self.origin[1]
        return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).astype(np.float32)

    def strips(self) -> Iterator[slice]:
        """All rows, some at a time: positions take a multiple of the memory of the pixels that lie there."""
        for start in range(0, self.shape[0], _STRIP_ROWS):
            yield slice(start, start + _STRIP_ROWS)

    def sample(self, image: FloatImage, points: FloatImage, outside: float | None = None) -> FloatImage:
        """Values of an image on this grid at points (H x W x 2, mm), linear between pixels.

        Args:
            image: float32, of this grid's shape.
            points: Where.
            outside: Value beyond the image; None continues its border.
        """
        columns = (points[..., 0] - self.origin[0]) / self.spacing[0]
        rows = (points[..., 1] - self.origin[1]) / self.spacing[1]
        border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
        return np.asarray(
            cv2.remap(
                image,
                np.ascontiguousarray(columns, np.float32),
                np.ascontiguousarray(rows, np.float32),
                cv2.INTER_LINEAR,
                borderMode=border,
                borderValue=0.0 if outside is None else outside,
            ),
            np.float32,
        )


def apply(matrix: Affine, points: FloatImage) -> FloatImage:
    """Map points (... x 2, mm) by a 2 x 3 matrix."""
    linear = matrix.astype(np.float32)
    return points @ linear[:, :2].T + linear[:, 2]
