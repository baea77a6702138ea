"""The output folder: what is in it, that it fits the source, and that its files belong together."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import CANARY, DENIAL, REPORT, pixels, save_exam

from ptx_followup.dicom_objects import presentation, seg
from ptx_followup.errors import UsageError
from ptx_followup.files.storage import write_atomically
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results import segmentation as results
from ptx_followup.results.words import size_in_words

if TYPE_CHECKING:
    from ptx_followup.segmentation.result import Segmentation
    from ptx_followup.segmentation.segmenter import Segmenter

ALL = ["mask.png", "outlines.dcm", "overlay.png", "report.dcm", "result.json", "segmentation.dcm"]


@pytest.fixture(scope="module")
def rotated(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    """A radiograph of 224 rows and 256 columns, stored with its rows running to the feet."""
    stored = np.ascontiguousarray(pixels()[:, :224].T)
    path = save_exam(tmp_path_factory.mktemp("rotated"), stored, PatientOrientation=["F", "L"])
    return segmenter.segment(path, REPORT)


@pytest.fixture(scope="module")
def denied(segmenter: Segmenter, rotated: Segmentation) -> Segmentation:
    return segmenter.segment(rotated.radiograph, DENIAL)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_file_is_on_the_grid_of_the_source(rotated: Segmentation, tmp_path: Path) -> None:
    document = results.write_segmentation_results(rotated, tmp_path)
    assert names(tmp_path) == ALL
    mask = cv2.imread(str(tmp_path / "mask.png"), cv2.IMREAD_UNCHANGED)
    assert (mask.shape, mask.dtype) == ((224, 256), np.uint8)
    np.testing.assert_array_equal(mask, np.where(rotated.mask, 255, 0))
    segments = pydicom.dcmread(tmp_path / "segmentation.dcm")
    assert (segments.Rows, segments.Columns) == (224, 256)
    frames = np.atleast_3d(segments.pixel_array.T).T.any(axis=0)
    np.testing.assert_array_equal(frames, rotated.mask)
    assert document["outputs"] == {
        "mask": "mask.png",
        "overlay": "overlay.png",
        "hemithoraces": None,
        "dicom_seg": "segmentation.dcm",
        "dicom_presentation": "outlines.dcm",
        "lungs_dicom_seg": None,
        "dicom_sr": "report.dcm",
        "result": "result.json",
    }
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == document


def test_the_patient_is_named_in_the_dicom_objects_alone(rotated: Segmentation, tmp_path: Path) -> None:
    results.write_segmentation_results(rotated, tmp_path)
    named = {path.name for path in tmp_path.iterdir() if CANARY.encode() in path.read_bytes()}
    assert named == {"segmentation.dcm", "outlines.dcm", "report.dcm"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_the_result_holds_the_report_and_the_pixels_unless_deidentified(
    rotated: Segmentation, tmp_path: Path
) -> None:
    document = results.write_segmentation_results(rotated, tmp_path)
    assert document["report"]["text"] == REPORT
    again = read_radiograph(Path(document["image"]["path"]))
    assert document["image"]["pixels_sha256"] == again.pixels_sha256
    hidden = results.write_segmentation_results(rotated, tmp_path, deidentify=True)
    assert hidden["report"]["text"] is None
    assert hidden["image"]["pixels_sha256"] == again.pixels_sha256


def test_an_empty_mask_gives_no_segmentation_object(
    rotated: Segmentation, denied: Segmentation, tmp_path: Path
) -> None:
    results.write_segmentation_results(rotated, tmp_path)
    document = results.write_segmentation_results(denied, tmp_path)
    assert document["outputs"]["dicom_seg"] is None
    assert names(tmp_path) == ["mask.png", "outlines.dcm", "overlay.png", "report.dcm", "result.json"]
    assert not cv2.imread(str(tmp_path / "mask.png"), cv2.IMREAD_UNCHANGED).any()


def test_a_png_gives_no_dicom_object_and_none_of_an_earlier_run_stays(
    segmenter: Segmenter, rotated: Segmentation, tmp_path: Path
) -> None:
    results.write_segmentation_results(rotated, tmp_path)
    (tmp_path / "notes.txt").write_text("the user's own")
    cv2.imwrite(str(tmp_path / "image.png"), pixels() << 4)
    results.write_segmentation_results(segmenter.segment(tmp_path / "image.png", REPORT), tmp_path)
    assert names(tmp_path) == ["image.png", "mask.png", "notes.txt", "overlay.png", "result.json"]


def test_a_dicom_file_without_an_instance_uid_still_gets_its_object(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    path = save_exam(tmp_path)
    dataset = pydicom.dcmread(path)
    del dataset.SOPInstanceUID
    dataset.save_as(path)
    result = segmenter.segment(path, REPORT)
    assert result.radiograph.sop_instance_uid is None
    document = results.write_segmentation_results(result, tmp_path)
    assert document["outputs"]["dicom_seg"] == "segmentation.dcm"


def disk_full(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    def some(file: IO[bytes]) -> None:
        file.write(b"some")
        raise OSError(errno.ENOSPC, "No space left on device")

    write_atomically(path, some)


def interrupted(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("module", [results, presentation, seg])
def test_a_full_disk_leaves_the_results_of_an_earlier_run_or_nothing(
    rotated: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    earlier, out = tmp_path / "earlier", tmp_path / "out"
    earlier.mkdir()
    out.mkdir()
    results.write_segmentation_results(rotated, earlier)
    before = {path.name: path.read_bytes() for path in earlier.iterdir()}
    monkeypatch.setattr(module, "write_atomically", disk_full)
    for folder in (earlier, out):
        with pytest.raises(UsageError, match="No space left on device"):
            results.write_segmentation_results(rotated, folder)
    assert {path.name: path.read_bytes() for path in earlier.iterdir()} == before
    assert names(out) == []


def test_an_interrupt_leaves_nothing(
    rotated: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seg, "write_atomically", interrupted)
    with pytest.raises(KeyboardInterrupt):
        results.write_segmentation_results(rotated, tmp_path)
    assert names(tmp_path) == []


def test_a_name_that_is_taken_by_a_folder(rotated: Segmentation, tmp_path: Path) -> None:
    (tmp_path / "mask.png").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        results.write_segmentation_results(rotated, tmp_path)
    assert names(tmp_path) == ["mask.png"]


def test_the_picture_carries_every_warning(
    denied: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty picture must say that nobody looked at the image."""
    shown: dict[str, Any] = {}
    draw = results.draw_overlay

    def look(*args: Any, **options: Any) -> Any:
        shown.update(options)
        return draw(*args, **options)

    monkeypatch.setattr(results, "draw_overlay", look)
    results.write_segmentation_results(denied, tmp_path)
    assert shown["warnings"] == list(denied.warnings)
    assert any("the report denies" in warning for warning in shown["warnings"])


def test_sizes_in_words_are_those_of_the_side(rotated: Segmentation, denied: Segmentation) -> None:
    percent = rotated.measurement.hemithorax_percent
    assert percent is not None
    right = replace(rotated, measurement=replace(rotated.measurement, side="right", area_mm2=1234.0))
    assert size_in_words(right) == (
        f"Right pneumothorax: {percent.right:.{int(percent.right < 9.95)}f} % of the hemithorax, 12.3 cm² "
        "(corrected for magnification)"
    )
    assert size_in_words(denied) == "No pneumothorax segmented"
