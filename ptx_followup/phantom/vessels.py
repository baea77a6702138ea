"""Vessel trees that spread from the hila and taper towards the pleura."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import SIGN, Anatomy
from ptx_followup.phantom.patient import PhantomPatient
from ptx_followup.phantom.pleura import PleuralSpace
from ptx_followup.phantom.projection import Points, Projection, share_to_pixels
from ptx_followup.report.terms import Side

_LEVELS = 7
_POINTS = 14
#: Vessels above this radius are drawn as cylinders, thinner ones as lines; none is thinner than the last.
_WIDE_MM = 0.8
_THIN_CLASSES_MM = (0.28, 0.4, 0.55, 0.8)
_THINNEST_MM = _THIN_CLASSES_MM[0]


@dataclass(frozen=True)
class VesselTree:
    """Centre lines of one lung's vessels in the reference frame.

    Attributes:
        points: N x 2, mm.
        radius: N, mm.
        direction: N x 2 unit vectors along the vessel.
        step: N, length that each point stands for, mm.
    """

    points: Points
    radius: Points
    direction: Points
    step: Points


def grow(patient: PhantomPatient, anatomy: Anatomy, side: Side) -> VesselTree:
    """Grow the vessels of one lung, level by level; the same patient always has the same vessels."""
    random = np.random.default_rng([patient.seed, 2, SIGN[side] + 1])
    sign = SIGN[side]
    # Degrees from the apex over lateral to the base: the lower lobes have more and wider vessels.
    heading = np.array([-2, 14, 32, 52, 70, 92, 112, 126, 138, 150, 160, 168, 176, 20, 100, 145.0])
    heading = heading + random.normal(0, 7, len(heading))
    angle = np.deg2rad(heading)
    direction = np.arctan2(-np.cos(angle), sign * np.sin(angle))
    start = anatomy.hilum(side) + random.normal(0, [5, 11], (len(heading), 2))
    radius = np.where(heading > 95, 3.3, 2.5) * random.uniform(0.75, 1.2, len(heading))
    length = np.where(heading > 95, 34, 27) * random.uniform(0.7, 1.3, len(heading)) * anatomy.height
    parts = []
    for _ in range(_LEVELS):
        bend = random.normal(0, 0.22, len(direction)) - 0.10 * sign * np.sin(direction) * np.sign(
            np.cos(direction)
        )
        along = np.linspace(0, 1, _POINTS)
        turned = direction[:, None] + bend[:, None] * along
        unit = np.stack([np.cos(turned), np.sin(turned)], axis=-1)
        step = (length / (_POINTS - 1))[:, None] * np.ones(_POINTS)
        points = start[:, None] + np.cumsum(unit * step[..., None], axis=1) - unit * step[..., None]
        narrowing = radius[:, None] * (1 - 0.25 * along)
        parts.append((points, narrowing, unit, step))
        start, direction, radius, length = _branch(random, points, turned, radius, length)
    flat = [np.concatenate([part[i].reshape(-1, *part[i].shape[2:]) for part in parts]) for i in range(4)]
    return VesselTree(*flat)


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
    child_radius = np.concatenate([radius * 0.82, radius * minor, radius * 0.42])
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
        lines = projection.lung(spaces[side].collapsed(tree.points, projection.anatomy)).reshape(
            -1, _POINTS, 2
        )
        radius = tree.radius.reshape(-1, _POINTS)
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
