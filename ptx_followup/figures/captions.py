"""Sizes in words, as they stand on every picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.radiograph.image import SpacingSource
from ptx_followup.sides import ReportSide

if TYPE_CHECKING:
    from ptx_followup.measurement.sizes import Measurement

#: What the millimetres of a caption are worth (see `docs/reading.md`).
_SPACING: dict[SpacingSource, str] = {
    "calibrated": "calibrated",
    "magnification-corrected": "corrected for magnification",
    "detector-plane": "in the detector plane, larger than in the patient",
    "film-plane": "on the digitised film, larger than in the patient",
}


def describe_size(
    side: ReportSide | None,
    area_px: int,
    *,
    area_mm2: float | None = None,
    spacing_source: SpacingSource = "none",
    percent: float | None = None,
) -> str:
    """Name a pneumothorax with its size: percentage first, area after it.

    Args:
        side: Of the patient, or None where it is not known.
        area_px: Pixels of the original image; 0 gives "No pneumothorax segmented".
        area_mm2: Area in square millimetres, where the spacing is trustworthy.
        spacing_source: What those millimetres mean.
        percent: Of its own hemithorax, or of both together if bilateral.

    >>> describe_size("right", 9800, percent=12.34)
    'Right pneumothorax: 12 % of the hemithorax, 9,800 px'
    >>> describe_size("left", 9800, area_mm2=2140, spacing_source="calibrated", percent=4.26)
    'Left pneumothorax: 4.3 % of the hemithorax, 21.4 cm² (calibrated)'
    """
    if area_px == 0:
        return "No pneumothorax segmented"
    sizes = []
    if percent is not None:
        whole = "both hemithoraces" if side == "bilateral" else "the hemithorax"
        sizes.append(f"{_percent(percent)} of {whole}")
    if area_mm2 is None:
        sizes.append(f"{area_px:,} px")
    else:
        sizes.append(f"{area_mm2 / 100:.1f} cm² ({_SPACING.get(spacing_source, 'unconfirmed spacing')})")
    name = "Pneumothorax" if side is None else f"{side.capitalize()} pneumothorax"
    return f"{name}: {', '.join(sizes)}"


def describe_measurement(measured: Measurement, spacing_source: SpacingSource) -> str:
    """Name what was measured with its size; see `describe_size`."""
    side, percent = measured.side, measured.hemithorax_percent
    return describe_size(
        side,
        measured.area_px,
        area_mm2=measured.area_mm2,
        spacing_source=spacing_source,
        percent=None if percent is None or side is None else percent.of(side),
    )


def _percent(percent: float) -> str:
    """One decimal below 10, none above: the second figure of a percentage is all that a mask supports."""
    return f"{percent:.1f} %" if percent < 9.95 else f"{percent:.0f} %"
