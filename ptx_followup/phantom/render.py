"""Render a phantom radiograph with its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import UsageError
from ptx_followup.phantom.anatomy import Anatomy
from ptx_followup.phantom.attenuation import attenuate
from ptx_followup.phantom.curves import fill
from ptx_followup.phantom.devices import device_attenuation, side_marker
from ptx_followup.phantom.film import expose, present
from ptx_followup.phantom.patient import Device, PhantomPatient, PhantomPneumothorax, Pose
from ptx_followup.phantom.pleura import pleural_space
from ptx_followup.phantom.projection import Points, Projection
from ptx_followup.phantom.soft_tissue import diaphragm_share, mediastinum_share
from ptx_followup.sides import SIDES, Side

FloatImage = NDArray[np.float32]


@dataclass(frozen=True)
class PhantomRadiograph:
    """A rendered radiograph and its truth, all on the same rows x columns grid.

    Attributes:
        pixels: float32, 0..1, air dark, the patient's right on the image's left.
        pneumothorax_mask: bool, True in the air outside the visceral pleura.
        lungs: uint8, 0 elsewhere, 1 right and 2 left hemithorax, the pneumothorax included.
        spacing_mm: Millimetres in the middle of the chest per pixel, (row, column).
        patient: Who was imaged.
        pose: How.
        pneumothoraces: What was asked for.
        devices: What else was drawn.
        projection: The maps between patient and pixels.
    """

    pixels: FloatImage
    pneumothorax_mask: NDArray[np.bool_]
    lungs: NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    patient: PhantomPatient
    pose: Pose
    pneumothoraces: tuple[PhantomPneumothorax, ...]
    devices: tuple[Device, ...]
    projection: Projection = field(repr=False)

    def percent(self, side: Side) -> float:
        """Pneumothorax area in percent of the hemithorax of that side."""
        hemithorax = self.lungs == SIDES[::-1].index(side) + 1
        return float(
            100 * np.count_nonzero(self.pneumothorax_mask & hemithorax) / np.count_nonzero(hemithorax)
        )


def render(
    patient: PhantomPatient,
    pose: Pose | None = None,
    pneumothoraces: Sequence[PhantomPneumothorax] = (),
    *,
    devices: Sequence[Device] = (),
    rows: int = 1024,
    columns: int = 1024,
    seed: int = 0,
) -> PhantomRadiograph:
    """Render one radiograph of a fictitious patient.

    Args:
        patient: The anatomy.
        pose: Position, breath, exposure and view; an ordinary PA film if not given.
        pneumothoraces: At most one a side.
        devices: What lies on or in the patient; a chest tube is on the side of the first pneumothorax.
        rows: Height in pixels.
        columns: Width in pixels.
        seed: Decides what differs between two exposures of the same patient: noise, collimation,
            side marker and the course of devices.

    Raises:
        UsageError: Two pneumothoraces on one side.
    """
    if len({item.side for item in pneumothoraces}) != len(pneumothoraces):
        raise UsageError(
            "the phantom has two pneumothoraces on one side", "give one a side, with several zones"
        )
    projection = Projection(Anatomy.of(patient), pose or Pose(), rows, columns)
    asked = {item.side: item for item in pneumothoraces}
    heart, heart_mask = mediastinum_share(projection)
    abdomen, abdomen_mask = diaphragm_share(projection)
    blocked = heart_mask | abdomen_mask
    spaces = {side: pleural_space(projection, side, blocked, asked.get(side)) for side in SIDES}
    attenuation = attenuate(patient, projection, spaces, (1 - np.float32(0.97) * heart) * (1 - abdomen))
    random = np.random.default_rng([patient.seed, 4, seed])
    drained = pneumothoraces[0].side if pneumothoraces else "right"
    attenuation += device_attenuation(projection, tuple(devices), drained, random)
    marker = side_marker(projection, "left" if random.random() < 0.5 else "right", random)
    shutter = _shutter(projection, random)
    density = expose(attenuation, projection, random) + marker
    pixels = present(density, projection, shutter > 0.5) * shutter
    spacing = projection.spacing_mm
    return PhantomRadiograph(
        pixels=pixels,
        pneumothorax_mask=spaces["right"].pneumothorax | spaces["left"].pneumothorax,
        lungs=(spaces["right"].hemithorax + 2 * spaces["left"].hemithorax).astype(np.uint8),
        spacing_mm=(spacing, spacing),
        patient=patient,
        pose=projection.pose,
        pneumothoraces=tuple(pneumothoraces),
        devices=tuple(devices),
        projection=projection,
    )


def _shutter(projection: Projection, random: np.random.Generator) -> FloatImage:
    """1 inside the collimated field, 0 outside, with a penumbra."""
    rows, columns = projection.rows, projection.columns
    size = np.array([columns, rows]) * (1 - random.uniform(0, 0.012, 2))
    box = cv2.boxPoints(((columns / 2 - 0.5, rows / 2 - 0.5), tuple(size), random.uniform(-0.4, 0.4)))
    inside = fill(box, (rows, columns)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inside, (0, 0), 0.6 / projection.spacing_mm), dtype=np.float32)


def known_transform(prior: PhantomRadiograph, followup: PhantomRadiograph) -> Callable[[Points], Points]:
    """The exact map of the chest's contents from a prior to a follow-up of the same patient.

    It holds for lungs, pleura, heart and diaphragm in the middle plane of the chest. Ribs do not follow the
    diaphragm, and what lies in front or behind moves otherwise when the view changes.

    Returns:
        A function from ... x 2 points (row, column) of the prior to points of the follow-up.

    Raises:
        UsageError: The radiographs show two patients.
    """
    if prior.patient != followup.patient:
        raise UsageError("the phantoms show two patients", "render both with the same PhantomPatient")

    def transform(points: Points) -> Points:
        reference = prior.projection.lung_inverse(np.asarray(points)[..., ::-1])
        return followup.projection.lung(reference)[..., ::-1]

    return transform
