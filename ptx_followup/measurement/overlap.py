"""How well one mask agrees with another.

Definitions follow Metrics Reloaded (Maier-Hein et al., Nature Methods 2024;21:195), but for the Dice, which
is that of the ConTEXTual Net paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dice(mask: Mask, truth: Mask) -> float:
    """Dice as the paper's authors compute it: (2 |A B| + 1) / (|A| + |B| + 1), so two empty masks give 1."""
    overlap = np.count_nonzero(mask & truth)
    return (2 * overlap + 1) / (np.count_nonzero(mask) + np.count_nonzero(truth) + 1)


def intersection_over_union(mask: Mask, truth: Mask) -> float:
    """|A B| / |A or B| (Jaccard); 1 for two empty masks."""
    union = np.count_nonzero(mask | truth)
    return np.count_nonzero(mask & truth) / union if union else 1.0


@dataclass(frozen=True)
class SurfaceDistance:
    """How far the outlines of two masks are apart, in the unit of the spacing; None where one is empty.

    Attributes:
        average: Mean distance of the points of both outlines to the other one (average symmetric surface
            distance).
        hausdorff95: The larger of the two 95th percentiles of those distances (95 % Hausdorff distance).
    """

    average: float | None = None
    hausdorff95: float | None = None


def surface_distance(mask: Mask, truth: Mask, spacing: tuple[float, float] = (1.0, 1.0)) -> SurfaceDistance:
    """Compare the outlines of two masks: pixels with one of their four neighbours outside the mask.

    Args:
        mask: bool, H x W.
        truth: bool, H x W.
        spacing: Of the rows and of the columns.
    """
    if not (mask.any() and truth.any()):
        return SurfaceDistance()
    box = _bounding_box(mask | truth)
    outlines = [_outline(one[box]) for one in (mask, truth)]
    there = _distance_to(outlines[1], spacing)[outlines[0]]
    back = _distance_to(outlines[0], spacing)[outlines[1]]
    return SurfaceDistance(
        average=float(np.concatenate([there, back]).mean()),
        hausdorff95=float(max(np.percentile(there, 95), np.percentile(back, 95))),
    )


def _bounding_box(mask: Mask) -> tuple[slice, slice]:
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _outline(mask: Mask) -> Mask:
    """Pixels of a mask that touch its outside; what lies beyond the array is outside."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    padded = np.pad(mask.astype(np.uint8), 1)
    inside = cv2.erode(padded, cross)[1:-1, 1:-1]
    return np.asarray(mask & (inside == 0))


def _distance_to(outline: Mask, spacing: tuple[float, float]) -> NDArray[np.float64]:
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(~outline, sampling=spacing))
