"""The patient's two sides: their names, their labels in a mask, and a mask divided between them."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:  # a report is understood without it
    import numpy as np
    from numpy.typing import NDArray

Side = Literal["left", "right"]
ReportSide = Literal["left", "right", "bilateral"]

SIDES: tuple[Side, ...] = get_args(Side)

#: Label of each lung in a lung mask.
LUNG_LABEL: dict[Side, int] = {"right": 1, "left": 2}


def both_found(lungs: NDArray[np.uint8]) -> bool:
    """Whether a lung mask (uint8, H x W) holds both labels of `LUNG_LABEL`."""
    return all((lungs == label).any() for label in LUNG_LABEL.values())


#: Which half of a film is nearer to the right lung, of the last lung masks that cannot change any more.
_HALVES: deque[tuple[weakref.ref[NDArray[np.uint8]], NDArray[np.bool_]]] = deque(maxlen=4)


def split_by_side(mask: NDArray[np.bool_], lungs: NDArray[np.uint8] | None) -> dict[Side, NDArray[np.bool_]]:
    """Give each connected piece of a mask to the side that most of its pixels are nearest to.

    Args:
        mask: bool, H x W, the patient's right on the image's left.
        lungs: uint8, H x W, with both labels of `LUNG_LABEL`; None to split at the image's midline.

    Returns:
        bool, H x W, for each side; together they are the mask.
    """
    import cv2
    import numpy as np

    right = np.zeros(mask.shape, dtype=bool)
    column, row, columns, rows = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    if not columns:
        return {"right": right, "left": right.copy()}
    around = slice(row, row + rows), slice(column, column + columns)  # no piece lies beyond it
    halves = np.arange(mask.shape[1]) < mask.shape[1] / 2 if lungs is None else _nearest_right(lungs)
    nearest_right = np.broadcast_to(halves, mask.shape)[around]
    count, pieces = cv2.connectedComponents(mask[around].astype(np.uint8), connectivity=8)
    for label in range(1, count):
        piece = pieces == label
        if nearest_right[piece].mean() >= 0.5:
            right[around] |= piece
    return {"right": right, "left": mask & ~right}


def _nearest_right(lungs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels nearer to the right lung than to the left: kept for a read-only array, as it takes long."""
    import cv2
    import numpy as np

    for known, halves in list(_HALVES):
        if known() is lungs:
            return halves
    distance = {
        side: cv2.distanceTransform((lungs != label).astype(np.uint8), cv2.DIST_L2, 5)
        for side, label in LUNG_LABEL.items()
    }
    halves = np.asarray(distance["right"] < distance["left"])
    if not lungs.flags.writeable:
        _HALVES.append((weakref.ref(lungs), halves))
    return halves
