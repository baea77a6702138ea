"""Agreement of two masks, against independent libraries and by construction."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ptx_followup.measurement.overlap import SurfaceDistance, dice, intersection_over_union, surface_distance

MASKS = arrays(bool, (9, 7))


def block(rows: slice, columns: slice, shape: tuple[int, int] = (40, 50)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


@given(MASKS, MASKS)
def test_dice_and_overlap_count_pixels_as_the_paper_does(mask: np.ndarray, truth: np.ndarray) -> None:
    a, b = set(zip(*np.nonzero(mask), strict=True)), set(zip(*np.nonzero(truth), strict=True))
    assert dice(mask, truth) == (2 * len(a & b) + 1) / (len(a) + len(b) + 1)
    assert intersection_over_union(mask, truth) == (len(a & b) / len(a | b) if a | b else 1)


def test_two_empty_masks_agree_and_have_no_distance() -> None:
    empty, some = block(slice(0), slice(0)), block(slice(3, 9), slice(3, 9))
    assert dice(empty, empty) == intersection_over_union(empty, empty) == 1
    for mask, truth in ((empty, empty), (empty, some), (some, empty)):
        assert surface_distance(mask, truth) == SurfaceDistance(None, None)


def test_a_shifted_edge_is_as_far_away_as_it_was_shifted() -> None:
    thin = block(slice(5, 6), slice(5, 45))
    assert surface_distance(thin, np.roll(thin, 4, axis=0), (0.5, 2.0)) == SurfaceDistance(2.0, 2.0)
    assert surface_distance(thin.T, np.roll(thin.T, 4, axis=1), (2.0, 0.5)) == SurfaceDistance(2.0, 2.0)


def simple_itk_distances(
    mask: np.ndarray, truth: np.ndarray, spacing: tuple[float, float]
) -> list[np.ndarray]:
    """Distances between the outlines, both ways, by SimpleITK's contour and distance filters."""
    images = []
    for one in (mask, truth):
        image = SimpleITK.GetImageFromArray(one.astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        images.append(image)
    # "Fully connected" contours take a pixel with any of eight neighbours outside; this takes four.
    outlines = [SimpleITK.BinaryContour(image, fullyConnected=False) for image in images]
    maps = [
        np.abs(
            SimpleITK.GetArrayFromImage(
                SimpleITK.SignedMaurerDistanceMap(one, squaredDistance=False, useImageSpacing=True)
            )
        )
        for one in outlines
    ]
    lines = [SimpleITK.GetArrayFromImage(one) > 0 for one in outlines]
    return [maps[1][lines[0]], maps[0][lines[1]]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(1.0, 1.0), (0.4, 0.7), (1.3, 0.2)]))
def test_distances_are_those_of_simple_itk(seed: int, spacing: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    masks = []
    for _ in range(2):
        rough = SimpleITK.GetArrayFromImage(
            SimpleITK.DiscreteGaussian(SimpleITK.GetImageFromArray(rng.random((30, 24))), 4.0)
        )
        mask = rough > np.quantile(rough, 0.8)
        # SimpleITK does not count the border of the image as an outline.
        mask[[0, -1]] = mask[:, [0, -1]] = False
        masks.append(mask)
    assume(all(mask.any() for mask in masks))
    there, back = simple_itk_distances(*masks, spacing)
    found = surface_distance(*masks, spacing)
    assert found.average == pytest.approx(np.concatenate([there, back]).mean(), rel=1e-5)
    assert found.hausdorff95 == pytest.approx(
        max(np.percentile(there, 95), np.percentile(back, 95)), rel=1e-5
    )
    swapped = surface_distance(*masks[::-1], spacing)
    assert (swapped.average, swapped.hausdorff95) == pytest.approx((found.average, found.hausdorff95))


def test_a_mask_at_the_border_of_the_image_has_an_outline_there() -> None:
    whole = np.ones((5, 5), bool)
    found = surface_distance(whole, block(slice(2, 3), slice(2, 3), (5, 5)))
    assert found.hausdorff95 == pytest.approx(np.sqrt(8), abs=0.2)
