"""What a DICOM Segmentation states: its segments, what they show, and what made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup import colours
from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.dicom_objects.derived import LONG_STRING, Equipment
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.sides import ReportSide, Side

Mask = NDArray[np.bool_]
#: DICOM PS3.3 section C.8.20.2: how a segment came about.
AlgorithmType = Literal["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"]

#: DICOM PS3.16 CID 244.
LATERALITY: dict[ReportSide, Code] = {
    "right": codes.RIGHT,
    "left": codes.LEFT,
    "bilateral": codes.BILATERAL,
}


#: With a laterality, the hemithorax.
CHEST: Code = codes.CHEST


@dataclass(frozen=True)
class Property:
    """What a segment shows.

    Attributes:
        category: DICOM PS3.16 CID 7150.
        type: SNOMED CT.
        colour: Proposed to viewers.
        region: Where it lies, with the segment's side: the side of the chest is its hemithorax.
    """

    category: Code
    type: Code
    colour: colours.Colour
    region: Code | None = None


PNEUMOTHORAX = Property(
    codes.MORPHOLOGICALLY_ABNORMAL_STRUCTURE, codes.PNEUMOTHORAX, colours.PNEUMOTHORAX, CHEST
)
LUNG = Property(codes.ANATOMICAL_STRUCTURE, codes.LUNG, colours.LUNG)


@dataclass(frozen=True)
class Algorithm:
    """What made the masks.

    Attributes:
        name: Of the model, or of what a person drew with; at most 64 characters are written.
        version: Of the model.
        sha256: Of the weights, 64 hexadecimal digits, or of the file of a mask that was given; written as the
            device's serial number.
        type: MANUAL names no algorithm in the segments.
        creator: The person who drew or changed the masks; None where none is known.
    """

    name: str
    version: str
    sha256: str
    type: AlgorithmType = "AUTOMATIC"
    creator: str | None = None

    @property
    def equipment(self) -> Equipment:
        """What the object says that it was made by."""
        return Equipment(self.name[:LONG_STRING], self.version[:LONG_STRING], self.sha256)


@dataclass(frozen=True, eq=False)
class Segment:
    """One mask and what it shows.

    Attributes:
        mask: bool, rows x columns of the file's stored pixel grid (`Radiograph.to_stored`).
        label: For people, at most 64 characters ("Right pneumothorax").
        shows: Coded.
        side: Of the patient.
        tracking: Of an earlier exam, to continue it; if None, a new one that this exam decides.
    """

    mask: Mask
    label: str
    shows: Property = PNEUMOTHORAX
    side: ReportSide | None = None
    tracking: Tracking | None = None


@dataclass(frozen=True)
class WrittenSegment:
    """A segment as written; its only frame has the segment's number."""

    number: int
    side: ReportSide | None
    tracking: Tracking


@dataclass(frozen=True)
class WrittenSegmentation:
    """What was written: the file, its UIDs, and its segments in order."""

    path: Path
    sop_instance_uid: str
    series_instance_uid: str
    segments: tuple[WrittenSegment, ...]

    @property
    def tracking(self) -> dict[Side, Tracking]:
        """The tracking of each side that has a segment."""
        return {one.side: one.tracking for one in self.segments if one.side == "right" or one.side == "left"}
