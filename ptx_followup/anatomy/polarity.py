"""Is air dark? Read from the pixels, once the hemithoraces are known: headers are wrong about it.

The lung model finds the hemithoraces of a negative as well, and its quality does not tell. But between them
lies the mediastinum, which on a radiograph is brighter than the lungs and than the border of the film, where
the air around the patient is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.sides import LUNG_LABEL

#: Differences of mean display values below which both tests together tell a negative, and below which one
#: alone leaves a doubt: a bright border (arms, a white frame) is no rarity. Measured in `docs/reading.md`.
_NEGATIVE = -0.03
_DOUBTFUL_LUNGS, _DOUBTFUL_BORDER = 0.0, -0.1
#: Width of the border, as a share of the film's shorter side.
_BORDER = 0.04
#: Means of a film of this many pixels a side are those of the whole.
_SIDE_PX = 256

Polarity = Literal["positive", "doubtful", "negative"]


@dataclass(frozen=True)
class Contrast:
    """How much brighter the mediastinum is, in display values (-1..1).

    Attributes:
        over_lungs: Than the hemithoraces.
        over_border: Than the border of the film at its top and sides, outside hemithoraces and mediastinum.
    """

    over_lungs: float
    over_border: float

    @property
    def polarity(self) -> Polarity:
        """Positive where air is dark, negative where both tests clearly fail, doubtful where one fails."""
        if max(self.over_lungs, self.over_border) < _NEGATIVE:
            return "negative"
        doubtful = self.over_lungs < _DOUBTFUL_LUNGS or self.over_border < _DOUBTFUL_BORDER
        return "doubtful" if doubtful else "positive"


def mediastinal_contrast(pixels: NDArray[np.float32], hemithoraces: NDArray[np.uint8]) -> Contrast | None:
    """Compare the mediastinum with lungs and border.

    Args:
        pixels: float32, H x W, 0..1.
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left.

    Returns:
        The contrast, or None where a hemithorax is missing or nothing lies between them.
    """
    step = max(1, min(pixels.shape) // _SIDE_PX)
    pixels, hemithoraces = pixels[::step, ::step], hemithoraces[::step, ::step]
    middle = _between(hemithoraces)
    border = _border(pixels.shape) & (hemithoraces == 0) & ~middle
    if not middle.any() or not border.any():
        return None
    mediastinum = float(pixels[middle].mean())
    return Contrast(
        mediastinum - float(pixels[hemithoraces > 0].mean()), mediastinum - float(pixels[border].mean())
    )


def _between(hemithoraces: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What lies between the hemithoraces in the rows that hold both."""
    right, left = (hemithoraces == LUNG_LABEL[side] for side in ("right", "left"))
    rows = right.any(axis=1) & left.any(axis=1)
    columns = np.arange(hemithoraces.shape[1])
    medial_right = columns[-1] - right[:, ::-1].argmax(axis=1)
    medial_left = left.argmax(axis=1)
    return np.asarray(
        rows[:, None] & (columns > medial_right[:, None]) & (columns < medial_left[:, None]), np.bool_
    )


def _border(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The film's margin at its top and sides; at the bottom lies the abdomen."""
    width = max(1, round(_BORDER * min(shape)))
    border = np.ones(shape, np.bool_)
    border[width:, width:-width] = False
    return border
