"""Lungs and hemithoraces of a radiograph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.preprocessing import FloatImage, from_square, normalise, to_square

if TYPE_CHECKING:
    from ptx_followup.network.checkpoint import Model

#: Labels in a lung mask.
RIGHT, LEFT = 1, 2


class LungFinder:
    """Finds the patient's right and left lung; load once, call many times.

    Args:
        model: Name on board, or a model folder, of task "lungs".
        device: Torch device.

    Raises:
        ModelError: The model is missing, altered, or of another task.
    """

    def __init__(self, model: str = "lungs", device: str = "cpu") -> None:
        from ptx_followup.errors import ModelError
        from ptx_followup.network.checkpoint import load_model

        self.model: Model = load_model(model, device)
        self.device = device
        if self.model.config.task != "lungs":
            raise ModelError(f"model {model!r} does not find lungs", "use a model of task lungs")

    def find(self, pixels: FloatImage) -> NDArray[np.uint8]:
        """Label the lungs.

        Args:
            pixels: float32, H x W, 0..1, air dark, the patient's right on the image's left.

        Returns:
            uint8, H x W: 0 background, 1 the patient's right lung, 2 the left. Each lung is one piece
            without holes; a lung that is not seen is missing.
        """
        import torch

        preprocessing = self.model.config.preprocessing
        square, placement = to_square(pixels, preprocessing.image_size)
        image = torch.from_numpy(normalise(square, preprocessing.percentiles))[None, None].to(self.device)
        with torch.inference_mode():
            probability = self.model.network(image)[0].sigmoid().float().cpu().numpy()
        right, left = (from_square(one, placement, (pixels.shape[0], pixels.shape[1])) for one in probability)
        threshold = self.model.config.postprocessing.threshold
        labels = np.zeros(pixels.shape, np.uint8)
        labels[_largest_piece((right >= threshold) & (right >= left))] = RIGHT
        labels[_largest_piece((left >= threshold) & (left > right))] = LEFT
        return labels


def _largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece of a mask, with its holes filled."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    if contours:
        cv2.drawContours(filled, [max(contours, key=cv2.contourArea)], 0, 1, cv2.FILLED)
    return filled.astype(bool)
