"""The hemithoraces of a frontal radiograph: outlines, landmarks, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.quality import VIEWS, quality
from ptx_followup.network.engine import probabilities
from ptx_followup.network.preprocessing import FloatImage, from_square, normalise, to_square
from ptx_followup.sides import LUNG_LABEL, Side

if TYPE_CHECKING:
    from ptx_followup.network.engine import RunningModel
    from ptx_followup.network.preprocessing import Placement

#: Labels in a mask of the hemithoraces.
RIGHT, LEFT = LUNG_LABEL["right"], LUNG_LABEL["left"]

Labels = NDArray[np.uint8]
#: (row, column) in pixels.
Point = tuple[int, int]


@dataclass(frozen=True)
class Landmarks:
    """Points on the border of one hemithorax, (row, column).

    Attributes:
        apex: Highest point.
        base: Lowest point, on most films the costophrenic angle.
        hilum: Medial border halfway between apex and base, where the interpleural distance is measured.
    """

    apex: Point
    base: Point
    hilum: Point


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Where the chest is on one radiograph.

    Attributes:
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right hemithorax, 2 the left: the lung field
            with opaque and collapsed lung, pneumothorax and effusion, without heart and mediastinum. Each is
            one piece without holes; one that is not seen is missing.
        quality: 0..1, how well the outlines of changed copies of the radiograph agree; see `anatomy.quality`.
        landmarks: Of each side that is present.
    """

    hemithoraces: Labels = field(repr=False)
    quality: float
    landmarks: dict[Side, Landmarks]


class LungFinder:
    """Finds the patient's right and left hemithorax; load once, call many times.

    Args:
        model: Name on board, or a model folder, of task "lungs"; or that model, opened.
        device: Torch device.

    Raises:
        ModelError: The model is missing, altered, or of another task.
    """

    def __init__(self, model: str | RunningModel = "lungs", device: str = "cpu") -> None:
        from ptx_followup.errors import ModelError
        from ptx_followup.network.engine import open_model

        self.model = open_model(model, device, "float32") if isinstance(model, str) else model
        if self.model.config.task != "lungs":
            raise ModelError(
                f"model {self.model.config.name!r} does not find lungs", "use a model of task lungs"
            )

    def find(self, pixels: FloatImage) -> Labels:
        """Label the hemithoraces from one look; `find_anatomy` takes several.

        Args:
            pixels: float32, H x W, 0..1, air dark, the patient's right on the image's left.

        Returns:
            As `Anatomy.hemithoraces`.
        """
        square, placement = self._prepared(pixels)
        shape = (pixels.shape[0], pixels.shape[1])
        probability = self._probabilities(square[None])[0]
        return self._labels([from_square(one, placement, shape) for one in probability])

    def find_anatomy(self, pixels: FloatImage) -> Anatomy:
        """Find the hemithoraces from several views of the radiograph, and judge their agreement.

        Args:
            pixels: float32, H x W, 0..1, air dark, the patient's right on the image's left.
        """
        square, placement = self._prepared(pixels)
        views = np.stack([view.apply(square) for view in VIEWS])
        found = zip(VIEWS, self._probabilities(views), strict=True)
        probabilities = np.stack([view.undo(probability) for view, probability in found])
        shape = (pixels.shape[0], pixels.shape[1])
        labels = self._labels([from_square(one, placement, shape) for one in probabilities.mean(axis=0)])
        labels.flags.writeable = False  # so that what follows from them is worked out once
        threshold = self.model.config.postprocessing.threshold
        return anatomy_of(labels, quality(probabilities[(..., *placement.window)], threshold))

    def _prepared(self, pixels: FloatImage) -> tuple[FloatImage, Placement]:
        preprocessing = self.model.config.preprocessing
        square, placement = to_square(pixels, preprocessing.square_size)
        return normalise(square, preprocessing.percentiles), placement

    def _probabilities(self, squares: FloatImage) -> FloatImage:
        """B x S x S normalised images to B x 2 x S x S probabilities, right first."""
        engine = self.model.engine
        logits = engine.decode(engine.encode(squares[:, None]), range(len(squares)), None)
        return probabilities(logits, self.model.config.postprocessing.temperature)

    def _labels(self, probability: list[FloatImage]) -> Labels:
        right, left = probability
        threshold = self.model.config.postprocessing.threshold
        labels = np.zeros(right.shape, np.uint8)
        labels[_largest_piece((right >= threshold) & (right >= left))] = RIGHT
        labels[_largest_piece((left >= threshold) & (left > right))] = LEFT
        return labels


def find_anatomy(pixels: FloatImage, finder: LungFinder | None = None) -> Anatomy:
    """Find the hemithoraces of a radiograph.

    Args:
        pixels: float32, H x W, 0..1, air dark, the patient's right on the image's left.
        finder: A loaded `LungFinder`; the model on board if not given.

    Raises:
        ModelError: The model on board is missing or altered.
    """
    return (finder or LungFinder()).find_anatomy(pixels)


def anatomy_of(hemithoraces: Labels, quality: float = 1.0) -> Anatomy:
    """Add the landmarks to hemithoraces that are known (drawn by a person, or of a phantom)."""
    present: dict[Side, NDArray[np.bool_]] = {
        side: hemithoraces == label for side, label in LUNG_LABEL.items() if np.any(hemithoraces == label)
    }
    marks = {side: landmarks(hemithorax, side) for side, hemithorax in present.items()}
    return Anatomy(hemithoraces, quality, marks)


def landmarks(hemithorax: NDArray[np.bool_], side: Side) -> Landmarks:
    """Landmarks of one hemithorax (bool, H x W, not empty), the patient's right on the image's left."""
    rows = np.flatnonzero(hemithorax.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    middle = (top + bottom) // 2
    level = int(rows[np.argmin(np.abs(rows - middle))])
    medial = np.flatnonzero(hemithorax[level])[-1 if side == "right" else 0]
    return Landmarks(
        apex=(top, _middle_column(hemithorax[top])),
        base=(bottom, _middle_column(hemithorax[bottom])),
        hilum=(level, int(medial)),
    )


def _middle_column(row: NDArray[np.bool_]) -> int:
    return int(np.median(np.flatnonzero(row)))


def _largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece of a mask, with its holes filled."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    if contours:
        cv2.drawContours(filled, [max(contours, key=cv2.contourArea)], 0, 1, cv2.FILLED)
    return filled.astype(bool)
