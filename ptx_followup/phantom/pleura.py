"""The pleural space of one film: hemithorax, collapsed lung and pneumothorax of the requested size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import SIGN, Anatomy
from ptx_followup.phantom.curves import fill
from ptx_followup.phantom.patient import PhantomPneumothorax
from ptx_followup.phantom.projection import Points, Projection
from ptx_followup.report.terms import Zone
from ptx_followup.sides import Side

BoolArray = NDArray[np.bool_]
_ANGLES = np.linspace(-np.pi, np.pi, 720, endpoint=False)
#: The root of the lung within about this distance from the hilum keeps its place, mm.
_STILL_MM = 45.0
#: The lung never collapses to less than this share of its radius.
_LEAST_RADIUS = 0.22
#: Where each zone's rim is centred and how far it reaches; degrees from the apex over lateral (90).
_RIMS: dict[Zone, tuple[float, float]] = {
    "apical": (6, 58),
    "lateral": (84, 68),
    "basal": (144, 44),
    "circumferential": (72, 125),
}
#: Widening of each rim as the pneumothorax grows; how far lung that fills its space is drawn
#: beyond the chest wall, so that no sliver of air is left there.
_SPREAD = 0.22
_OVERLAP_MM = 12.0


@dataclass(frozen=True)
class PleuralSpace:
    """One side of the chest on one film; masks are rows x columns.

    Attributes:
        side: Of the patient.
        hemithorax: Visible lung field, the pneumothorax included.
        pneumothorax: Air outside the visceral pleura.
        visceral: Closed outline of the lung, (column, row) pixels, or None without a pneumothorax.
        collapse: Lung radius over hemithorax radius for each of 720 directions from the hilum.
    """

    side: Side
    hemithorax: BoolArray
    pneumothorax: BoolArray
    visceral: Points | None
    collapse: Points

    def collapsed(self, points: Points, anatomy: Anatomy) -> Points:
        """Move reference points of the expanded lung (... x 2, mm) to where the collapsed lung holds them."""
        centre = anatomy.hilum(self.side)
        offset = points - centre
        direction = np.arctan2(offset[..., 1], offset[..., 0])
        factor = np.interp(direction, _ANGLES, self.collapse, period=2 * np.pi)
        # Around the hilum, where all directions meet, nothing moves.
        away = np.minimum(np.linalg.norm(offset, axis=-1) / _STILL_MM, 1)
        factor = 1 - (1 - factor) * away * away * (3 - 2 * away)
        return np.asarray(centre + offset * factor[..., None])


def pleural_space(
    projection: Projection, side: Side, blocked: NDArray[np.uint8], pneumothorax: PhantomPneumothorax | None
) -> PleuralSpace:
    """Outline one hemithorax on the film and, if asked, separate a pneumothorax of the requested percentage.

    Args:
        projection: The film.
        side: Of the patient.
        blocked: 1 where mediastinum or diaphragm cover the lung.
        pneumothorax: None for a lung that fills its hemithorax.
    """
    shape = (projection.rows, projection.columns)
    cavity = fill(projection.lung(projection.anatomy.cavity(side)), shape)
    hemithorax = (cavity == 1) & (blocked == 0)
    if pneumothorax is None:
        return PleuralSpace(side, hemithorax, np.zeros(shape, dtype=bool), None, np.ones(len(_ANGLES)))
    radius = _chest_wall_radius(projection.anatomy, side)
    target = pneumothorax.percent / 100 * np.count_nonzero(hemithorax)

    def separate(width: float) -> tuple[BoolArray, Points, Points]:
        rim = _rim(pneumothorax.zones, width, projection.anatomy, side)
        collapse = _LEAST_RADIUS + (1 - _LEAST_RADIUS) * np.exp(-rim)
        touching = np.clip(1 - radius * (1 - collapse) / 2.5, 0, 1)
        lung = radius * collapse + _OVERLAP_MM * touching
        outline = projection.lung(_outline(projection.anatomy, side, lung))
        return hemithorax & (fill(outline, shape) == 0), outline, collapse

    low, high = 0.0, 16.0
    for _ in range(20):
        middle = (low + high) / 2
        if np.count_nonzero(separate(middle)[0]) < target:
            low = middle
        else:
            high = middle
    air, outline, collapse = separate(high)
    return PleuralSpace(side, hemithorax, air, outline, collapse)


def _chest_wall_radius(anatomy: Anatomy, side: Side) -> Points:
    """Distance (mm) from the hilum to the edge of the pleural cavity and the diaphragm, each direction."""
    size, origin = (500, 200), np.array([-10.0, -20.0])
    mirror = np.array([SIGN[side], 1])
    cavity = fill(anatomy.cavity(side) * mirror - origin, size)
    inside = cavity & (1 - fill(anatomy.diaphragm(side) * mirror - origin, size))
    distance = np.arange(0, 300, 0.5)
    heading = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)
    points = (anatomy.hilum(side) + distance[:, None, None] * heading) * mirror - origin
    column = np.clip(points[..., 0].round().astype(int), 0, size[1] - 1)
    row = np.clip(points[..., 1].round().astype(int), 0, size[0] - 1)
    reached = np.where(inside[row, column] == 1, distance[:, None], 0).max(axis=0)
    return _smooth(reached + 1.0, 3)


def _rim(zones: tuple[Zone, ...], width: float, anatomy: Anatomy, side: Side) -> Points:
    """Depth of the collapse in each direction from the hilum; 0 where the lung fills its space."""
    from_apex = np.rad2deg(np.arctan2(SIGN[side] * np.cos(_ANGLES), -np.sin(_ANGLES)))
    rim = np.zeros(len(_ANGLES))
    for zone in zones:
        centre, reach = _RIMS[zone]
        away = np.abs((from_apex - centre + 180) % 360 - 180) / (reach * (1 + _SPREAD * width))
        rim += (1 - np.minimum(away, 1) ** 3) ** 2
    phase = anatomy.variation[44:48]
    waves = sum(0.04 * np.cos((k + 2) * _ANGLES + 3 * phase[k]) for k in range(4))
    return _smooth(width * np.minimum(rim, 1.2) * (1 + waves), 9)


def _outline(anatomy: Anatomy, side: Side, radius: Points) -> Points:
    heading = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)
    return np.asarray(anatomy.hilum(side) + radius[:, None] * heading)


def _smooth(values: Points, half_width: int) -> Points:
    kernel = np.hanning(2 * half_width + 3)[1:-1]
    padded = np.concatenate([values[-half_width:], values, values[:half_width]])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
