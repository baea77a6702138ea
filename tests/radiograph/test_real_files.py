"""Files made by others: pydicom's own collection, and real radiographs where they are at hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from made_files import make_dataset, read_back
from pydicom.data import get_testdata_file

from ptx_followup.dicom.decode import stored_values
from ptx_followup.errors import ExitCode, PtxError
from ptx_followup.radiograph.read import read_radiograph

TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"

#: File of the pydicom wheel -> how reading it ends.
OUTCOMES = {
    "image_dfl.dcm": ExitCode.DONE,  # a deflated grey Secondary Capture of 512 x 512
    "CT_small.dcm": ExitCode.INPUT,
    "693_J2KI.dcm": ExitCode.INPUT,
    "MR_small_RLE.dcm": ExitCode.INPUT,
    "MR_truncated.dcm": ExitCode.INPUT,
    "ExplVR_BigEnd.dcm": ExitCode.INPUT,
    "ExplVR_LitEndNoMeta.dcm": ExitCode.INPUT,
    "JPEG-lossy.dcm": ExitCode.INPUT,  # nuclear medicine
    "SC_rgb_jpeg_gdcm.dcm": ExitCode.INPUT,
    "SC_rgb_rle_16bit.dcm": ExitCode.INPUT,
    "SC_rgb_rle_2frame.dcm": ExitCode.INPUT,
    "SC_ybr_full_422_uncompressed.dcm": ExitCode.INPUT,
    "examples_palette.dcm": ExitCode.INPUT,
    "liver_1frame.dcm": ExitCode.INPUT,  # a segmentation
    "test-SR.dcm": ExitCode.INPUT,
    "rtdose.dcm": ExitCode.INPUT,
    "rtplan_truncated.dcm": ExitCode.INPUT,
    "waveform_ecg.dcm": ExitCode.INPUT,
    "UN_sequence.dcm": ExitCode.INPUT,
    "badVR.dcm": ExitCode.INPUT,
    "empty_charset_LEI.dcm": ExitCode.INPUT,
    "meta_missing_tsyntax.dcm": ExitCode.INPUT,
    "no_meta.dcm": ExitCode.INPUT,
    "zipMR.gz": ExitCode.INPUT,
    "dicomdirtests/DICOMDIR": ExitCode.INPUT,
    "dicomdirtests/77654033/CR1/6154": ExitCode.GATE,  # a lateral cervical spine
    "dicomdirtests/77654033/CR2/6247": ExitCode.GATE,
}


def outcome(path: Path) -> ExitCode:
    try:
        read_radiograph(path)
    except PtxError as error:
        return error.exit_code
    return ExitCode.DONE


@pytest.mark.parametrize("name", OUTCOMES)
def test_pydicoms_files_end_as_listed(name: str) -> None:
    path = TEST_FILES / name
    if not path.is_file():
        pytest.skip("this pydicom wheel does not carry the file")
    assert outcome(path) == OUTCOMES[name]


def test_no_file_of_pydicom_ends_in_anything_else() -> None:
    for path in TEST_FILES.rglob("*"):
        if path.is_file():
            assert outcome(path) in (ExitCode.DONE, ExitCode.INPUT, ExitCode.GATE), path.name


@pytest.mark.parametrize(
    ("name", "shape", "dtype"),
    [
        ("JPGExtended.dcm", (1024, 256), "uint16"),  # 12 bits
        ("JPEG2000.dcm", (1024, 256), "int16"),
        ("MR_small_jp2klossless.dcm", (64, 64), "int16"),
        ("MR_small_jpeg_ls_lossless.dcm", (64, 64), "int16"),
        ("MR_small_RLE.dcm", (64, 64), "int16"),
        ("MR_small_bigendian.dcm", (64, 64), "int16"),
        ("J2K_pixelrep_mismatch.dcm", (512, 512), "int16"),
    ],
)
def test_stored_values_are_pydicoms(name: str, shape: tuple[int, int], dtype: str) -> None:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path)
    expected = dataset.pixel_array
    assert (expected.shape, expected.dtype.newbyteorder("=")) == (shape, np.dtype(dtype))
    np.testing.assert_array_equal(stored_values(dataset, name).values, expected)


def test_siim_radiographs(real_data: Path, tmp_path: Path) -> None:
    paths = sorted((real_data / "dicom").glob("0*.dcm"))
    assert len(paths) == 24
    for path in paths:
        image = read_radiograph(path)
        header = pydicom.dcmread(path)
        assert image.pixels.shape == (1024, 1024)
        assert image.view == header.ViewPosition
        assert image.spacing_source == "unknown"
        assert image.spacing_mm == tuple(header.PixelSpacing)
        assert image.acquired_at is None  # 1901-01-01
        assert (image.flipped, image.quarter_turns) == (False, 0)
        stored = header.pixel_array
        low, high = np.percentile(stored, (0.5, 99.5), method="inverted_cdf").astype(float)
        # The decoders round a JPEG's last step differently.
        assert np.abs(image.pixels - np.clip((stored - low) / (high - low), 0, 1)).max() < 2.01 / (high - low)


def test_monochrome1_radiograph(real_data: Path) -> None:
    image = read_radiograph(real_data / "dicom" / "RG1_J2KI.dcm")
    assert image.pixels.shape == (1955, 1841)
    assert image.view == "PA"
    assert image.acquired_at == datetime.fromisoformat("1995-09-26T12:51:30")
    assert (image.spacing_mm, image.spacing_source) == (None, "none")  # it states 0 mm
    lung, mediastinum = image.pixels[450:700, 1250:1400], image.pixels[450:700, 850:950]
    assert lung.mean() < mediastinum.mean() - 0.2


def test_the_same_pixels_in_another_polarity_look_the_same(tmp_path: Path) -> None:
    source = np.random.default_rng(0).integers(0, 4096, (128, 128)).astype(np.uint16)
    negative = make_dataset((4095 - source).astype(np.uint16), PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_allclose(
        read_back(make_dataset(source), tmp_path).pixels, read_back(negative, tmp_path).pixels, atol=2e-3
    )
