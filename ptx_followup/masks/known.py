"""A mask that is known before anything is segmented: a person's correction counts more than the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.errors import UsageError
from ptx_followup.masks.read import read_mask
from ptx_followup.masks.source import MaskSource
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.sides import Side


@dataclass(frozen=True, eq=False)
class KnownMask:
    """A mask of one radiograph, and where it comes from.

    Attributes:
        mask: bool, H x W of the radiograph's file.
        source: Whose it is.
        tracking: That its file states, by side.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    source: MaskSource
    tracking: dict[Side, Tracking] = field(default_factory=dict)


def read_known_mask(path: Path, radiograph: Radiograph) -> KnownMask:
    """Read the mask of a radiograph from a DICOM Segmentation or a PNG; see `mask_read.read_mask`.

    Raises:
        InputError: The file is no mask of this radiograph.
        UsageError: It has another size.
    """
    source = radiograph.path if radiograph.identity is not None else None
    mask, origin, tracking = read_mask(path, source)
    known = KnownMask(mask, origin, tracking)
    require_fit(known, radiograph, f"the mask {origin.file}")
    return known


def as_known_mask(
    mask: NDArray[np.bool_] | KnownMask | None, radiograph: Radiograph, name: str
) -> KnownMask | None:
    """A mask from a program as a known one; the message calls its exam by `name`.

    Raises:
        UsageError: It has another size than the radiograph's file.
    """
    if mask is None:
        return None
    known = mask if isinstance(mask, KnownMask) else _from_program(mask)
    require_fit(known, radiograph, f"the mask of {name}")
    return known


def _from_program(mask: NDArray[np.bool_]) -> KnownMask:
    return KnownMask(
        mask, MaskSource("given", "array", sha256=sha256(np.packbits(mask).tobytes()).hexdigest())
    )


def require_fit(known: KnownMask, radiograph: Radiograph, label: str) -> None:
    """Refuse a mask of another size than the radiograph's file.

    Raises:
        UsageError: It is one.
    """
    if radiograph.to_standard(known.mask).shape != radiograph.pixels.shape:
        raise UsageError(f"{label} does not fit its radiograph", "give its rows and columns")
