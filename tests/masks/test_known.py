"""Masks that a person gives: read from a DICOM SEG or a PNG, and used in place of the network's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import save_exam
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from ptx_followup.dicom_objects.seg import write_segmentation
from ptx_followup.dicom_objects.segments import Algorithm, Segment
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.errors import InputError, UsageError
from ptx_followup.followup.exam import examine
from ptx_followup.masks.known import read_known_mask
from ptx_followup.masks.source import KnownMask
from ptx_followup.network.predictor import Predictor
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

NETWORK = Algorithm("contextual-lite", "1", "ab" * 32)
TRACKING = Tracking("Right pneumothorax", "2.25.7")


def drawn() -> NDArray[np.bool_]:
    """A mask that no mirroring or turning leaves as it is."""
    mask = np.zeros((256, 224), bool)
    mask[40:80, 30:60] = True
    return mask


@pytest.fixture(scope="module")
def radiograph(tmp_path_factory: pytest.TempPathFactory) -> Radiograph:
    """Stored with its rows running to the feet, so that file and display differ."""
    stored = np.random.default_rng(0).integers(0, 4000, (256, 224)).astype(np.uint16)
    return read_radiograph(save_exam(tmp_path_factory.mktemp("exam"), stored, PatientOrientation=["F", "L"]))


def segmentation(folder: Path, radiograph: Radiograph, *masks: NDArray[np.bool_], **changes: Any) -> Path:
    """Our Segmentation object with elements of its segments changed, as a viewer would change them."""
    assert radiograph.path is not None
    path = folder / "edited.dcm"
    segments = [Segment(mask, "Right pneumothorax", side="right", tracking=TRACKING) for mask in masks]
    write_segmentation(path, radiograph.path, segments, NETWORK)
    dataset = pydicom.dcmread(path)
    dataset.Manufacturer, dataset.ContentCreatorName = "A viewer", "Reader^One"
    for item in dataset.SegmentSequence:
        for keyword, value in changes.items():
            setattr(item, keyword, value)
    dataset.save_as(path)
    return path


def tissue() -> list[Dataset]:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "85756007", "SCT", "Tissue"
    return [code]


def png(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    path = folder / "mask.png"
    cv2.imwrite(str(path), pixels)
    return path


def test_our_own_object_gives_mask_tracking_and_origin(radiograph: Radiograph, tmp_path: Path) -> None:
    path = segmentation(tmp_path, radiograph, drawn(), SegmentAlgorithmType="MANUAL")
    known = read_known_mask(path, radiograph)
    assert np.array_equal(known.mask, drawn())
    assert known.tracking == {"right": TRACKING}
    source = known.source
    assert (source.kind, source.format, source.file) == ("given", "DICOM SEG", "edited.dcm")
    assert (source.algorithm_type, source.manufacturer, source.creator) == (
        "MANUAL",
        "A viewer",
        "Reader^One",
    )
    assert "Reader" not in source.in_words


def test_a_viewer_may_lose_the_type_of_the_finding(radiograph: Radiograph, tmp_path: Path) -> None:
    other = np.roll(drawn(), 100, axis=1)
    lost = {"SegmentedPropertyTypeCodeSequence": tissue()}
    named = segmentation(tmp_path, radiograph, drawn(), other, **lost)
    assert np.array_equal(read_known_mask(named, radiograph).mask, drawn() | other)
    alone = segmentation(tmp_path, radiograph, drawn(), SegmentLabel="Segment 1", **lost)
    assert np.array_equal(read_known_mask(alone, radiograph).mask, drawn())
    open_question = segmentation(tmp_path, radiograph, drawn(), other, SegmentLabel="Segment 1", **lost)
    with pytest.raises(InputError, match="2 segments and none of a pneumothorax"):
        read_known_mask(open_question, radiograph)


def test_a_picture_on_the_grid_of_the_file(radiograph: Radiograph, tmp_path: Path) -> None:
    known = read_known_mask(png(tmp_path, drawn().astype(np.uint8) * np.uint8(255)), radiograph)
    assert np.array_equal(known.mask, drawn())
    assert (known.source.format, known.source.algorithm_type, known.tracking) == ("PNG", "MANUAL", {})
    one_bit = tmp_path / "one-bit.png"
    Image.fromarray(drawn()).save(one_bit)
    assert np.array_equal(read_known_mask(one_bit, radiograph).mask, drawn())
    empty = read_known_mask(png(tmp_path, np.zeros((256, 224), np.uint8)), radiograph)
    assert not empty.mask.any()


def test_what_is_no_mask_of_the_radiograph_is_refused(radiograph: Radiograph, tmp_path: Path) -> None:
    grey = np.tile(np.arange(224, dtype=np.uint8), (256, 1))
    with pytest.raises(InputError, match="grey levels"):
        read_known_mask(png(tmp_path, grey), radiograph)
    with pytest.raises(UsageError, match=r"mask\.png does not fit"):
        read_known_mask(png(tmp_path, drawn().T.astype(np.uint8) * np.uint8(255)), radiograph)
    other = read_radiograph(
        save_exam(tmp_path, np.arange(256 * 224).reshape(256, 224).astype(np.uint16) // 16)
    )
    dataset = pydicom.dcmread(tmp_path / "exam.dcm")
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.99"
    dataset.save_as(tmp_path / "exam.dcm")
    with pytest.raises(InputError, match="another image"):
        read_known_mask(segmentation(tmp_path, radiograph, drawn()), other)
    text = tmp_path / "mask.txt"
    text.write_text("no mask")
    with pytest.raises(InputError, match=r"mask\.txt is no mask"):
        read_known_mask(text, radiograph)


def test_a_segmentation_does_not_go_with_a_picture(radiograph: Radiograph, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (256, 224)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "film.png"), pixels)
    with pytest.raises(InputError, match="its radiograph is a picture"):
        read_known_mask(segmentation(tmp_path, radiograph, drawn()), read_radiograph(tmp_path / "film.png"))


def test_the_network_is_not_run_on_an_exam_with_a_known_mask(
    radiograph: Radiograph, tmp_path: Path, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object) -> None:
        raise AssertionError("the network was run")

    monkeypatch.setattr(Predictor, "encode", run)
    known = read_known_mask(segmentation(tmp_path, radiograph, drawn()), radiograph)
    exam = examine(segmenter, radiograph, "Large left pneumothorax.", "Left pneumothorax.", known)
    assert np.array_equal(exam.segmentation.mask, drawn())
    assert np.array_equal(exam.matched_mask, exam.mask)
    assert exam.to_json()["mask_source"]["manufacturer"] == "A viewer"
    assert any("not segmented" in warning for warning in exam.segmentation.warnings)
    assert isinstance(known, KnownMask)
    assert exam.drawn
    ours = replace(exam.segmentation.mask_source, manufacturer="ptx-followup", algorithm_type="AUTOMATIC")
    untouched = replace(exam, segmentation=replace(exam.segmentation, mask_source=ours))
    assert not untouched.drawn
