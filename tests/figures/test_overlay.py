"""The overlay: the outline where the mask is, the film untouched, all said that must be said."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from ptx_followup import colours
from ptx_followup.errors import UsageError
from ptx_followup.figures.canvas import Mask, Picture, display_size, resize_mask, show, side_strip, text_block
from ptx_followup.figures.overlay import draw_overlay, write_overlay
from ptx_followup.radiograph.image import Identity, Radiograph


def film(rows: int = 1400, columns: int = 1300) -> Radiograph:
    noise = np.random.default_rng(0).random((rows // 20, columns // 20), dtype=np.float32)
    return Radiograph(pixels=cv2.resize(noise, (columns, rows)))


def crescent(rows: int = 1400, columns: int = 1300) -> Mask:
    """Air at the apex of the patient's right lung, so on the image's left."""
    disc, bite = np.zeros((2, rows, columns), np.uint8)
    cv2.circle(disc, (columns // 4, rows // 4), rows // 8, 1, -1)
    cv2.circle(bite, (columns // 4, rows // 4 + rows // 25), rows // 8, 1, -1)
    return (disc > bite).astype(bool)


def changed(radiograph: Radiograph, mask: Mask) -> Mask:
    """Pixels of the film that the overlay changed."""
    picture = draw_overlay(radiograph, mask, ["caption"])
    size = display_size(radiograph.rows, radiograph.columns)
    plain = show(radiograph.pixels, size)
    return np.asarray((film_of(picture, radiograph) != plain).any(axis=2))


def film_of(picture: Picture, radiograph: Radiograph) -> Picture:
    size = display_size(radiograph.rows, radiograph.columns)
    top = side_strip(size[1], "R", "L", "").shape[0]
    return picture[top : top + size[0]]


def test_the_outline_runs_just_outside_the_mask_and_covers_none_of_it() -> None:
    mask = crescent()
    drawn = changed(film(), mask)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert drawn.any()
    assert not (drawn & mask).any()
    assert distance[drawn].max() < 12
    # It encloses the whole mask: filled up, it contains every pixel of it.
    contours, _ = cv2.findContours(drawn.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, cv2.FILLED).astype(bool)
    assert filled[mask].all()


def test_an_empty_mask_leaves_the_film_as_it_is() -> None:
    assert not changed(film(), np.zeros((1400, 1300), bool)).any()


@pytest.mark.parametrize(("rows", "columns"), [(512, 512), (4000, 3000), (1955, 1841), (300, 900)])
def test_films_of_every_size_are_shown_in_their_proportions_at_a_readable_size(
    rows: int, columns: int
) -> None:
    shown = display_size(rows, columns)
    assert 1280 <= max(shown) <= 1600
    assert shown[0] / shown[1] == pytest.approx(rows / columns, rel=0.002)
    assert draw_overlay(film(rows, columns), crescent(rows, columns), ["caption"]).shape[1] == shown[1]


def test_a_single_pixel_of_a_large_film_is_still_outlined() -> None:
    mask = np.zeros((4000, 3000), bool)
    mask[1234, 2345] = True
    assert resize_mask(mask, (1600, 1200)).sum() == 1
    assert changed(film(4000, 3000), mask).any()


def test_the_right_marker_stands_on_the_left_and_the_left_one_on_the_right() -> None:
    picture = draw_overlay(film(), crescent(), ["caption"], title="title")
    strip = side_strip(1300, "R", "L", "title")
    assert np.array_equal(picture[: strip.shape[0]], strip)
    only_r = side_strip(1300, "R", "", "")
    assert only_r[:, :100].any()
    assert not only_r[:, 100:].any()


def test_no_value_of_the_header_is_shown() -> None:
    anonymous = film()
    named = replace(
        anonymous, identity=Identity("123", "A", "Doe^Jane", "19700101", "F"), path=Path("Doe.dcm")
    )
    drawn = [draw_overlay(radiograph, crescent(), ["caption"]) for radiograph in (anonymous, named)]
    assert np.array_equal(*drawn)


def test_warnings_are_set_in_their_own_colour_and_long_ones_wrap() -> None:
    plain = draw_overlay(film(), crescent(), ["caption"])
    warned = draw_overlay(film(), crescent(), ["caption"], warnings=["the report names the other side " * 9])
    assert not (plain == colours.WARNING).all(axis=2).any()
    assert (warned == colours.WARNING).all(axis=2).any()
    assert warned.shape[0] > plain.shape[0] + 3 * (plain.shape[1] // 52)
    assert not warned[-100:, -5:].any()


def test_lungs_are_dashed() -> None:
    radiograph, none = film(), np.zeros((1400, 1300), bool)
    lungs = np.zeros((1400, 1300), np.uint8)
    lungs[300:1000, 100:500], lungs[300:1000, 700:1100] = 1, 2
    picture = draw_overlay(radiograph, none, ["caption"], lungs=lungs)
    drawn = (film_of(picture, radiograph) != show(radiograph.pixels, (1400, 1300))).any(axis=2)
    along_one_side = drawn[320:980, 96:104].any(axis=1)
    assert 0.3 < along_one_side.mean() < 0.9


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        draw_overlay(film(), crescent(700, 700), ["caption"])


def test_the_file_holds_the_picture(tmp_path: Path) -> None:
    picture = text_block([], 40)
    picture[3, 4] = (255, 176, 0)
    write_overlay(tmp_path / "overlay.png", picture)
    assert np.array_equal(np.array(Image.open(tmp_path / "overlay.png")), picture)


def test_drawing_loads_no_plotting_library() -> None:
    code = (
        "import sys, numpy as np\n"
        "from ptx_followup.figures.overlay import draw_overlay\n"
        "from ptx_followup.radiograph.image import Radiograph\n"
        "draw_overlay(Radiograph(np.eye(64, dtype=np.float32)), np.eye(64, dtype=bool), ['caption'])\n"
        "assert not {'matplotlib', 'torch'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
