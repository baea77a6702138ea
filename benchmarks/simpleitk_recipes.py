"""Registrations by SimpleITK's own optimiser, to compare with; see registration_recipes.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptx_followup.registration import Transform
from ptx_followup.registration_fit import Affine, FloatImage
from ptx_followup.registration_stages import BAND_MM, Chest, blend_sides, contrast, lung_similarity

Mask = NDArray[np.bool_]


def toolkit_outlines(prior: Chest, followup: Chest) -> Transform:
    """SimpleITK: mean squares of the signed distance to the nearer hemithorax, three resolutions."""
    return Transform(followup.pixels, prior.pixels, _toolkit_outlines(prior, followup), followup.grid)


def toolkit_correlation(prior: Chest, followup: Chest) -> Transform:
    """The same, then correlation of the local contrast."""
    return _toolkit_contrast(prior, followup, "correlation")


def toolkit_information(prior: Chest, followup: Chest) -> Transform:
    """The same, then Mattes' mutual information of the local contrast."""
    return _toolkit_contrast(prior, followup, "information")


def toolkit_sides(prior: Chest, followup: Chest) -> Transform:
    """SimpleITK on the outlines, then each side by its own outline, joined as the default's are."""
    matrix = _toolkit_outlines(prior, followup)
    maps = [
        _toolkit_fit((after, before), prior, followup, matrix, "squares", np.abs(after) < BAND_MM)
        for before, after in zip(prior.distances, followup.distances, strict=True)
    ]
    residual = blend_sides(followup, matrix, maps[0], maps[1])
    return Transform(followup.pixels, prior.pixels, matrix, followup.grid, residual)


def _toolkit_outlines(prior: Chest, followup: Chest) -> Affine:
    images = followup.distances.min(axis=0), prior.distances.min(axis=0)
    start = lung_similarity(prior, followup)
    return _toolkit_fit(images, prior, followup, start, "squares", None)


def _toolkit_contrast(prior: Chest, followup: Chest, metric: str) -> Transform:
    start = _toolkit_outlines(prior, followup)
    counted = contrast(prior, followup, start).weight > 0
    images = followup.detail, prior.detail
    matrix = _toolkit_fit(images, prior, followup, start, metric, counted)
    return Transform(followup.pixels, prior.pixels, matrix, followup.grid)


def _toolkit_fit(
    images: tuple[FloatImage, FloatImage],
    prior: Chest,
    followup: Chest,
    start: Affine,
    metric: str,
    counted: Mask | None,
) -> Affine:
    import SimpleITK as sitk  # noqa: N813 - the toolkit's own abbreviation

    fixed, moving = (sitk.GetImageFromArray(np.ascontiguousarray(image)) for image in images)
    for image, chest in ((fixed, followup), (moving, prior)):
        image.SetSpacing(chest.grid.spacing)
        image.SetOrigin(chest.grid.origin)
    method = sitk.ImageRegistrationMethod()
    method.SetGlobalDefaultNumberOfThreads(1)
    {
        "squares": method.SetMetricAsMeanSquares,
        "correlation": method.SetMetricAsCorrelation,
        "information": method.SetMetricAsMattesMutualInformation,
    }[metric]()
    if counted is not None:
        mask = sitk.GetImageFromArray(counted.astype(np.uint8))
        mask.CopyInformation(fixed)
        method.SetMetricFixedMask(mask)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel([4, 2, 1] if counted is None else [2, 1])
    method.SetSmoothingSigmasPerLevel([2, 1, 0] if counted is None else [1, 0])
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 60, relaxationFactor=0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    centre = followup.centres.mean(axis=0)
    affine = sitk.AffineTransform(2)
    affine.SetMatrix(start[:, :2].ravel().tolist())
    affine.SetCenter(centre.tolist())
    affine.SetTranslation((start[:, 2] + start[:, :2] @ centre - centre).tolist())
    method.SetInitialTransform(affine, inPlace=True)
    method.Execute(fixed, moving)
    linear = np.array(affine.GetMatrix()).reshape(2, 2)
    return np.column_stack([linear, np.array(affine.GetTranslation()) + centre - linear @ centre])
