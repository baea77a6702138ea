"""Every supported encoding gives the pixels that were put in."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from made_files import NATIVE, make_dataset, ramp, read_back, save
from numpy.typing import NDArray
from PIL import Image
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import (
    HTJ2K,
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from ptx_followup.dicom.accept import TRANSFER_SYNTAXES
from ptx_followup.errors import InputError
from ptx_followup.radiograph.read import read_radiograph

DEPTHS = [("uint8", 8), ("uint16", 10), ("uint16", 12), ("uint16", 16), ("int16", 12), ("int16", 16)]
LOSSLESS = (RLELossless, JPEG2000Lossless, JPEGLSLossless)


def full_window(dataset: Dataset) -> Dataset:
    """Add the window under which display value = (stored - lowest) / (highest - lowest)."""
    bits, signed = dataset.BitsStored, dataset.PixelRepresentation
    span = (1 << bits) - 1
    dataset.WindowCenter = span / 2 - (1 << (bits - 1)) * signed
    dataset.WindowWidth = span
    dataset.VOILUTFunction = "LINEAR_EXACT"
    return dataset


def shown(stored: NDArray[Any], bits: int) -> NDArray[np.float64]:
    """Display values under `full_window`."""
    low = -(1 << (bits - 1)) if stored.dtype.kind == "i" else 0
    return np.asarray((stored.astype(float) - low) / ((1 << bits) - 1))


@pytest.mark.parametrize("preamble", [True, False])
@pytest.mark.parametrize("syntax", NATIVE, ids=lambda uid: uid.keyword)
@pytest.mark.parametrize(("dtype", "bits"), DEPTHS)
def test_uncompressed(tmp_path: Path, syntax: UID, dtype: str, bits: int, preamble: bool) -> None:
    if not preamble and syntax.is_deflated:
        pytest.skip("a deflated data set is only known as such from its file meta information")
    stored = ramp(dtype, bits)
    dataset = full_window(make_dataset(stored, syntax, bits=bits))
    path = save(dataset, tmp_path, "noextension", preamble=preamble)
    image = read_radiograph(path)
    assert image.pixels.dtype == np.float32
    assert image.pixels.shape == stored.shape
    np.testing.assert_allclose(image.pixels, shown(stored, bits), atol=1e-6)
    assert (image.path, image.view) == (path, "PA")


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.keyword)
@pytest.mark.parametrize(("dtype", "bits"), DEPTHS)
def test_lossless(tmp_path: Path, syntax: UID, dtype: str, bits: int) -> None:
    if syntax == JPEGLSLossless and dtype == "int16":
        pytest.skip("JPEG-LS has no signed samples")
    stored = ramp(dtype, bits)
    dataset = full_window(make_dataset(stored, bits=bits))
    dataset.compress(syntax, generate_instance_uid=False)
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, shown(stored, bits), atol=1e-6)


def test_jpeg_baseline(tmp_path: Path) -> None:
    stored = ramp("uint8", 8, (256, 200))
    dataset = full_window(make_dataset(stored, JPEGBaseline8Bit))
    stream = io.BytesIO()
    Image.fromarray(stored).save(stream, "JPEG", quality=98)
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].VR = "OB"
    decoded = cv2.imdecode(np.frombuffer(stream.getvalue(), np.uint8), cv2.IMREAD_UNCHANGED)
    image = read_back(dataset, tmp_path)
    np.testing.assert_allclose(image.pixels, shown(decoded, 8), atol=1.01 / 255)  # decoders round differently
    np.testing.assert_allclose(image.pixels, shown(stored, 8), atol=4 / 255)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "dtype", "bits", "tolerance"),
    [
        (("dcmcjpeg", "+e1"), "uint16", 12, 0),  # lossless, first-order prediction
        (("dcmcjpeg", "+el", "+sv", "4"), "uint16", 16, 0),  # lossless, another predictor
        (("dcmcjpeg", "+ee", "+q", "98"), "uint16", 12, 0.002),  # extended, 12 bits
        (("dcmcjpeg", "+eb", "+q", "98"), "uint8", 8, 0.02),  # baseline
        (("dcmcjpls", "+el"), "uint16", 12, 0),
        (("dcmcjpls", "+en", "+md", "2"), "uint16", 12, 0.001),  # near-lossless: at most 2 of 4095
        (("dcmcrle",), "int16", 12, 0),
    ],
    ids=lambda value: "".join(value) if isinstance(value, tuple) else None,
)
def test_encoded_by_dcmtk(
    tmp_path: Path,
    arguments: tuple[str, ...],
    dtype: str,
    bits: int,
    tolerance: float,
    program: Callable[[str, str], str],
) -> None:
    encoder = program(arguments[0], "dcmtk")
    stored = ramp(dtype, bits)
    source = save(full_window(make_dataset(stored, bits=bits)), tmp_path, "source.dcm")
    subprocess.run([encoder, *arguments[1:], source, tmp_path / "encoded.dcm"], check=True)
    image = read_radiograph(tmp_path / "encoded.dcm")
    np.testing.assert_allclose(image.pixels, shown(stored, bits), atol=tolerance + 1e-6)


def test_every_accepted_encoding_has_a_decoder() -> None:
    assert all(get_decoder(syntax).is_available for syntax in TRANSFER_SYNTAXES)


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K], ids=lambda uid: uid.keyword)
@pytest.mark.parametrize(("dtype", "bits"), DEPTHS)
@pytest.mark.parametrize("options", [{}, {"tile": (64, 64)}, {"resolutions": 2}], ids=str)
def test_high_throughput_jpeg_2000(
    tmp_path: Path, syntax: UID, dtype: str, bits: int, options: dict[str, Any]
) -> None:
    stored = ramp(dtype, bits, (97, 131))
    dataset = full_window(make_dataset(stored, syntax, bits=bits))
    dataset.PixelData = encapsulate([bytes(imagecodecs.htj2k_encode(stored, **options))])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    image = read_back(dataset, tmp_path)
    np.testing.assert_allclose(image.pixels, shown(stored, bits), atol=1e-6)
    assert not any("header states" in warning for warning in image.warnings)


def test_lossy_high_throughput_jpeg_2000(tmp_path: Path) -> None:
    stored = ramp("uint16", 16, (200, 160))
    stream = bytes(imagecodecs.htj2k_encode(stored, level=0.001, reversible=False))
    assert len(stream) < stored.nbytes / 4
    dataset = full_window(make_dataset(stored, HTJ2K, bits=16))
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, shown(stored, 16), atol=0.01)


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K], ids=lambda uid: uid.keyword)
def test_a_high_throughput_stream_cut_short_or_of_another_size(tmp_path: Path, syntax: UID) -> None:
    stored = ramp("uint16", 12, (97, 131))
    stream = bytes(imagecodecs.htj2k_encode(stored))
    for content, rows, problem in ((stream[:-200], 97, "cut short"), (stream, 98, "another size")):
        dataset = make_dataset(stored, syntax)
        dataset.PixelData = encapsulate([content])
        dataset["PixelData"].is_undefined_length = True
        dataset.Rows = rows
        with pytest.raises(InputError, match=problem):
            read_back(dataset, tmp_path)


@pytest.mark.parametrize("last", ["110", "111", "112"])
def test_jpeg_xl_is_named_as_what_it_is(tmp_path: Path, last: str) -> None:
    dataset = make_dataset(ramp(), HTJ2KLossless)
    dataset.PixelData = encapsulate([bytes(imagecodecs.jpegxl_encode(ramp()))])
    dataset["PixelData"].is_undefined_length = True
    path = save(dataset, tmp_path)
    # pydicom does not write a transfer syntax that it does not know.
    path.write_bytes(
        path.read_bytes().replace(HTJ2KLossless.encode(), f"1.2.840.10008.1.2.4.{last}".encode())
    )
    with pytest.raises(InputError, match=r"transfer syntax, JPEG XL"):
        read_radiograph(path)
    (tmp_path / "film.jxl").write_bytes(imagecodecs.jpegxl_encode(ramp("uint8", 8)))
    with pytest.raises(InputError, match="it is JPEG XL"):
        read_radiograph(tmp_path / "film.jxl")


@pytest.mark.parametrize("planar", [0, 1])
def test_equal_channels_are_grey(tmp_path: Path, planar: int) -> None:
    grey = ramp("uint8", 8)
    stored = np.stack([grey] * 3, axis=2)
    dataset = make_dataset(stored)
    dataset.PlanarConfiguration = planar
    dataset.PixelData = (stored if planar == 0 else stored.transpose(2, 0, 1)).tobytes()
    expected = read_radiograph(save(make_dataset(grey), tmp_path, "grey.dcm")).pixels
    np.testing.assert_array_equal(read_back(dataset, tmp_path).pixels, expected)


def test_a_grey_jpeg_stored_in_colour_is_grey(tmp_path: Path) -> None:
    grey = ramp("uint8", 8, (128, 128))
    stream = io.BytesIO()
    Image.fromarray(np.stack([grey] * 3, axis=2)).save(stream, "JPEG", quality=80)
    dataset = make_dataset(np.stack([grey] * 3, axis=2), JPEGBaseline8Bit)
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].VR = "OB"
    assert read_back(dataset, tmp_path).pixels.shape == (128, 128)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda uid: uid.keyword)
@pytest.mark.parametrize("dtype", ["uint16", "int16"])
def test_bits_above_bits_stored_are_no_pixels(tmp_path: Path, dtype: str, syntax: UID) -> None:
    stored = ramp(dtype, 12)
    overlay = (np.indices(stored.shape).sum(axis=0) % 16).astype(np.uint16) << 12
    words = (stored.view(np.uint16) & 0x0FFF) | overlay
    dataset = full_window(make_dataset(words.view(dtype)))
    if syntax == RLELossless:
        dataset.compress(syntax, generate_instance_uid=False)
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, shown(stored, 12), atol=1e-6)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_missing_transfer_syntax_is_found_out(tmp_path: Path, syntax: UID) -> None:
    stored = ramp()
    content = save(full_window(make_dataset(stored, syntax)), tmp_path, "bare", preamble=False)
    bare = content.read_bytes()
    # File meta information with one harmless element, and no transfer syntax.
    meta = b"\x02\x00\x13\x00SH\x04\x00TEST"
    content.write_bytes(bytes(128) + b"DICM" + meta + bare)
    np.testing.assert_allclose(read_radiograph(content).pixels, shown(stored, 12), atol=1e-6)


def test_illegal_uids_are_kept_as_stored(tmp_path: Path) -> None:
    with config.disable_value_validation():
        path = save(make_dataset(SOPInstanceUID="1.2.840.003.0007"), tmp_path)
    assert read_radiograph(path).sop_instance_uid == "1.2.840.003.0007"
