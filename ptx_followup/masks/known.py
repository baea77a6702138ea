"""A mask that is known before anything is segmented: a person's correction counts more than the network."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import UsageError
from ptx_followup.masks.plausible import require_plausible
from ptx_followup.masks.read import read_mask
from ptx_followup.masks.source import KnownMask, MaskSource
from ptx_followup.radiograph.image import Radiograph


def read_known_mask(path: Path, radiograph: Radiograph) -> KnownMask:
    """Read the mask of a radiograph from a file; see `masks.read.read_mask`.

    Raises:
        InputError: The file is no mask of this radiograph, or can be no pneumothorax.
        UsageError: It has another size.
    """
    source = radiograph.path if radiograph.identity is not None else None
    known = read_mask(path, source, radiograph.stored_shape)
    _require_fit(known, radiograph, f"the mask {known.source.file}")
    return known


def as_known_mask(
    mask: NDArray[np.bool_] | KnownMask | None, radiograph: Radiograph, name: str
) -> KnownMask | None:
    """A mask from a program as a known one; the message calls its exam by `name`.

    Raises:
        InputError: It can be no pneumothorax.
        UsageError: It has another size than the radiograph's file.
    """
    if mask is None:
        return None
    known = mask if isinstance(mask, KnownMask) else _from_program(mask)
    _require_fit(known, radiograph, f"the mask of {name}")
    return known


def _from_program(mask: NDArray[np.bool_]) -> KnownMask:
    return KnownMask(
        mask, MaskSource("given", "array", sha256=sha256(np.packbits(mask).tobytes()).hexdigest())
    )


def _require_fit(known: KnownMask, radiograph: Radiograph, label: str) -> None:
    """Refuse a mask of another size than the radiograph's file, and one that can be no pneumothorax.

    Raises:
        InputError: It can be none.
        UsageError: It has another size.
    """
    if known.mask.shape != radiograph.stored_shape:
        raise UsageError(f"{label} does not fit its radiograph", "give its rows and columns")
    require_plausible(known.mask, label)
