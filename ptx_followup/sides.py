"""The patient's two sides: their names, their labels in a mask, and a mask divided between them."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Side = Literal["left", "right"]
ReportSide = Literal["left", "right", "bilateral"]

SIDES: tuple[Side, ...] = get_args(Side)

#: Label of each lung in a lung mask.
LUNG_LABEL: dict[Side, int] = {"right": 1, "left": 2}


def both_found(lungs: NDArray[np.uint8]) -> bool:
    """Whether a lung mask (uint8, H x W) holds both labels of `LUNG_LABEL`."""
    return all(np.any(lungs == label) for label in LUNG_LABEL.values())


def split_by_side(mask: NDArray[np.bool_], lungs: NDArray[np.uint8] | None) -> dict[Side, NDArray[np.bool_]]:
    """Give each connected piece of a mask to the side that most of its pixels are nearest to.

    Args:
        mask: bool, H x W, the patient's right on the image's left.
        lungs: uint8, H x W, with both labels of `LUNG_LABEL`; None to split at the image's midline.

    Returns:
        bool, H x W, for each side; together they are the mask.
    """
    import cv2

    if lungs is None:
        nearest_right = np.broadcast_to(np.arange(mask.shape[1]) < mask.shape[1] / 2, mask.shape)
    else:
        distance = {
            side: cv2.distanceTransform((lungs != label).astype(np.uint8), cv2.DIST_L2, 5)
            for side, label in LUNG_LABEL.items()
        }
        nearest_right = distance["right"] < distance["left"]
    count, pieces = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    right = np.zeros(mask.shape, dtype=bool)
    for label in range(1, count):
        piece = pieces == label
        if nearest_right[piece].mean() >= 0.5:
            right |= piece
    return {"right": right, "left": mask & ~right}
