"""Pixels deeper than the header says, or of another sign, make the picture that was put in, with a warning.

Truth: the picture before it was scaled to a depth and encoded by another library.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from made_files import make_dataset, save
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, HTJ2KLossless, JPEG2000Lossless, JPEGLossless, JPEGLSLossless, RLELossless

from ptx_followup.errors import InputError
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph

#: In the warning that nothing but the header says whether there is a sign.
OPEN = "which the pixels do not show"


def picture(shape: tuple[int, int] = (160, 144)) -> NDArray[np.float64]:
    """0..1: slow waves with a little noise, as an image has them."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    waves = np.sin(rows / 19) * np.cos(columns / 23) + rows / shape[0] + columns / shape[1]
    noisy = waves + np.random.default_rng(3).normal(0, 0.004, shape)
    return np.asarray((noisy - noisy.min()) / np.ptp(noisy))


def scaled(bits: int, *, signed: bool = False) -> NDArray[Any]:
    """The picture over the whole range of `bits`."""
    values = np.rint(picture() * ((1 << bits) - 1)).astype(np.int32)
    return (values - (1 << (bits - 1))).astype(np.int16) if signed else values.astype(np.uint16)


def encoded(stream: bytes, stored: NDArray[Any], syntax: UID, **changes: Any) -> Dataset:
    dataset = make_dataset(stored, syntax, **changes)
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


def read(dataset: Dataset, folder: Path) -> Radiograph:
    return read_radiograph(save(dataset, folder))


def is_the_picture(image: Radiograph) -> bool:
    return bool(np.corrcoef(image.pixels.ravel(), picture().ravel())[0, 1] > 0.999)


def told(image: Radiograph) -> bool:
    return any("header states pixels of" in warning for warning in image.warnings)


def jpeg_2000(values: NDArray[Any], bits: int) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k", bitspersample=bits))


@pytest.mark.parametrize(("bits", "stated"), [(14, 12), (16, 12), (16, 10), (12, 8), (16, 14)])
@pytest.mark.parametrize("syntax", [None, RLELossless], ids=["native", "RLE"])
def test_image_above_bits_stored(tmp_path: Path, bits: int, stated: int, syntax: UID | None) -> None:
    dataset = make_dataset(scaled(bits), bits=stated)
    if syntax is not None:
        dataset.BitsStored, dataset.HighBit = 16, 15  # or the encoder would refuse
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.BitsStored, dataset.HighBit = stated, stated - 1
    image = read(dataset, tmp_path)
    assert is_the_picture(image)
    assert told(image)


@pytest.mark.parametrize(("bits", "stated"), [(14, 12), (16, 12), (16, 8)])
@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEG2000Lossless, jpeg_2000),
        (JPEGLSLossless, lambda values, bits: bytes(imagecodecs.jpegls_encode(values))),
        (JPEGLossless, lambda values, bits: bytes(imagecodecs.ljpeg_encode(values, bitspersample=bits))),
        (HTJ2KLossless, lambda values, bits: bytes(imagecodecs.htj2k_encode(values))),
    ],
    ids=["JPEG 2000", "JPEG-LS", "lossless JPEG", "HTJ2K"],
)
def test_a_code_stream_deeper_than_bits_stored(
    tmp_path: Path, syntax: UID, encode: Any, bits: int, stated: int
) -> None:
    values = scaled(bits)
    image = read(encoded(encode(values, bits), values, syntax, bits=stated), tmp_path)
    assert is_the_picture(image)
    assert told(image)


@pytest.mark.parametrize("encode", [jpeg_2000, lambda v, _: bytes(imagecodecs.htj2k_encode(v))])
@pytest.mark.parametrize("signed", [False, True])
def test_the_sign_of_the_code_stream_counts(tmp_path: Path, encode: Any, signed: bool) -> None:
    values = scaled(12, signed=signed)
    dataset = encoded(encode(values, 12), values, JPEG2000Lossless, bits=12)
    dataset.PixelRepresentation = int(not signed)
    image = read(dataset, tmp_path)
    assert is_the_picture(image)
    assert told(image)


def test_signed_values_in_an_unsigned_code_stream(tmp_path: Path) -> None:
    # Two's complement called unsigned by the encoder: here the header is right, and nothing is told.
    values = scaled(12, signed=True)
    dataset = encoded(jpeg_2000(values.view(np.uint16) & 0xFFF, 12), values, JPEG2000Lossless, bits=12)
    dataset.PixelRepresentation = 1
    image = read(dataset, tmp_path)
    assert is_the_picture(image)
    assert not told(image)


def jpeg_ls(values: NDArray[Any], _: int) -> bytes:
    return bytes(imagecodecs.jpegls_encode(values))


def lossless_jpeg(values: NDArray[Any], bits: int) -> bytes:
    return bytes(imagecodecs.ljpeg_encode(values, bitspersample=bits))


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize(
    ("syntax", "encode"),
    [(None, None), (JPEGLSLossless, jpeg_ls), (JPEGLossless, lossless_jpeg), (JPEG2000Lossless, jpeg_2000)],
    ids=["native", "JPEG-LS", "lossless JPEG", "JPEG 2000"],
)
def test_a_sign_that_the_pixels_do_not_have(
    tmp_path: Path, syntax: UID | None, encode: Any, bits: int, signed: bool
) -> None:
    """The code stream, where there is one, says as little as the header does."""
    word = np.uint8 if bits == 8 else np.uint16
    values = (scaled(bits, signed=signed).astype(np.int32) & ((1 << bits) - 1)).astype(word)
    dataset = make_dataset(values, bits=bits)
    if syntax is not None:
        dataset = encoded(encode(values, bits), values, syntax, bits=bits)
    for wrong in (True, False):
        dataset.PixelRepresentation = int(signed != wrong)
        image = read(dataset, tmp_path)
        assert is_the_picture(image)
        assert told(image) == wrong


def test_a_marker_alone_says_nothing_of_the_sign(tmp_path: Path) -> None:
    values = scaled(11)
    values[10:14, 20:24] = 4095
    values[11, 21] = 4000
    image = read(make_dataset(values, bits=12), tmp_path)
    assert not told(image)
    assert image.pixels[10:14, 20:24].min() == 1


def bordered(inside: tuple[int, int], border: int) -> NDArray[np.uint16]:
    """The picture between two values, collimated at the left to a third value."""
    low, high = inside
    values = (low + picture() * (high - low)).astype(np.uint16)
    values[:, :30] = border
    return values


@pytest.mark.parametrize(("inside", "border"), [((2100, 3900), 0), ((100, 1900), 4095)])
@pytest.mark.parametrize("signed", [0, 1])
def test_a_sign_that_the_pixels_do_not_show_is_told(
    tmp_path: Path, inside: tuple[int, int], border: int, signed: int
) -> None:
    """The picture lies on one side of the middle, a flat border alone on the other: white or black."""
    image = read(make_dataset(bordered(inside, border), PixelRepresentation=signed), tmp_path)
    assert [OPEN in warning for warning in image.warnings].count(True) == 1
    shown = (border == 0) == bool(signed)
    assert (image.pixels[:, :30] == float(shown)).all()


def test_a_border_that_is_padding_leaves_nothing_open(tmp_path: Path) -> None:
    dataset = make_dataset(bordered((2100, 3900), 0), PixelPaddingValue=0)
    assert not any(OPEN in warning for warning in read(dataset, tmp_path).warnings)


@pytest.mark.parametrize("signed", [0, 1])
def test_pixels_on_one_side_of_the_middle_look_the_same_with_and_without_sign(
    tmp_path: Path, signed: int
) -> None:
    values = (2100 + picture() * 1800).astype(np.uint16)
    image = read(make_dataset(values, PixelRepresentation=signed), tmp_path)
    assert is_the_picture(image)
    assert not any(OPEN in warning for warning in image.warnings)


def test_few_grey_levels_may_show_that_the_header_is_right(tmp_path: Path) -> None:
    values = (np.rint(picture() * 31) / 31 * 4095).astype(np.uint16)
    image = read(make_dataset(values), tmp_path)
    assert np.corrcoef(image.pixels.ravel(), picture().ravel())[0, 1] > 0.99
    assert not told(image)
    assert not any(OPEN in warning for warning in image.warnings)


def test_a_marker_above_bits_stored_is_no_reason_to_refuse(tmp_path: Path) -> None:
    values = scaled(12).astype(np.uint16)
    values[10:16, 20:30] = np.linspace(4000, 9000, 10).astype(np.uint16)
    image = read(make_dataset(values, bits=12), tmp_path)
    assert np.corrcoef(image.pixels[20:].ravel(), picture()[20:].ravel())[0, 1] > 0.999


def test_letters_above_bits_stored_do_not_outvote_the_image(tmp_path: Path) -> None:
    values = (picture() * 6500).astype(np.uint16)
    values[::6, ::2] = 8191  # edges with most of the film
    image = read(make_dataset(values, bits=12), tmp_path)
    assert np.corrcoef(image.pixels[1::6].ravel(), picture()[1::6].ravel())[0, 1] > 0.999
    assert told(image)


def test_noise_says_nothing_of_the_sign(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 4096, (128, 128)).astype(np.uint16)
    assert not told(read(make_dataset(noise, bits=12), tmp_path))


def test_a_deep_container_with_values_that_fit_is_not_told(tmp_path: Path) -> None:
    values = scaled(12)
    image = read(encoded(bytes(imagecodecs.htj2k_encode(values)), values, HTJ2KLossless, bits=12), tmp_path)
    assert is_the_picture(image)
    assert not told(image)


@pytest.mark.parametrize("rubbish", ["overlay", "constant", "noise"])
def test_what_is_no_image_above_bits_stored_is_left_out(tmp_path: Path, rubbish: str) -> None:
    above = {
        "overlay": np.pad(np.ones((60, 40), np.uint16), ((30, 70), (50, 54))),
        "constant": np.full((160, 144), 5, np.uint16),
        "noise": np.random.default_rng(0).integers(0, 16, (160, 144)).astype(np.uint16),
    }[rubbish]
    image = read(make_dataset(scaled(12) | above << 12, bits=12), tmp_path)
    assert is_the_picture(image)
    assert not told(image)


def test_words_that_are_no_picture_either_way_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 65536, (128, 128)).astype(np.uint16)
    with pytest.raises(InputError, match="contradict its BitsStored"):
        read(make_dataset(noise, bits=12), tmp_path)


def test_a_stream_of_more_bits_than_are_allocated_is_refused(tmp_path: Path) -> None:
    dataset = encoded(jpeg_2000(scaled(12), 12), scaled(8).astype(np.uint8), JPEG2000Lossless)
    with pytest.raises(InputError, match="more bits than its header allots"):
        read(dataset, tmp_path)


def test_a_stream_of_fewer_bits_than_are_allocated(tmp_path: Path) -> None:
    values = scaled(8)
    stream = jpeg_2000(values.astype(np.uint8), 8)
    image = read(encoded(stream, values, JPEG2000Lossless, bits=12), tmp_path)
    assert is_the_picture(image)
