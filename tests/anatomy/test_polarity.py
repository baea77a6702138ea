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


def collimated(pixels: NDArray[np.float32], form: str, grey: float) -> NDArray[np.float32]:
    """A film in a frame, as collimators and scanners make them."""
    size = len(pixels)
    down, right = np.mgrid[:size, :size] - (size - 1) / 2
    frame = np.maximum(abs(down), abs(right)) > 0.44 * size
    if form == "sides":
        frame = abs(right) > 0.44 * size
    if form == "slanted":
        frame = np.maximum(abs(down + 0.1 * right), abs(right - 0.1 * down)) > 0.42 * size
    if form == "round":
        frame = np.hypot(down, right) > 0.52 * size
    picture = np.where(frame, grey, pixels).astype(np.float32)
    if form == "lettered":
        picture[2:8, 20:60] = 1 - grey
    return picture


@pytest.mark.parametrize("form", ["rectangle", "sides", "slanted", "round", "lettered"])
@pytest.mark.parametrize("grey", [0.0, 0.03, 1.0])
def test_a_frame_says_nothing_of_the_film_in_it(form: str, grey: float) -> None:
    pixels, labels = chest()
    assert polarity(collimated(pixels, form, grey), labels) == "positive"
    assert polarity(collimated(1 - pixels, form, grey), labels) == "negative"


def test_opaque_lungs_in_a_frame_do_not_make_a_negative() -> None:
    pixels, labels = chest()
    pixels[pixels == np.float32(AIR)] = 0.75  # arms
    pixels[labels > 0] = 0.95
    assert polarity(collimated(pixels, "rectangle", 0.0), labels) == "doubtful"


def test_a_bright_border_that_is_no_frame_leaves_a_doubt() -> None:
    pixels, labels = chest()
    pixels[:10] = pixels[:, :10] = pixels[:, -10:] = 0.9
    assert polarity(pixels, labels) == "doubtful"


def test_opaque_lungs_alone_do_not_make_a_negative() -> None:
    pixels, labels = chest()
    pixels[labels > 0] = 0.95
    assert polarity(pixels, labels) == "doubtful"


def test_nothing_is_said_without_both_lungs() -> None:
    pixels, labels = chest()
    assert polarity(pixels, np.where(labels == 1, labels, 0).astype(np.uint8)) is None
    assert polarity(pixels, np.zeros_like(labels)) is None
