"""The ladder of pixel spacings on projection radiographs (PS3.3 section 10.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_files import make_dataset, read_back

PIXEL, IMAGER, SCANNED, MAGNIFICATION, TYPE = (
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
    "PixelSpacingCalibrationType",
)


@pytest.mark.parametrize(
    ("elements", "spacing_mm", "source", "warned"),
    [
        ({PIXEL: [0.1, 0.2], TYPE: "FIDUCIAL", IMAGER: [0.2, 0.2]}, (0.1, 0.2), "calibrated", 0),
        ({PIXEL: [0.1, 0.2], TYPE: "GEOMETRY", IMAGER: [0.2, 0.2]}, (0.1, 0.2), "magnification-corrected", 0),
        ({IMAGER: [0.2, 0.1], MAGNIFICATION: 1.25}, (0.16, 0.08), "magnification-corrected", 0),
        ({IMAGER: [0.2, 0.1]}, (0.2, 0.1), "detector-plane", 0),
        ({IMAGER: [0.2, 0.1], PIXEL: [0.2, 0.1]}, (0.2, 0.1), "detector-plane", 0),
        ({IMAGER: [0.2, 0.1], PIXEL: [0.18, 0.09]}, (0.2, 0.1), "detector-plane", 1),
        ({IMAGER: [0.2, 0.1], MAGNIFICATION: 1}, (0.2, 0.1), "detector-plane", 0),
        ({IMAGER: [0.2, 0.1], MAGNIFICATION: 17}, (0.2, 0.1), "detector-plane", 1),
        ({PIXEL: [0.194, 0.168]}, (0.194, 0.168), "unknown", 0),
        ({PIXEL: [0.194, 0.168], MAGNIFICATION: 1.2}, (0.194, 0.168), "unknown", 0),
        ({PIXEL: [0, 0]}, None, "none", 1),
        ({PIXEL: [0.2]}, None, "none", 1),
        ({PIXEL: [-0.2, 0.2]}, None, "none", 1),
        ({PIXEL: [20, 20], IMAGER: [0.2, 0.2]}, (0.2, 0.2), "detector-plane", 1),
        ({}, None, "none", 0),
        # Equal to the detector's or the film's: neither corrected nor calibrated, whatever is said.
        ({PIXEL: [0.2, 0.2], TYPE: "GEOMETRY", IMAGER: [0.2, 0.2]}, (0.2, 0.2), "detector-plane", 1),
        ({PIXEL: [0.2, 0.2], TYPE: "FIDUCIAL", IMAGER: [0.2, 0.2]}, (0.2, 0.2), "detector-plane", 1),
        (
            {PIXEL: [0.2, 0.2], TYPE: "GEOMETRY", IMAGER: [0.2, 0.2], MAGNIFICATION: 1.25},
            (0.16, 0.16),
            "magnification-corrected",
            1,
        ),
        ({PIXEL: [0.2, 0.2], TYPE: "GEOMETRY", SCANNED: [0.2, 0.2]}, (0.2, 0.2), "film-plane", 1),
        ({PIXEL: [0.16, 0.16], TYPE: "GEOMETRY"}, (0.16, 0.16), "magnification-corrected", 0),
        ({SCANNED: [0.175, 0.17]}, (0.175, 0.17), "film-plane", 0),
        ({SCANNED: [0.175, 0.17], PIXEL: [0.175, 0.17]}, (0.175, 0.17), "film-plane", 0),
        ({SCANNED: [0.175, 0.17], PIXEL: [0.3, 0.3]}, (0.175, 0.17), "film-plane", 1),
        ({SCANNED: [0, 0], PIXEL: [0.3, 0.3]}, (0.3, 0.3), "unknown", 1),
        ({SCANNED: [0.175, 0.17], IMAGER: [0.2, 0.2]}, (0.2, 0.2), "detector-plane", 0),
    ],
)
def test_ladder(
    tmp_path: Path,
    elements: dict[str, Any],
    spacing_mm: tuple[float, float] | None,
    source: str,
    warned: int,
) -> None:
    image = read_back(make_dataset(**elements), tmp_path)
    assert image.spacing_mm == (pytest.approx(spacing_mm) if spacing_mm else None)
    assert image.spacing_source == source
    assert sum("Spacing" in warning or "Magnification" in warning for warning in image.warnings) == warned
    trusted = source not in ("unknown", "none")
    assert (image.trusted_spacing_mm is not None) == trusted
