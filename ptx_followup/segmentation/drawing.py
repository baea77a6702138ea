"""From the probabilities of a network to a mask, and to probabilities that are true of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.sides import both_found

if TYPE_CHECKING:
    from ptx_followup.network.checkpoint import Calibration, Postprocessing


def draw(
    probability: FloatImage, how: Postprocessing, hemithoraces: NDArray[np.uint8] | None
) -> NDArray[np.bool_]:
    """Threshold a probability map (float32, H x W, 0..1) and drop pieces; see `Segmenter.binary`."""
    mask = probability >= how.threshold
    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = statistics[:, cv2.CC_STAT_AREA] >= how.smallest_component * mask.size
    if how.touches_hemithorax and hemithoraces is not None and both_found(hemithoraces):
        kept &= np.bincount(pieces[hemithoraces > 0], minlength=len(kept)) > 0
    kept[0] = False  # the background
    return np.asarray(kept[pieces], bool)


def calibrate(probability: FloatImage, mask: NDArray[np.bool_], how: Calibration) -> FloatImage:
    """Bring probabilities to the temperature for a mask of this size; see `Segmenter.calibrated`."""
    temperature = how.temperature(float(mask.mean()))
    if temperature == 1:
        return probability
    inside, outside = probability ** (1 / temperature), (1 - probability) ** (1 / temperature)
    return np.asarray(inside / (inside + outside), np.float32)
