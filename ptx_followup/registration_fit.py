"""Fitting an affine map between two chests: robust least squares over outlines and intensities together.

A registration toolkit optimises one scalar metric of one image. Here the signed distances to both
hemithoraces and the local contrast of the film count at the same time, each with its own robust weight, which
Gauss-Newton steps solve in tens of milliseconds and always alike (Lucas and Kanade, IJCAI 1981; Baker and
Matthews, IJCV 2004; Cauchy's weight as in Holland and Welsch, Commun. Stat. 1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
#: 2 x 3: (x, y) in mm of the follow-up to (x, y) in mm of the prior.
Affine = NDArray[np.float64]

#: Parameters act on coordinates divided by this, so that a step in each moves the chest about as far (mm).
_REACH_MM = 100.0
#: Longest step, and the step at which the fit has converged (mm at `_REACH_MM`).
_LONGEST_STEP_MM, _SMALLEST_STEP_MM = 30.0, 0.02
_STEPS = 40


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

    def points(self) -> FloatImage:
        """Position of every pixel: float32, H x W x 2, x and y in mm."""
        x = np.arange(self.shape[1], dtype=np.float32) * self.spacing[0] + self.origin[0]
        y = np.arange(self.shape[0], dtype=np.float32) * self.spacing[1] + self.origin[1]
        return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).astype(np.float32)

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


@dataclass(frozen=True)
class Channel:
    """One thing that shall match.

    Attributes:
        prior: float32, on the prior's grid.
        followup: float32, on the follow-up's grid.
        weight: float32 >= 0, on the follow-up's grid; 0 where it does not count.
        tolerance: Scale of Cauchy's weight, in units of the images: residuals well beyond it hardly
            count.
    """

    prior: FloatImage
    followup: FloatImage
    weight: FloatImage
    tolerance: float


def apply(matrix: Affine, points: FloatImage) -> FloatImage:
    """Map points (... x 2, mm) by a 2 x 3 matrix."""
    linear = matrix.astype(np.float32)
    return points @ linear[:, :2].T + linear[:, 2]


def fit_affine(
    channels: Sequence[Channel], prior: Grid, followup: Grid, start: Affine, *, stiffness: float = 0.0
) -> Affine:
    """Find the affine map from follow-up to prior under which the channels match.

    Args:
        channels: What shall match.
        prior: Grid of the channels' prior images.
        followup: Grid of their follow-up images and weights.
        start: Where to begin.
        stiffness: Pull back to `start`, relative to the mean curvature of the data; 0 for none.
    """
    points = followup.points()
    tasks = [_Task.of(channel, prior, points) for channel in channels if np.any(channel.weight > 0)]
    matrix = start.copy()
    scale = np.array([_REACH_MM, _REACH_MM, 1.0])
    for _ in range(_STEPS):
        curvature, slope = np.zeros((6, 6)), np.zeros(6)
        for task in tasks:
            task_curvature, task_slope = task.normal_equations(matrix, prior)
            curvature += task_curvature
            slope += task_slope
        mean = np.trace(curvature) / 6
        if mean == 0:
            break
        slope += stiffness * mean * ((matrix - start) * scale).ravel()
        step = -np.linalg.solve(curvature + (stiffness + 1e-6) * mean * np.eye(6), slope)
        length = float(np.linalg.norm(step))
        step *= min(1.0, _LONGEST_STEP_MM / max(length, 1e-9))
        matrix = matrix + step.reshape(2, 3) / scale
        if length < _SMALLEST_STEP_MM:
            break
    return matrix


@dataclass(frozen=True)
class _Task:
    """A channel made ready: only the pixels that count, and the prior's gradient."""

    prior: FloatImage
    gradient: tuple[FloatImage, FloatImage]
    target: FloatImage
    weight: FloatImage
    points: FloatImage
    tolerance: float

    @classmethod
    def of(cls, channel: Channel, prior: Grid, points: FloatImage) -> _Task:
        counted = channel.weight > 0
        # Scharr's derivative sums to 32 times the difference of neighbours (OpenCV's normalisation).
        gradient = (
            cv2.Scharr(channel.prior, cv2.CV_32F, 1, 0) / np.float32(32 * prior.spacing[0]),
            cv2.Scharr(channel.prior, cv2.CV_32F, 0, 1) / np.float32(32 * prior.spacing[1]),
        )
        return cls(
            channel.prior,
            gradient,
            channel.followup[counted][:, None],
            channel.weight[counted],
            np.ascontiguousarray(points[counted][:, None]),
            channel.tolerance,
        )

    def normal_equations(
        self, matrix: Affine, prior: Grid
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Curvature (6 x 6) and slope (6) of half the weighted squared residuals at `matrix`."""
        moved = apply(matrix, self.points)
        residual = (prior.sample(self.prior, moved) - self.target)[:, 0].astype(np.float64)
        weight = self.weight / (1 + (residual / self.tolerance) ** 2)
        x, y = (self.points[:, 0] / _REACH_MM).T
        along_x, along_y = (prior.sample(one, moved)[:, 0] for one in self.gradient)
        jacobian = np.stack([along_x * x, along_x * y, along_x, along_y * x, along_y * y, along_y])
        weighted = jacobian * weight
        return weighted @ jacobian.T, weighted @ residual
