"""Whose mask it is, or whose hemithoraces: the network's, or those that a person gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
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
        kind: Segmented by the network, or given by the user.
        format: "DICOM SEG", "PNG", "NIfTI", "NRRD", or "array" from a program.
        file: Base name of the file.
        sha256: Of the file's content.
        sop_instance_uid: Of a DICOM SEG.
        algorithm_type: AUTOMATIC, SEMIAUTOMATIC or MANUAL, as a DICOM SEG states; MANUAL for a
            picture or volume.
        algorithm_name: Of what drew the segments of a DICOM SEG.
        manufacturer: Of the program that wrote a DICOM SEG.
        creator: Who made a DICOM SEG, as it states.
    """

    kind: Literal["network", "given"]
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
        made = (self.algorithm_type, self.algorithm_name, self.manufacturer)
        stated = ", ".join(part for part in made if part)
        return f"given as {self.format}" + (f" ({stated})" if stated else "")

    def to_json(self) -> dict[str, Any]:
        """The `mask_source` object of an exam in the result files."""
        return {**asdict(self), "in_words": self.in_words}


NETWORK = MaskSource("network")


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
