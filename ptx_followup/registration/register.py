"""Laying the prior radiograph on the follow-up.

The map goes from the follow-up to the prior (as resampling needs it), in millimetres. It starts from the
moments of the hemithoraces, then SimpleITK fits a similarity and an affine map to their outlines, and each
hemithorax may then differ a little from the common map, as it does with breath, rotation and collapse. The
metric sees outlines alone: a pneumothorax lies inside its hemithorax, so neither its size nor its grey values
move the map. docs/registration.md describes the stages and says why grey values are left out.

Registration places findings; it never changes a measured area.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.ahead import both
from ptx_followup.anatomy.hemithoraces import Labels
from ptx_followup.errors import UsageError
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.registration.grid import Affine, FloatImage, Grid, apply
from ptx_followup.registration.quality import (
    Quality,
    jacobian_range,
    label_dice,
    refusal,
    shape_of,
    side_dice,
    surface_distance,
)
from ptx_followup.registration.stages import (
    Chest,
    fit_sides,
    fit_whole,
    lung_similarity,
    refine_bspline,
)
from ptx_followup.sides import LUNG_LABEL

Mask = NDArray[np.bool_]
Method = Literal["b-spline", "affine", "similarity"]

#: Longer side of the field of view where the millimetres of a film are not known: a 43 x 43 cm detector.
NOMINAL_FIELD_MM = 430.0


@dataclass(frozen=True, eq=False)
class Transform:
    """A map from points of the follow-up to points of the prior.

    Attributes:
        followup: Pixel grid of the follow-up, in mm.
        prior: Pixel grid of the prior, in mm.
        matrix: 2 x 3, the common affine map of (x, y) in mm.
        grid: Grid of `residual`.
        residual: float32, h x w x 2: what is added to the affine map's (x, y), mm; None for none.
    """

    followup: Grid
    prior: Grid
    matrix: Affine
    grid: Grid
    residual: FloatImage | None = None

    def positions(self, points: FloatImage) -> FloatImage:
        """Points of the follow-up (H x W x 2, x and y in mm) in the prior's mm."""
        mapped = apply(self.matrix, points)
        if self.residual is None:
            return mapped
        parts = [self.grid.sample(np.ascontiguousarray(self.residual[..., i]), points) for i in (0, 1)]
        return mapped + np.stack(parts, axis=-1)

    def to_prior(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the follow-up (N x 2, row and column in pixels) as row and column in the prior."""
        spacing, origin = np.array(self.followup.spacing), np.array(self.followup.origin)
        millimetres = (points[:, ::-1] * spacing + origin).astype(np.float32)[None]
        mapped = self.positions(millimetres)[0]
        pixels = (mapped - np.array(self.prior.origin)) / np.array(self.prior.spacing)
        return np.asarray(pixels[:, ::-1], np.float64)


@dataclass(frozen=True, eq=False)
class Registration:
    """How the prior lies on the follow-up.

    Attributes:
        method: The method of `transform`, after any fall-back.
        accepted: All gates passed.
        reason: Why it was refused, or, if accepted, why a better method was not used; else None.
        transform: The map, also where it was refused (for the picture that shows why); None where there is
            nothing to match.
        quality: Its figures; None without a transform.
        unit: What the millimetres of `transform` are: "mm" where both exams state a trustworthy spacing,
            "nominal" where each film's longer side was taken as 43 cm.
    """

    method: Method
    accepted: bool
    reason: str | None
    transform: Transform | None = field(repr=False)
    quality: Quality | None
    unit: Literal["mm", "nominal"]


@dataclass(frozen=True)
class Regions:
    """What became of a pneumothorax, bool H x W on the follow-up grid."""

    persistent: Mask
    new: Mask
    resolved: Mask


def register(
    prior: Radiograph,
    followup: Radiograph,
    prior_lungs: Labels,
    followup_lungs: Labels,
    *,
    bspline: bool = False,
) -> Registration:
    """Find the map that lays the prior on the follow-up.

    Args:
        prior: The earlier exam.
        followup: The later exam; its grid is the common one.
        prior_lungs: uint8 0/1/2 (right, left) of the prior, as `Anatomy.hemithoraces`.
        followup_lungs: The same of the follow-up.
        bspline: Add a smooth free-form deformation of at most a centimetre.

    Returns:
        The first of B-spline (if asked for), affine and similarity that passes the gates; where none does,
        the affine one, not accepted.

    Raises:
        UsageError: Hemithoraces do not have the size of their radiograph.
    """
    for radiograph, lungs, name in ((prior, prior_lungs, "prior"), (followup, followup_lungs, "follow-up")):
        if lungs.shape != radiograph.pixels.shape:
            raise UsageError(
                f"the hemithoraces of the {name} have another size than its radiograph", "use its own"
            )
    unit, grids = pixel_grids(prior, followup)
    missing = _missing_side(prior_lungs, followup_lungs)
    if missing:
        return Registration("affine", False, missing, None, None, unit)
    import SimpleITK  # noqa: F401 - before two threads do it at once

    chests = Chest.of(prior_lungs, grids[0]), Chest.of(followup_lungs, grids[1])
    methods: tuple[Method, ...] = (
        ("b-spline", "affine", "similarity") if bspline else ("affine", "similarity")
    )
    refused: list[Registration] = []
    for method in methods:
        forward, backward = both(
            partial(_transform, method, *chests), partial(_transform, method, *chests[::-1])
        )
        quality, apart_mm = _judge(forward, backward, prior_lungs, followup_lungs, unit == "mm")
        reason = refusal(quality, apart_mm)
        found = Registration(method, reason is None, reason, forward, quality, unit)
        if found.accepted:
            better = f"{refused[-1].method} was refused: {refused[-1].reason}" if refused else None
            return replace(found, reason=better)
        refused.append(found)
    return refused[-2]


def project(mask: Mask, registration: Registration) -> Mask:
    """Bring a mask of the prior to the grid of the follow-up.

    Args:
        mask: bool, on the prior's grid.
        registration: Of the two exams; it need not be accepted.

    Returns:
        bool, H x W of the follow-up; all False where the registration has no map.
    """
    transform = registration.transform
    if transform is None:
        raise UsageError("the exams could not be registered", "check both images")
    return resample(mask.astype(np.float32), transform) >= 0.5


def regions(projected: Mask, followup_mask: Mask) -> Regions:
    """Compare the projected prior mask with the mask of the follow-up, both bool on its grid."""
    return Regions(projected & followup_mask, followup_mask & ~projected, projected & ~followup_mask)


def _missing_side(prior: Labels, followup: Labels) -> str | None:
    for name, labels in (("prior", prior), ("follow-up", followup)):
        for side, label in LUNG_LABEL.items():
            if not np.any(labels == label):
                return f"the {side} hemithorax is not found on the {name}"
    return None


def pixel_grids(
    prior: Radiograph, followup: Radiograph
) -> tuple[Literal["mm", "nominal"], tuple[Grid, Grid]]:
    """Pixel grids in mm; an untrusted spacing gives only the proportions of the pixels."""
    trusted = prior.trusted_spacing_mm is not None and followup.trusted_spacing_mm is not None
    grids = []
    for radiograph in (prior, followup):
        row, column = radiograph.spacing_mm or (1.0, 1.0)
        if not trusted:
            nominal = NOMINAL_FIELD_MM / max(radiograph.rows * row, radiograph.columns * column)
            row, column = row * nominal, column * nominal
        grids.append(Grid((radiograph.rows, radiograph.columns), (column, row)))
    return ("mm" if trusted else "nominal"), (grids[0], grids[1])


def _transform(method: Method, prior: Chest, followup: Chest) -> Transform:
    matrix = lung_similarity(prior, followup)
    if method == "similarity":
        return Transform(followup.pixels, prior.pixels, matrix, followup.grid)
    matrix = fit_whole(prior, followup, matrix)
    residual = fit_sides(prior, followup, matrix)
    if method == "b-spline":
        residual = refine_bspline(prior, followup, matrix, residual)
    return Transform(followup.pixels, prior.pixels, matrix, followup.grid, residual)


def _judge(
    forward: Transform, backward: Transform, prior_lungs: Labels, followup_lungs: Labels, trusted: bool
) -> tuple[Quality, float]:
    """The figures of a registration, and its inverse inconsistency in mm."""
    moved = resample_labels(prior_lungs, forward)
    rows, columns = followup_lungs.shape
    laid_on = cv2.resize(prior_lungs, (columns, rows), interpolation=cv2.INTER_NEAREST)
    inside = _at_grid(followup_lungs, forward.grid)
    points = forward.grid.points()
    there = forward.positions(points)
    jacobian = jacobian_range(there, forward.grid.spacing, inside)
    apart = np.linalg.norm(backward.positions(there) - points, axis=-1)[inside].mean()
    finer = min(forward.followup.spacing)
    distance = surface_distance(moved, followup_lungs)
    scale_x, scale_y, rotation, shear = shape_of(forward.matrix[:, :2])
    quality = Quality(
        lung_dice_before=label_dice(laid_on, followup_lungs),
        lung_dice_after=label_dice(moved, followup_lungs),
        side_dice_after=side_dice(moved, followup_lungs),
        surface_distance_px=distance,
        surface_distance_mm=distance * finer if trusted else None,
        scale_x=scale_x,
        scale_y=scale_y,
        rotation_deg=rotation,
        shear=shear,
        jacobian_min=jacobian[0],
        jacobian_max=jacobian[1],
        inverse_consistency_px=float(apart) / finer,
    )
    return quality, float(apart)


def resample(image: FloatImage, transform: Transform) -> FloatImage:
    """An image of the prior on the follow-up's grid; 0 beyond its border."""
    grid = transform.followup
    return np.vstack(
        [
            transform.prior.sample(image, transform.positions(grid.points(rows)), outside=0.0)
            for rows in grid.strips()
        ]
    )


def resample_labels(labels: Labels, transform: Transform) -> Labels:
    """Hemithoraces (0/1/2) of the prior on the follow-up's grid."""
    grid = transform.followup
    moved = np.zeros(grid.shape, np.uint8)
    sides = {label: (labels == label).astype(np.float32) for label in LUNG_LABEL.values()}
    for rows in grid.strips():
        positions = transform.positions(grid.points(rows))
        for label, side in sides.items():
            moved[rows][transform.prior.sample(side, positions, outside=0.0) >= 0.5] = label
    return moved


def _at_grid(labels: Labels, grid: Grid) -> Mask:
    size = (grid.shape[1], grid.shape[0])
    return np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)) > 0
