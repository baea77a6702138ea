"""A film is known by its stored pixel values, whatever its file is called and however it is encoded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_files import make_dataset, ramp, read_back
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian

from ptx_followup.radiograph.read import read_radiograph


def by_hand(form: str, words: NDArray[Any]) -> str:
    """As docs/outputs.md says it."""
    return hashlib.sha256(f"{form}\n".encode() + words.astype("<u2").tobytes()).hexdigest()


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_the_encoding_of_a_file_does_not_matter(tmp_path: Path, syntax: UID) -> None:
    film = read_back(make_dataset(ramp(), syntax), tmp_path)
    assert film.pixels_sha256 == by_hand("80 96 1 12 unsigned", ramp())


def test_negative_values_are_in_twos_complement(tmp_path: Path) -> None:
    stored = ramp("int16", 12)
    film = read_back(make_dataset(stored), tmp_path)
    assert film.pixels_sha256 == by_hand("80 96 1 12 signed", stored.view(np.uint16))


def test_how_a_film_is_shown_does_not_matter(tmp_path: Path) -> None:
    plain = read_back(make_dataset(), tmp_path)
    shown = read_back(
        make_dataset(
            PatientOrientation=["F", "R"],
            PhotometricInterpretation="MONOCHROME1",
            WindowCenter=500,
            WindowWidth=300,
        ),
        tmp_path,
    )
    assert shown.pixels.shape != plain.pixels.shape
    assert shown.pixels_sha256 == plain.pixels_sha256


def test_one_pixel_the_shape_and_the_type_matter(tmp_path: Path) -> None:
    stored = ramp()
    changed = stored.copy()
    changed[40, 40] += 1
    films = [
        make_dataset(stored),
        make_dataset(changed),
        make_dataset(stored.reshape(96, 80)),
        make_dataset(stored, bits=13),
    ]
    assert len({read_back(one, tmp_path).pixels_sha256 for one in films}) == len(films)


@pytest.mark.parametrize(
    ("dtype", "form"), [("uint8", "80 96 1 8 unsigned"), ("uint16", "80 96 1 16 unsigned")]
)
def test_a_picture(tmp_path: Path, dtype: str, form: str) -> None:
    stored = ramp(dtype, 8 * np.dtype(dtype).itemsize)
    Image.fromarray(stored).save(tmp_path / "film.png")
    assert read_radiograph(tmp_path / "film.png").pixels_sha256 == by_hand(form, stored)


def test_three_channels(tmp_path: Path) -> None:
    stored = np.repeat(ramp("uint8", 8)[..., None], 3, axis=2)
    Image.fromarray(stored).save(tmp_path / "film.png")
    film = read_radiograph(tmp_path / "film.png")
    assert film.pixels_sha256 == by_hand("80 96 3 8 unsigned", stored)
