"""What a user of the anatomy relies on, on drawn masks, phantoms and (where present) real radiographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithoraces import Anatomy, LungFinder, anatomy_of, find_anatomy
from ptx_followup.anatomy.quality import VIEWS, quality
from ptx_followup.data.layout import open_data_set
from ptx_followup.errors import ModelError
from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, PhantomRadiograph, Pose, render
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.training.hidden_lungs import disguise
from ptx_followup.training.self_training import hemithoraces_with

SIZE = 128


@pytest.fixture(scope="module")
def finder() -> LungFinder:
    return LungFinder()


@pytest.fixture(scope="module")
def phantom() -> PhantomRadiograph:
    space = PhantomPneumothorax("right", ("apical", "lateral"), 25)
    return render(PhantomPatient(seed=5), Pose(), [space], rows=512, columns=512)


@pytest.fixture(scope="module")
def found(finder: LungFinder, phantom: PhantomRadiograph) -> Anatomy:
    return find_anatomy(phantom.pixels, finder)


def _dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float(2 * np.count_nonzero(first & second) / (first.sum() + second.sum()))


def _drawn() -> NDArray[np.uint8]:
    labels = np.zeros((SIZE, SIZE), np.uint8)
    cv2.ellipse(labels, (40, 64), (18, 40), 0, 0, 360, 1, cv2.FILLED)
    cv2.ellipse(labels, (90, 66), (15, 38), 0, 0, 360, 2, cv2.FILLED)
    return labels


def test_both_hemithoraces_of_a_phantom_are_found_with_the_pneumothorax(
    found: Anatomy, phantom: PhantomRadiograph
) -> None:
    for label in (1, 2):
        assert _dice(found.hemithoraces == label, phantom.lungs == label) > 0.85
    inside = found.hemithoraces[phantom.pneumothorax_mask] == 1
    assert inside.mean() > 0.85


def test_each_hemithorax_is_one_piece_without_holes(found: Anatomy) -> None:
    for label in (1, 2):
        mask = (found.hemithoraces == label).astype(np.uint8)
        assert cv2.connectedComponents(mask)[0] == 2
        assert cv2.connectedComponents(np.pad(1 - mask, 1, constant_values=1), connectivity=4)[0] == 2


def test_the_result_has_the_grid_of_the_radiograph(finder: LungFinder, phantom: PhantomRadiograph) -> None:
    wide = cv2.copyMakeBorder(phantom.pixels, 0, 0, 60, 90, cv2.BORDER_CONSTANT)
    labels = finder.find(wide)
    assert labels.shape == wide.shape
    assert labels.dtype == np.uint8
    assert _dice(labels[:, 60:-90] > 0, phantom.lungs > 0) > 0.8


def test_a_repeated_look_finds_the_same(
    finder: LungFinder, phantom: PhantomRadiograph, found: Anatomy
) -> None:
    again = find_anatomy(phantom.pixels, finder)
    np.testing.assert_array_equal(again.hemithoraces, found.hemithoraces)
    assert again.quality == found.quality


@pytest.mark.parametrize("image", [np.zeros((200, 200)), np.ones((200, 200))])
def test_a_blank_image_has_no_quality(finder: LungFinder, image: NDArray[np.float64]) -> None:
    assert find_anatomy(image.astype(np.float32), finder).quality < 0.5


def test_noise_has_no_quality(finder: LungFinder) -> None:
    noise = np.random.default_rng(0).random((256, 256)).astype(np.float32)
    assert find_anatomy(noise, finder).quality < 0.5


def test_a_model_of_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        LungFinder(str(tmp_path))


def test_landmarks_are_the_highest_lowest_and_medial_points() -> None:
    anatomy = anatomy_of(_drawn())
    right, left = anatomy.landmarks["right"], anatomy.landmarks["left"]
    assert right.apex == (24, 40)
    assert right.base == (104, 40)
    assert right.hilum == (64, 58)
    assert left.hilum == (66, 75)


def test_a_side_that_is_not_seen_has_no_landmarks() -> None:
    labels = _drawn()
    labels[labels == 2] = 0
    assert set(anatomy_of(labels).landmarks) == {"right"}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_undone_lies_where_it_was(view: object) -> None:
    sides = np.stack([_drawn() == 1, _drawn() == 2]).astype(np.float32)
    seen = np.stack([VIEWS[0].apply(side) for side in sides])
    assert view in VIEWS
    changed = np.stack([view.apply(side) for side in seen])  # type: ignore[attr-defined]
    swapped = changed[::-1] if view.mirrored else changed  # type: ignore[attr-defined]
    back = view.undo(np.ascontiguousarray(swapped))  # type: ignore[attr-defined]
    for label in (0, 1):
        assert _dice(back[label] > 0.5, sides[label] > 0.5) > 0.97


def _probabilities(*views: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.stack([[labels == 1, labels == 2] for labels in views]).astype(np.float32)


def test_quality_is_full_where_all_views_agree_and_falls_where_they_do_not() -> None:
    labels = _drawn()
    moved = np.roll(labels, 20, axis=0)
    assert quality(_probabilities(labels, labels), 0.5) == pytest.approx(1)
    assert quality(_probabilities(labels, labels, labels, moved), 0.5) < 0.95
    assert quality(_probabilities(labels, np.roll(labels, 45, axis=0)), 0.5) < 0.8


def test_quality_is_zero_for_exchanged_or_missing_sides() -> None:
    labels = _drawn()
    assert quality(_probabilities(np.ascontiguousarray(labels[:, ::-1])), 0.5) == 0
    assert quality(_probabilities(np.where(labels == 1, labels, 0).astype(np.uint8)), 0.5) == 0


def test_quality_falls_where_one_side_is_too_small() -> None:
    labels = _drawn()
    labels[60:][labels[60:] == 2] = 0
    assert quality(_probabilities(labels), 0.5) < 0.9


def test_the_taught_hemithorax_holds_lung_and_pneumothorax_but_not_what_lies_far_off() -> None:
    anatomy = anatomy_of(_drawn())
    mask = np.zeros((SIZE, SIZE), bool)
    mask[18:26, 34:46] = True
    mask[5:9, 5:9] = True
    taught = hemithoraces_with(mask, anatomy)
    assert taught is not None
    assert (taught[22:26, 36:44] == 1).all()
    assert not taught[5:9, 5:9].any()
    assert ((taught == 2) == (anatomy.hemithoraces == 2)).mean() > 0.995


def test_nothing_is_taught_from_doubtful_outlines() -> None:
    assert hemithoraces_with(np.zeros((SIZE, SIZE), bool), anatomy_of(_drawn(), quality=0.3)) is None


def test_painted_disease_stays_in_range_and_depends_on_the_seed_alone() -> None:
    sides = np.stack([_drawn() == 1, _drawn() == 2]).astype(np.float32)
    image = np.full((SIZE, SIZE), 0.5, np.float32)
    for seed in range(20):
        first, second = (disguise(image, sides, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert first.dtype == np.float32
        assert first.min() >= 0
        assert first.max() <= 1


def test_held_out_lungs_are_found(real_data: Path, finder: LungFinder) -> None:
    data = open_data_set(real_data / "lungs")
    overlaps = []
    for case in data.cases[::25]:
        radiograph = data.load_image(case)
        labels, truth = finder.find(radiograph.pixels), data.load_lungs(case, radiograph)
        overlaps.append([_dice(labels == label, truth == label) for label in (1, 2)])
    assert np.median(overlaps) > 0.965


def test_expert_pneumothoraces_lie_in_the_hemithoraces(real_data: Path, finder: LungFinder) -> None:
    data = open_data_set(real_data / "cxr")
    cases = [case for case in data if case.part == "validation" and case.positive][::8]
    inside, lungs = [], []
    for case in cases:
        assert case.image is not None
        radiograph = read_radiograph(case.image)
        labels = finder.find(radiograph.pixels)
        inside.append(np.mean(labels[data.load_mask(case, radiograph)] > 0))
        lungs.append(np.mean(labels > 0))
    # The weights on board reach 0.83 over all validation positives (their card); the aim is 0.93.
    assert np.mean(inside) > 0.78
    assert np.mean(lungs) < 0.4
