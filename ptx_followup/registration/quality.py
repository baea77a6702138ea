"""How good a registration is, and whether it may be used."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.sides import LUNG_LABEL, Side

Labels = NDArray[np.uint8]

#: Least overlap of the hemithoraces (Dice), all together and on either side.
LEAST_DICE, LEAST_SIDE_DICE = 0.80, 0.70
#: Prior over follow-up, of two frontal films of one adult: from a close portable film at shallow breath to a
#: distant one at full breath.
SCALE = (0.5, 2.0)
LARGEST_ROTATION_DEG = 30.0
#: Cosine of the angle between the axes after the map (0: a right angle).
LARGEST_SHEAR = 0.35
#: Local change of area relative to the map's mean; 0 and below would fold the chest.
JACOBIAN = (0.3, 3.0)
#: Forward and back must meet within a rib space, millimetres (of `Registration.unit`).
LARGEST_INCONSISTENCY_MM = 15.0


@dataclass(frozen=True)
class Quality:
    """Figures of one registration. Lung overlap is measured with the outlines that drove it.

    Attributes:
        lung_dice_before: Overlap of the hemithoraces, films laid on each other edge to edge.
        lung_dice_after: After the map.
        side_dice_after: The same for each side.
        surface_distance_px: Mean distance between the hemithoraces' borders, pixels of the follow-up (of its
            finer axis).
        surface_distance_mm: The same in mm, or None without a trustworthy spacing of both exams.
        scale_x: Width in the prior over width in the follow-up, of each exam's millimetres, or of its field
            of view where they are not known.
        scale_y: The same for the height.
        rotation_deg: Turn of the prior's chest against the follow-up's, clockwise as seen.
        shear: Cosine of the angle that the map makes of a right angle.
        jacobian_min, jacobian_max: Range of the local change of area in the hemithoraces, relative to the
            map's mean.
        inverse_consistency_px: Mean distance, in pixels of the follow-up, by which the map to the prior and
            the map found independently from the prior to the follow-up fail to meet.
    """

    lung_dice_before: float
    lung_dice_after: float
    side_dice_after: dict[Side, float]
    surface_distance_px: float
    surface_distance_mm: float | None
    scale_x: float
    scale_y: float
    rotation_deg: float
    shear: float
    jacobian_min: float
    jacobian_max: float
    inverse_consistency_px: float


def refusal(quality: Quality, inconsistency_mm: float) -> str | None:
    """Why a registration with these figures may not be used; None if it may."""
    checks = (
        (
            quality.lung_dice_after < LEAST_DICE or min(quality.side_dice_after.values()) < LEAST_SIDE_DICE,
            "the hemithoraces do not fit on each other",
        ),
        (
            quality.lung_dice_after < quality.lung_dice_before - 0.02,
            "the hemithoraces fit worse than unregistered",
        ),
        (
            not all(SCALE[0] <= scale <= SCALE[1] for scale in (quality.scale_x, quality.scale_y)),
            "the chests differ too much in size",
        ),
        (abs(quality.rotation_deg) > LARGEST_ROTATION_DEG, "the chests are turned too far"),
        (abs(quality.shear) > LARGEST_SHEAR, "the chests differ too much in shape"),
        (
            quality.jacobian_min < JACOBIAN[0] or quality.jacobian_max > JACOBIAN[1],
            "the map stretches parts of the chest too much",
        ),
        (inconsistency_mm > LARGEST_INCONSISTENCY_MM, "forward and back do not agree"),
    )
    return next((reason for failed, reason in checks if failed), None)


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Overlap, 2 |A B| / (|A| + |B|); 1 where both are empty."""
    total = np.count_nonzero(first) + np.count_nonzero(second)
    return float(2 * np.count_nonzero(first & second) / total) if total else 1.0


def label_dice(first: Labels, second: Labels) -> float:
    """Overlap of both sides together; a pixel counts as common where its side agrees."""
    total = np.count_nonzero(first) + np.count_nonzero(second)
    return float(2 * np.count_nonzero((first == second) & (first > 0)) / total) if total else 1.0


def side_dice(first: Labels, second: Labels) -> dict[Side, float]:
    """Overlap of each side."""
    return {side: dice(first == label, second == label) for side, label in LUNG_LABEL.items()}


def surface_distance(first: Labels, second: Labels) -> float:
    """Mean distance between the borders of two label images, both ways, in pixels."""
    distances = []
    for label in (1, 2):
        sides = [labels == label for labels in (first, second)]
        column, row, columns, rows = cv2.boundingRect((sides[0] | sides[1]).view(np.uint8))
        # No border lies beyond it; a pixel more on either side, where the image has one, to tell it by.
        around = slice(max(0, row - 1), row + rows + 1), slice(max(0, column - 1), column + columns + 1)
        borders = [_border(side[around]) for side in sides]
        if not all(border.any() for border in borders):
            return float("inf")
        for here, there in (borders, borders[::-1]):
            away = cv2.distanceTransform((~there).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            distances.append(away[here])
    return float(np.concatenate(distances).mean())


def shape_of(linear: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Scale along x, scale along y, rotation in degrees and shear of a 2 x 2 matrix."""
    x, y = linear[:, 0], linear[:, 1]
    scale_x, scale_y = float(np.hypot(*x)), float(np.hypot(*y))
    turn_x, turn_y = np.arctan2(x[1], x[0]), np.arctan2(-y[0], y[1])
    rotation = np.angle(np.exp(1j * turn_x) + np.exp(1j * turn_y))
    return scale_x, scale_y, float(np.rad2deg(rotation)), float(x @ y / (scale_x * scale_y))


def jacobian_range(
    positions: NDArray[np.float32], spacing: tuple[float, float], inside: NDArray[np.bool_]
) -> tuple[float, float]:
    """Least and greatest local change of area, relative to the mean of the pixels `inside`.

    Args:
        positions: float32, H x W x 2: where each pixel goes, x and y in mm.
        spacing: Of those pixels along x and y, mm.
        inside: bool, H x W.
    """
    along_y, along_x = (np.gradient(positions, axis=axis) for axis in (0, 1))
    area = along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]
    local = area[inside] / (spacing[0] * spacing[1])
    mean = float(local.mean())
    if mean <= 0:
        return mean, mean
    return float(local.min()) / mean, float(local.max()) / mean


def _border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(mask & (inner == 0))
