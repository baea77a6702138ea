"""Windows and VOI LUTs that were made for other pixel values are passed over, and named.

Truth: the image under the window, or the percentiles, that must be taken, computed literally here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from made_files import make_dataset, ramp, read_back
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000Lossless

from ptx_followup.radiograph.image import Radiograph

FITS = ((np.arange(4096) + 0.5) / 4096).astype(float)  # about what a window of 2048, 4096 shows


def by_percentiles(stored: NDArray[Any]) -> NDArray[np.float64]:
    low, high = np.percentile(stored, (0.5, 99.5), method="inverted_cdf").astype(float)
    return np.asarray(np.clip((stored - low) / (high - low), 0, 1))


def told(image: Radiograph) -> list[str]:
    return [warning for warning in image.warnings if "not fit the pixels" in warning]


def lut(entries: NDArray[np.integer], first: int = 0) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", [len(entries), first, 16])
    item.add_new(0x00283006, "OW", entries.astype("<u2").tobytes())
    return item


@pytest.mark.parametrize("model", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("center", "width"),
    [(127, 256), (3968, 256), (32768, 65536), (128, 4), (2000, 1200), (1024, 2048), (3000, 2200)],
    ids=[
        "of 8 bits",
        "at the upper end",
        "of 16 bits",
        "narrow",
        "clips two thirds",
        "of 11 bits",
        "clips the lungs",
    ],
)
def test_a_window_of_other_pixels_is_replaced(tmp_path: Path, model: str, center: int, width: int) -> None:
    dataset = make_dataset(WindowCenter=center, WindowWidth=width, PhotometricInterpretation=model)
    image = read_back(dataset, tmp_path)
    shown = by_percentiles(ramp())
    np.testing.assert_allclose(image.pixels, 1 - shown if model == "MONOCHROME1" else shown, atol=1e-6)
    (warning,) = told(image)
    assert warning.startswith("the window does not fit the pixels")
    assert warning.endswith("replaced by a window from the pixels")


def test_a_window_of_12_bits_under_pixels_of_16(tmp_path: Path) -> None:
    stored = ramp("uint16", 16)
    image = read_back(make_dataset(stored, bits=16, WindowCenter=2048, WindowWidth=4096), tmp_path)
    np.testing.assert_allclose(image.pixels, by_percentiles(stored), atol=1e-6)
    assert told(image)


def test_the_first_window_that_fits_is_taken(tmp_path: Path) -> None:
    windows = {"WindowCenter": [127, 60000, 2048, 1000], "WindowWidth": [256, 10, 4096, 3000]}
    image = read_back(make_dataset(**windows), tmp_path)
    np.testing.assert_allclose(image.pixels, FITS[ramp()], atol=1e-3)
    (warning,) = told(image)
    assert "window 1 of 4" in warning
    assert warning.endswith("replaced by window 3 of 4")


def test_a_voi_lut_of_other_pixels(tmp_path: Path) -> None:
    of_8_bits, fitting = lut(np.arange(256)), lut(np.arange(4096))
    dataset = make_dataset(VOILUTSequence=Sequence([of_8_bits]), WindowCenter=2048, WindowWidth=4096)
    image = read_back(dataset, tmp_path)
    np.testing.assert_allclose(image.pixels, FITS[ramp()], atol=1e-3)
    assert told(image)[0].endswith("replaced by the window")
    assert told(image)[0].startswith("the VOI LUT")
    second = read_back(make_dataset(VOILUTSequence=Sequence([of_8_bits, fitting])), tmp_path)
    np.testing.assert_allclose(second.pixels, FITS[ramp()], atol=1e-3)
    assert told(second)[0].endswith("replaced by VOI LUT 2 of 2")


@pytest.mark.parametrize("first", [1500, 2048, 4096, 63488])
def test_a_voi_lut_that_begins_at_another_value(tmp_path: Path, first: int) -> None:
    image = read_back(make_dataset(VOILUTSequence=Sequence([lut(np.arange(4096), first)])), tmp_path)
    np.testing.assert_allclose(image.pixels, by_percentiles(ramp()), atol=1e-6)
    assert any(warning.startswith("the VOI LUT") for warning in image.warnings)


def test_direct_exposure_may_be_clipped(tmp_path: Path) -> None:
    # A third of the film is air beside the patient, far from the values of the patient.
    stored = ramp(bits=11, shape=(160, 160)).copy()
    stored[:, :50] = np.random.default_rng(4).integers(3700, 4000, (160, 50))
    negative = {"PhotometricInterpretation": "MONOCHROME1"}
    image = read_back(make_dataset(stored, WindowCenter=1024, WindowWidth=2048, **negative), tmp_path)
    assert not told(image)
    assert (image.pixels[:, :50] == 0).all()


@pytest.mark.parametrize(
    ("border", "center", "width"),
    [(0, 2048, 4096), (0, 2000, 3200), (60, 2048, 3600), (60, 2400, 3300)],
    ids=["all", "harsh", "collimated", "collimated and harsh"],
)
def test_a_window_that_shows_the_film_is_kept(tmp_path: Path, border: int, center: int, width: int) -> None:
    stored = ramp(shape=(160, 160)).copy()
    stored[:, :border] = 0  # collimation, more than a third of the film
    image = read_back(make_dataset(stored, WindowCenter=center, WindowWidth=width), tmp_path)
    shown = np.clip((stored - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    np.testing.assert_allclose(image.pixels, shown, atol=1e-6)
    assert not told(image)


def test_where_the_header_is_wrong_of_the_sign_its_window_is_not_trusted(tmp_path: Path) -> None:
    signed = (ramp(shape=(160, 160)).astype(np.int32) - 2048).astype(np.int16)
    dataset = make_dataset(signed, JPEG2000Lossless, PixelRepresentation=0)
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    stream = imagecodecs.jpeg2k_encode(signed, level=0, codecformat="j2k", bitspersample=12)
    dataset.PixelData = encapsulate([bytes(stream)])
    dataset["PixelData"].is_undefined_length = True
    image = read_back(dataset, tmp_path)
    np.testing.assert_allclose(image.pixels, by_percentiles(signed), atol=1e-6)
    assert told(image)
