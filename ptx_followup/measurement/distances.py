"""Distances between lung and chest wall, and the percentages that are derived from them.

They are secondary: made for a person with a ruler and an upright film, and the formulas disagree by design
(in the same 105 patients Collins gives a median of 58 %, Rhea 39 %). So they are given only where the film
meets what the authors measured on, each under its name, and are never compared between two formulas.

- Apex-cupola distance: vertical, from the cupola of the hemithorax to the apex of the lung (Baumann, ACCP
  consensus, Chest 2001;119:590).
- Interpleural distance at the hilum: horizontal, chest wall to lung at the hilar level (MacDuff, BTS
  guideline, Thorax 2010;65:ii18).
- Mean interpleural distance: of the apex and the midpoints of the upper and the lower half of the collapsed
  lung (Rhea, Radiology 1982;144:733).
- Collins: percent of the volume = 4.2 + 4.7 (A + B + C), the same three distances in centimetres (Collins,
  American Journal of Roentgenology 1995;165:1127, 20 patients).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.radiograph.image import Radiograph
from ptx_followup.sides import LUNG_LABEL, SIDES, Side, split_by_side

Mask = NDArray[np.bool_]
#: (row, column) in pixels.
Point = tuple[int, int]

COLLINS_INTERCEPT, COLLINS_SLOPE_PER_CM = 4.2, 4.7

#: Strips of hemithorax between mask and chest wall narrower than this share of its width are no lung: two
#: outlines of one wall never agree to the pixel.
_SLIVER = 0.08


@dataclass(frozen=True)
class MeasuredLine:
    """One distance and where it was taken, from the wall (`start`) to the lung (`end`)."""

    start: Point
    end: Point
    mm: float


@dataclass(frozen=True)
class Distances:
    """The distances of one side.

    Attributes:
        apex: Cupola to lung apex.
        hilum: Chest wall to lung halfway between apex and base of the hemithorax.
        upper: The same at the midpoint of the upper half of the collapsed lung.
        lower: And of its lower half.
    """

    apex: MeasuredLine
    hilum: MeasuredLine
    upper: MeasuredLine
    lower: MeasuredLine

    @property
    def rhea_mean_mm(self) -> float:
        """Mean interpleural distance after Rhea."""
        return (self.apex.mm + self.upper.mm + self.lower.mm) / 3

    @property
    def collins_percent(self) -> float:
        """Percent of the volume after Collins, at most 100."""
        sum_cm = (self.apex.mm + self.upper.mm + self.lower.mm) / 10
        return min(100.0, COLLINS_INTERCEPT + COLLINS_SLOPE_PER_CM * sum_cm)

    def to_json(self) -> dict[str, float]:
        """The distances of one side in the result files."""
        return {
            "apex_cupola_mm": round(self.apex.mm, 1),
            "interpleural_hilum_mm": round(self.hilum.mm, 1),
            "rhea_mean_mm": round(self.rhea_mean_mm, 1),
            "collins_percent": round(self.collins_percent, 1),
        }


@dataclass(frozen=True)
class DistanceMeasurement:
    """Distances of each side that has them, or why there are none.

    Attributes:
        sides: Empty where suppressed.
        suppressed: The reason, by side.
    """

    sides: dict[Side, Distances]
    suppressed: dict[Side, str]

    def to_json(self) -> dict[str, Any]:
        """The `distances` object of an exam in the result files."""
        return {
            side: self.sides[side].to_json() if side in self.sides else {"suppressed": self.suppressed[side]}
            for side in SIDES
        }


def measure_distances(
    radiograph: Radiograph, mask: Mask, hemithoraces: NDArray[np.uint8] | None
) -> DistanceMeasurement:
    """Measure the distances of both sides.

    Args:
        radiograph: Upright, frontal, and with a trustworthy spacing; otherwise nothing is measured. A PA film
            is taken as upright unless the header states another position.
        mask: bool, H x W of `radiograph.pixels`, the patient's right on the image's left.
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left; None where not found.
    """
    spacing = radiograph.trusted_spacing_mm
    reason = _unsuitable(radiograph)
    if reason is None and hemithoraces is None:
        reason = "a hemithorax was not found"
    if reason is not None or hemithoraces is None or spacing is None:
        return DistanceMeasurement({}, dict.fromkeys(SIDES, reason or ""))
    found: dict[Side, Distances] = {}
    suppressed: dict[Side, str] = {}
    for side, part in split_by_side(mask, hemithoraces).items():
        measured = _measure_side(part, hemithoraces == LUNG_LABEL[side], side, spacing)
        if isinstance(measured, Distances):
            found[side] = measured
        else:
            suppressed[side] = measured
    return DistanceMeasurement(found, suppressed)


def _unsuitable(radiograph: Radiograph) -> str | None:
    """Why the film does not allow distances, or None."""
    if radiograph.position not in ("erect", "unknown"):
        return f"the film is {radiograph.position}: air does not rise to the apex"
    if radiograph.position == "unknown" and radiograph.view != "PA":
        return "the film is not stated to be upright"
    if radiograph.trusted_spacing_mm is None:
        return "what a pixel measures is not known"
    return None


def _measure_side(
    part: Mask, hemithorax: Mask, side: Side, spacing_mm: tuple[float, float]
) -> Distances | str:
    """Distances of one side, or why there are none."""
    if not part.any():
        return "no pneumothorax was segmented"
    # Seen from the wall: mirrored for the left side, so that the chest wall is always at the lower columns.
    mirror = side == "left"
    air, whole = (_from_wall(one, mirror) for one in (part, part | hemithorax))
    lung = _largest_piece(_without_slivers(whole & ~air))
    if not lung.any():
        return "no lung was found beside the pneumothorax"
    lung_top, lung_bottom = _rows(lung)
    whole_top, whole_bottom = _rows(whole)
    if not air[:lung_top].any():
        return "there is no air over the apex: the collapse is loculated"
    column = int(np.median(np.flatnonzero(lung[lung_top])))
    height = lung_bottom - lung_top
    lines = [
        MeasuredLine((whole_top, column), (lung_top, column), (lung_top - whole_top) * spacing_mm[0]),
        _rim(air, whole, lung, (whole_top + whole_bottom) // 2, spacing_mm[1]),
        _rim(air, whole, lung, lung_top + height // 4, spacing_mm[1]),
        _rim(air, whole, lung, lung_top + 3 * height // 4, spacing_mm[1]),
    ]
    return Distances(*(_as_seen(line, part.shape[1], mirror) for line in lines))


def _rim(air: Mask, whole: Mask, lung: Mask, row: int, spacing_mm: float) -> MeasuredLine:
    """Horizontal distance from the chest wall to the lung; 0 where no air lies between them."""
    wall = int(np.argmax(whole[row]))
    # Above or below a collapsed lung the rim is as wide as the air.
    edge = int(np.argmax(lung[row])) if lung[row].any() else wall + int(np.count_nonzero(air[row]))
    if not air[row, wall:edge].any():
        edge = wall
    return MeasuredLine((row, wall), (row, edge), (edge - wall) * spacing_mm)


def _from_wall(mask: Mask, mirror: bool) -> Mask:
    return mask[:, ::-1] if mirror else mask


def _as_seen(line: MeasuredLine, columns: int, mirror: bool) -> MeasuredLine:
    if not mirror:
        return line
    start, end = ((row, columns - 1 - column) for row, column in (line.start, line.end))
    return MeasuredLine(start, end, line.mm)


def _rows(mask: Mask) -> tuple[int, int]:
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[0]), int(rows[-1])


def _without_slivers(mask: Mask) -> Mask:
    columns = np.flatnonzero(mask.any(axis=0))
    if not columns.size:
        return mask
    width = max(3, round(_SLIVER * (columns[-1] - columns[0] + 1)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    return np.asarray(opened, bool)


def _largest_piece(mask: Mask) -> Mask:
    count, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return mask
    return np.asarray(pieces == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA])))
