"""Is air dark? Read from the pixels, once the hemithoraces are known: headers are wrong about it.

The lung model finds the hemithoraces of a negative as well, and its quality does not tell. But between them
lies the mediastinum, which on a radiograph is brighter than the lungs and than the border of the film, where
the air around the patient is. A collimator or a scanner may have laid a black or white frame around the film:
it says nothing of the film, whose border then lies within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.sides import LUNG_LABEL

#: Differences of mean display values below which both tests together tell a negative, and below which one
#: alone leaves a doubt: a bright border (arms, a white frame) is no rarity. Measured in `docs/reading.md`.
_NEGATIVE = -0.03
_DOUBTFUL_LUNGS, _DOUBTFUL_BORDER = 0.0, -0.1
#: Within a frame the difference must be clearer: there may be the patient's arms, not air.
_NEGATIVE_WITHIN = -0.1
#: Width of the border, as a share of the film's shorter side.
_BORDER = 0.04
#: Display values next to black or white that a frame may have: lossy encoding, noise of a scanner.
_FRAME_GREYS = 0.06
#: Share of the film that lies within a frame, at least; less is no film in a frame.
_LEAST_WITHIN = 0.25
#: Means of a film of this many pixels a side are those of the whole.
_SIDE_PX = 256

Polarity = Literal["positive", "doubtful", "negative"]


@dataclass(frozen=True)
class Contrast:
    """How much brighter the mediastinum is, in display values (-1..1).

    Attributes:
        over_lungs: Than the hemithoraces.
        over_border: Than the border of the film at its top and sides, outside hemithoraces and mediastinum.
        over_border_within: Than the border of what lies within a black or white frame, likewise; None where
            there is no frame.
    """

    over_lungs: float
    over_border: float
    over_border_within: float | None = None

    @property
    def polarity(self) -> Polarity:
        """Positive where air is dark, negative where both tests clearly fail, doubtful where one fails.

        A frame never adds a doubt: the border passes where that of the picture or that within the frame does.
        """
        within = self.over_border if self.over_border_within is None else self.over_border_within
        border_fails = self.over_border < _NEGATIVE or within < _NEGATIVE_WITHIN
        if self.over_lungs < _NEGATIVE and border_fails:
            return "negative"
        doubtful = self.over_lungs < _DOUBTFUL_LUNGS or max(self.over_border, within) < _DOUBTFUL_BORDER
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
    outside = (hemithoraces == 0) & ~middle
    width = max(1, round(_BORDER * min(pixels.shape)))
    border = _border(np.ones(pixels.shape, np.bool_), width) & outside
    if not middle.any() or not border.any():
        return None
    mediastinum = float(pixels[middle].mean())

    def over(part: NDArray[np.bool_]) -> float:
        return mediastinum - float(pixels[part].mean())

    film = _within_frame(pixels)
    within = None if film is None else _border(film, width) & outside
    return Contrast(
        over(hemithoraces > 0), over(border), over(within) if within is not None and within.any() else None
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


def _within_frame(pixels: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """The film within a frame: the largest piece that a frame leaves, without letters in the frame.

    A frame is black or white, may be slanted or round, and reaches the edge of the picture. Of the two greys,
    the one that holds more of the edge is the frame's.

    Args:
        pixels: float32, H x W, 0..1.

    Returns:
        bool, H x W, or None where there is no frame.
    """
    edge = np.ones(pixels.shape, np.bool_)
    edge[1:-1, 1:-1] = False
    greys = (pixels < _FRAME_GREYS, pixels > 1 - _FRAME_GREYS)
    grey = max(greys, key=lambda one: int(np.count_nonzero(one & edge)))
    _, pieces = cv2.connectedComponents(grey.astype(np.uint8), connectivity=4)
    frame = np.isin(pieces, np.unique(pieces[edge & grey])) & grey
    if not frame.any():
        return None
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats((~frame).astype(np.uint8), connectivity=4)
    sizes[0, cv2.CC_STAT_AREA] = 0  # the frame itself
    largest = int(sizes[:, cv2.CC_STAT_AREA].argmax())
    if sizes[largest, cv2.CC_STAT_AREA] < _LEAST_WITHIN * pixels.size:
        return None
    return np.asarray(pieces == largest, np.bool_)


def _border(film: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The margin of a film at its top and sides, in pixels of `width`; at the bottom lies the abdomen."""
    reach = np.zeros((2 * width + 1, 2 * width + 1), np.uint8)
    reach[width], reach[: width + 1, width] = 1, 1
    inner = cv2.erode(film.astype(np.uint8), reach, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(film & (inner == 0), np.bool_)
