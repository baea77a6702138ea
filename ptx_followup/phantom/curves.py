"""Smooth outlines from a few knots, and the depth of each pixel inside an outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


def smooth_curve(knots: FloatArray, *, closed: bool = False, samples: int = 16) -> NDArray[np.float64]:
    """A centripetal-like Catmull-Rom curve through `knots`.

    Args:
        knots: N x D points.
        closed: Join the last knot to the first.
        samples: Points for each stretch between two knots.

    Returns:
        M x D points; an open curve starts and ends on its outer knots.
    """
    knots = np.asarray(knots, dtype=np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    p0, p1, p2, p3 = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, samples, endpoint=False)[None, :, None]
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    points = curve.reshape(-1, knots.shape[1])
    return points if closed else np.concatenate([points, knots[-1:]])


def resample(path: FloatArray, step: float) -> NDArray[np.float64]:
    """Points along a path (N x D) at equal arc lengths of at most `step`."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0, lengths[-1], max(2, int(np.ceil(lengths[-1] / step)) + 1))
    return np.stack([np.interp(at, lengths, column) for column in np.asarray(path).T], axis=1)


def fill(polygon: FloatArray, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """1 inside a closed outline of (column, row) pixel points, 0 outside; uint8, H x W."""
    mask = np.zeros(shape, dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 256).astype(np.int32)], 1, shift=8)
    return mask


def depth_inside(mask: NDArray[np.uint8], mm_per_pixel: float) -> NDArray[np.float32]:
    """Distance to the outline in millimetres inside a mask, 0 outside; the image border is no outline."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    # Distances from whole pixels step along a slanting outline; a slight blur evens them out.
    depth = cv2.GaussianBlur(np.maximum(distance - 0.5, 0), (0, 0), 1.0)
    return np.asarray(depth * mm_per_pixel, dtype=np.float32)


def rounded(depth_mm: NDArray[np.float32], radius_mm: float) -> NDArray[np.float32]:
    """Chord of a round-edged plate, 0..1: 0 at the outline, 1 from `radius_mm` inwards."""
    remaining = 1 - np.minimum(depth_mm / np.float32(radius_mm), 1)
    return np.asarray(np.sqrt(1 - remaining * remaining), dtype=np.float32)
