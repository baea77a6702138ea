"""From attenuation to the pixels of a processed digital radiograph."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.projection import Projection

FloatImage = NDArray[np.float32]

#: Photons per square millimetre on the detector in free air at exposure 0, as far as noise goes.
_PHOTONS_PER_MM2 = 4e5
#: Scattered over primary radiation behind the grid, relative to the mean primary around.
_SCATTER = 0.15
_SCATTER_BLUR_MM = 28.0
_FOCUS_AND_DETECTOR_BLUR_MM = 0.30


def expose(attenuation: FloatImage, projection: Projection, random: np.random.Generator) -> FloatImage:
    """Attenuation with scatter, unsharpness and quantum noise, as the detector would report it.

    Args:
        attenuation: Line integral of the attenuation coefficient, no unit.
        projection: The film; its pose holds the exposure.
        random: Source of the noise.
    """
    primary = np.exp(-attenuation)
    primary = cv2.GaussianBlur(
        primary, (0, 0), max(_FOCUS_AND_DETECTOR_BLUR_MM / projection.spacing_mm, 0.55)
    )
    signal = primary + np.float32(_SCATTER) * _wide_blur(primary, _SCATTER_BLUR_MM / projection.spacing_mm)
    photons = _PHOTONS_PER_MM2 * projection.detector_spacing_mm**2 * 2.0**projection.pose.exposure
    noise = random.standard_normal(signal.shape, dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.6) * np.float32(1.7)
    signal = signal + noise * np.sqrt(signal / np.float32(photons))
    return np.asarray(-np.log(np.maximum(signal, 1e-4)), dtype=np.float32)


def present(density: FloatImage, projection: Projection, field: NDArray[np.bool_]) -> FloatImage:
    """Grey values 0..1, air dark, as a workstation would show them: local contrast raised, then windowed.

    Args:
        density: From `expose`.
        projection: The film.
        field: True inside the collimated field; it decides the window.
    """
    broad = _wide_blur(density, 22 / projection.spacing_mm)
    fine = density - cv2.GaussianBlur(density, (0, 0), 2.2 / projection.spacing_mm)
    processed = density + np.float32(0.35) * (density - broad) + np.float32(0.7) * fine
    rows, columns = density.shape
    middle = (slice(rows // 8, rows * 7 // 8, 3), slice(columns // 6, columns * 5 // 6, 3))
    seen = processed[middle][field[middle]]
    low, high = np.percentile(seen, [1.0, 99.0]) if seen.size else (0.0, 1.0)
    level = np.float32(0.10) + np.float32(0.76) * (processed - np.float32(low)) / np.float32(
        max(high - low, 1e-3)
    )
    # A soft shoulder and toe in place of clipping.
    return np.asarray(_soft_limit(level), dtype=np.float32)


def _soft_limit(level: FloatImage) -> FloatImage:
    """The identity between 0.15 and 0.8, bent towards 0 and 1 outside."""
    above = np.float32(0.2) * np.tanh(np.maximum(level - np.float32(0.8), 0) / np.float32(0.2))
    below = np.float32(0.15) * np.tanh(np.maximum(np.float32(0.15) - level, 0) / np.float32(0.15))
    return np.asarray(np.clip(level, np.float32(0.15), np.float32(0.8)) + above - below)


def _wide_blur(image: FloatImage, sigma: float) -> FloatImage:
    """A Gaussian blur of many pixels, done on a smaller grid."""
    factor = max(1, int(sigma / 4))
    size = (max(2, image.shape[1] // factor), max(2, image.shape[0] // factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC))
