"""Vessel trees that spread from the hila and taper towards the pleura."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import SIGN, Anatomy
from ptx_followup.phantom.curves import smooth_curve
from ptx_followup.phantom.patient import PhantomPatient
from ptx_followup.phantom.pleura import PleuralSpace
from ptx_followup.phantom.projection import Points, Projection, share_to_pixels
from ptx_followup.sides import Side

_LEVELS = 7
_POINTS = 14
_TRUNK_RADIUS_MM = (3.0, 5.2, 2.4)
#: Vessels above this radius are drawn as cylinders, thinner ones as lines; none is thinner than the last.
_WIDE_MM = 0.8
_THIN_CLASSES_MM = (0.32, 0.45, 0.6, 0.8)
_THINNEST_MM = _THIN_CLASSES_MM[0]


@dataclass(frozen=True)
class VesselTree:
    """Centre lines of one lung's vessels in the reference frame.

    Attributes:
        trunk: N x 2, mm: the pulmonary artery, from which the branches spring.
        lines: B x 14 x 2, mm: branches, the points along each.
        radius: B x 14, mm.
    """

    trunk: Points
    lines: Points
    radius: Points


def grow(patient: PhantomPatient, anatomy: Anatomy, side: Side) -> VesselTree:
    """Grow the vessels of one lung, level by level; the same patient always has the same vessels."""
    random = np.random.default_rng([patient.seed, 2, SIGN[side] + 1])
    sign = SIGN[side]
    trunk = _trunk(anatomy, side)
    # Degrees from the apex over lateral to the base: the lower lobes have more and wider vessels.
    heading = np.array([-6, 8, 20, 34, 50, 66, 84, 100, 114, 126, 136, 146, 154, 163, 173, 186.0])
    heading = heading + random.normal(0, 6, len(heading))
    angle = np.deg2rad(heading)
    direction = np.arctan2(-np.cos(angle), sign * np.sin(angle))
    start = trunk[np.interp(heading, [20, 160], [0, len(trunk) - 1]).astype(int)]
    start = start + random.normal(0, 2, start.shape)
    radius = np.where(heading > 95, 3.0, 2.3) * random.uniform(0.7, 1.15, len(heading))
    length = np.where(heading > 95, 33, 27) * random.uniform(0.7, 1.3, len(heading)) * anatomy.height
    parts = []
    for _ in range(_LEVELS):
        bend = random.normal(0, 0.22, len(direction)) - 0.10 * sign * np.sin(direction) * np.sign(
            np.cos(direction)
        )
        along = np.linspace(0, 1, _POINTS)
        turned = direction[:, None] + bend[:, None] * along
        step = np.stack([np.cos(turned), np.sin(turned)], axis=-1) * (length / (_POINTS - 1))[:, None, None]
        points = start[:, None] + np.cumsum(step, axis=1) - step
        parts.append((points, radius[:, None] * (1 - 0.25 * along)))
        start, direction, radius, length = _branch(random, points, turned, radius, length)
    lines = np.concatenate([points for points, _ in parts])
    return VesselTree(trunk, lines, np.concatenate([width for _, width in parts]))


def _trunk(anatomy: Anatomy, side: Side) -> Points:
    """Centre line of the pulmonary artery from the hilum into the lower lobe."""
    right = np.array([[-24, 86], [-35, 90], [-43, 101], [-47, 118], [-48, 140.0]])
    left = np.array([[28, 86], [40, 84], [48, 91], [53, 108], [57, 134.0]])
    knots = (right if side == "right" else left) * [anatomy.width, anatomy.height]
    return smooth_curve(knots)


def _branch(
    random: np.random.Generator, points: Points, turned: Points, radius: Points, length: Points
) -> tuple[Points, Points, Points, Points]:
    """Two unequal children at each end, and a thin one from the middle of the way."""
    spread = random.uniform(0.22, 0.62, len(radius))
    flip = random.choice([-1.0, 1.0], len(radius))
    minor = random.uniform(0.55, 0.8, len(radius))
    start = np.concatenate([points[:, -1], points[:, -1], points[:, _POINTS // 2]])
    direction = np.concatenate([
        turned[:, -1] + 0.35 * flip * spread,
        turned[:, -1] - flip * spread * 1.25,
        turned[:, _POINTS // 2] + flip * random.uniform(0.6, 1.1, len(radius)),
    ])  # fmt: skip
    child_radius = np.concatenate([radius * 0.8, radius * minor, radius * 0.38])
    child_length = np.concatenate([length * 0.84, length * 0.78, length * 0.6])
    child_length = child_length * random.uniform(0.7, 1.3, len(child_length))
    kept = (child_radius > _THINNEST_MM) & (child_length > 3)
    return start[kept], direction[kept], child_radius[kept], child_length[kept]


def vessel_thickness(
    trees: Mapping[Side, VesselTree], spaces: Mapping[Side, PleuralSpace], projection: Projection
) -> NDArray[np.float32]:
    """Blood along the ray, mm; float32, rows x columns. Vessels follow the lung when it collapses."""
    size = (projection.rows, projection.columns)
    total = np.zeros(size, dtype=np.float32)
    for side, tree in trees.items():
        lines = projection.lung(spaces[side].collapsed(tree.lines, projection.anatomy))
        trunk = projection.lung(spaces[side].collapsed(tree.trunk, projection.anatomy))
        taper = np.interp(np.linspace(0, 1, len(trunk)), [0, 0.2, 1], _TRUNK_RADIUS_MM)
        total += share_to_pixels(*_sample(trunk[None], taper[None], projection.spacing_mm), size)
        radius = tree.radius
        wide = radius[:, 0] > _WIDE_MM
        total += share_to_pixels(*_sample(lines[wide], radius[wide], projection.spacing_mm), size)
        for low, high in itertools.pairwise(_THIN_CLASSES_MM):
            chosen = (radius[:, 0] > low) & (radius[:, 0] <= high)
            total += _draw(lines[chosen], (low + high) / 2, projection.spacing_mm, size)
    return total


def _draw(lines: Points, radius_mm: float, spacing_mm: float, size: tuple[int, int]) -> NDArray[np.float32]:
    """Thin vessels as lines of whole pixels with their mean thickness."""
    pixels = max(1, round(2 * radius_mm / spacing_mm))
    ink = np.zeros(size, dtype=np.uint8)
    points = np.round(lines * 16).astype(np.int32)
    cv2.polylines(ink, list(points), False, 255, pixels, cv2.LINE_AA, 4)
    return ink * np.float32(np.pi * radius_mm**2 / (pixels * spacing_mm) / 255)


def _sample(lines: Points, radius_mm: Points, spacing_mm: float) -> tuple[Points, Points]:
    """Points that fill vessels (B x P x 2 pixels, B x P radii), with the blood (mm x pixel area) of each."""
    longest = np.linalg.norm(np.diff(lines, axis=1), axis=2).max()
    between = max(1, int(np.ceil(longest / 0.8)))
    across = max(2, int(np.ceil(2 * radius_mm.max() / spacing_mm / 0.7)))
    share = (np.arange(between) / between)[None, None, :]

    def refine(values: Points) -> Points:
        return (values[:, :-1, None] * (1 - share) + values[:, 1:, None] * share).reshape(len(values), -1)

    x, y, radius = refine(lines[..., 0]), refine(lines[..., 1]), refine(radius_mm)
    step_x, step_y = np.gradient(x, axis=1), np.gradient(y, axis=1)
    step = np.hypot(step_x, step_y)
    jitter = np.arange(x.size).reshape(x.shape) * 0.618034 % 1
    offset = 2 * (np.arange(across) + jitter[..., None]) / across - 1
    sideways = offset * (radius / spacing_mm / np.maximum(step, 1e-9))[..., None]
    points = np.stack(
        [(x[..., None] - sideways * step_y[..., None]), y[..., None] + sideways * step_x[..., None]], axis=-1
    )
    chord = 2 * radius[..., None] * np.sqrt(1 - offset**2)
    area = (step * 2 * radius / spacing_mm / across)[..., None]
    return points.reshape(-1, 2), (chord * area).ravel()
