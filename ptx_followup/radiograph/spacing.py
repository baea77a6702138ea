"""Millimetres per pixel and what they mean on a projection radiograph (PS3.3 section 10.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import number, numbers, text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.radiograph.image import SpacingSource

#: Plausible millimetres per pixel: the finest detectors have 0.05; 512 pixels over a 43 cm film have 0.84.
_PLAUSIBLE_MM = (0.01, 2.0)

#: Plausible magnification of the chest: 1.05 to 1.3 in practice. A stated 1 is a console's default, not a
#: measurement: nothing in a patient lies in the detector plane.
_PLAUSIBLE_MAGNIFICATION = (1.0, 2.0)


#: What PixelSpacing means by its PixelSpacingCalibrationType (PS3.3 10.7.1.2).
_CALIBRATIONS: dict[str, SpacingSource] = {"FIDUCIAL": "calibrated", "GEOMETRY": "magnification-corrected"}


@dataclass(frozen=True)
class Spacing:
    """Pixel spacing of the stored pixel grid.

    Attributes:
        mm: (row, column) spacing in millimetres, or None.
        source: What the millimetres mean; see `ptx_followup.radiograph.image.TRUSTED_SPACING`.
        warnings: Values that were not used.
    """

    mm: tuple[float, float] | None
    source: SpacingSource
    warnings: tuple[str, ...] = ()


def read_spacing(dataset: Dataset) -> Spacing:
    """Take the best spacing the header offers.

    In this order: PixelSpacing calibrated on a fiducial; PixelSpacing corrected for the geometry, or
    ImagerPixelSpacing divided by EstimatedRadiographicMagnificationFactor; ImagerPixelSpacing (plane of the
    detector); NominalScannedPixelSpacing (plane of the film that was digitised); PixelSpacing alone, whose
    meaning cannot be known. A PixelSpacing that equals one of the others was not calibrated or corrected,
    whatever PixelSpacingCalibrationType says (PS3.3 10.7.1.1).
    """
    pixel, pixel_warnings = _pair(dataset, "PixelSpacing")
    imager, imager_warnings = _pair(dataset, "ImagerPixelSpacing")
    scanned, scanned_warnings = _pair(dataset, "NominalScannedPixelSpacing")
    warnings = pixel_warnings + imager_warnings + scanned_warnings
    calibration = text(dataset, "PixelSpacingCalibrationType").upper()
    if pixel and calibration in _CALIBRATIONS:
        if not (_alike(pixel, imager) or _alike(pixel, scanned)):
            return Spacing(pixel, _CALIBRATIONS[calibration], warnings)
        warnings += (f"PixelSpacing of type {calibration} is that of the detector or film: not corrected",)
    if imager:
        return _from_detector(
            imager, pixel, number(dataset, "EstimatedRadiographicMagnificationFactor"), warnings
        )
    if scanned:
        return Spacing(scanned, "film-plane", (*warnings, *_unexplained(pixel, scanned, "NominalScanned")))
    if pixel:
        return Spacing(pixel, "unknown", warnings)
    return Spacing(None, "none", warnings)


def _from_detector(
    imager: tuple[float, float],
    pixel: tuple[float, float] | None,
    magnification: float | None,
    warnings: tuple[str, ...],
) -> Spacing:
    """Spacing from ImagerPixelSpacing, brought into the patient where the magnification is known."""
    low, high = _PLAUSIBLE_MAGNIFICATION
    if magnification is not None and low < magnification <= high:
        row, column = imager
        return Spacing((row / magnification, column / magnification), "magnification-corrected", warnings)
    if magnification is not None and magnification != 1:
        warnings += ("EstimatedRadiographicMagnificationFactor is not plausible and was not used",)
    return Spacing(imager, "detector-plane", (*warnings, *_unexplained(pixel, imager, "Imager")))


def _unexplained(pixel: tuple[float, float] | None, other: tuple[float, float], kind: str) -> tuple[str, ...]:
    """The warning of a PixelSpacing that is neither the detector's or film's nor of a stated kind."""
    if pixel is None or _alike(pixel, other):
        return ()
    return (f"PixelSpacing differs from {kind}PixelSpacing without saying why and was not used",)


def _alike(first: tuple[float, float], second: tuple[float, float] | None) -> bool:
    return second is not None and all(
        math.isclose(a, b, rel_tol=1e-3) for a, b in zip(first, second, strict=True)
    )


def _pair(dataset: Dataset, keyword: str) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """A spacing as (row, column), or None; with a warning where it is there and not plausible."""
    found = numbers(dataset, keyword)
    if not text(dataset, keyword):
        return None, ()
    low, high = _PLAUSIBLE_MM
    if len(found) == 2 and all(low <= spacing <= high for spacing in found):
        return (found[0], found[1]), ()
    return None, (f"{keyword} is not plausible and was not used",)
