"""What a user of the registration relies on; the truth is a map that the test itself applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.errors import UsageError
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.registration.register import Registration, project, regions, register

SIZE = 384
Labels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def chest() -> tuple[Radiograph, Labels]:
    """A drawn chest: two hemithoraces of unlike shape with ribs, 1 mm per pixel."""
    lungs = np.zeros((SIZE, SIZE), np.uint8)
    cv2.ellipse(lungs, (125, 190), (55, 110), 4, 0, 360, 1, cv2.FILLED)
    cv2.ellipse(lungs, (262, 185), (45, 105), -6, 0, 360, 2, cv2.FILLED)
    lungs[265:][lungs[265:] > 0] = 0
    pixels = np.where(lungs > 0, 0.25, 0.7).astype(np.float32)
    for level in range(80, 280, 22):
        cv2.ellipse(pixels, (192, level), (150, 40), 0, 180, 360, 0.45, 4)
    noise = np.random.default_rng(0).normal(0, 0.02, pixels.shape)
    pixels = np.clip(cv2.GaussianBlur(pixels, (0, 0), 1.2) + noise, 0, 1).astype(np.float32)
    return _radiograph(pixels), lungs


def _radiograph(pixels: NDArray[np.float32], spacing: tuple[float, float] | None = (1.0, 1.0)) -> Radiograph:
    return Radiograph(pixels, spacing, "calibrated" if spacing else "none")


def _matrix(rotation: float, scale: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """Prior to follow-up, in pixels (column, row)."""
    matrix = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), rotation, scale)
    matrix[:, 2] += shift
    return np.asarray(matrix)


def _moved(
    chest: tuple[Radiograph, Labels], matrix: NDArray[np.float64], shape: tuple[int, int] = (SIZE, SIZE)
) -> tuple[Radiograph, Labels]:
    radiograph, lungs = chest
    size = (shape[1], shape[0])
    pixels = cv2.warpAffine(radiograph.pixels, matrix, size)
    return replace(radiograph, pixels=pixels), cv2.warpAffine(lungs, matrix, size, flags=cv2.INTER_NEAREST)


def _errors(registration: Registration, lungs: Labels, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance, in prior pixels, between points of the chest and where the registration finds them."""
    assert registration.transform is not None
    points = np.argwhere(lungs > 0)[::53].astype(float)
    followup = (points[:, ::-1] @ matrix[:, :2].T + matrix[:, 2])[:, ::-1]
    return np.asarray(np.linalg.norm(registration.transform.to_prior(followup) - points, axis=1))


@pytest.mark.parametrize(
    ("rotation", "scale", "shift"),
    [(0, 1, (0, 0)), (12, 1, (10, -8)), (-15, 0.85, (20, 15)), (5, 1.12, (-15, 10))],
)
def test_a_known_map_is_found(
    chest: tuple[Radiograph, Labels], rotation: float, scale: float, shift: tuple[float, float]
) -> None:
    matrix = _matrix(rotation, scale, shift)
    followup, lungs = _moved(chest, matrix)
    found = register(chest[0], followup, chest[1], lungs)
    assert found.accepted
    assert found.method == "affine"
    assert np.median(_errors(found, chest[1], matrix)) < 1.2
    assert _errors(found, chest[1], matrix).max() < 3
    assert found.quality is not None
    assert found.quality.lung_dice_after > 0.97
    assert found.quality.scale_x == pytest.approx(1 / scale, rel=0.02)
    assert found.quality.rotation_deg == pytest.approx(rotation, abs=1)


def test_an_exam_registers_with_itself_exactly(chest: tuple[Radiograph, Labels]) -> None:
    found = register(chest[0], chest[0], chest[1], chest[1])
    assert found.quality is not None
    assert found.quality.lung_dice_after > 0.995
    assert found.quality.surface_distance_mm == pytest.approx(0, abs=0.2)
    assert found.quality.inverse_consistency_px < 0.1


def test_repeated_runs_are_identical(chest: tuple[Radiograph, Labels]) -> None:
    followup, lungs = _moved(chest, _matrix(8, 0.95, (6, 4)))
    first, second = (register(chest[0], followup, chest[1], lungs, bspline=True) for _ in range(2))
    assert first.quality == second.quality
    assert first.transform is not None
    assert second.transform is not None
    np.testing.assert_array_equal(first.transform.residual, second.transform.residual)


def test_the_number_of_threads_changes_nothing(chest: tuple[Radiograph, Labels]) -> None:
    followup, lungs = _moved(chest, _matrix(8, 0.95, (6, 4)))
    found = []
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            found.append(register(chest[0], followup, chest[1], lungs).transform)
    finally:
        cv2.setNumThreads(before)
    first, second = found
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.matrix, second.matrix)
    np.testing.assert_array_equal(first.residual, second.residual)


def test_the_projected_mask_lies_where_the_finding_went(chest: tuple[Radiograph, Labels]) -> None:
    matrix = _matrix(-9, 1.1, (12, -6))
    followup, lungs = _moved(chest, matrix)
    mask = (chest[1] == 1) & (np.arange(SIZE)[:, None] < 130)
    expected = cv2.warpAffine(mask.astype(np.uint8), matrix, (SIZE, SIZE), flags=cv2.INTER_NEAREST) > 0
    projected = project(mask, register(chest[0], followup, chest[1], lungs))
    overlap = 2 * np.count_nonzero(projected & expected) / (projected.sum() + expected.sum())
    assert projected.dtype == np.bool_
    assert overlap > 0.96


def test_other_matrix_and_spacing_change_nothing_in_millimetres(chest: tuple[Radiograph, Labels]) -> None:
    """The follow-up has half the rows and a third more columns than the prior, as its spacing says."""
    rows, columns = SIZE // 2, SIZE * 4 // 3
    pixels = cv2.resize(chest[0].pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    lungs = cv2.resize(chest[1], (columns, rows), interpolation=cv2.INTER_NEAREST)
    found = register(chest[0], _radiograph(pixels, (2.0, 0.75)), chest[1], lungs)
    assert found.accepted
    assert found.unit == "mm"
    assert found.quality is not None
    assert found.quality.scale_x == pytest.approx(1, abs=0.02)
    assert found.quality.scale_y == pytest.approx(1, abs=0.02)
    assert project(chest[1] > 0, found).shape == (rows, columns)
    assert found.quality.lung_dice_after > 0.97


def test_without_spacing_the_field_of_view_stands_in(chest: tuple[Radiograph, Labels]) -> None:
    prior = _radiograph(chest[0].pixels, None)
    pixels = cv2.resize(chest[0].pixels, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA)
    lungs = cv2.resize(chest[1], (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_NEAREST)
    found = register(prior, _radiograph(pixels, None), chest[1], lungs)
    assert found.accepted
    assert found.unit == "nominal"
    assert found.quality is not None
    assert found.quality.surface_distance_mm is None
    assert found.quality.scale_x == pytest.approx(1, abs=0.02)


def test_a_pneumothorax_that_grew_does_not_move_the_map(chest: tuple[Radiograph, Labels]) -> None:
    matrix = _matrix(4, 1.0, (5, 5))
    followup, lungs = _moved(chest, matrix)
    space = (lungs == 1) & (np.arange(SIZE)[:, None] < 170)
    dark = replace(followup, pixels=np.where(space, np.float32(0.05), followup.pixels))
    found = register(chest[0], dark, chest[1], lungs)
    assert _errors(found, chest[1], matrix).max() < 2


def test_the_bspline_is_gentle(chest: tuple[Radiograph, Labels]) -> None:
    """A bent outline is followed a little, nothing folds, and a mask keeps its area."""
    followup, lungs = _moved(chest, _matrix(3, 1.0, (4, 2)))
    bent = np.roll(lungs, 5, axis=1)
    bent[:150] = lungs[:150]
    mask = (chest[1] == 1) & (np.arange(SIZE)[:, None] < 150)
    plain = register(chest[0], followup, chest[1], bent)
    curved = register(chest[0], followup, chest[1], bent, bspline=True)
    assert curved.method == "b-spline"
    assert curved.quality is not None
    assert plain.quality is not None
    assert curved.quality.lung_dice_after >= plain.quality.lung_dice_after
    assert curved.quality.jacobian_min > 0.3
    assert project(mask, curved).sum() == pytest.approx(project(mask, plain).sum(), rel=0.1)


@pytest.mark.parametrize("name", ["prior", "follow-up"])
def test_a_missing_hemithorax_is_refused_by_name(chest: tuple[Radiograph, Labels], name: str) -> None:
    radiograph, lungs = chest
    one = np.where(lungs == 2, 0, lungs).astype(np.uint8)
    pair = (one, lungs) if name == "prior" else (lungs, one)
    found = register(radiograph, radiograph, *pair)
    assert not found.accepted
    assert found.reason == f"the left hemithorax is not found on the {name}"
    with pytest.raises(UsageError):
        project(lungs > 0, found)


def _sides_exchanged(lungs: Labels) -> Labels:
    return np.where(lungs > 0, 3 - lungs, 0).astype(np.uint8)


def _disc_and_line(lungs: Labels) -> Labels:
    other = np.zeros_like(lungs)
    cv2.circle(other, (60, 300), 40, 1, cv2.FILLED)
    other[20:24, 200:380] = 2
    return other


@pytest.mark.parametrize("change", [_sides_exchanged, _disc_and_line])
def test_outlines_that_cannot_match_are_refused(
    chest: tuple[Radiograph, Labels], change: Callable[[Labels], Labels]
) -> None:
    found = register(chest[0], chest[0], chest[1], change(chest[1]))
    assert not found.accepted
    assert found.reason
    assert found.transform is not None


def test_masks_of_another_size_are_refused(chest: tuple[Radiograph, Labels]) -> None:
    radiograph, lungs = chest
    with pytest.raises(UsageError):
        register(radiograph, radiograph, lungs[:-1], lungs)
    with pytest.raises(UsageError):
        register(radiograph, radiograph, lungs, lungs[:, 1:])


def test_regions_divide_the_union() -> None:
    projected, present = np.zeros((2, 4, 4), bool)
    projected[:2], present[1:3] = True, True
    found = regions(projected, present)
    assert found.persistent.sum() == 4
    assert found.new[2].all()
    assert found.resolved[0].all()
    union = found.persistent | found.new | found.resolved
    assert (union == (projected | present)).all()
