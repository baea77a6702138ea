"""Disease painted over lungs, so that a lung model learns the hemithorax and not only the aerated lung.

The lung data sets show mostly healthy lungs. Each function changes the look of a hemithorax whose outline is
known and leaves the outline as it is: fluid and consolidation hide the lung, air in the pleural space takes
its markings away, tubes and leads cross its border.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

#: Share of the views that get an opacity, a pneumothorax, and devices.
OPACITY, AIR, DEVICES = 0.35, 0.25, 0.3


def disguise(image: FloatImage, sides: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Paint disease and devices onto a radiograph.

    Args:
        image: float32, S x S, 0..1.
        sides: float32, 2 x S x S, 0..1: the right and the left hemithorax, which stay as they are.
        rng: Source of chance.

    Returns:
        float32, S x S, 0..1.
    """
    if rng.random() < OPACITY:
        for side in _sides(rng):
            image = _opacity(image, sides[side], rng)
    if rng.random() < AIR:
        for side in _sides(rng):
            image = _air(image, sides[side], rng)
    if rng.random() < DEVICES:
        image = _devices(image, rng)
    return np.asarray(np.clip(image, 0, 1), np.float32)


def _sides(rng: np.random.Generator) -> list[int]:
    """One side, or at times both."""
    return [0, 1] if rng.random() < 0.2 else [int(rng.integers(2))]


def _opacity(image: FloatImage, hemithorax: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Fluid below a level, a blurred consolidation, or a white-out, as bright as the mediastinum."""
    size = image.shape[0]
    rows, columns = np.nonzero(hemithorax > 0.5)
    if not len(rows):
        return image
    y, x = np.mgrid[:size, :size].astype(np.float32)
    kind = rng.random()
    soft = size * rng.uniform(0.01, 0.06)
    if kind < 0.4:
        level = np.quantile(rows, rng.uniform(0.2, 0.9)) + rng.uniform(-0.3, 0.3) * (x - columns.mean())
        cover = 1 / (1 + np.exp(-np.clip((y - level) / soft, -30, 30)))
    elif kind < 0.75:
        centre = int(rng.integers(len(rows)))
        radius = size * rng.uniform(0.05, 0.25)
        distance = np.hypot((y - rows[centre]) * rng.uniform(0.6, 1.6), x - columns[centre])
        cover = 1 / (1 + np.exp(np.clip((distance - radius) / soft, -30, 30)))
    else:
        cover = np.ones_like(image)
    # Beyond its border a white-out has the brightness of what adjoins it: blur the edge of the cover.
    edge = cv2.GaussianBlur(hemithorax, (0, 0), size * rng.uniform(0.004, 0.015))
    bright = np.quantile(image, rng.uniform(0.6, 0.95)) + _texture(size, rng, 0.04)
    weight = cover * edge * rng.uniform(0.5, 1.0)
    return np.asarray(image * (1 - weight) + bright * weight, np.float32)


def _air(image: FloatImage, hemithorax: FloatImage, rng: np.random.Generator) -> FloatImage:
    """A pneumothorax: the lung shrinks towards the hilum, what it leaves is dark and without markings."""
    size = image.shape[0]
    inside = (hemithorax > 0.5).astype(np.uint8)
    rows, columns = np.nonzero(inside)
    if not len(rows):
        return image
    lung = _collapsed(inside, rows, columns, rng)
    softened = cv2.GaussianBlur(lung, (0, 0), size * 0.004)
    # A soft border, and ribs that shine through: a sharp cut would be a cue that no patient has.
    border = cv2.GaussianBlur(hemithorax, (0, 0), size * rng.uniform(0.003, 0.01))
    space = hemithorax * border * (1 - softened)
    plain = cv2.GaussianBlur(image, (0, 0), size * rng.uniform(0.008, 0.03))
    dark = np.quantile(image[inside > 0], rng.uniform(0.0, 0.3))
    depth = rng.uniform(0.1, 0.9)
    fill = plain * (1 - depth) + dark * depth + _texture(size, rng, 0.02)
    out = image * (1 - space) + fill * space
    pleura = np.abs(lung - cv2.erode(lung, np.ones((3, 3), np.uint8)))
    out = out + hemithorax * (cv2.GaussianBlur(pleura, (0, 0), 0.7) * np.float32(rng.uniform(0, 0.15)))
    return np.asarray(out + hemithorax * softened * np.float32(rng.uniform(0, 0.25)), np.float32)


def _collapsed(
    inside: NDArray[np.uint8],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    rng: np.random.Generator,
) -> FloatImage:
    """The lung's outline shrunk towards a point near the hilum, or moved down from the apex."""
    size = inside.shape[0]
    medial = columns.max() if columns.mean() < size / 2 else columns.min()
    hilum_x = 0.7 * medial + 0.3 * columns.mean()
    hilum_y = np.quantile(rows, rng.uniform(0.4, 0.9))
    across, along = rng.uniform(0.3, 0.97), rng.uniform(0.4, 0.97)
    matrix = np.array([[across, 0, hilum_x * (1 - across)], [0, along, hilum_y * (1 - along)]])
    return np.asarray(cv2.warpAffine(inside.astype(np.float32), matrix, (size, size)))


def _devices(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Bright curved tubes, thin wires, and the discs of electrodes."""
    size = image.shape[0]
    layer = np.zeros((size, size), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        ends = rng.uniform(0.05, 0.95, (3, 2)) * size
        t = np.linspace(0, 1, 40)[:, None]
        curve = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * ends[1] + t**2 * ends[2]
        width = 1 if rng.random() < 0.6 else max(1, round(size * rng.uniform(0.006, 0.014)))
        brightness = float(rng.uniform(0.1, 0.5))
        cv2.polylines(layer, [curve.round().astype(np.int32)], False, brightness, width, cv2.LINE_AA)
        if rng.random() < 0.4:
            centre = tuple(int(value) for value in curve[-1])
            cv2.circle(layer, centre, round(size * 0.012), brightness, cv2.FILLED, cv2.LINE_AA)
    return image + layer


def _texture(size: int, rng: np.random.Generator, spread: float) -> FloatImage:
    """Smooth random brightness of the given standard deviation."""
    coarse = rng.normal(0, spread, (16, 16)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC))
