"""Whose mask it is, or whose hemithoraces: the network's, or those that a person gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ptx_followup.dicom_objects.tracking import Tracking
    from ptx_followup.sides import Side


@dataclass(frozen=True)
class MaskSource:
    """Where a mask comes from; all but `kind` is None for the network's, and where it is not known.

    Attributes:
        kind: Segmented by the network, given by the user in a file, or edited by a person (`edited`).
        format: "DICOM SEG", "PNG", "NIfTI", "NRRD", or "array" from a program.
        file: Base name of the file.
        sha256: Of the file's content.
        sop_instance_uid: Of a DICOM SEG.
        algorithm_type: AUTOMATIC, SEMIAUTOMATIC or MANUAL, as a DICOM SEG states; MANUAL for a
            picture or volume.
        algorithm_name: Of what drew the segments of a DICOM SEG, or of the network whose mask was edited.
        manufacturer: Of the program that wrote a DICOM SEG.
        creator: Who made a DICOM SEG, as it states, or who edited the mask.
    """

    kind: Literal["network", "given", "edited"]
    format: Literal["DICOM SEG", "PNG", "NIfTI", "NRRD", "array"] | None = None
    file: str | None = None
    sha256: str | None = None
    sop_instance_uid: str | None = None
    algorithm_type: Literal["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"] | None = None
    algorithm_name: str | None = None
    manufacturer: str | None = None
    creator: str | None = None

    @property
    def in_words(self) -> str:
        """One clause for pictures and warnings, without the name of a person."""
        if self.kind == "network":
            return "segmented by the network"
        if self.kind == "edited":
            started = self.algorithm_type == "SEMIAUTOMATIC"
            return "changed by a person, starting from the network's" if started else "drawn by a person"
        made = (self.algorithm_type, self.algorithm_name, self.manufacturer)
        stated = ", ".join(part for part in made if part)
        return f"given as {self.format}" + (f" ({stated})" if stated else "")

    def in_place_of(self, other: str) -> str:
        """The same, and of a file what was left out for it ("not segmented")."""
        return f"{self.in_words}, {other}" if self.kind == "given" else self.in_words

    def to_json(self) -> dict[str, Any]:
        """The `mask_source` object of an exam in the result files."""
        return {**asdict(self), "in_words": self.in_words}


NETWORK = MaskSource("network")


def edited(drawn: NDArray[np.bool_ | np.uint8], reader: str | None, network: str | None) -> MaskSource:
    """Whose a mask is that a person edited; or whose hemithoraces.

    Args:
        drawn: The mask or the labels, on the grid of the radiograph's file.
        reader: Who did; None where that is not known yet.
        network: Name of the model whose mask the person started from: SEMIAUTOMATIC. None for a mask that was
            drawn from nothing: MANUAL.
    """
    content = np.packbits(drawn) if drawn.dtype == np.bool_ else np.ascontiguousarray(drawn)
    return MaskSource(
        "edited",
        "array",
        sha256=sha256(content.tobytes()).hexdigest(),
        algorithm_type="MANUAL" if network is None else "SEMIAUTOMATIC",
        algorithm_name=network,
        creator=reader,
    )


@dataclass(frozen=True, eq=False)
class KnownMask:
    """A mask of one radiograph, and where it comes from.

    Attributes:
        mask: bool, H x W of the radiograph's file.
        source: Whose it is.
        tracking: That its file states, by side.
        warnings: What the user should know of it.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    source: MaskSource
    tracking: dict[Side, Tracking] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class KnownHemithoraces:
    """Both hemithoraces of one radiograph, as a person outlined them.

    Attributes:
        labels: uint8, H x W of the radiograph's file: 0 background, 1 the patient's right, 2 the left.
        source: Whose they are.
        warnings: What the user should know of them.
    """

    labels: NDArray[np.uint8] = field(repr=False)
    source: MaskSource
    warnings: tuple[str, ...] = ()
