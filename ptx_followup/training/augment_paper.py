"""The visual augmentation of the ConTEXTual Net paper, without its horizontal flip.

Huemann et al. took the set of the winner of the SIIM-ACR challenge (Anuar, 2019), made with Albumentations.
Here MONAI gives the transforms that it has with the same parameters; elastic and optical distortion are
resampled by OpenCV. None of them exchanges left and right, so every report stays true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

#: Probability of one change of grey levels, of one distortion, and of the shift, scaling and rotation.
LOOK, DISTORTION, AFFINE = 0.3, 0.3, 0.5
#: Limits of contrast (factor - 1), brightness (share of the range) and gamma.
CONTRAST, BRIGHTNESS, GAMMA = 0.2, 0.2, (0.8, 1.2)
#: Limits of shift (share of the side), scaling (factor - 1) and rotation (degrees).
SHIFT, SCALE, ROTATION_DEG = 0.0625, 0.1, 45.0
#: Cells of the grid distortion, and how much one of them grows or shrinks.
GRID_CELLS, GRID_LIMIT = 5, 0.3
#: Elastic deformation: amplitude, smoothing and movement of the corners, in pixels at 1024 x 1024.
ELASTIC_ALPHA, ELASTIC_SIGMA, ELASTIC_AFFINE = 120.0, 6.0, 3.6
PAPER_SIZE = 1024
#: Optical distortion: limit of the radial coefficient, and of the centre's movement in pixels.
OPTICAL_LIMIT, OPTICAL_SHIFT = 2.0, 0.5


def augment_as_paper(
    image: FloatImage, sides: FloatImage, rng: np.random.Generator
) -> tuple[FloatImage, FloatImage]:
    """Change the grey levels of a radiograph, and the geometry of radiograph and mask together.

    Args:
        image: float32, S x S, 0..1.
        sides: float32, N x S x S, 0..1: masks.
        rng: Source of chance.

    Returns:
        The same, changed. What lies beyond the border is the image mirrored at its edge pixels.
    """
    if rng.random() < LOOK:
        image = _one_of((_contrast, _gamma, _brightness), rng)(image, rng)
    stack = np.concatenate([image[None], sides])
    if rng.random() < DISTORTION:
        stack = _one_of((elastic, grid_distortion, optical_distortion), rng)(stack, rng)
    if rng.random() < AFFINE:
        stack = shift_scale_rotate(stack, rng)
    stack = np.clip(stack, 0, 1).astype(np.float32)
    return stack[0], stack[1:]


Change = Callable[[FloatImage, np.random.Generator], FloatImage]


def _one_of(changes: tuple[Change, ...], rng: np.random.Generator) -> Change:
    return changes[int(rng.integers(len(changes)))]


def _contrast(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    from monai.transforms.intensity.array import RandScaleIntensity

    return _relit(image, RandScaleIntensity(factors=CONTRAST, prob=1.0), rng)


def _gamma(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    from monai.transforms.intensity.array import RandAdjustContrast

    return _relit(image, RandAdjustContrast(gamma=GAMMA, prob=1.0), rng)


def _brightness(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    from monai.transforms.intensity.array import RandShiftIntensity

    return _relit(image, RandShiftIntensity(offsets=BRIGHTNESS, prob=1.0), rng)


def _relit(image: FloatImage, transform: Any, rng: np.random.Generator) -> FloatImage:
    relit: FloatImage = _by_monai(transform, image[None], rng)[0]
    return relit


def grid_distortion(stack: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Stretch and shrink rows and columns of cells of N x S x S channels."""
    from monai.transforms.spatial.array import RandGridDistortion

    distortion = RandGridDistortion(
        num_cells=GRID_CELLS, prob=1.0, distort_limit=GRID_LIMIT, padding_mode="reflection"
    )
    return _by_monai(distortion, stack, rng)


def shift_scale_rotate(stack: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Shift, scale and rotate N x S x S channels about their centre."""
    from monai.transforms.spatial.array import Affine

    # Drawn here, as MONAI's random form scales each axis by itself, which changes the chest's proportions.
    shift = rng.uniform(-SHIFT, SHIFT, 2) * stack.shape[-1]
    affine = Affine(
        rotate_params=float(np.deg2rad(rng.uniform(-ROTATION_DEG, ROTATION_DEG))),
        translate_params=(float(shift[0]), float(shift[1])),
        scale_params=(1 + float(rng.uniform(-SCALE, SCALE)),) * 2,
        padding_mode="reflection",
        image_only=True,
    )
    return _converted(affine, stack)


def elastic(stack: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Move every pixel of N x S x S channels by a smooth random field (Simard et al., ICDAR 2003)."""
    size = stack.shape[-1]
    part = size / PAPER_SIZE
    # Smoothing white noise divides its spread by sigma, so the amplitude goes with the square of the size.
    fields = [
        cv2.GaussianBlur(rng.uniform(-1, 1, (size, size)).astype(np.float32), (0, 0), ELASTIC_SIGMA * part)
        * np.float32(ELASTIC_ALPHA * part**2)
        for _ in range(2)
    ]
    third = size / 3
    corners = size / 2 + np.array([[third, third], [third, -third], [-third, -third]], np.float32)
    moved = corners + rng.uniform(-1, 1, (3, 2)).astype(np.float32) * np.float32(ELASTIC_AFFINE * part)
    matrix = cv2.getAffineTransform(corners.astype(np.float32), moved.astype(np.float32)).astype(np.float32)
    x, y = _pixels(size)
    x, y = x + fields[0], y + fields[1]
    map_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    map_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    return _remap(stack, map_x, map_y)


def optical_distortion(stack: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Barrel or pincushion distortion of N x S x S channels: Brown's model with k1 = k2, focal length S."""
    size = stack.shape[-1]
    k = rng.uniform(-OPTICAL_LIMIT, OPTICAL_LIMIT)
    centre = size / 2 + rng.uniform(-OPTICAL_SHIFT, OPTICAL_SHIFT, 2)
    x, y = _pixels(size)
    x, y = (x - centre[0]) / size, (y - centre[1]) / size
    squared = x**2 + y**2
    radial = 1 + k * squared + k * squared**2
    return _remap(stack, x * radial * size + centre[0], y * radial * size + centre[1])


def _pixels(size: int) -> tuple[FloatImage, FloatImage]:
    y, x = np.mgrid[:size, :size].astype(np.float32)
    return x, y


def _remap(stack: FloatImage, map_x: NDArray[np.floating], map_y: NDArray[np.floating]) -> FloatImage:
    maps = (map_x.astype(np.float32), map_y.astype(np.float32))
    return np.stack(
        [cv2.remap(one, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101) for one in stack]
    )


def _by_monai(transform: Any, stack: FloatImage, rng: np.random.Generator) -> FloatImage:
    transform.set_random_state(seed=int(rng.integers(2**31)))
    return _converted(transform, stack)


def _converted(transform: Any, stack: FloatImage) -> FloatImage:
    import torch

    return np.asarray(transform(torch.from_numpy(np.ascontiguousarray(stack))), np.float32)
