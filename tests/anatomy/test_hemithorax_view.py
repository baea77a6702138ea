"""The view of one hemithorax: where its box lies, what it shows, and the way back onto the film."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithorax_view import (
    Box,
    Jitter,
    back,
    boxes,
    jittered,
    joined_views,
    laid_together,
    look,
    turned,
    views_of,
)
from ptx_followup.sides import LUNG_LABEL, SIDES, Side

ROWS, COLUMNS = 400, 361
RNG = np.random.default_rng(0)


def chest(right: tuple[slice, slice], left: tuple[slice, slice]) -> NDArray[np.uint8]:
    """Labels of two rectangular hemithoraces."""
    labels = np.zeros((ROWS, COLUMNS), np.uint8)
    labels[right], labels[left] = LUNG_LABEL["right"], LUNG_LABEL["left"]
    return labels


def mirrored(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The labels of the mirrored film: its sides have changed names."""
    return np.array([0, 2, 1], np.uint8)[labels[:, ::-1]]


CHEST = chest(np.s_[100:300, 60:160], np.s_[100:300, 200:300])
#: Outlines that are each an example of one thing that goes wrong.
BAD = {
    "missing": np.s_[0:0, 0:0],
    "a sliver at the hilum": np.s_[100:300, 200:215],
    "the apex above an opaque lung": np.s_[100:160, 200:300],
}


def test_margins_are_shares_of_the_outline() -> None:
    found = boxes(CHEST)
    # 200 rows: 8 % above, 10 % below. 100 columns: 12 % lateral, 14 % medial.
    assert found["right"] == Box(top=84, bottom=320, lateral=48, medial=174)
    # In columns of the mirror image, in which the left hemithorax lies at 61 to 161.
    assert found["left"] == Box(top=84, bottom=320, lateral=49, medial=175)


def test_a_box_ends_with_the_film() -> None:
    found = boxes(chest(np.s_[2:398, 3:170], np.s_[2:398, 190:360]))
    assert (found["right"].top, found["right"].bottom, found["right"].lateral) == (0, ROWS, 0)


@pytest.mark.parametrize("outline", BAD.values(), ids=BAD.keys())
def test_a_bad_outline_gives_half_of_the_film(outline: tuple[slice, slice]) -> None:
    found = boxes(chest(np.s_[100:300, 60:160], outline))
    assert found["left"] == Box(0, ROWS, 0, 181)
    assert found["right"] == boxes(CHEST)["right"]


def test_without_outlines_the_halves_share_the_middle_column_alone() -> None:
    found = boxes(np.zeros((ROWS, COLUMNS), np.uint8))
    assert found["right"] == found["left"] == Box(0, ROWS, 0, 181)
    covered = sum(
        (turned(back(np.ones((64, 32), np.float32), found[side], (ROWS, COLUMNS)), side) for side in SIDES),
        np.zeros((ROWS, COLUMNS), np.float32),
    )
    assert (covered[:, 180] == 2).all()
    assert (np.delete(covered, 180, axis=1) == 1).all()


def test_lateral_is_left_in_every_view() -> None:
    film = np.zeros((ROWS, COLUMNS), np.float32)
    film[:, :30] = film[:, -30:] = 1  # the chest walls
    for side in SIDES:
        view = look(turned(film, side), Box(0, ROWS, 0, 181), (200, 90))
        assert view[:, :14].min() > 0.99
        assert view[:, 16:].max() == 0


@pytest.mark.parametrize("side", SIDES)
def test_a_view_at_the_films_scale_goes_there_and_back_to_the_pixel(side: Side) -> None:
    film = RNG.random((ROWS, COLUMNS), dtype=np.float32)
    box = boxes(CHEST)[side]
    view = look(turned(film, side), box, (int(box.height), int(box.width)))
    inside = np.s_[int(box.top) : int(box.bottom), int(box.lateral) : int(box.medial)]
    np.testing.assert_array_equal(view, turned(film, side)[inside])
    returned = back(view, box, film.shape)
    np.testing.assert_array_equal(returned[inside], view)
    returned[inside] = 0
    assert not returned.any()


def test_an_enlarged_mask_comes_back_to_the_pixel() -> None:
    mask = np.zeros((ROWS, COLUMNS), np.float32)
    mask[120:131, 70:73] = mask[200:280, 64:120] = 1
    box = boxes(CHEST)["right"]
    view = look(mask, box, (2 * int(box.height), 2 * int(box.width)))
    np.testing.assert_array_equal(back(view, box, mask.shape) >= 0.5, mask > 0)


def test_a_large_film_is_averaged_not_sampled() -> None:
    film = np.zeros((1200, 1200), np.float32)
    film[::2] = 1  # every other row: a sample of them would be all black or all white
    view = look(film, Box(0, 1200, 0, 600), (300, 150))
    np.testing.assert_allclose(view, 0.5, atol=0.01)


def test_a_mirrored_film_gives_exactly_the_mirrored_views_and_map() -> None:
    film = RNG.random((ROWS, COLUMNS), dtype=np.float32)
    labels = chest(np.s_[90:310, 50:177], np.s_[100:300, 181:301])
    other = {"left": "right", "right": "left"}
    size = (128, 96)
    found, found_mirrored = boxes(labels), boxes(mirrored(labels))
    maps, maps_mirrored = {}, {}
    for side in SIDES:
        there = side_there = other[side]
        seen = views_of(film, found, side, size, 2)
        np.testing.assert_array_equal(
            seen, views_of(np.ascontiguousarray(film[:, ::-1]), found_mirrored, there, size, 2)
        )
        maps[side] = back(seen[0], found[side], film.shape)
        maps_mirrored[side_there] = back(seen[0], found_mirrored[side_there], film.shape)
    whole = laid_together(maps, found, COLUMNS)
    np.testing.assert_array_equal(laid_together(maps_mirrored, found_mirrored, COLUMNS), whole[:, ::-1])


def test_the_second_channel_is_the_other_side() -> None:
    film = RNG.random((ROWS, COLUMNS), dtype=np.float32)
    found, size = boxes(CHEST), (64, 32)
    right_first = joined_views(film, found, "right", size, 2)
    left_first = joined_views(film, found, "left", size, 2)
    np.testing.assert_array_equal(right_first[:, :32], left_first[:, 32:])
    np.testing.assert_array_equal(right_first[:, 32:], left_first[:, :32])


def test_what_both_sides_see_at_the_midline_belongs_to_one() -> None:
    found = {"right": Box(0, ROWS, 0, 191), "left": Box(0, ROWS, 0, 190)}  # columns 171 to 190 are in both
    right, left = np.full((ROWS, COLUMNS), 0.9, np.float32), np.full((ROWS, COLUMNS), 0.2, np.float32)
    right[:, 191:], left[:, 190:] = 0, 0
    film = laid_together({"right": right, "left": left}, found, COLUMNS)
    assert (film[:, :181] == np.float32(0.9)).all()
    assert (film[:, 181:] == np.float32(0.2)).all()


def test_a_side_that_was_not_looked_at_stays_empty() -> None:
    found = boxes(CHEST)
    left = back(np.ones((64, 32), np.float32), found["left"], (ROWS, COLUMNS))
    film = laid_together({"left": left}, found, COLUMNS)
    assert film[84:320, 200:300].all()
    assert not film[:, :150].any()
    with pytest.raises(ValueError, match="no side"):
        laid_together({}, found, COLUMNS)


def test_jitter_has_the_spread_it_states() -> None:
    box = Box(100, 300, 50, 150)
    drawn = [jittered(box, RNG, Jitter()) for _ in range(4000)]
    scale = np.log([one.height / box.height for one in drawn])
    shift = [((one.lateral + one.medial) / 2 - 100) / box.width for one in drawn]
    assert np.std(scale) == pytest.approx(0.08, rel=0.05)
    assert np.std(shift) == pytest.approx(0.04, rel=0.05)
    assert max(abs(one.rotation_deg) for one in drawn) == pytest.approx(5, rel=0.01)


def test_a_rotated_box_turns_the_view_about_its_centre() -> None:
    film = np.zeros((ROWS, COLUMNS), np.float32)
    film[180:220, 80:120] = 1
    upright, turned_by_90 = (
        look(film, Box(150, 250, 50, 150, rotation_deg=angle), (100, 100)) for angle in (0.0, 90.0)
    )
    np.testing.assert_allclose(upright, turned_by_90, atol=1e-3)
    film[180:220, 80:84] = 0  # no longer the same to all sides
    view = look(film, Box(150, 250, 50, 150, rotation_deg=90.0), (100, 100))
    np.testing.assert_allclose(view, np.rot90(look(film, Box(150, 250, 50, 150), (100, 100))), atol=1e-3)
