"""The size of a pneumothorax on one exam."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.sides import LUNG_LABEL, SIDES, ReportSide, Side, both_found, split_by_side


@dataclass(frozen=True)
class HemithoraxPercent:
    """Pneumothorax area in percent of the area of its hemithorax (pneumothorax included).

    A side that nobody looked at has None, never 0, and then the total has as well.
    """

    left: float | None
    right: float | None
    total: float | None

    def of(self, side: ReportSide) -> float | None:
        """The figure of a side; of both hemithoraces together for "bilateral"."""
        return {"left": self.left, "right": self.right, "bilateral": self.total}[side]

    def to_json(self) -> dict[str, float | None]:
        """The figures, rounded to a hundredth of a percent."""
        figures = {"left": self.left, "right": self.right, "total": self.total}
        return {name: None if value is None else round(value, 2) for name, value in figures.items()}


@dataclass(frozen=True)
class Area:
    """Of a mask: pixels, and square millimetres where the spacing is trustworthy."""

    px: int
    mm2: float | None

    def to_json(self) -> dict[str, float | None]:
        """The area as fields of the result files."""
        return {"area_px": self.px, "area_mm2": None if self.mm2 is None else round(self.mm2, 2)}


@dataclass(frozen=True)
class Measurement:
    """What is measured of one exam, on its own pixels.

    Attributes:
        area_px: Pixels of the mask.
        area_mm2: Their area, where the pixel spacing means millimetres in the patient or on the detector.
        side: Of the patient; None for an empty mask.
        hemithorax_percent: None where a hemithorax was not found.
        by_side: Area on each side.
        looked_at: The sides that a mask was sought on, or given.
    """

    area_px: int
    area_mm2: float | None
    side: ReportSide | None
    hemithorax_percent: HemithoraxPercent | None
    by_side: dict[Side, Area]
    looked_at: frozenset[Side] = frozenset(SIDES)

    def to_json(self) -> dict[str, Any]:
        """The measurement as fields of the result files."""
        return {
            "area_px": self.area_px,
            "area_mm2": None if self.area_mm2 is None else round(self.area_mm2, 2),
            "side": self.side,
            "hemithorax_percent": self.hemithorax_percent.to_json() if self.hemithorax_percent else None,
            "by_side": {
                side: area.to_json() if side in self.looked_at else dict.fromkeys(area.to_json())
                for side, area in self.by_side.items()
            },
        }


def measure(
    mask: NDArray[np.bool_],
    hemithoraces: NDArray[np.uint8],
    spacing_mm: tuple[float, float] | None,
    looked_at: Collection[Side] = SIDES,
) -> Measurement:
    """Measure a mask.

    Args:
        mask: bool, H x W, the patient's right on the image's left.
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left.
        spacing_mm: Trustworthy millimetres per pixel (row, column), or None.
        looked_at: The sides that a mask was sought on.
    """
    area_px = int(np.count_nonzero(mask))
    found = both_found(hemithoraces)
    parts = split_by_side(mask, hemithoraces if found else None)
    sides = [side for side, part in parts.items() if part.any()]
    known = frozenset({*looked_at, *sides})
    side: ReportSide | None = "bilateral" if len(sides) == 2 else (sides[0] if sides else None)
    percent = None
    if found:
        areas = {
            one: int(np.count_nonzero(part | (hemithoraces == LUNG_LABEL[one])))
            for one, part in parts.items()
        }
        values = {one: 100.0 * np.count_nonzero(parts[one]) / areas[one] for one in known}
        percent = HemithoraxPercent(
            left=values.get("left"),
            right=values.get("right"),
            total=100.0 * area_px / sum(areas.values()) if len(known) == len(SIDES) else None,
        )
    pixel_mm2 = None if spacing_mm is None else spacing_mm[0] * spacing_mm[1]
    by_side = {one: _area(int(np.count_nonzero(part)), pixel_mm2) for one, part in parts.items()}
    return Measurement(area_px, _area(area_px, pixel_mm2).mm2, side, percent, by_side, known)


def _area(px: int, pixel_mm2: float | None) -> Area:
    return Area(px, None if pixel_mm2 is None else px * pixel_mm2)
