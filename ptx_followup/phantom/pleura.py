"""The pleural space of one film: hemithorax, collapsed lung and pneumothorax of the requested size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import SIGN, Anatomy
from ptx_followup.phantom.curves import fill
from ptx_followup.phantom.patient import PhantomPneumothorax
from ptx_followup.phantom.projection import Points, Projection
from ptx_followup.report.terms import Side, Zone

BoolArray = NDArray[np.bool_]
_ANGLES = np.linspace(-np.pi, np.pi, 720, endpoint=False)
#: The root of the lung within about this distance from the hilum keeps its place, mm.
_STILL_MM = 45.0
#: The lung never collapses to less than this share of its radius.
_LEAST_RADIUS = 0.22
#: Where each zone's rim is centred and how far it reaches; degrees from the apex over lateral (90).
_RIMS: dict[Zone, tuple[float, float]] = {"apical": (8, 52), "lateral": (82, 58), "basal": (142, 34)}


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
    rim = _rim(pneumothorax, projection.anatomy, side)
    target = pneumothorax.percent / 100 * np.count_nonzero(hemithorax)

    def separate(width: float) -> tuple[BoolArray, Points, Points]:
        collapse = np.maximum(1 - width * rim, _LEAST_RADIUS)
        outline = projection.lung(_outline(projection.anatomy, side, radius * collapse))
        return hemithorax & (fill(outline, shape) == 0), outline, collapse

    low, high = 0.0, 4.0
    for _ in range(18):
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


def _rim(pneumothorax: PhantomPneumothorax, anatomy: Anatomy, side: Side) -> Points:
    """Relative width of the rim of air in each direction from the hilum, with a slightly irregular edge."""
    from_apex = np.rad2deg(np.arctan2(SIGN[side] * np.cos(_ANGLES), -np.sin(_ANGLES)))
    if "circumferential" in pneumothorax.zones:
        rim = np.clip((from_apex + 45) / 40, 0, 1) * np.clip((185 - from_apex) / 40, 0, 1)
    else:
        rim = np.zeros(len(_ANGLES))
        for zone in pneumothorax.zones:
            centre, reach = _RIMS[zone]
            away = np.clip(np.abs(from_apex - centre) / reach, 0, 1)
            rim += (1 - away**2) ** 1.5
    phase = anatomy.variation[44:48]
    waves = sum(0.05 * np.cos((k + 2) * _ANGLES + 3 * phase[k]) for k in range(4))
    return _smooth(rim * (1 + waves), 9)


def _outline(anatomy: Anatomy, side: Side, radius: Points) -> Points:
    heading = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)
    return np.asarray(anatomy.hilum(side) + radius[:, None] * heading)


def _smooth(values: Points, half_width: int) -> Points:
    kernel = np.hanning(2 * half_width + 3)[1:-1]
    padded = np.concatenate([values[-half_width:], values, values[:half_width]])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
