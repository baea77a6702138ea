"""The stages of a registration, coarse to fine: moments, affine map, each side, free form."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy import Labels
from ptx_followup.registration_fit import Affine, Channel, FloatImage, Grid, apply, fit_affine
from ptx_followup.report.description import LUNG_LABEL

Mask = NDArray[np.bool_]

#: Pixel of the working grid, mm: hemithoraces are smooth at this scale and a fit takes tens of milliseconds.
PITCH_MM = 1.7
#: Outlines are compared within this distance of a border, mm; beyond, they only say "far".
BAND_MM = 30.0
#: Residual of an outline beyond which it is taken for an error of the outline, mm.
OUTLINE_TOLERANCE_MM = 8.0
#: Local contrast: scale of structures kept (ribs, vessels; not noise) and of the neighbourhood, mm.
DETAIL_MM, NEIGHBOURHOOD_MM = 3.5, 17.0
#: Weight of contrast (standard deviations of the neighbourhood, squared) against outlines (mm squared).
CONTRAST_WEIGHT = 60.0
CONTRAST_TOLERANCE = 1.0
#: Contrast is compared this far around the hemithoraces, mm, and not this near to a pneumothorax.
AROUND_MM, CLEARANCE_MM = 15.0, 6.0
#: How firmly a side's map is held to the common one, relative to the curvature of its own outline.
SIDE_STIFFNESS = 0.01
#: Width over which the map of one side passes into the other's, mm.
SEAM_MM = 12.0
#: Knots of the B-spline are this far apart, and no coefficient moves further than the bound, mm.
KNOTS_MM, BSPLINE_BOUND_MM = 80.0, 10.0
#: Signed distances are smooth: every third pixel tells the spline enough.
BSPLINE_SHRINK = 3


@dataclass(frozen=True)
class Chest:
    """One exam, made ready for fitting.

    Attributes:
        pixels: The radiograph's own grid.
        grid: The working grid of the rest.
        distances: float32, 2 x h x w: signed distance to the right and the left hemithorax, mm, negative
            inside, clipped.
        detail: float32, h x w: local contrast in standard deviations of the neighbourhood.
        pneumothorax: bool, h x w.
        centres: Centre (x, y) of the right and the left hemithorax, mm.
        area: Of both, square mm.
    """

    pixels: Grid
    grid: Grid
    distances: FloatImage
    detail: FloatImage
    pneumothorax: Mask
    centres: NDArray[np.float64]
    area: float

    @classmethod
    def of(cls, image: FloatImage, lungs: Labels, pneumothorax: Mask | None, pixels: Grid) -> Chest:
        """Reduce a radiograph and its labels to the working grid."""
        grid = pixels.reduced(max(PITCH_MM, *pixels.spacing))
        pitch = float(np.mean(grid.spacing))
        sides = [_reduced((lungs == label).astype(np.float32), grid) for label in LUNG_LABEL.values()]
        points = grid.points().astype(np.float64)
        mask = np.zeros(grid.shape, np.float32) if pneumothorax is None else _reduced(pneumothorax, grid)
        return cls(
            pixels,
            grid,
            np.stack([_signed_distance(side, pitch) for side in sides]),
            _detail(_reduced(image, grid), pitch),
            mask > 0,
            np.stack([np.average(points, axis=(0, 1), weights=_pair(side)) for side in sides]),
            float(sum(side.sum() for side in sides)) * grid.spacing[0] * grid.spacing[1],
        )


def lung_similarity(prior: Chest, followup: Chest) -> Affine:
    """Shift, turn and scale from the centres of both hemithoraces and from their area."""
    axes = [chest.centres[1] - chest.centres[0] for chest in (prior, followup)]
    turn = np.arctan2(axes[0][1], axes[0][0]) - np.arctan2(axes[1][1], axes[1][0])
    scale = np.sqrt(prior.area / followup.area)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shift = prior.centres.mean(axis=0) - linear @ followup.centres.mean(axis=0)
    return np.column_stack([linear, shift])


def fit_whole(prior: Chest, followup: Chest, start: Affine) -> Affine:
    """One affine map: first to the outlines, then to outlines and contrast."""
    borders = outlines(prior, followup)
    matrix = fit_affine(borders, prior.grid, followup.grid, start)
    channels = [*borders, contrast(prior, followup, matrix)]
    return fit_affine(channels, prior.grid, followup.grid, matrix)


def fit_sides(prior: Chest, followup: Chest, whole: Affine) -> FloatImage:
    """What each hemithorax adds to the common map, blended across the mediastinum: h x w x 2, mm."""
    right, left = (
        fit_affine([outline], prior.grid, followup.grid, whole, stiffness=SIDE_STIFFNESS)
        for outline in outlines(prior, followup)
    )
    return blend_sides(followup, whole, right, left)


def blend_sides(followup: Chest, whole: Affine, right: Affine, left: Affine) -> FloatImage:
    """Pass from the map of the right side into that of the left; minus the common map: h x w x 2, mm."""
    points = followup.grid.points()
    pitch = float(np.mean(followup.grid.spacing))
    nearer = followup.distances[1] - followup.distances[0]
    nearer = cv2.GaussianBlur(nearer, (0, 0), SEAM_MM / pitch)
    share = 1 / (1 + np.exp(-np.clip(nearer / SEAM_MM, -30, 30)))[..., None]
    both = share * apply(right, points) + (1 - share) * apply(left, points)
    return np.asarray(both - apply(whole, points), np.float32)


def refine_bspline(prior: Chest, followup: Chest, whole: Affine, residual: FloatImage) -> FloatImage:
    """Add a bounded B-spline that matches the outlines; the result replaces `residual`."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    positions = apply(whole, followup.grid.points()) + residual
    moved = [prior.grid.sample(one, positions) for one in prior.distances]
    fixed, moving = (
        sitk.GetImageFromArray(np.minimum(*pair)) for pair in (followup.distances, np.stack(moved))
    )
    for image in (fixed, moving):
        image.SetSpacing(followup.grid.spacing)
        image.SetOrigin(followup.grid.origin)
    extent = [n * s for n, s in zip(followup.grid.shape[::-1], followup.grid.spacing, strict=True)]
    spline = sitk.BSplineTransformInitializer(fixed, [max(2, round(side / KNOTS_MM)) for side in extent], 3)
    method = sitk.ImageRegistrationMethod()
    method.SetGlobalDefaultNumberOfThreads(1)
    method.SetMetricAsMeanSquares()
    method.SetInterpolator(sitk.sitkLinear)
    method.SetInitialTransform(spline, inPlace=True)
    method.SetShrinkFactorsPerLevel([BSPLINE_SHRINK])
    method.SetSmoothingSigmasPerLevel([0.0])
    method.SetOptimizerAsLBFGSB(
        numberOfIterations=40, lowerBound=-BSPLINE_BOUND_MM, upperBound=BSPLINE_BOUND_MM
    )
    method.Execute(fixed, moving)
    field = sitk.TransformToDisplacementField(
        spline,
        sitk.sitkVectorFloat64,
        fixed.GetSize(),
        fixed.GetOrigin(),
        fixed.GetSpacing(),
        fixed.GetDirection(),
    )
    bent = followup.grid.points() + sitk.GetArrayFromImage(field).astype(np.float32)
    kept = np.stack(
        [followup.grid.sample(np.ascontiguousarray(residual[..., i]), bent) for i in (0, 1)], axis=-1
    )
    return apply(whole, bent) + kept - apply(whole, followup.grid.points())


def outlines(prior: Chest, followup: Chest) -> list[Channel]:
    """The signed distances to the right and to the left hemithorax, near the follow-up's borders."""
    return [
        Channel(before, after, (np.abs(after) < BAND_MM).astype(np.float32), OUTLINE_TOLERANCE_MM)
        for before, after in zip(prior.distances, followup.distances, strict=True)
    ]


def contrast(prior: Chest, followup: Chest, matrix: Affine) -> Channel:
    """Contrast in and around the hemithoraces, without the pneumothorax of either exam."""
    positions = apply(matrix, followup.grid.points())
    projected = prior.grid.sample(prior.pneumothorax.astype(np.float32), positions, outside=0.0) > 0
    size = 2 * round(CLEARANCE_MM / float(np.mean(followup.grid.spacing))) + 1
    left_out = cv2.dilate((projected | followup.pneumothorax).astype(np.uint8), np.ones((size, size)))
    counted = (followup.distances.min(axis=0) < AROUND_MM) & (left_out == 0)
    weight = counted.astype(np.float32) * np.float32(CONTRAST_WEIGHT)
    return Channel(prior.detail, followup.detail, weight, CONTRAST_TOLERANCE)


def _detail(image: FloatImage, pitch: float) -> FloatImage:
    """Local contrast, free of exposure and window."""
    smooth = cv2.GaussianBlur(image, (0, 0), DETAIL_MM / 2 / pitch)
    around = NEIGHBOURHOOD_MM / pitch
    mean = cv2.GaussianBlur(smooth, (0, 0), around)
    deviation = np.sqrt(cv2.GaussianBlur((smooth - mean) ** 2, (0, 0), around) + np.float32(1e-4))
    return np.asarray(cv2.GaussianBlur((smooth - mean) / deviation, (0, 0), DETAIL_MM / pitch), np.float32)


def _signed_distance(side: FloatImage, pitch: float) -> FloatImage:
    """Distance to the border of a mask (fraction covered), mm, negative inside, clipped beyond the band."""
    inside = (side >= 0.5).astype(np.uint8)
    parts = [cv2.distanceTransform(one, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for one in (1 - inside, inside)]
    signed = np.where(inside > 0, 0.5 - parts[1], parts[0] - 0.5) * pitch
    return np.asarray(np.clip(signed, -1.5 * BAND_MM, 1.5 * BAND_MM), np.float32)


def _reduced(image: NDArray[np.generic], grid: Grid) -> FloatImage:
    size = (grid.shape[1], grid.shape[0])
    return np.asarray(cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _pair(weights: FloatImage) -> NDArray[np.float64]:
    """Weights repeated for x and y, as `numpy.average` over two axes wants them."""
    return np.repeat(weights[..., None].astype(np.float64), 2, axis=-1)
