"""The radiograph: pixels in a standard form, with what is known about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptx_followup.radiograph.display import Greyscale

View = Literal["PA", "AP", "lateral", "unknown"]
Position = Literal["erect", "semi-erect", "supine", "decubitus", "unknown"]
SpacingSource = Literal[
    "calibrated", "magnification-corrected", "detector-plane", "film-plane", "unknown", "none"
]

#: Spacings whose millimetres mean something in the patient, best first (DICOM PS3.3 section 10.7).
TRUSTED_SPACING: tuple[SpacingSource, ...] = (
    "calibrated",
    "magnification-corrected",
    "detector-plane",
    "film-plane",
)

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Identity:
    """Who the patient is, as the header states it; an empty string where it is silent."""

    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""

    def __repr__(self) -> str:
        """Name the type alone, so that no log or traceback shows a patient."""
        return "Identity(...)"


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One frontal chest radiograph; equal only to itself, as arrays have no single truth value.

    Attributes:
        pixels: float32, H x W, 0..1, air dark, the patient's right on the image's left.
        spacing_mm: Millimetres per pixel as (row, column) of `pixels`, or None.
        spacing_source: What those millimetres mean; see `TRUSTED_SPACING`.
        view: Projection.
        position: Patient position during the exposure.
        acquired_at: Acquisition time as the header states it (local, without a zone), or None.
        identity: The patient, or None where the file carries none (PNG, JPEG).
        sop_instance_uid: As stored (it may be illegal), or None.
        pixels_sha256: Of the file's pixel values, see `fingerprint`; None for an image made in memory.
        path: The file it came from, or None for an image made in memory.
        flipped: True if the stored pixels were mirrored to reach the standard orientation.
        quarter_turns: Counter-clockwise quarter turns that were applied, after the mirroring.
        inverted: True if the pixels came as a negative, whatever the header says, and were turned round.
        warnings: What the user should know, free of identifying values.
        let_go: SHA-256 of pixels that were let go, which are then no numbers; see `letting_go`. Else None.
        greyscale: From the file's stored values to `pixels`; None for a picture, a film in colours, or an
            image made in memory.
    """

    pixels: NDArray[np.float32] = field(repr=False)
    spacing_mm: tuple[float, float] | None = None
    spacing_source: SpacingSource = "none"
    view: View = "unknown"
    position: Position = "unknown"
    acquired_at: datetime | None = field(default=None, repr=False)
    identity: Identity | None = field(default=None, repr=False)
    sop_instance_uid: str | None = field(default=None, repr=False)
    pixels_sha256: str | None = field(default=None, repr=False)
    path: Path | None = field(default=None, repr=False)
    flipped: bool = False
    quarter_turns: int = 0
    inverted: bool = False
    warnings: tuple[str, ...] = ()
    let_go: str | None = field(default=None, repr=False)
    greyscale: Greyscale | None = field(default=None, repr=False)

    def turned_round(self) -> Radiograph:
        """The negative of this image: white where it is black."""
        return replace(
            self,
            pixels=np.asarray(1 - self.pixels, np.float32),
            greyscale=None if self.greyscale is None else self.greyscale.turned_round(),
            inverted=not self.inverted,
        )

    @property
    def rows(self) -> int:
        """Height of `pixels`."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Width of `pixels`."""
        return int(self.pixels.shape[1])

    @property
    def stored_shape(self) -> tuple[int, int]:
        """Rows and columns of the file's pixel grid."""
        shape = self.rows, self.columns
        return shape if self.quarter_turns % 2 == 0 else shape[::-1]

    @property
    def trusted_spacing_mm(self) -> tuple[float, float] | None:
        """`spacing_mm` where it means millimetres in the patient or on the detector, else None."""
        return self.spacing_mm if self.spacing_source in TRUSTED_SPACING else None

    def to_standard(self, stored: NDArray[Scalar]) -> NDArray[Scalar]:
        """Bring an H x W array from the file's pixel grid to the grid of `pixels`; a copy."""
        mirrored = np.fliplr(stored) if self.flipped else stored
        return np.rot90(mirrored, self.quarter_turns).copy()

    def to_stored(self, standard: NDArray[Scalar]) -> NDArray[Scalar]:
        """Bring an H x W array from the grid of `pixels` back to the file's pixel grid; a copy."""
        turned = np.rot90(standard, -self.quarter_turns)
        return (np.fliplr(turned) if self.flipped else turned).copy()

    def to_stored_point(self, row: int, column: int) -> tuple[int, int]:
        """Bring a pixel of `pixels` back to the file's pixel grid: row and column, from 0."""
        rows, columns = self.rows, self.columns
        for _ in range(self.quarter_turns % 4):
            row, column = column, rows - 1 - row
            rows, columns = columns, rows
        return row, columns - 1 - column if self.flipped else column


def with_warnings(radiograph: Radiograph, warnings: tuple[str, ...]) -> Radiograph:
    """The radiograph with more to be said of it."""
    return replace(radiograph, warnings=(*radiograph.warnings, *warnings)) if warnings else radiograph
