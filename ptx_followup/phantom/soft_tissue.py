"""Everything that is neither lung vessel nor bone, as thickness along the ray in millimetres."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.curves import depth_inside, fill, rounded, smooth_curve
from ptx_followup.phantom.patient import PhantomPatient
from ptx_followup.phantom.projection import Projection, Tube, project_tubes

FloatImage = NDArray[np.float32]


def body_thickness(patient: PhantomPatient, projection: Projection) -> FloatImage:
    """Trunk, neck, shoulders, arms and breasts, the air inside them not yet taken out."""
    anatomy, spacing = projection.anatomy, projection.spacing_mm
    torso = _plate(projection, anatomy.torso(), 42, anatomy.depth_mm)
    torso *= _ramp(projection, (0, -75), (0, 75))
    upper = _plate(projection, anatomy.shoulders(), 30, 162 + 0.5 * (anatomy.depth_mm - 205))
    blurred = cv2.GaussianBlur(upper[::2, ::2], (0, 0), 2.5 / spacing)
    upper = np.minimum(upper, cv2.resize(blurred, upper.shape[::-1]) + 8)
    joined = np.cbrt(torso**3 + upper**3)
    muscle = np.float32(0.012) * texture(patient, 5, ((8, 0.8), (20, 0.5), (80, 0.25)), projection)
    return np.asarray(joined * (1 + muscle) + _breasts(projection), dtype=np.float32)


def _ramp(projection: Projection, start: tuple[float, float], end: tuple[float, float]) -> FloatImage:
    """0 at the patient's point `start` (mm), 1 at `end`, smooth between them, level beyond."""
    first, last = projection.film(np.array([start, end]))
    axis = ((last - first) / np.sum((last - first) ** 2)).astype(np.float32)
    along_x = (np.arange(projection.columns, dtype=np.float32) - first[0]) * axis[0]
    along_y = (np.arange(projection.rows, dtype=np.float32) - first[1]) * axis[1]
    share = np.clip(along_y[:, None] + along_x[None], 0, 1).astype(np.float32)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def _plate(
    projection: Projection, outline: NDArray[np.float64], radius: float, thickness: float
) -> FloatImage:
    mask = fill(projection.film(outline), (projection.rows, projection.columns))
    return np.float32(thickness) * rounded(depth_inside(mask, projection.spacing_mm), radius)


def _breasts(projection: Projection) -> FloatImage:
    """Two breasts (or the lower edge of the pectoral muscles): thick below, thinning out upwards."""
    anatomy = projection.anatomy
    shape = (projection.rows, projection.columns)
    total = np.zeros(shape, dtype=np.float32)
    size = anatomy.breast
    width, drop, thickness = (60 + 10 * size, 226, 24 * size) if size else (60, 138, 8)
    for sign in (-1, 1):
        x, y = sign * (92 if size else 96) * anatomy.width, drop * anatomy.height - width
        knots = np.array([
            [-1.0, -0.1], [-0.86, 0.48], [-0.45, 0.88], [0.05, 1.0], [0.55, 0.86], [0.92, 0.42], [1.04, -0.2],
            [0.95, -0.9], [0.3, -1.5], [-0.5, -1.3], [-0.92, -0.7],
        ])  # fmt: skip
        outline = projection.film(smooth_curve(knots * [sign * width, width] + [x, y], closed=True))
        depth = depth_inside(fill(outline, shape), projection.spacing_mm)
        fade = _ramp(projection, (x, y - 1.5 * width), (x, y + 0.8 * width))
        fade = fade * _ramp(projection, (x - 1.05 * sign * width, y), (x + 0.1 * sign * width, y))
        total += np.float32(thickness) * rounded(depth, 0.5 * width) * fade
    return total


def mediastinum_share(projection: Projection) -> tuple[FloatImage, NDArray[np.uint8]]:
    """Share of the lung's depth that heart and vessels take (0..1), and their silhouette."""
    magnify = 1.0 if projection.pose.view == "PA" else 1.1
    mask = fill(
        projection.lung(projection.anatomy.mediastinum(magnify)), (projection.rows, projection.columns)
    )
    return rounded(depth_inside(mask, projection.spacing_mm), 30), mask


def diaphragm_share(projection: Projection) -> tuple[FloatImage, NDArray[np.uint8]]:
    """Share of the lung's depth that the abdomen takes (0..1), and its silhouette."""
    shape = (projection.rows, projection.columns)
    mask = np.zeros(shape, dtype=np.uint8)
    for side in ("right", "left"):
        mask |= fill(projection.lung(projection.anatomy.diaphragm(side)), shape)
    depth = depth_inside(mask, projection.spacing_mm)
    # Most of the dome lies in one surface; the rest is the lung's posterior recess, which thins out slowly.
    return np.float32(0.8) * rounded(depth, 16) + np.float32(0.2) * rounded(depth, 60), mask


def airway_thickness(projection: Projection) -> FloatImage:
    """Air in trachea and main bronchi."""
    height, v = projection.anatomy.height, projection.anatomy.variation
    lean = 1.5 * v[41]
    trachea = smooth_curve(
        np.array([[0, -150, 0], [0, -60, 0], [-1 - lean, 0, 0], [-4 - lean, 50, 0], [-3, 76, 0.0]])
    )
    right = smooth_curve(np.array([[-3, 74, 0], [-14, 88, 0], [-25, 103, 0], [-31, 122, 0.0]]))
    left = smooth_curve(np.array([[-3, 74, 0], [12, 88, 0], [30, 99, 0], [44, 106, 0.0]]))
    tubes = [
        Tube(_on_lung(projection, trachea, height), 16.0, 15.0, 0.0, 1.0),
        Tube(_on_lung(projection, right, height), np.linspace(13, 9, len(right)), 9.0, 0.0, 1.0),
        Tube(_on_lung(projection, left, height), np.linspace(12, 8, len(left)), 8.0, 0.0, 1.0),
    ]
    air = project_tubes(tubes, projection)
    return np.asarray(cv2.GaussianBlur(air, (0, 0), 0.9 / projection.spacing_mm), dtype=np.float32)


def _on_lung(projection: Projection, path: NDArray[np.float64], height: float) -> NDArray[np.float64]:
    """Let a path of the chest's contents follow the breath."""
    flat = projection.film_inverse(projection.lung(path[:, :2] * [1, height]))
    return np.column_stack([flat, path[:, 2]])


def stomach_air(projection: Projection) -> FloatImage:
    """The gastric bubble below the left dome, with its fluid level, and a little bowel gas."""
    anatomy, shape = projection.anatomy, (projection.rows, projection.columns)
    v, top = anatomy.variation, anatomy.dome_mm["left"]
    width, height = 28 + 6 * v[42], 14 + 4 * v[43]
    centre = np.array([(66 + 5 * v[48]) * anatomy.width, top + 13 + height])
    bubble = np.array([
        [-1, 0.7], [-0.85, -0.2], [-0.4, -0.85], [0.1, -1.0], [0.6, -0.7], [0.95, 0.1],
        [1.0, 0.75], [0, 0.85],
    ])  # fmt: skip
    outline = smooth_curve(bubble * [width, height] + centre, closed=True)
    depth = depth_inside(fill(projection.lung(outline), shape), projection.spacing_mm)
    return np.float32(34) * rounded(depth, 12)


def texture(
    patient: PhantomPatient, kind: int, octaves: Sequence[tuple[int, float]], projection: Projection
) -> FloatImage:
    """Mottling about 0 with standard deviation 1, fixed to the patient.

    Args:
        patient: Whose it is.
        kind: Another number gives another pattern.
        octaves: Cells across 40 cm, and weight.
        projection: The film.
    """
    random = np.random.default_rng([patient.seed, kind])
    total = np.zeros((800, 800), dtype=np.float32)
    for cells, weight in octaves:
        noise = random.standard_normal((cells, cells), dtype=np.float32)
        total += np.float32(weight) * cv2.resize(noise, (800, 800), interpolation=cv2.INTER_CUBIC)
    return _sample_reference(total / total.std(), projection)


def _sample_reference(texture: FloatImage, projection: Projection) -> FloatImage:
    """A picture of the reference frame (0.5 mm pixels, its top left at x -200, y -70 mm) seen on the film."""
    step = 16
    rows, columns = projection.rows, projection.columns
    grid_y, grid_x = np.mgrid[0 : rows + step : step, 0 : columns + step : step]
    reference = projection.lung_inverse(np.stack([grid_x, grid_y], axis=-1)).astype(np.float32)
    size = (grid_x.shape[1] * step, grid_x.shape[0] * step)
    # The map is smooth: every 16th pixel is enough. `resize` puts the first of these half a cell in.
    fine = cv2.resize(reference, size, interpolation=cv2.INTER_LINEAR)[
        step // 2 : step // 2 + rows, step // 2 : step // 2 + columns
    ]
    map_x = (fine[..., 0] + 200) * 2
    map_y = (fine[..., 1] + 70) * 2
    return np.asarray(
        cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )
