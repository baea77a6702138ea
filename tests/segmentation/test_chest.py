"""A negative is turned round or refused; a film that is right stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pydicom
import pytest
from made_exams import EXAMPLES, REPORT
from numpy.typing import NDArray
from PIL import Image

from ptx_followup.anatomy.hemithoraces import Anatomy, anatomy_of
from ptx_followup.errors import QualityGateError
from ptx_followup.followup.compare import compare
from ptx_followup.followup.exam import examine
from ptx_followup.masks.source import KnownMask, MaskSource
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.segmentation.chest import DOUBTFUL, TURNED, find_chest

if TYPE_CHECKING:
    from ptx_followup.anatomy.hemithoraces import LungFinder
    from ptx_followup.segmentation.segmenter import Segmenter


def as_negative(folder: Path, **changes: Any) -> Path:
    """The example with negative pixels and no word of it in the header, or a wrong one."""
    dataset = pydicom.dcmread(EXAMPLES / "prior.dcm")
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        dataset.decompress()
    top = (1 << dataset.BitsStored) - 1
    dataset.PixelData = (top - dataset.pixel_array).astype(np.uint16).tobytes()
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    dataset.save_as(folder / "negative.dcm")
    return folder / "negative.dcm"


@pytest.mark.parametrize("changes", [{}, {"PresentationLUTShape": "INVERSE"}], ids=["silent", "INVERSE"])
def test_a_negative_is_segmented_as_its_film(
    tmp_path: Path, segmenter: Segmenter, changes: dict[str, str]
) -> None:
    film = segmenter.segment(EXAMPLES / "prior.dcm", REPORT)
    turned = segmenter.segment(as_negative(tmp_path, **changes), REPORT)
    assert not film.radiograph.inverted
    assert TURNED not in film.warnings
    assert turned.radiograph.inverted
    assert TURNED in turned.warnings
    assert turned.to_json()["image"]["inverted"] is True
    assert film.mask.any()
    assert np.count_nonzero(film.mask ^ turned.mask) < 0.02 * np.count_nonzero(film.mask)
    np.testing.assert_allclose(turned.radiograph.pixels, film.radiograph.pixels, atol=2 / 4095)


@pytest.mark.parametrize("form", ["png", "jpg"])
def test_a_picture_that_is_a_negative(tmp_path: Path, segmenter: Segmenter, form: str) -> None:
    pixels = read_radiograph(EXAMPLES / "prior.dcm").pixels
    path = tmp_path / f"negative.{form}"
    Image.fromarray(np.rint(255 * (1 - pixels)).astype(np.uint8)).save(path)
    assert TURNED in segmenter.segment(path, REPORT).warnings


def test_a_negative_with_a_given_mask_is_turned_too(tmp_path: Path, segmenter: Segmenter) -> None:
    radiograph = read_radiograph(as_negative(tmp_path))
    mask = np.zeros(radiograph.pixels.shape, bool)
    mask[100:120, 100:120] = True
    exam = examine(segmenter, radiograph, None, "", KnownMask(mask, MaskSource("given", "array")))
    assert exam.radiograph.inverted
    assert TURNED in exam.warnings


def test_a_comparison_lays_the_films_as_they_were_turned(tmp_path: Path, segmenter: Segmenter) -> None:
    later = EXAMPLES / "followup.dcm"
    film = compare(EXAMPLES / "prior.dcm", later, report=REPORT, segmenter=segmenter)
    turned = compare(as_negative(tmp_path), later, report=REPORT, segmenter=segmenter)
    assert turned.prior.radiograph.inverted
    assert turned.registration.accepted == film.registration.accepted
    assert turned.change.verdict == film.change.verdict
    assert turned.change.prior == pytest.approx(film.change.prior, rel=0.03)


def framed(pixels: NDArray[np.float32], grey: float) -> NDArray[np.float32]:
    return np.pad(pixels, 80, constant_values=grey)


def lettered(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """White letters on black and black ones on white, as they are burned in."""
    picture = pixels.copy()
    picture[10:90, 20:400], picture[30:70, 40:380:24] = 1.0, 0.0
    picture[10:90, -400:-20], picture[30:70, -380:-40:24] = 0.0, 1.0
    return picture


@pytest.mark.parametrize(
    "made",
    [
        lambda pixels: framed(1 - pixels, 1.0),
        lambda pixels: lettered(1 - pixels),
        lambda pixels: (1 - pixels) ** 3,
        lambda pixels: (1 - pixels) ** 0.4,
        lambda pixels: np.rint((1 - pixels) * 15) / 15,
        lambda pixels: framed(1 - pixels, 0.0),
    ],
    ids=["white frame", "letters", "dark", "pale", "16 greys", "black frame"],
)
def test_negatives_of_any_making_are_turned(segmenter: Segmenter, made: Any) -> None:
    radiograph = read_radiograph(EXAMPLES / "prior.dcm")
    pixels = np.asarray(made(radiograph.pixels), np.float32)
    found, _ = find_chest(replace(radiograph, pixels=pixels), segmenter.lung_finder)
    assert TURNED in found.warnings
    assert found.inverted


def test_a_bright_border_leaves_a_doubt_and_the_film_as_it_is(segmenter: Segmenter) -> None:
    radiograph = read_radiograph(EXAMPLES / "prior.dcm")
    bright = radiograph.pixels.copy()
    width = bright.shape[1] // 20
    bright[:width] = bright[-width:] = bright[:, :width] = bright[:, -width:] = 0.9
    found, _ = find_chest(replace(radiograph, pixels=bright), segmenter.lung_finder)
    assert DOUBTFUL in found.warnings
    assert not found.inverted
    assert found.pixels is bright


class Shown:
    """Finds the hemithoraces that it is told, one after the other, whatever it looks at."""

    def __init__(self, *labels: NDArray[np.uint8]) -> None:
        self.labels = iter(labels)

    def find_anatomy(self, pixels: NDArray[np.float32]) -> Anatomy:
        return anatomy_of(next(self.labels))


def test_what_looks_like_a_negative_either_way_is_refused() -> None:
    # The middle is dark in the upper half and bright in the lower one, so it depends on where lungs are seen.
    half = np.tile(np.abs(np.linspace(-1, 1, 200, dtype=np.float32)), (100, 1))
    film = Radiograph(pixels=np.vstack([half, 1 - half]))
    upper, lower = np.zeros((200, 200), np.uint8), np.zeros((200, 200), np.uint8)
    for labels, rows in ((upper, slice(20, 80)), (lower, slice(120, 180))):
        labels[rows, 20:60], labels[rows, 140:180] = 1, 2
    turned, _ = find_chest(film, cast("LungFinder", Shown(upper, upper)))
    assert turned.inverted
    with pytest.raises(QualityGateError, match="and so does its negative"):
        find_chest(film, cast("LungFinder", Shown(upper, lower)))
