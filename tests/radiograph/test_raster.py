"""PNG and JPEG files: pixels, and nothing known about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_files import ramp
from numpy.typing import NDArray
from PIL import Image

from ptx_followup.errors import ExitCode, InputError
from ptx_followup.radiograph.read import read_radiograph

GREY = ramp("uint8", 8)
DEEP = ramp("uint16", 16)


def stretched(stored: NDArray[Any]) -> NDArray[np.float64]:
    """What the percentile fall-back shows, computed with numpy's own percentiles."""
    low, high = np.percentile(stored, (0.5, 99.5), method="inverted_cdf").astype(float)
    return np.asarray(np.clip((stored - low) / (high - low), 0, 1))


@pytest.mark.parametrize(
    ("name", "stored", "grey"),
    [
        ("grey.png", GREY, GREY),
        ("deep.png", DEEP, DEEP),
        ("deep12.png", ramp("uint16", 12), ramp("uint16", 12)),
        ("colour.png", np.stack([GREY] * 3, axis=2), GREY),
        ("alpha.png", np.stack([GREY] * 3 + [np.full_like(GREY, 255)], axis=2), GREY),
        ("noextension", GREY, GREY),
    ],
)
def test_png(tmp_path: Path, name: str, stored: NDArray[Any], grey: NDArray[Any]) -> None:
    (tmp_path / name).write_bytes(cv2.imencode(".png", stored)[1].tobytes())
    image = read_radiograph(tmp_path / name)
    np.testing.assert_allclose(image.pixels, stretched(grey), atol=1e-6)
    assert image.pixels.dtype == np.float32
    assert (image.identity, image.spacing_mm, image.spacing_source, image.acquired_at, image.view) == (
        *(None, None, "none", None, "unknown"),
    )
    assert image.sop_instance_uid is None
    assert (
        "A PNG or JPEG file has no patient identity, acquisition date, view and pixel spacing"
        in image.warnings
    )


def test_palette_png(tmp_path: Path) -> None:
    Image.fromarray(GREY).convert("P").save(tmp_path / "palette.png")
    np.testing.assert_allclose(read_radiograph(tmp_path / "palette.png").pixels, stretched(GREY), atol=1e-6)


@pytest.mark.parametrize("colour", [False, True])
def test_jpeg(tmp_path: Path, colour: bool) -> None:
    stored = np.stack([GREY] * 3, axis=2) if colour else GREY
    cv2.imwrite(str(tmp_path / "image.jpg"), stored, [cv2.IMWRITE_JPEG_QUALITY, 98])
    decoded = cv2.imread(str(tmp_path / "image.jpg"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_allclose(
        read_radiograph(tmp_path / "image.jpg").pixels, stretched(decoded), atol=2.01 / 255
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_obeyed_and_undone(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(GREY).save(path, exif=exif)
    stored = np.asarray(Image.open(path))
    # OpenCV turns by the same tag on its own account.
    upright = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    image = read_radiograph(path)
    np.testing.assert_allclose(image.pixels, stretched(upright), atol=2.01 / 255)
    assert image.to_stored(image.pixels).shape == stored.shape
    np.testing.assert_allclose(image.to_stored(image.pixels), stretched(stored), atol=1e-6)


def png(array: NDArray[Any]) -> bytes:
    return bytes(cv2.imencode(".png", array)[1].tobytes())


TRANSPARENT = np.stack([GREY] * 3 + [np.full_like(GREY, 0)], axis=2)
COLOUR = np.stack([GREY, GREY[::-1], GREY], axis=2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (png(GREY)[:-300], "x.png is damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n", "x.png is damaged or cut short"),
        (cv2.imencode(".jpg", GREY)[1].tobytes()[:400], "x.png is damaged or cut short"),
        (png(TRANSPARENT), "x.png has transparent pixels"),
        (png(COLOUR), "x.png is a colour image"),
        (cv2.imencode(".bmp", GREY)[1].tobytes(), "x.png is not a DICOM, PNG or JPEG file"),
        (cv2.imencode(".tiff", GREY)[1].tobytes(), "x.png is not a DICOM, PNG or JPEG file: it is TIFF"),
        (cv2.imencode(".jp2", GREY)[1].tobytes(), "x.png is not a DICOM, PNG or JPEG file: it is JPEG 2000"),
        (cv2.imencode(".webp", COLOUR)[1].tobytes(), "x.png is not a DICOM, PNG or JPEG file"),
        (png(np.zeros((2, 17000), np.uint8)), "x.png promises 2 x 17000 pixels"),
        (png(np.zeros((8000, 16000, 3), np.uint8)), "x.png promises 8000 x 16000 pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refusals(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(InputError) as refusal:
        read_radiograph(tmp_path / "x.png")
    assert refusal.value.problem == problem
    assert refusal.value.exit_code == ExitCode.INPUT


@pytest.mark.parametrize("mode", ["1", "CMYK", "I;16-animated"])
def test_other_kinds_of_pixels_are_refused(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "x"
    if mode == "CMYK":
        Image.fromarray(GREY).convert("CMYK").save(path, "JPEG")
    elif mode == "1":
        Image.fromarray(GREY > 99).save(path, "PNG")
    else:
        Image.fromarray(GREY).save(
            path, "PNG", save_all=True, append_images=[Image.fromarray(GREY[::-1].copy())]
        )
    with pytest.raises(InputError, match="x is not a single grey-scale image"):
        read_radiograph(path)
