"""Registrations by grey values, to compare with; see registration_recipes.py."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.registration.grid import Affine, FloatImage, apply
from ptx_followup.registration.stages import SHRINK, Chest, fit, itk_image, mean_squares, reduced

Mask = NDArray[np.bool_]

#: Scale of structures kept (ribs, vessels; not noise) and of the neighbourhood, mm.
DETAIL_MM, NEIGHBOURHOOD_MM = 3.5, 17.0
#: Contrast is compared this far around the hemithoraces, mm, and not this near to a pneumothorax.
AROUND_MM, CLEARANCE_MM = 15.0, 6.0


@dataclass(frozen=True, eq=False)
class Contrast:
    """Local contrast of a film on the working grid of its chest, free of exposure and window."""

    chest: Chest
    detail: FloatImage
    pneumothorax: Mask

    @classmethod
    def of(cls, image: FloatImage, pneumothorax: Mask, chest: Chest) -> Contrast:
        """Standard deviations of the neighbourhood by which structures stand out of it."""
        pitch = float(np.mean(chest.grid.spacing))
        smooth = cv2.GaussianBlur(reduced(image, chest.grid), (0, 0), DETAIL_MM / 2 / pitch)
        around = NEIGHBOURHOOD_MM / pitch
        mean = cv2.GaussianBlur(smooth, (0, 0), around)
        deviation = np.sqrt(cv2.GaussianBlur((smooth - mean) ** 2, (0, 0), around) + np.float32(1e-4))
        detail = cv2.GaussianBlur((smooth - mean) / deviation, (0, 0), DETAIL_MM / pitch)
        return cls(chest, np.asarray(detail, np.float32), reduced(pneumothorax, chest.grid) > 0)


def fit_contrast(prior: Contrast, followup: Contrast, start: Affine, metric: str) -> Affine:
    """Refine a map by "correlation" or mutual "information", without the pneumothorax of either exam."""
    import SimpleITK as sitk  # noqa: N813 - the project's own abbreviation

    grid = followup.chest.grid
    positions = apply(start, grid.points())
    projected = prior.chest.grid.sample(prior.pneumothorax.astype(np.float32), positions, outside=0.0) > 0
    size = 2 * round(CLEARANCE_MM / float(np.mean(grid.spacing))) + 1
    left_out = cv2.dilate((projected | followup.pneumothorax).astype(np.uint8), np.ones((size, size)))
    counted = (followup.chest.distances.min(axis=0) < AROUND_MM) & (left_out == 0)
    method = mean_squares(SHRINK)
    {
        "correlation": method.SetMetricAsCorrelation,
        "information": method.SetMetricAsMattesMutualInformation,
    }[metric]()
    method.SetMetricFixedMask(itk_image(counted.astype(np.uint8), grid))
    images = itk_image(followup.detail, grid), itk_image(prior.detail, prior.chest.grid)
    return fit(method, images, sitk.AffineTransform(2), start, followup.chest.centres.mean(axis=0))
