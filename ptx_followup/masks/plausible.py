"""Whether a given mask can be a pneumothorax at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import InputError
from ptx_followup.sides import LUNG_LABEL, both_found

#: Share of the film, or of its border, above which a mask is that of the rest of the film. Both hemithoraces
#: together are at most 0.42 of a film (`anatomy.quality`), and a pneumothorax lies in one of them.
_MOST = 0.5

EMPTY = "the given mask is empty: it was taken to say that there is no pneumothorax"
OUTSIDE = "most of the given mask lies outside both hemithoraces"
FILLED = (
    "the given mask covers most of the {} hemithorax, as a tension pneumothorax does, or a mask of the lung"
)


def require_plausible(mask: NDArray[np.bool_], label: str) -> None:
    """Refuse a mask that covers most of the film or runs along most of its border: its colours are swapped.

    Raises:
        InputError: It does.
    """
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if mask.mean() > _MOST:
        raise InputError(f"{label} covers most of the film", "make it black outside the pneumothorax")
    if border.mean() > _MOST:
        raise InputError(
            f"{label} runs along most of the film's border", "make it black outside the pneumothorax"
        )


def doubts_of(mask: NDArray[np.bool_], hemithoraces: NDArray[np.uint8]) -> list[str]:
    """What the user should be told of where a given mask lies.

    Args:
        mask: bool, H x W.
        hemithoraces: uint8, H x W, on the same grid: 0 background, 1 the patient's right, 2 the left.
    """
    if not mask.any():
        return [EMPTY]
    if not both_found(hemithoraces):
        return []
    doubts = [
        FILLED.format(side)
        for side, number in LUNG_LABEL.items()
        if mask[hemithoraces == number].mean() > _MOST
    ]
    if (hemithoraces[mask] == 0).mean() > _MOST:
        doubts.append(OUTSIDE)
    return doubts
