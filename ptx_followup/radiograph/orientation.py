"""How to turn stored pixels so that the patient's right is on the image's left and the head at the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import texts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_OPPOSITE = {"L": "R", "R": "L", "H": "F", "F": "H", "A": "P", "P": "A"}

#: PatientOrientation of the standard display: rows run to the patient's left, columns to the feet.
_STANDARD = ("L", "F")


@dataclass(frozen=True)
class Turn:
    """A mirroring followed by quarter turns, as `Radiograph` records them.

    Attributes:
        flipped: Mirror left to right first.
        quarter_turns: Then this many counter-clockwise quarter turns, 0 to 3.
    """

    flipped: bool = False
    quarter_turns: int = 0


@dataclass(frozen=True)
class Orientation:
    """What PatientOrientation says.

    Attributes:
        turn: What brings the image to the standard display.
        lateral: True if the image plane runs from front to back.
        warnings: Where the turn had to be assumed.
    """

    turn: Turn = Turn()
    lateral: bool = False
    warnings: tuple[str, ...] = ()


def read_orientation(dataset: Dataset) -> Orientation:
    """Understand PatientOrientation (PS3.3 C.7.6.1.1.1): the directions of the rows and of the columns.

    Only the first letter of each direction counts, the principal one. Mirroring and rotation of the field of
    view (FieldOfViewHorizontalFlip, FieldOfViewRotation) are already in the stored pixels and in
    PatientOrientation, and are not looked at.
    """
    directions = tuple(direction[:1].upper() for direction in texts(dataset, "PatientOrientation"))
    if not any(directions):
        return Orientation(warnings=(ASSUMED.format("The header does not state"),))
    if len(directions) == 2 and any(direction in "AP" for direction in directions if direction):
        return Orientation(lateral=True, warnings=(ASSUMED.format("PatientOrientation does not make clear"),))
    turn = turn_to_standard(*directions) if len(directions) == 2 else None
    if turn is None:
        return Orientation(warnings=(ASSUMED.format("PatientOrientation does not make clear"),))
    return Orientation(turn=turn)


#: Warning for an image whose orientation is not known.
ASSUMED = "{} the orientation: the patient's right is taken to be on the image's left"


def turn_to_standard(row: str, column: str) -> Turn | None:
    """Find the turn for rows running towards `row` and columns towards `column`, or None if there is none.

    Args:
        row: One of L, R, H, F.
        column: One of L, R, H, F.

    Examples:
        >>> turn_to_standard("R", "F")
        Turn(flipped=True, quarter_turns=0)
        >>> turn_to_standard("R", "H")
        Turn(flipped=False, quarter_turns=2)
    """
    for flipped in (False, True):
        directions = (_OPPOSITE.get(row, "") if flipped else row, column)
        for quarter_turns in range(4):
            if directions == _STANDARD:
                return Turn(flipped, quarter_turns)
            # A counter-clockwise turn lays the columns along the rows and the rows up the columns.
            directions = (directions[1], _OPPOSITE.get(directions[0], ""))
    return None
