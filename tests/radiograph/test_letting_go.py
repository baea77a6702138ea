"""Pixels that are let go come back as they were, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from made_files import make_dataset, save

from ptx_followup.errors import InputError, MismatchError
from ptx_followup.radiograph.belonging import check_belonging
from ptx_followup.radiograph.letting_go import let_go, taken_up
from ptx_followup.radiograph.read import read_radiograph


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(make_dataset(), tmp_path, "film.dcm")


@pytest.mark.parametrize("inverted", [False, True])
def test_pixels_come_back_as_they_were(path: Path, inverted: bool) -> None:
    film = read_radiograph(path)
    if inverted:
        film = replace(film, pixels=np.asarray(1 - film.pixels, np.float32), inverted=True)
    gone = let_go(film)
    assert (gone.rows, gone.columns) == (film.rows, film.columns)
    assert np.isnan(gone.pixels).all()
    assert gone.pixels.strides == (0, 0)  # one number in memory
    back = taken_up(gone)
    assert back.let_go is None
    np.testing.assert_array_equal(back.pixels, film.pixels)


def test_a_file_that_has_changed_is_refused(path: Path) -> None:
    gone = let_go(read_radiograph(path))
    other = make_dataset()
    other.PixelData = other.pixel_array[::-1].tobytes()
    save(other, path.parent, path.name)
    with pytest.raises(InputError, match=r"film\.dcm has changed"):
        taken_up(gone)


def test_the_same_image_is_still_known(path: Path) -> None:
    film = replace(read_radiograph(path), sop_instance_uid=None)
    later = replace(film, acquired_at=datetime(2026, 3, 2) + timedelta(days=1))  # noqa: DTZ001
    with pytest.raises(MismatchError, match="the same image"):
        check_belonging(let_go(film), let_go(later))


def test_what_has_no_file_keeps_its_pixels(path: Path) -> None:
    film = replace(read_radiograph(path), path=None)
    assert let_go(film) is film
    assert taken_up(film) is film
