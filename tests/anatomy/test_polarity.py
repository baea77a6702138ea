"""Whether air is dark, from made chests whose polarity is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.anatomy.polarity import Polarity, mediastinal_contrast

LUNG, MEDIASTINUM, AIR, ABDOMEN = 0.2, 0.7, 0.05, 0.8


def chest(size: int = 200) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Two dark lungs in soft tissue, air at the sides, a bright mediastinum and abdomen; and the labels."""
    rows, columns = np.mgrid[0:size, 0:size] / size
    labels = np.zeros((size, size), np.uint8)
    labels[((rows - 0.45) / 0.3) ** 2 + ((columns - 0.3) / 0.13) ** 2 < 1] = 1
    labels[((rows - 0.45) / 0.3) ** 2 + ((columns - 0.7) / 0.13) ** 2 < 1] = 2
    pixels = np.full((size, size), MEDIASTINUM, np.float32)
    pixels[np.abs(columns - 0.5) > 0.4] = AIR
    pixels[rows > 0.8] = ABDOMEN
    pixels[labels > 0] = LUNG
    return pixels, labels


def polarity(pixels: NDArray[np.float32], labels: NDArray[np.uint8]) -> Polarity | None:
    contrast = mediastinal_contrast(pixels, labels)
    return None if contrast is None else contrast.polarity


@pytest.mark.parametrize("size", [64, 200, 900])
def test_a_film_and_its_negative(size: int) -> None:
    pixels, labels = chest(size)
    assert polarity(pixels, labels) == "positive"
    assert polarity(1 - pixels, labels) == "negative"
    contrast = mediastinal_contrast(pixels, labels)
    assert contrast is not None
    assert contrast.over_lungs == pytest.approx(MEDIASTINUM - LUNG, abs=0.02)


def test_a_frame_around_the_film_leaves_a_doubt() -> None:
    pixels, labels = chest()
    framed, reversed_in_black = pixels.copy(), 1 - pixels
    for film, value in ((framed, 1.0), (reversed_in_black, 0.0)):
        film[:10] = film[:, :10] = film[:, -10:] = value
    assert polarity(framed, labels) == "doubtful"
    assert polarity(reversed_in_black, labels) == "doubtful"


def test_opaque_lungs_alone_do_not_make_a_negative() -> None:
    pixels, labels = chest()
    pixels[labels > 0] = 0.95
    assert polarity(pixels, labels) == "doubtful"


def test_nothing_is_said_without_both_lungs() -> None:
    pixels, labels = chest()
    assert polarity(pixels, np.where(labels == 1, labels, 0).astype(np.uint8)) is None
    assert polarity(pixels, np.zeros_like(labels)) is None
