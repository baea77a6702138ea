"""Ribs, clavicles, scapulae, humeri and spine of the phantom, projected as thickness of compact bone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.anatomy import Anatomy
from ptx_followup.phantom.curves import fill, smooth_curve
from ptx_followup.phantom.projection import Points, Projection, Tube, project_tubes

#: Level of the rib heads (mm below the lung apex) and descent from head to anterior end, ribs 1 to 12.
_HEAD_Y = np.array([-9, 8, 30, 53, 76, 100, 124, 148, 172, 196, 221, 246.0])
_DESCENT = np.array([42, 72, 94, 108, 116, 122, 128, 132, 134, 136, 140, 150.0])
#: Where the bony rib ends in front, degrees past the lateral point.
_END_DEG = np.array([62, 62, 60, 58, 56, 52, 45, 36, 26, 14, -10, -35.0])
_RIB_HEIGHT = np.array([13, 11.5, 11.5, 12, 12, 12, 12, 12, 11.5, 11, 9, 7.0])
#: Half of the inner depth of the rib cage, mm, at the heights of `_CAGE_DEPTH_Y`.
_CAGE_DEPTH_Y = np.array([-20, 10, 40, 80, 140, 220, 300])
_CAGE_DEPTH = np.array([30, 42, 60, 76, 90, 96, 96.0])


def bone_thickness(projection: Projection) -> NDArray[np.float32]:
    """Compact bone along the ray, mm; float32, rows x columns."""
    anatomy = projection.anatomy
    tubes = [tube for sign in (-1, 1) for tube in _ribs(anatomy, projection, sign)]
    tubes += [tube for sign in (-1, 1) for tube in _shoulder_girdle(anatomy, sign)]
    tubes += _spine(anatomy)
    return project_tubes(tubes, projection) + _plates(projection)


def _ribs(anatomy: Anatomy, projection: Projection, sign: int) -> list[Tube]:
    tubes = []
    for index in range(12):
        v = anatomy.variation[16 + index]
        start, end = -85.0, _END_DEG[index] + 1.5 * v
        turn = np.linspace(start, end, 60)
        along = (turn - start) / (62 - start)
        angle = np.deg2rad(turn)
        # A rib rises slightly from its head, then falls ever more steeply towards the front.
        y = (
            _HEAD_Y[index] + _DESCENT[index] * (along**1.2 - 0.05 * np.sin(np.pi * along * 1.6))
        ) * anatomy.height
        half_width = anatomy.cage_half_width(y) + np.interp(index, [0, 3], [-5.0, 3.0])
        depth = np.interp(y, _CAGE_DEPTH_Y, _CAGE_DEPTH) * anatomy.depth_mm / 205
        # The back of the cage is flatter than an ellipse: the rib leaves the spine sideways.
        x = half_width * np.cos(angle) ** np.where(turn < 0, 0.85, 1.0)
        path = np.column_stack([sign * x, y, depth * np.sin(angle)])
        normal = np.column_stack(
            [sign * np.cos(angle) / half_width, np.zeros_like(angle), np.sin(angle) / depth]
        )
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        flare = 1 + 0.25 * np.clip((turn - 20) / 40, 0, 1)
        height = _RIB_HEIGHT[index] * (0.72 + 0.28 * np.clip((turn + 80) / 50, 0, 1)) * flare
        # The front of a rib is thinner and less dense, and it ends in cartilage without an edge;
        # its head lies against the vertebra.
        density = np.interp(turn - end, [-60, -8, 0], [1.0, 0.75, 0.15]) if index < 10 else 0.8
        density = density * np.clip((turn - start) / 6, 0.2, 1)
        tubes.append(Tube(projection.ribs(path), height, 6.5, 0.6, 0.2, normal, density))
    return tubes


def _shoulder_girdle(anatomy: Anatomy, sign: int) -> list[Tube]:
    v, w = anatomy.variation, anatomy.width
    lift = 3 * v[30] + 2 * sign * v[31]

    def path(*knots: tuple[float, float, float]) -> Points:
        return smooth_curve(np.array(knots) * [sign * w, 1, 1])

    clavicle = path(
        (13, 32 + lift, 78), (32, 27 + lift, 82), (65, 14 + lift, 76), (100, 2 + lift, 48),
        (135, -9 + lift, 18), (163, -10 + lift, 2),
    )  # fmt: skip
    share = np.linspace(0, 1, len(clavicle))
    thickness = np.interp(share, [0, 0.08, 0.35, 0.7, 1], [18, 18, 13, 12, 16])
    flat = thickness * np.interp(share, [0, 0.6, 1], [0.9, 0.9, 0.6])
    lateral_border = path((151, 50, -30), (147, 72, -45), (139, 100, -60), (129, 134, -72), (122, 152, -75))
    medial_border = path((122, 152, -75), (114, 130, -78), (109, 90, -80), (107, 50, -78), (112, 20, -70))
    spine = path((107, 44, -80), (125, 28, -78), (146, 10, -60), (168, -4, -25), (179, 6, -5))
    along = np.linspace(0, 1, len(lateral_border))
    return [
        Tube(clavicle, thickness, flat, 0.9, 0.22),
        Tube(lateral_border, 11 - 5 * along, 10 - 4 * along, 0.4, 0.26),
        Tube(medial_border, 3.5, 4, 0.0, 0.4),
        Tube(spine, np.interp(np.linspace(0, 1, len(spine)), [0, 0.4, 1], [5, 10, 15]), 9, 0.4, 0.2),
        # Coracoid process and glenoid.
        Tube(path((139, 22, -20), (143, 15, 0), (148, 18, 14), (152, 26, 20)), 11, 8, 0.3, 0.2),
        Tube(path((153, 19, -18), (151, 34, -22), (152, 52, -28)), 8, 18, 0.3, 0.22),
        _humerus(sign * w),
    ]


def _humerus(scale: float) -> Tube:
    """Head and shaft in one tube; `scale` is the patient's width with the sign of the side."""
    knots = np.array([
        [169, 6, -8], [173, 12, -8], [178, 26, -8], [183, 40, -8], [190, 62, -4], [202, 120, 0],
        [222, 330, 8.0],
    ])  # fmt: skip
    path = smooth_curve(knots * [scale, 1, 1])
    share = np.linspace(0, 1, len(path))
    width = np.interp(share, [0, 0.03, 0.08, 0.17, 0.33, 0.5, 0.67, 1], [2, 17, 28, 39, 42, 36, 25, 22])
    return Tube(path, width, width, 1.3, 0.1)


def _spine(anatomy: Anatomy) -> list[Tube]:
    """Vertebrae C6 to L2: bodies as upright tubes with dense endplates, pedicles, processes."""
    tubes = []
    bend = 3 * anatomy.variation[40]
    y = -62.0
    for level in range(17):
        body = 15.5 + 0.85 * level
        width = 29 + 0.9 * abs(level - 4) + (3 if level > 10 else 0)
        centre = (y + body / 2) * anatomy.height
        x = bend * np.sin(centre / 90)
        z = -48 + 10 * np.cos((centre - 100) / 120)
        rows = np.linspace(-0.5, 0.5, 9)
        waist = width * (0.9 + 0.4 * rows**2)
        upright = np.column_stack([np.full(9, x), centre + body * rows, np.full(9, z)])
        tubes.append(Tube(upright, waist, 28, 0.35, 0.06))
        for end in (-0.5, 0.5):
            plate = np.array([[x - 1, centre + end * body, z], [x + 1, centre + end * body, z]])
            disc = np.column_stack(
                [x + np.linspace(-0.5, 0.5, 15) * width, np.full(15, plate[0, 1]), np.full(15, z)]
            )
            span = np.sqrt(np.maximum(1 - np.linspace(-1, 1, 15) ** 2, 0.08))
            tubes.append(Tube(disc, 2.2, 26 * span, 0.12, 0.02))
        for sign in (-1, 1):
            pedicle = np.array(
                [[x + sign * width * 0.3, centre - 1, z - 14], [x + sign * width * 0.31, centre - 1, z - 26]]
            )
            tubes.append(Tube(pedicle, 0.42 * body, 6.5, 0.22, 0.09, (1.0, 0.0, 0.0)))
            process = [[x + sign * 9, centre, z - 28], [x + sign * (width * 0.5 + 12), centre - 3, z - 34]]
            tubes.append(Tube(np.array(process), 9, 7, 0.35, 0.1))
        spinous = [[x, centre + 2, z - 34], [x + 0.5, centre + body * 0.75, z - 58]]
        tubes.append(Tube(np.array(spinous), 11, 5, 0.35, 0.06, (1.0, 0.0, 0.0)))
        y += body + 5.0
    return tubes


def _plates(projection: Projection) -> NDArray[np.float32]:
    """The thin blade of each scapula and the manubrium, as soft-edged plates."""
    shape = (projection.rows, projection.columns)
    total = np.zeros(shape, dtype=np.float32)
    blade = np.array(
        [[112, 22, -70], [107, 50, -78], [112, 100, -80], [124, 150, -75], [138, 100, -60], [150, 40, -25.0]]
    )
    manubrium = np.array(
        [[-25, 24, 70], [25, 24, 70], [28, 40, 74], [15, 80, 84], [-15, 80, 84], [-28, 40, 74.0]]
    )
    for outline, thickness in ((blade, 1.3), (blade * [-1, 1, 1], 1.3), (manubrium, 1.6)):
        inside = fill(projection.film(outline * [projection.anatomy.width, 1, 1]), shape)
        total += np.float32(thickness) * inside
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 1.2 / projection.spacing_mm), dtype=np.float32)
