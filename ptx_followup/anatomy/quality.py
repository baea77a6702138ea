"""How far to trust the hemithoraces that a network found, without knowing the truth.

A network that knows where the chest wall is finds it again when the radiograph is mirrored, made smaller or
turned; one that guesses finds something else. The quality is the poorer side's agreement (Dice) between the
single views and their mean, lowered where the two sides have an area or a place that no chest has.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

#: Larger over smaller hemithorax area. Of 405 radiographs with lung masks drawn by people (JSRT, Wingspan)
#: 99 % lie below the first; at the second nothing is left of the quality.
AREA_RATIO = (1.8, 3.6)
#: Both hemithoraces together as a fraction of the image; of the same radiographs, 99 % lie between the inner
#: two values. Outside the outer two nothing is left.
AREA = (0.04, 0.12, 0.42, 0.6)

#: Below the first the outlines deserve a warning, below the second no percentage can rest on them. Of the 176
#: radiographs of the validation pairs (NIH ChestX-ray14), looked at by eye, the 5 below 0.6 all lack most of
#: an opaque lung; those from 0.77 on hold both hemithoraces, those from 0.85 on without a larger error.
DOUBTFUL_BELOW, UNUSABLE_BELOW = 0.85, 0.6


@dataclass(frozen=True)
class View:
    """A changed copy of the network's square input."""

    scale: float = 1.0
    rotation_deg: float = 0.0
    mirrored: bool = False

    def apply(self, square: FloatImage) -> FloatImage:
        """Change a normalised S x S image; what comes in from outside is -1, as black is."""
        size = square.shape[0]
        image = square[:, ::-1] if self.mirrored else square
        return np.asarray(
            cv2.warpAffine(np.ascontiguousarray(image), self._matrix(size), (size, size), borderValue=(-1.0,))
        )

    def undo(self, probability: FloatImage) -> FloatImage:
        """Bring a 2 x S x S probability (right, left) back; mirroring has swapped the sides."""
        size = probability.shape[-1]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        back = np.stack(
            [cv2.warpAffine(one, self._matrix(size), (size, size), flags=flags) for one in probability]
        )
        return np.ascontiguousarray(back[::-1, :, ::-1]) if self.mirrored else back

    def _matrix(self, size: int) -> NDArray[np.float64]:
        middle = (size - 1) / 2
        return np.asarray(cv2.getRotationMatrix2D((middle, middle), self.rotation_deg, self.scale))


#: The views that are averaged. None enlarges, which would cut the apex or the sulcus off.
VIEWS = (View(), View(mirrored=True), View(0.85, 5.0), View(0.92, -5.0, mirrored=True))


def quality(probabilities: FloatImage, threshold: float) -> float:
    """The quality of hemithoraces found in several views.

    Args:
        probabilities: V x 2 x H x W, of each view, on one grid, right first.
        threshold: Above it lies the hemithorax.

    Returns:
        0..1; 0 where a side is missing, or the patient's right lies to the right of the left.
    """
    mean = probabilities.mean(axis=0) >= threshold
    areas = mean.mean(axis=(1, 2))
    if not areas.all() or _centre(mean[0]) >= _centre(mean[1]):
        return 0.0
    agreement = [
        np.mean([_dice(view[side] >= threshold, mean[side]) for view in probabilities]) for side in (0, 1)
    ]
    ratio = float(areas.max() / areas.min())
    plausible = np.interp(ratio, AREA_RATIO, (1, 0)) * np.interp(areas.sum(), AREA, (0, 1, 1, 0))
    return float(min(agreement) * plausible)


def doubt(quality: float) -> list[str]:
    """What the user should be told of outlines of this quality: one warning, or none."""
    if quality >= DOUBTFUL_BELOW:
        return []
    return [f"the hemithoraces were found with a quality of only {quality:.2f}: percentages may be wrong"]


def _centre(mask: NDArray[np.bool_]) -> float:
    """Mean column."""
    return float(np.nonzero(mask)[1].mean())


def _dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    total = np.count_nonzero(first) + np.count_nonzero(second)
    return float(2 * np.count_nonzero(first & second) / total) if total else 1.0
