"""The stages of a registration, coarse to fine: moments, similarity, affine map, each side, free form.

All are driven by the outlines of the hemithoraces, as signed distances, and fitted by SimpleITK. It runs
in one thread and takes every pixel, so that the same outlines always give the same map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithoraces import Labels
from ptx_followup.registration.grid import Affine, FloatImage, Grid, apply
from ptx_followup.sides import LUNG_LABEL

if TYPE_CHECKING:
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

Mask = NDArray[np.bool_]

#: Pixel of the working grid, mm: hemithoraces are smooth at this scale.
PITCH_MM = 1.7
#: Pixel of the grid on which the affine maps are fitted, mm: signed distances are smoother still.
FITTING_PITCH_MM = 3.4
#: A side is fitted within this distance of its border, mm; signed distances end at one and a half times it.
BAND_MM = 30.0
#: The fits see every fourth and then every second pixel of their grid.
SHRINK = (4, 2)
#: Steps of the optimiser: the longest and the shortest, mm; by how much they shorten; how many at most.
LONGEST_STEP_MM, SHORTEST_STEP_MM, RELAXATION, STEPS = 1.0, 0.001, 0.6, 60
#: Width over which the map of one side passes into the other's, mm.
SEAM_MM = 12.0
#: Knots of the B-spline are this far apart, and no coefficient moves further than the bound, mm.
KNOTS_MM, BSPLINE_BOUND_MM = 80.0, 10.0
#: The spline sees every third pixel.
BSPLINE_SHRINK = 3


@dataclass(frozen=True, eq=False)
class Chest:
    """One exam, made ready for fitting.

    Attributes:
        pixels: The radiograph's own grid.
        grid: The working grid of the rest.
        distances: float32, 2 x h x w: signed distance to the right and the left hemithorax, mm, negative
            inside, clipped.
        fitting_grid: A coarser grid, for the affine maps.
        fitting_distances: `distances` there.
        centres: Centre (x, y) of the right and the left hemithorax, mm.
        area: Of both, square mm.
    """

    pixels: Grid
    grid: Grid
    distances: FloatImage
    fitting_grid: Grid
    fitting_distances: FloatImage
    centres: NDArray[np.float64]
    area: float

    @classmethod
    def of(cls, lungs: Labels, pixels: Grid) -> Chest:
        """Reduce hemithoraces (0/1/2) on a pixel grid to the working grid."""
        grid = pixels.reduced(max(PITCH_MM, *pixels.spacing))
        sides = [reduced((lungs == label).astype(np.float32), grid) for label in LUNG_LABEL.values()]
        distances = np.stack([_signed_distance(side, float(np.mean(grid.spacing))) for side in sides])
        fitting_grid = pixels.reduced(max(FITTING_PITCH_MM, *pixels.spacing))
        points = grid.points().astype(np.float64)
        return cls(
            pixels,
            grid,
            distances,
            fitting_grid,
            np.stack([reduced(one, fitting_grid) for one in distances]),
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
    """The map common to both sides: first with one scale and no shear, then affine."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    images = (
        itk_image(followup.fitting_distances.min(axis=0), followup.fitting_grid),
        itk_image(prior.fitting_distances.min(axis=0), prior.fitting_grid),
    )
    centre = followup.centres.mean(axis=0)
    similarity = fit(mean_squares(SHRINK), images, sitk.Similarity2DTransform(), start, centre)
    return fit(mean_squares(SHRINK), images, sitk.AffineTransform(2), similarity, centre)


def fit_sides(prior: Chest, followup: Chest, whole: Affine) -> FloatImage:
    """What each hemithorax adds to the common map, blended across the mediastinum: h x w x 2, mm."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    maps = []
    pairs = zip(prior.fitting_distances, followup.fitting_distances, followup.centres, strict=True)
    for before, after, centre in pairs:
        method = mean_squares(SHRINK)
        near = (np.abs(after) < BAND_MM).astype(np.uint8)
        method.SetMetricFixedMask(itk_image(near, followup.fitting_grid))
        images = itk_image(after, followup.fitting_grid), itk_image(before, prior.fitting_grid)
        maps.append(fit(method, images, sitk.AffineTransform(2), whole, centre))
    return blend_sides(followup, whole, *maps)


def mean_squares(shrink: tuple[int, ...]) -> sitk.ImageRegistrationMethod:
    """A registration by mean squares at several resolutions: every pixel, one thread."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    # What a registration makes for itself has the number of threads that is the default; sums depend on it.
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsMeanSquares()
    method.SetMetricUseFixedImageGradientFilter(False)  # only the moving image's gradient is asked for
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel(shrink)
    method.SetSmoothingSigmasPerLevel([0.0] * len(shrink))
    return method


def fit(
    method: sitk.ImageRegistrationMethod,
    images: tuple[sitk.Image, sitk.Image],
    transform: sitk.Similarity2DTransform | sitk.AffineTransform,
    start: Affine,
    centre: NDArray[np.float64],
) -> Affine:
    """Run a registration.

    Args:
        method: What is compared.
        images: Of the follow-up and of the prior, in mm.
        transform: What may be fitted; it is overwritten.
        start: Where to begin; for a similarity, a similarity.
        centre: About which the map turns (x, y) in mm: the steps are best conditioned about the middle.
    """
    transform.SetCenter(centre.tolist())
    transform.SetMatrix(start[:, :2].ravel().tolist())
    transform.SetTranslation((start[:, 2] + start[:, :2] @ centre - centre).tolist())
    # Without an estimated rate the first step is of length 1 in the parameters, which moves the chest by
    # decimetres.
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=1.0,
        minStep=SHORTEST_STEP_MM,
        numberOfIterations=STEPS,
        relaxationFactor=RELAXATION,
        estimateLearningRate=method.Once,
        maximumStepSizeInPhysicalUnits=LONGEST_STEP_MM,
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, inPlace=True)
    method.Execute(*images)
    linear = np.array(transform.GetMatrix()).reshape(2, 2)
    return np.column_stack([linear, np.array(transform.GetTranslation()) + centre - linear @ centre])


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
        itk_image(np.minimum(*pair), followup.grid) for pair in (followup.distances, np.stack(moved))
    )
    extent = [n * s for n, s in zip(followup.grid.shape[::-1], followup.grid.spacing, strict=True)]
    spline = sitk.BSplineTransformInitializer(fixed, [max(2, round(side / KNOTS_MM)) for side in extent], 3)
    method = mean_squares((BSPLINE_SHRINK,))
    method.SetInitialTransform(spline, inPlace=True)
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


def itk_image(pixels: FloatImage | NDArray[np.uint8], grid: Grid) -> sitk.Image:
    """An image on a grid, for SimpleITK."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    image = sitk.GetImageFromArray(np.ascontiguousarray(pixels))
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    return image


def reduced(image: NDArray[np.generic], grid: Grid) -> FloatImage:
    """An image on a coarser grid of the same extent, averaged."""
    size = (grid.shape[1], grid.shape[0])
    return np.asarray(cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _signed_distance(side: FloatImage, pitch: float) -> FloatImage:
    """Distance to the border of a mask (fraction covered), mm, negative inside, clipped beyond the band."""
    inside = (side >= 0.5).astype(np.uint8)
    parts = [
        _exact(cv2.distanceTransform(one, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)) for one in (1 - inside, inside)
    ]
    signed = np.where(inside > 0, 0.5 - parts[1], parts[0] - 0.5) * pitch
    return np.asarray(np.clip(signed, -1.5 * BAND_MM, 1.5 * BAND_MM), np.float32)


def _exact(distance: NDArray[np.generic]) -> FloatImage:
    """Distances between pixels without their rounding errors: their squares are whole numbers.

    OpenCV's last bits depend on the number of threads and on where in memory an array lies, and a fit takes
    other steps for them.
    """
    return np.asarray(np.sqrt(np.rint(np.square(distance, dtype=np.float32))), np.float32)


def _pair(weights: FloatImage) -> NDArray[np.float64]:
    """Weights repeated for x and y, as `numpy.average` over two axes wants them."""
    return np.repeat(weights[..., None].astype(np.float64), 2, axis=-1)
