"""The attenuation of the whole chest along each ray."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom.curves import depth_inside, fill, rounded
from ptx_followup.phantom.patient import PhantomPatient
from ptx_followup.phantom.pleura import PleuralSpace
from ptx_followup.phantom.projection import Projection
from ptx_followup.phantom.skeleton import bone_thickness
from ptx_followup.phantom.soft_tissue import airway_thickness, body_thickness, stomach_air, texture
from ptx_followup.phantom.vessels import grow, vessel_thickness
from ptx_followup.sides import Side

FloatImage = NDArray[np.float32]

#: Attenuation of soft tissue, and what compact bone adds to it, per millimetre (about 110 kVp).
_SOFT_PER_MM = np.float32(0.0185)
_BONE_PER_MM = np.float32(0.042)
#: Density of expanded lung relative to soft tissue, without the vessels that are drawn.
_LUNG_DENSITY = np.float32(0.19)
#: Each vessel that is drawn stands for those before and behind it too.
_BLOOD = np.float32(1.7)
#: Mottling of the lung: cells across 40 cm, weight.
_LUNG_OCTAVES = ((50, 0.5), (100, 0.6), (200, 0.7), (400, 0.6))
#: Depth of the lungs relative to the trunk.
_LUNG_DEPTH = 0.78
#: Where the visceral pleura lies along the ray it adds this much tissue over half a millimetre.
_VISCERAL_LINE_MM = 16.0


def attenuate(
    patient: PhantomPatient,
    projection: Projection,
    spaces: Mapping[Side, PleuralSpace],
    open_share: FloatImage,
) -> FloatImage:
    """Line integral of the attenuation coefficient, no unit; float32, rows x columns.

    Args:
        patient: Whose vessels and lung texture are drawn.
        projection: The film.
        spaces: Both pleural spaces.
        open_share: Share of the lung's depth that heart and abdomen leave, 0..1.
    """
    trees = {side: grow(patient, projection.anatomy, side) for side in spaces}
    soft = body_thickness(patient, projection) - airway_thickness(projection) - stomach_air(projection)
    aerated = np.zeros_like(soft)
    for space in spaces.values():
        cavity, lung = _lung_depth(projection, space)
        soft += _visceral_line(projection, space) - cavity * open_share
        aerated += lung * open_share
    soft += aerated * _LUNG_DENSITY * (1 + np.float32(0.06) * texture(patient, 3, _LUNG_OCTAVES, projection))
    soft += _BLOOD * vessel_thickness(trees, spaces, projection) * np.sqrt(np.clip(aerated / 120, 0, 1))
    return np.asarray(_SOFT_PER_MM * np.maximum(soft, 0) + _BONE_PER_MM * bone_thickness(projection))


def _lung_depth(projection: Projection, space: PleuralSpace) -> tuple[FloatImage, FloatImage]:
    """Depth of the pleural cavity, and of the expanded lung that would weigh as much as what is in it, mm."""
    shape = (projection.rows, projection.columns)
    inside = fill(projection.lung(projection.anatomy.cavity(space.side)), shape)
    full = np.float32(_LUNG_DEPTH * projection.anatomy.depth_mm)
    cavity = full * rounded(depth_inside(inside, projection.spacing_mm), 62)
    if space.visceral is None:
        return cavity, cavity
    lung = rounded(depth_inside(fill(space.visceral, shape), projection.spacing_mm), 40)
    remaining = 1 - np.count_nonzero(space.pneumothorax) / np.count_nonzero(space.hemithorax)
    return cavity, cavity * lung / np.float32(remaining)


def _visceral_line(projection: Projection, space: PleuralSpace) -> FloatImage:
    """The thin line of pleura between lung and pneumothorax, mm of soft tissue."""
    ink = np.zeros((projection.rows, projection.columns), dtype=np.uint8)
    if space.visceral is None:
        return ink.astype(np.float32)
    cv2.polylines(ink, [np.round(space.visceral * 16).astype(np.int32)], True, 255, 1, cv2.LINE_AA, 4)
    beside_air = cv2.dilate(space.pneumothorax.astype(np.uint8), np.ones((3, 3), dtype=np.uint8))
    thickness = _VISCERAL_LINE_MM * min(1.0, 0.45 / projection.spacing_mm)
    return np.asarray(ink * beside_air * (thickness / 255), dtype=np.float32)
