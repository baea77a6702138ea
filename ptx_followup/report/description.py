"""What a pneumothorax mask shows, in the terms of a report: side, zones, size, width."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.report.terms import SIZES, ZONES, Size, Zone
from ptx_followup.sides import LUNG_LABEL, SIDES, Side, both_found, split_by_side

Perturbation = Literal["size", "zone_missing", "swap_side", "false_positive"]

#: Upper limits, in percent of the hemithorax's projected area, of tiny, small and moderate.
#: No published scale is in projected area, so these follow from the published distances on a hemithorax of
#: 25 cm x 12 cm. A 1 cm cap over the apex (two thirds of a 1 cm x 7 cm box) is 2 %: tiny. The American
#: College of Chest Physicians calls a pneumothorax small up to 3 cm at the apex (Baumann, Chest
#: 2001;119:590): 5 to 10 % with the usual taper along the lateral wall. The British Thoracic Society calls it
#: large from a 2 cm rim at the hilum (MacDuff, Thorax 2010;65:ii18): around the whole lung, about 25 %.
SIZE_LIMITS_PERCENT: tuple[float, float, float] = (2.0, 10.0, 25.0)

# A typical hemithorax as fractions of the image, for masks without lungs: top, bottom, distance of the outer
# and of the inner edge from the image's side. Medians over 405 radiographs with lung masks (JSRT, Wingspan).
_TYPICAL_EXTENT = (0.10, 0.80, 0.10, 0.46)
_TYPICAL_AREA = 0.135

# A collapsed or opaque lung is found only in part. Its hemithorax is taken to be at least this share of the
# other lung, in area and height (the smallest ratio that anatomy leaves usual; a choice).
_LEAST_OF_OTHER = 0.7

_SPECK_OF_MASK = 0.03


@dataclass(frozen=True)
class SideDescription:
    """What a mask shows in one hemithorax.

    Attributes:
        side: Of the patient.
        zones: In the order of `terms.ZONES`; apical, lateral and basal together are "circumferential".
        size: Class by `SIZE_LIMITS_PERCENT`.
        hemithorax_percent: Mask area in percent of the hemithorax's area, or None where unknown.
        rim_mm: Greatest width across the mask (the diameter of the largest inscribed circle) in
            millimetres, or None without a pixel spacing.
    """

    side: Side
    zones: tuple[Zone, ...]
    size: Size
    hemithorax_percent: float | None = None
    rim_mm: float | None = None


def size_class(hemithorax_percent: float) -> Size:
    """The size word for an area in percent of the hemithorax; see `SIZE_LIMITS_PERCENT`."""
    return SIZES[sum(hemithorax_percent >= limit for limit in SIZE_LIMITS_PERCENT)]


def describe(
    mask: NDArray[np.bool_],
    lungs: NDArray[np.uint8] | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> tuple[SideDescription, ...]:
    """Describe a pneumothorax mask side by side, right first.

    Args:
        mask: bool, H x W, the patient's right on the image's left.
        lungs: uint8, H x W: 0 background, 1 the patient's right lung, 2 the left. Without it (or where it
            lacks one of the lungs) a typical hemithorax and the image's midline stand in.
        spacing_mm: Millimetres per pixel (row, column).

    Returns:
        One description a side; none for an empty mask. A side with no more than 3 % of the mask is left out
        as a speck of the drawing.
    """
    if lungs is not None and not both_found(lungs):
        lungs = None
    described = []
    for side, part in split_by_side(mask, lungs).items():
        if np.count_nonzero(part) <= _SPECK_OF_MASK * np.count_nonzero(mask):
            continue
        percent = _hemithorax_percent(part, side, lungs)
        described.append(
            SideDescription(
                side=side,
                zones=_zones(part, side, lungs),
                size=size_class(percent),
                hemithorax_percent=percent,
                rim_mm=None if spacing_mm is None else _greatest_width_mm(part, spacing_mm),
            )
        )
    return tuple(described)


def perturb(
    descriptions: Sequence[SideDescription], rng: np.random.Generator, *, kind: Perturbation
) -> tuple[SideDescription, ...]:
    """Make descriptions untrue in one respect, to train a network that keeps looking at the image.

    Args:
        descriptions: What the mask shows; empty for a negative.
        rng: Source of chance.
        kind: "size": each size is off by one class, and figures that would contradict it are dropped.
            "zone_missing": no zones. "swap_side": left for right. "false_positive": a finding invented for a
            negative, or beside a one-sided one; two-sided descriptions stay as they are.

    Returns:
        The altered descriptions, right first.
    """
    if kind == "size":
        altered = [_resized(one, rng) for one in descriptions]
    elif kind == "zone_missing":
        altered = [replace(one, zones=()) for one in descriptions]
    elif kind == "swap_side":
        return mirrored(descriptions)
    else:
        altered = [*descriptions, *_invented(descriptions, rng)]
    return _right_first(altered)


def mirrored(descriptions: Sequence[SideDescription]) -> tuple[SideDescription, ...]:
    """Descriptions of the mirror image, right first."""
    return _right_first(replace(one, side=_opposite(one.side)) for one in descriptions)


def _right_first(descriptions: Iterable[SideDescription]) -> tuple[SideDescription, ...]:
    return tuple(sorted(descriptions, key=lambda one: one.side, reverse=True))


def _opposite(side: Side) -> Side:
    return "left" if side == "right" else "right"


def _resized(one: SideDescription, rng: np.random.Generator) -> SideDescription:
    index = SIZES.index(one.size)
    neighbours = [i for i in (index - 1, index + 1) if 0 <= i < len(SIZES)]
    return replace(one, size=SIZES[int(rng.choice(neighbours))], hemithorax_percent=None, rim_mm=None)


def _invented(taken: Sequence[SideDescription], rng: np.random.Generator) -> list[SideDescription]:
    free = [side for side in SIDES if side not in {one.side for one in taken}]
    if not free:
        return []
    zones: list[tuple[Zone, ...]] = [("apical",), ("apical", "lateral"), ("lateral",), ("basal",)]
    return [
        SideDescription(
            side=free[int(rng.integers(len(free)))],
            zones=zones[int(rng.choice(len(zones), p=[0.6, 0.2, 0.08, 0.12]))],
            size=SIZES[int(rng.choice(len(SIZES), p=[0.35, 0.45, 0.15, 0.05]))],
        )
    ]


def _hemithorax_percent(part: NDArray[np.bool_], side: Side, lungs: NDArray[np.uint8] | None) -> float:
    if lungs is None:
        return float(min(100.0, 100.0 * part.mean() / _TYPICAL_AREA))
    own = np.count_nonzero(part | (lungs == LUNG_LABEL[side]))
    other = np.count_nonzero(lungs == LUNG_LABEL[_opposite(side)])
    return float(100.0 * np.count_nonzero(part) / max(own, _LEAST_OF_OTHER * other))


def _greatest_width_mm(part: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> float:
    """Diameter of the largest circle inside the mask, on a grid made isotropic."""
    fine = min(spacing_mm)
    size = (math.ceil(part.shape[1] * spacing_mm[1] / fine), math.ceil(part.shape[0] * spacing_mm[0] / fine))
    isotropic = cv2.resize(part.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    padded = cv2.copyMakeBorder(isotropic, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    radius = float(cv2.distanceTransform(padded, cv2.DIST_L2, 5).max())
    return max(1.0, 2.0 * radius - 1.0) * fine


def _zones(part: NDArray[np.bool_], side: Side, lungs: NDArray[np.uint8] | None) -> tuple[Zone, ...]:
    """Zones from where the mask lies between apex and base and between mediastinum and chest wall."""
    height, outward = _hemithorax_coordinates(part, side, lungs)
    # The chest wall of a typical hemithorax is a guess, so "along the wall" reaches further in.
    wall = outward > (0.6 if lungs is None else 0.75)
    apical = height.min() < 0.25 and (
        np.mean(height < 1 / 3) >= 0.25 or _breadth(outward[height < 0.25]) >= 0.3
    )
    basal = np.mean(height > 0.75) >= 0.2 or _breadth(outward[height > 0.8]) >= 0.4
    # A cap that follows the apex round to the chest wall is still apical: lateral is a fifth of the height.
    lateral = _extent(height[wall & (height > 0.25) & (height < 0.85)]) >= 0.2
    if apical and basal and lateral:
        return ("circumferential",)
    subpulmonic = basal and not lateral and _breadth(outward[height > 0.7]) > 0.5
    medial = not lateral and np.mean(outward < 0.25) >= 0.6 and np.ptp(height) > 0.25
    found = {
        "apical": apical,
        "lateral": lateral,
        "basal": basal,
        "subpulmonic": subpulmonic,
        "medial": medial,
    }
    return tuple(zone for zone in ZONES if found.get(zone)) or (_nearest_zone(height, outward),)


def _nearest_zone(height: NDArray[np.float64], outward: NDArray[np.float64]) -> Zone:
    """The zone that the middle of a mask is nearest to, for one that reaches no wall clearly."""
    middle = float(height.mean())
    distances: dict[Zone, float] = {
        "apical": middle,
        "basal": 1.0 - middle,
        "lateral": 1.0 - float(outward.mean()),
    }
    return min(distances, key=lambda zone: distances[zone])


def _extent(height: NDArray[np.float64]) -> float:
    """Share of the hemithorax's height that is occupied, gaps left out."""
    return len(np.unique(np.floor(height * 100))) / 100


def _breadth(outward: NDArray[np.float64]) -> float:
    return float(np.ptp(outward)) if outward.size else 0.0


def _hemithorax_coordinates(
    part: NDArray[np.bool_], side: Side, lungs: NDArray[np.uint8] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Position of every mask pixel: 0 apex to 1 base, and 0 mediastinum to 1 chest wall of its own row."""
    column, row, width, height_px = cv2.boundingRect(np.ascontiguousarray(part).view(np.uint8))
    rows, columns = np.nonzero(part[row : row + height_px, column : column + width])
    rows, columns = rows + row, columns + column
    from_outside = columns if side == "right" else part.shape[1] - 1 - columns
    if lungs is None:
        top, bottom, outer, inner = (
            fraction * extent
            for fraction, extent in zip(
                _TYPICAL_EXTENT, (*[part.shape[0]] * 2, *[part.shape[1]] * 2), strict=True
            )
        )
        top, bottom = min(top, rows.min()), max(bottom, rows.max())
        outer, inner = min(outer, from_outside.min()), max(inner, from_outside.max())
        chest_wall = np.full(rows.shape, outer)
    else:
        hemithorax = part | (lungs == LUNG_LABEL[side])
        if side == "left":
            hemithorax = hemithorax[:, ::-1]
        occupied = np.flatnonzero(hemithorax.any(axis=1))
        top = float(occupied[0])
        other_height = np.count_nonzero((lungs == LUNG_LABEL[_opposite(side)]).any(axis=1))
        bottom = max(float(occupied[-1]), top + _LEAST_OF_OTHER * other_height)
        across = np.flatnonzero(hemithorax.any(axis=0))
        outer, inner = float(across[0]), float(across[-1])
        chest_wall = hemithorax.argmax(axis=1)[rows].astype(float)
    height = (rows - top) / max(1.0, bottom - top)
    outward = 1.0 - (from_outside - chest_wall) / max(1.0, inner - outer)
    return height, outward
