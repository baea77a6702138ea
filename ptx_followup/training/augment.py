"""Image augmentation for training: geometry with image and label together, and the look of the film.

None of these changes the truth of a report. The mirror image, which does, is made where the report is at
hand (see `batches.random_view`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.preprocessing import resized

GreyImage = NDArray[np.uint8]
FloatImage = NDArray[np.float32]

#: "film": a slight affine map and the look of other films; "film-wide": the same over wider ranges, with
#: uneven exposure, where the same films are seen many times; "paper": see `augment_paper`.
Augmentation = Literal["film", "film-wide", "paper", "none"]


@dataclass(frozen=True)
class FilmRanges:
    """How far a film may be changed; each figure is the largest deviation to either side.

    Attributes:
        rotation_deg: In degrees.
        scale, stretch: Of both axes, and of one against the other, as fractions.
        shift: As a fraction of the image.
        gamma: Logarithm of the exponent of the grey levels.
        shading: Logarithm of a smooth factor over the image.
        noise: Share of the images with noise.
    """

    rotation_deg: float = 12.0
    scale: float = 0.15
    stretch: float = 0.08
    shift: float = 0.06
    gamma: float = 0.3
    shading: float = 0.0
    noise: float = 0.15


RANGES: dict[Augmentation, FilmRanges] = {
    "film": FilmRanges(),
    "film-wide": FilmRanges(
        rotation_deg=20.0, scale=0.25, stretch=0.15, shift=0.1, gamma=0.5, shading=0.3, noise=0.3
    ),
}
#: Share of each side's area that a random map must leave on the picture, and how often one is sought.
KEPT, TRIES = 0.75, 5
#: Side of the coarse grid of random values that shading is smoothed from.
SHADING_GRID = 4


def augmented(
    image: GreyImage, label: GreyImage, size: int, kind: Augmentation, rng: np.random.Generator
) -> tuple[FloatImage, FloatImage]:
    """Bring an image and its label to `size` x `size`, changed at random.

    Args:
        image: uint8, H x H.
        label: uint8, H x H: 1 on the patient's right, 2 on the left.
        size: Side of the result.
        kind: Which changes.
        rng: Source of chance.

    Returns:
        The image, float32, size x size, 0..1; and the label as float32, 2 x size x size (right, left), 0..1.
    """
    grey = unit(resized(image, (size, size)))
    sides = np.stack([unit(resized((label == value) * np.uint8(255), (size, size))) for value in (1, 2)])
    if ranges := RANGES.get(kind):
        grey, sides = _moved(grey, sides, ranges, rng)
        return random_look(grey, rng, ranges), sides
    if kind == "none":
        return grey, sides
    from ptx_followup.training.augment_paper import augment_as_paper

    return augment_as_paper(grey, sides, rng)


def _moved(
    image: FloatImage, sides: FloatImage, ranges: FilmRanges, rng: np.random.Generator
) -> tuple[FloatImage, FloatImage]:
    """Image and sides by one random map that leaves on the picture what a report says of it."""
    area = sides.sum(axis=(1, 2))
    for _ in range(TRIES):
        matrix = random_affine(rng, image.shape[0], ranges)
        moved = np.stack([_warped(side, matrix) for side in sides])
        if (moved.sum(axis=(1, 2)) >= KEPT * area * np.linalg.det(matrix[:, :2])).all():
            return _warped(image, matrix), moved
    return image, sides


def _warped(image: FloatImage, matrix: NDArray[np.float64]) -> FloatImage:
    """Map a square image by `matrix` onto its own grid, outside black."""
    warped = cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.float32)


def random_affine(rng: np.random.Generator, size: int, ranges: FilmRanges) -> NDArray[np.float64]:
    """A 2 x 3 map of a square image of side `size` that deforms it slightly."""
    angle = np.deg2rad(rng.uniform(-ranges.rotation_deg, ranges.rotation_deg))
    scale = 1 + rng.uniform(-ranges.scale, ranges.scale)
    stretch = 1 + rng.uniform(-ranges.stretch, ranges.stretch)
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array([[cosine * stretch, -sine, 0.0], [sine, cosine / stretch, 0.0]])
    centre = np.array([size / 2, size / 2])
    target = size * (0.5 + rng.uniform(-ranges.shift, ranges.shift, 2))
    matrix[:, 2] = target - matrix[:, :2] @ centre
    return matrix


def random_look(image: FloatImage, rng: np.random.Generator, ranges: FilmRanges) -> FloatImage:
    """Change exposure, contrast, sharpness and noise of a float32 image in 0..1."""
    out = image ** np.float32(np.exp(rng.uniform(-ranges.gamma, ranges.gamma)))
    if ranges.shading:
        out = out * _shading(image.shape, ranges.shading, rng)
    if rng.random() < 0.5:
        out = (out - np.float32(0.5)) * np.float32(rng.uniform(0.8, 1.2)) + np.float32(
            0.5 + rng.uniform(-0.1, 0.1)
        )
    chance = rng.random()
    if chance < 0.05:  # little and rarely: the pleural line is a pixel wide
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 0.8)))
    elif chance < 0.2:
        out = out + np.float32(rng.uniform(0.5, 1.5)) * (out - cv2.GaussianBlur(out, (0, 0), 2.0))
    if rng.random() < ranges.noise:
        out = out + rng.normal(0, rng.uniform(0.005, 0.02), out.shape).astype(np.float32)
    if rng.random() < 0.15:
        out = _local_contrast(out, rng)
    clipped: FloatImage = np.clip(out, 0, 1).astype(np.float32)
    return clipped


def _shading(shape: tuple[int, ...], largest: float, rng: np.random.Generator) -> FloatImage:
    """A smooth positive factor over the image, as of a beam that is off its centre."""
    grid = rng.uniform(-largest, largest, (SHADING_GRID, SHADING_GRID)).astype(np.float32)
    factor: FloatImage = np.exp(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC))
    return factor


def _local_contrast(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Contrast-limited adaptive equalisation, as many viewers and detectors apply it."""
    equaliser = cv2.createCLAHE(clipLimit=float(rng.uniform(1.0, 3.0)), tileGridSize=(8, 8))
    grey = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    return unit(equaliser.apply(grey))


def unit(grey: NDArray[np.generic]) -> FloatImage:
    """8-bit grey levels as float32 in 0..1."""
    unit: FloatImage = grey.astype(np.float32) / np.float32(255)
    return unit
