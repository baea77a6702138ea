"""From the patient to the film: pose, breath, perspective, and the projection of tubes onto pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import Anatomy
from ptx_followup.phantom.curves import FloatArray, resample
from ptx_followup.phantom.patient import Pose

Points = NDArray[np.float64]

#: Side of the detector at scale 1, mm (43 x 43 cm).
DETECTOR_MM = 430.0
#: Height of the patient (mm below the lung apex) on the central ray.
CENTRE_Y_MM = 128.0
#: Source to detector, and middle of the chest to detector, mm.
_DISTANCES = {"PA": (1800.0, 120.0), "AP": (1100.0, 130.0)}
#: Widening of the rib cage for each unit of breath.
_CAGE_WIDENING = 0.15
#: Fall of the anterior rib ends for each unit of breath, mm.
_RIB_FALL_MM = 60.0


@dataclass(frozen=True)
class Projection:
    """Maps between the patient (mm) and the pixels of one film.

    Two maps share the pose. `film` moves the skeleton and the skin. `lung` also stretches the contents of the
    chest with the breath: heights between apex and costophrenic angle scale with `Pose.breath`, and widths
    follow the rib cage at the new height, so that the lung keeps touching the chest wall.
    """

    anatomy: Anatomy
    pose: Pose
    rows: int
    columns: int

    @property
    def magnification(self) -> float:
        """Of the middle of the chest: source-detector over source-object distance."""
        return self.source_to_detector_mm / self.source_to_patient_mm

    @property
    def source_to_detector_mm(self) -> float:
        """Focus to detector."""
        return _DISTANCES[self.pose.view][0]

    @property
    def source_to_patient_mm(self) -> float:
        """Focus to the middle of the chest."""
        return self.source_to_detector_mm - _DISTANCES[self.pose.view][1]

    @property
    def detector_spacing_mm(self) -> float:
        """Millimetres per pixel on the detector."""
        return DETECTOR_MM / self.pose.scale / max(self.rows, self.columns)

    @property
    def spacing_mm(self) -> float:
        """Millimetres in the middle of the chest per pixel."""
        return self.detector_spacing_mm / self.magnification

    def film(self, points: FloatArray) -> Points:
        """Patient points (N x 2 in mm, or N x 3 with z towards the front) to (column, row) pixels."""
        points = np.asarray(points, dtype=np.float64)
        centred = points[..., :2] - np.array([0, CENTRE_Y_MM])
        if points.shape[-1] == 3:
            source, chest = _DISTANCES[self.pose.view]
            z = points[..., 2] if self.pose.view == "AP" else -points[..., 2]
            centred = centred * ((source - chest) / (source - chest - z))[..., None]
        matrix = self._rotation / self.spacing_mm
        moved = self._middle + np.asarray(self.pose.shift_mm) / self.spacing_mm
        x, y = centred[..., 0], centred[..., 1]
        out = np.empty(centred.shape)
        out[..., 0] = matrix[0, 0] * x + matrix[0, 1] * y + moved[0]
        out[..., 1] = matrix[1, 0] * x + matrix[1, 1] * y + moved[1]
        return out

    def film_inverse(self, pixels: FloatArray) -> Points:
        """(column, row) pixels to patient points in the middle of the chest, mm."""
        centred = (np.asarray(pixels, dtype=np.float64) - self._middle) * self.spacing_mm
        return np.asarray((centred - np.asarray(self.pose.shift_mm)) @ self._rotation + [0, CENTRE_Y_MM])

    def lung(self, points: FloatArray) -> Points:
        """Reference points of the chest's contents (mm at full inspiration) to (column, row) pixels."""
        x, y = np.asarray(points, dtype=np.float64)[..., 0], np.asarray(points, dtype=np.float64)[..., 1]
        height, breath = self.anatomy.lung_height_mm, self.pose.breath
        new_y = np.where(y < 0, y, np.where(y < height, y * breath, y + height * (breath - 1)))
        new_x = x * self._cage(new_y) / self.anatomy.cage_half_width(y)
        return self.film(np.stack([new_x, new_y], axis=-1))

    def lung_inverse(self, pixels: FloatArray) -> Points:
        """(column, row) pixels to reference points of the chest's contents, mm; the inverse of `lung`."""
        moved = self.film_inverse(pixels)
        x, y = moved[..., 0], moved[..., 1]
        height, breath = self.anatomy.lung_height_mm, self.pose.breath
        old_y = np.where(y < 0, y, np.where(y < height * breath, y / breath, y - height * (breath - 1)))
        return np.stack([x * self.anatomy.cage_half_width(old_y) / self._cage(y), old_y], axis=-1)

    def ribs(self, points: FloatArray) -> Points:
        """Move rib points (N x 3, mm) with the breath: the cage widens and the front rises."""
        x, y, z = np.asarray(points, dtype=np.float64).T
        shallow = 1 - self.pose.breath
        fall = _RIB_FALL_MM * shallow * np.clip((z + 80) / 160, 0, 1)
        return np.column_stack([x * (1 - _CAGE_WIDENING * shallow), y + fall, z])

    def _cage(self, y: FloatArray) -> Points:
        return self.anatomy.cage_half_width(y) * (1 + _CAGE_WIDENING * (self.pose.breath - 1))

    @property
    def _rotation(self) -> Points:
        angle = np.deg2rad(self.pose.rotation_deg)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    @property
    def _middle(self) -> Points:
        return np.array([(self.columns - 1) / 2, (self.rows - 1) / 2])


@dataclass(frozen=True)
class Tube:
    """A bone, vessel or catheter along a path.

    Attributes:
        path: N x 3, mm.
        height_mm: Diameter across the path in the surface that it lies in; one value or N.
        depth_mm: Diameter along `normal`; one value or N.
        wall_mm: Thickness of the dense wall.
        core: Density of the inside relative to the wall, 0..1.
        density: Of wall and inside; one value or N.
        normal: Direction of `depth_mm`, N x 3 or one vector; the film's axis if not given.
    """

    path: FloatArray
    height_mm: FloatArray | float
    depth_mm: FloatArray | float
    wall_mm: float
    core: float = 0.1
    normal: FloatArray | tuple[float, float, float] = (0.0, 0.0, 1.0)
    density: FloatArray | float = 1.0


def project_tubes(tubes: Sequence[Tube], projection: Projection) -> NDArray[np.float32]:
    """Thickness of tubes along the ray, mm of their wall material; float32, rows x columns.

    The wall and the inside are sampled at stratified random points whose volume goes to the pixels they
    fall on, so that contours brighten where a wall lies along the ray.
    """
    samples = [part for tube in tubes for part in _tube_samples(tube, projection)]
    pixels = np.concatenate([pixels for pixels, _ in samples])
    volume = np.concatenate([volume for _, volume in samples])
    shape = (projection.rows, projection.columns)
    return share_to_pixels(pixels, volume / projection.spacing_mm**2, shape)


def _tube_samples(tube: Tube, projection: Projection) -> list[tuple[Points, Points]]:
    count, pixel = len(tube.path), projection.spacing_mm
    columns = np.column_stack([
        np.asarray(tube.path, dtype=np.float64),
        np.broadcast_to(tube.height_mm, count),
        np.broadcast_to(tube.depth_mm, count),
        np.broadcast_to(tube.density, count),
        np.broadcast_to(np.asarray(tube.normal, dtype=np.float64), (count, 3)),
    ])  # fmt: skip
    line = resample(columns, 0.9 * pixel)
    path, height, depth, normal = line[:, :3], line[:, 3:4] / 2, line[:, 4:5] / 2, line[:, 6:]
    tangent = np.gradient(path, axis=0)
    step = np.linalg.norm(tangent, axis=1, keepdims=True)
    tangent /= np.maximum(step, 1e-9)
    mass = step * line[:, 5:6]
    across = np.cross(tangent, normal)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    outward = np.cross(across, tangent)

    around = int(np.clip(np.ceil(2.4 * float(height.max()) / pixel), 6, 160))
    # Random, not even, starts: even ones beat with the pixel grid.
    random = np.random.default_rng(0)
    shaken = (np.arange(around) + random.random((len(path), 1))) / around
    angle = 2 * np.pi * shaken
    edge = np.hypot(height * np.sin(angle), depth * np.cos(angle)) * (2 * np.pi / around)
    wall = np.minimum(tube.wall_mm, np.minimum(height, depth)) * edge * mass
    # Inside: even steps across the tube, each weighted by the depth there and put somewhere in that depth.
    aside = 2 * shaken - 1
    chord = np.sqrt(1 - aside**2)
    inside = tube.core * 4 * height * depth * chord / around * mass
    within = chord * random.uniform(-1, 1, chord.shape)

    def on_film(sideways: Points, outwards: Points) -> Points:
        offset = sideways[..., None] * across[:, None] + outwards[..., None] * outward[:, None]
        return projection.film((path[:, None] + offset).reshape(-1, 3))

    samples = [(on_film(height * aside, depth * within), inside.ravel())] if tube.core > 0 else []
    if tube.wall_mm > 0:
        samples.append((on_film(height * np.cos(angle), depth * np.sin(angle)), wall.ravel()))
    return samples


def share_to_pixels(pixels: FloatArray, weight: FloatArray, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Sum weights at (column, row) points into pixels of which each takes the mean of its four quarters."""
    rows, columns = 2 * shape[0], 2 * shape[1]
    column = np.floor(2 * pixels[:, 0] + 1).astype(np.int32)
    row = np.floor(2 * pixels[:, 1] + 1).astype(np.int32)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    index = row[inside] * columns + column[inside]
    quarters = np.bincount(index, weights=weight[inside], minlength=rows * columns).astype(np.float32)
    size = (shape[1], shape[0])
    return np.asarray(4 * cv2.resize(quarters.reshape(rows, columns), size, interpolation=cv2.INTER_AREA))
