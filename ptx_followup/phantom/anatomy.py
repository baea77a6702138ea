"""The fictitious thorax in millimetres: outlines of lungs, mediastinum, diaphragm and body.

Coordinates are (x, y): x to the patient's left (right on the film), y towards the feet, the origin in the
midline at the level of the lung apices. Sizes follow ordinary adult proportions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.curves import FloatArray, smooth_curve
from ptx_followup.phantom.patient import PhantomPatient
from ptx_followup.sides import Side

Points = NDArray[np.float64]

#: Sign of x on each side of the patient.
SIGN: dict[Side, int] = {"right": -1, "left": 1}

# Inner half-width of the rib cage (mm) by height (mm) for an average man.
_CAGE_Y = np.array([-30, 0, 8, 20, 35, 55, 80, 120, 170, 220, 265, 330, 420.0])
_CAGE_X = np.array([40, 56, 68, 82, 95, 107, 116, 125, 132, 138, 141, 140, 134.0])


@dataclass(frozen=True)
class Anatomy:
    """The proportions of one patient.

    Attributes:
        width: Scale of all widths.
        height: Scale of the lung height.
        wall_mm: Thickness of the lateral chest wall.
        depth_mm: Anteroposterior thickness of the torso.
        heart: Width of the heart relative to normal.
        dome_mm: Height of the right and left dome of the diaphragm below the apex.
        variation: Small random numbers, N(0, 1), for the details of this patient.
        breast: Size of the breast shadow, 0 for none.
    """

    width: float
    height: float
    wall_mm: float
    depth_mm: float
    heart: float
    dome_mm: dict[Side, float]
    variation: Points
    breast: float

    @classmethod
    def of(cls, patient: PhantomPatient) -> Anatomy:
        """The proportions that follow from a patient's seed, sex and habitus."""
        v = np.clip(np.random.default_rng([patient.seed, 1]).normal(size=64), -2, 2)
        female = patient.sex == "F"
        height = (0.93 if female else 1.0) * (1 + 0.035 * v[0]) - 0.04 * patient.habitus
        dome = 208 * height + 4 * v[2]
        return cls(
            width=(0.91 if female else 1.0) * (1 + 0.03 * v[1]) + 0.02 * patient.habitus,
            height=height,
            wall_mm=21 + 10 * patient.habitus + 1.5 * v[3],
            depth_mm=205 + 35 * patient.habitus + 6 * v[4],
            heart=1 + 0.06 * v[5] + 0.06 * patient.habitus,
            dome_mm={"right": dome, "left": dome + 10 + 3 * v[6]},
            variation=v,
            breast=max(0.0, 1 + 0.5 * patient.habitus + 0.2 * v[7]) if female else 0.0,
        )

    @property
    def lung_height_mm(self) -> float:
        """From the apex to the costophrenic angle at full inspiration."""
        return 262 * self.height

    def cage_half_width(self, y: FloatArray) -> Points:
        """Inner half-width of the rib cage (mm) at heights `y` (mm)."""
        return np.asarray(self.width * np.interp(y, _CAGE_Y * self.height, _CAGE_X))

    def cavity(self, side: Side) -> Points:
        """Outline of one pleural cavity without heart and diaphragm, up to the midline."""
        a = self.cage_half_width
        y = np.array([4, 12, 24, 40, 62, 95, 140, 190, 230, 262.0]) * self.height
        lateral = np.column_stack([a(y), y])
        apex = np.array([[14, 34], [20, 12], [30, 2], [41, -1], [50, 0.0]]) * [self.width, self.height]
        lateral[0] = [58 * self.width, 4 * self.height]
        outline = smooth_curve(np.concatenate([apex, lateral]))
        bottom = self.lung_height_mm + 9
        floor = [[a(np.array([bottom]))[0] - 2, bottom], [60, bottom + 24], [0, bottom + 24]]
        closed = np.concatenate([outline, floor, [[0, 34 * self.height]]])
        return np.asarray(closed * [SIGN[side], 1])

    def mediastinum(self, magnify: float = 1.0) -> Points:
        """Outline of heart, great vessels and upper mediastinum; `magnify` widens the heart (AP films)."""
        v, h = self.variation, self.heart * magnify
        right = [
            [-16, -40], [-17, 0], [-20, 30], [-24 - v[8], 60], [-26, 85], [-27, 110],
            [-33 * h, 135], [-40 * h - v[9], 160], [-42 * h - v[9], 182], [-39 * h, 205],
            [-40 * h, 222], [-60, 296],
        ]  # fmt: skip
        knob = 33 + 2 * v[10]
        left = [
            [40, 296], [84 * h, 252], [96 * h, 226], [93 * h + v[11], 206], [86 * h + v[11], 184],
            [73 * h, 158], [57 * h, 134], [44, 114], [35 + v[12], 100], [28, 86], [knob - 2, 76], [knob, 64],
            [knob - 5, 52], [22, 42], [20, 20], [19, 0], [17, -40],
        ]  # fmt: skip
        return smooth_curve(np.array(right + left) * [self.width, self.height], closed=True)

    def diaphragm(self, side: Side) -> Points:
        """Outline of one dome and the abdomen below it."""
        top, v, a = self.dome_mm[side], self.variation, self.cage_half_width
        angle = self.lung_height_mm + (2 * v[13] if side == "right" else 4 + 2 * v[14])
        fall = angle - top
        reach = a(np.array([angle]))[0]
        knots = [
            [-2, top + 16], [0.22, top + 8], [0.36, top + 2.5], [0.52 + 0.02 * v[15], top],
            [0.66, top + 0.06 * fall], [0.79, top + 0.24 * fall], [0.89, top + 0.5 * fall],
            [0.955, top + 0.78 * fall], [0.985, angle], [1.01, angle + 8], [1.12, angle + 14],
        ]  # fmt: skip
        points = np.array(knots)
        points[1:, 0] *= reach
        outline = smooth_curve(points)
        below = [[1.4 * reach, angle + 14], [1.4 * reach, 460], [-2, 460]]
        return np.asarray(np.concatenate([outline, below]) * [SIGN[side], 1])

    def hilum(self, side: Side) -> Points:
        """Centre from which vessels spread and towards which a lung collapses."""
        x, y = (-43, 104) if side == "right" else (45, 97)
        return np.array([x * self.width, y * self.height])

    def torso(self) -> Points:
        """Outline of the trunk's skin."""
        y = np.array([70, 110, 150, 190, 230, 265, 300, 340, 420.0]) * self.height
        x = self.cage_half_width(y) + self.wall_mm + np.array([10, 6, 2, 0, 0, 0, -1, -2, 0])
        top = np.array([[0, -120], [80, -110], [130, -50], [152, 20]]) * self.width
        half = smooth_curve(np.concatenate([top, np.column_stack([x, y])]))
        return np.concatenate([half, half[::-1] * [-1, 1]])

    def shoulders(self) -> Points:
        """Outline of neck, shoulders and upper arms."""
        knots = np.array([
            [53, -140], [54, -90], [60, -66], [84, -50], [122, -38], [156, -28], [190, -8], [214, 24],
            [228, 80], [240, 200], [246, 460], [196, 460], [189, 240], [182, 170], [174, 140], [163, 126],
            [140, 140], [90, 150], [0, 150],
        ], dtype=np.float64)  # fmt: skip
        knots[4:, 0] += 0.6 * (self.wall_mm - 21)
        half = smooth_curve(knots * [self.width, 1])
        return np.concatenate([half, half[::-1] * [-1, 1]])
