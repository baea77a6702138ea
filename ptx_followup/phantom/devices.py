"""What is no part of the patient: electrodes, tubes, lines, and the lead side marker."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import SIGN
from ptx_followup.phantom.curves import smooth_curve
from ptx_followup.phantom.patient import Device
from ptx_followup.phantom.projection import Points, Projection, Tube, project_tubes
from ptx_followup.sides import Side

FloatImage = NDArray[np.float32]

#: Attenuation of radio-opaque plastic and of lead, per millimetre.
_PLASTIC_PER_MM = np.float32(0.10)
_MARKER_ATTENUATION = np.float32(3.5)
_MARKER_HEIGHT_MM = 17.0


def device_attenuation(
    projection: Projection, devices: tuple[Device, ...], drained: Side, random: np.random.Generator
) -> FloatImage:
    """Attenuation of the devices along the ray, no unit; float32, rows x columns.

    Args:
        projection: The film.
        devices: Which there are.
        drained: Side of a chest tube.
        random: Decides their exact course, which differs between two films.
    """
    course = {
        "ecg leads": lambda: _ecg_leads(random),
        "chest tube": lambda: _chest_tube(SIGN[drained], random),
        "central line": lambda: _central_line(random),
    }
    tubes = [tube for device in devices for tube in course[device]()]
    if not tubes:
        return np.zeros((projection.rows, projection.columns), dtype=np.float32)
    return np.asarray(_PLASTIC_PER_MM * project_tubes(tubes, projection))


def side_marker(projection: Projection, side: Side, random: np.random.Generator) -> FloatImage:
    """Attenuation of the lead letter of one side, in an upper corner of the film; float32, rows x columns.

    The letter lies on the detector, so it also stops what is scattered in the patient.
    """
    rows, columns = projection.rows, projection.columns
    ink = np.zeros((rows, columns), dtype=np.uint8)
    height = _MARKER_HEIGHT_MM / projection.detector_spacing_mm
    away = np.array([random.uniform(0.055, 0.10) * columns, random.uniform(0.05, 0.10) * rows])
    corner = away if side == "right" else np.array([columns - away[0], away[1]])
    font, text = cv2.FONT_HERSHEY_SIMPLEX, side[0].upper()
    (width, tall), _ = cv2.getTextSize(text, font, 1.0, 1)
    origin = (int(corner[0] - height * width / tall / 2), int(corner[1] + height / 2))
    cv2.putText(ink, text, origin, font, height / tall, 255, max(1, round(0.2 * height)), cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((float(corner[0]), float(corner[1])), random.normal(0, 5), 1.0)
    turned = cv2.warpAffine(ink, turn, (columns, rows))
    return np.asarray(turned.astype(np.float32) * (_MARKER_ATTENUATION / 255))


def _path(knots: Sequence[Sequence[float]], random: np.random.Generator, shake_mm: float = 3.0) -> Points:
    points = np.array(knots, dtype=np.float64)
    points[:, :2] += random.normal(0, shake_mm, (len(points), 2))
    return smooth_curve(points)


def _ecg_leads(random: np.random.Generator) -> list[Tube]:
    """Three electrodes with their wires, lying on the front of the chest."""
    sites = [[-112, 34], [116, 30], [104, 236]]
    ends = [[-70, 330], [30, 340], [60, 340]]
    tubes = []
    for (x, y), (end_x, end_y) in zip(sites, ends, strict=True):
        x, y = random.normal([x, y], 8)
        wire = [
            [x, y, 100],
            [0.8 * x + 10, y + 60, 100],
            [0.4 * x + 0.5 * end_x, 230, 100],
            [end_x, end_y, 100],
        ]
        tubes.append(Tube(_path(wire, random, 2.0), 1.2, 1.2, 0.0, 3.5))
        button = np.array([[x - 0.1, y, 100], [x + 0.1, y, 100]])
        tubes.append(Tube(_disc(button.mean(axis=0), 5.0), _disc_width(5.0), 3.0, 0.0, 3.0))
    return tubes


def _disc(centre: Points, radius: float) -> Points:
    return centre + radius * np.linspace(-1, 1, 31)[:, None] * [1, 0, 0]


def _disc_width(radius: float) -> Points:
    return np.asarray(2 * radius * np.sqrt(1.0001 - np.linspace(-1, 1, 31) ** 2))


def _chest_tube(sign: int, random: np.random.Generator) -> list[Tube]:
    """A drain from the fifth intercostal space up to the apex, with its radio-opaque stripe."""
    knots = [[220, 250, 30], [176, 190, 20], [140, 150, 10], [108, 112, 0], [86, 70, 0], [66, 34, 0]]
    path = _path([[sign * x, y, z] for x, y, z in knots], random, 4.0)
    stripe = path + np.array([1.8, 0, 0])
    return [Tube(path, 7.5, 7.5, 1.2, 0.0), Tube(stripe, 1.2, 1.2, 0.0, 5.0)]


def _central_line(random: np.random.Generator) -> list[Tube]:
    """A line from the right internal jugular vein into the superior vena cava."""
    knots = [[-60, -60, 40], [-42, -40, 20], [-30, -10, 10], [-22, 30, 5], [-20, 70, 5], [-23, 112, 5]]
    return [Tube(_path(knots, random, 1.5), 2.4, 2.4, 0.0, 1.6)]
