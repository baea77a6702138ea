"""`ptx compare` with masks that a person gives, and with an earlier result."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import EXAMPLES, REDUCED, exam

from ptx_followup.dicom_objects.seg import write_segmentation
from ptx_followup.dicom_objects.segments import Algorithm, Segment
from ptx_followup.dicom_objects.tracking import Tracking

if TYPE_CHECKING:
    from conftest import Ptx


def truth(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = cv2.imread(str(EXAMPLES / f"{name}_truth.png"), cv2.IMREAD_UNCHANGED)
    return np.asarray(mask[::REDUCED, ::REDUCED] > 0)


@pytest.fixture
def followup(tmp_path: Path) -> Path:
    """The later exam, two days after the fixture `prior`."""
    stored = pydicom.dcmread(EXAMPLES / "followup.dcm").pixel_array[::REDUCED, ::REDUCED]
    days = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), "20260304")
    uids = {"SOPInstanceUID": "2.25.1234", "StudyInstanceUID": "2.25.5678", "SeriesInstanceUID": "2.25.9012"}
    path = tmp_path / "followup.dcm"
    exam(np.ascontiguousarray(stored), **(days | uids)).save_as(path, enforce_file_format=True)
    return path


def test_masks_of_a_person_are_measured_and_named_and_an_earlier_result_goes_on(
    ptx: Ptx, prior: Path, followup: Path, tmp_path: Path, out: Path, untrained_model: Path
) -> None:
    tracking = Tracking("Right pneumothorax", "2.25.77")
    corrected = Algorithm("Paint", "1", "cd" * 32, "MANUAL")
    segment = Segment(truth("prior"), "Right pneumothorax", side="right", tracking=tracking)
    write_segmentation(tmp_path / "corrected.dcm", prior, [segment], corrected)
    cv2.imwrite(str(tmp_path / "drawn.png"), truth("followup").astype(np.uint8) * np.uint8(255))
    masks = ("--prior-mask", tmp_path / "corrected.dcm", "--followup-mask", tmp_path / "drawn.png")
    arguments = (*masks, "--with-lungs", "--out", out, "--model", untrained_model, "--json")
    ran = ptx("compare", prior, followup, *arguments)  # no report of the prior is asked for
    assert ran.code == 0, ran.stderr
    sources = [ran.document[name]["mask_source"] for name in ("prior", "followup")]
    assert [one["kind"] for one in sources] == ["given", "given"]
    assert [one["format"] for one in sources] == ["DICOM SEG", "PNG"]
    assert sources[0]["algorithm_type"] == "MANUAL"
    areas = [ran.document[name]["segmentation"]["area_px"] for name in ("prior", "followup")]
    assert areas == [np.count_nonzero(truth(name)) for name in ("prior", "followup")]
    assert ran.document["tracking"]["right"]["uid"] == "2.25.77"
    assert "prior: the mask was given as DICOM SEG (MANUAL" in ran.stderr
    assert (ran.document["change"]["route"], ran.document["change"]["verdict"]) == ("masks", "smaller")
    assert ran.document["readers"]["relation"] == "same"
    assert ran.document["readers"]["correlation_is"] == "assumed, not measured"
    readers = tmp_path / "readers.json"
    readers.write_text(
        '{"schema": "ptx-reader-error/1", "sd_log1p": 0.9, "readings": 9, "source": "students"}'
    )
    options = ("--readers", "different", "--reader-error", readers, "--overwrite")
    rough = ptx("compare", prior, followup, *arguments, *options)
    assert rough.document["change"]["verdict"] == "indeterminate"
    assert rough.document["readers"]["sha256"] == sha256(readers.read_bytes()).hexdigest()
    ptx("compare", prior, followup, *arguments, "--reader-error", prior, "--overwrite").refused(
        3, "states no"
    )
    (written,) = pydicom.dcmread(out / "followup.seg.dcm").SegmentSequence
    assert (written.SegmentAlgorithmType, written.TrackingUID) == ("MANUAL", "2.25.77")
    assert (out / "prior.lungs.dcm").exists()
    other = exam(PatientID="SECRETOTHERID", SOPInstanceUID="2.25.4")
    other.save_as(tmp_path / "other.dcm", enforce_file_format=True)
    previous = ("--previous", out / "report.dcm", "--prior-mask", tmp_path / "drawn.png")
    refused = ptx(
        "compare", tmp_path / "other.dcm", save_later(other, tmp_path), *previous, "--out", tmp_path / "o"
    )
    refused.refused(4, "earlier result is of another patient")


def save_later(earlier: pydicom.Dataset, folder: Path) -> Path:
    earlier.SOPInstanceUID = earlier.file_meta.MediaStorageSOPInstanceUID = "2.25.5"
    earlier.PixelData = np.roll(earlier.pixel_array, 3).tobytes()
    path = folder / "later.dcm"
    earlier.save_as(path, enforce_file_format=True)
    return path


def test_hemithoraces_of_a_person_are_measured_in_and_named(
    ptx: Ptx, prior: Path, followup: Path, tmp_path: Path, out: Path, untrained_model: Path
) -> None:
    labels = np.zeros((256, 256), np.uint8)
    labels[40:200, 30:110], labels[40:190, 146:226] = 1, 2
    cv2.imwrite(str(tmp_path / "labels.png"), labels)
    cv2.imwrite(str(tmp_path / "swapped.png"), np.where(labels, 3 - labels, 0).astype(np.uint8))
    arguments = ["compare", prior, followup, "--out", out, "--model", untrained_model]
    for name in ("prior", "followup"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), truth(name).astype(np.uint8) * np.uint8(255))
        arguments += [f"--{name}-mask", tmp_path / f"{name}.png"]
    given = (
        "--prior-hemithoraces",
        tmp_path / "labels.png",
        "--followup-hemithoraces",
        tmp_path / "labels.png",
    )
    ran = ptx(*arguments, *given, "--json")
    assert ran.code == 0, ran.stderr
    for name in ("prior", "followup"):
        exam_result = ran.document[name]
        whole = np.count_nonzero(truth(name) | (labels == 1))
        percent = 100 * np.count_nonzero(truth(name)) / whole
        assert exam_result["segmentation"]["hemithorax_percent"]["right"] == pytest.approx(percent, abs=0.01)
        assert exam_result["anatomy"]["source"]["file"] == "labels.png"
    assert "prior: the hemithoraces were given as PNG (MANUAL), not found by the network" in ran.stderr
    ptx(*arguments, "--prior-hemithoraces", tmp_path / "swapped.png", "--overwrite").refused(
        3, "right where the left must be"
    )


def test_what_is_no_mask_or_no_result_is_refused_in_one_line(
    ptx: Ptx, prior: Path, followup: Path, report: Path, out: Path
) -> None:
    compare = ("compare", prior, followup, "-r", report, "--out", out)
    ptx(*compare, "--prior-mask", report).refused(3, "report.txt is no mask")
    ptx(*compare, "--followup-mask", followup).refused(3, "not a DICOM Segmentation")
    ptx(*compare, "--prior-mask", prior.parent / "none.png").refused(3, "none.png does not exist")
    ptx(*compare, "--previous", prior).refused(3, "tracks no pneumothorax")
    cv2.imwrite(str(prior.parent / "small.png"), np.zeros((100, 100), np.uint8))
    ptx(*compare, "--prior-mask", prior.parent / "small.png").refused(2, "does not fit its radiograph")
    assert not out.exists()
