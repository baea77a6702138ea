"""The Segmentation objects: valid to an independent checker, true to mask and source, and repeatable."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from made_files import make_dataset, save
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import (
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from ptx_followup import DISCLAIMER
from ptx_followup.dicom.uids import legal_uid
from ptx_followup.dicom_objects.seg import Mask, write_segmentation
from ptx_followup.dicom_objects.segments import LUNG, Algorithm, Segment
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.errors import InputError
from ptx_followup.masks.seg import read_segmentation
from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, render, write_dicom
from ptx_followup.radiograph.read import read_radiograph

ALGORITHM = Algorithm("contextual-lite", "1", "ab" * 32)
TIMES = ("InstanceCreationDate", "InstanceCreationTime", "ContentDate", "ContentTime")


@pytest.fixture(scope="session")
def dciodvfy(program: Callable[[str, str], str]) -> str:
    """The validator of dicom3tools."""
    return program("dciodvfy", "dicom3tools")


def validation_errors(program: str, path: Path) -> list[str]:
    done = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, check=False)
    assert "Segmentation" in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("Error")]


def blob(rows: int, columns: int) -> Mask:
    """A mask that no mirroring or turning leaves as it is, of an odd number of pixels."""
    mask = np.zeros((rows, columns), bool)
    mask[rows // 8 : rows // 3, columns // 9 : columns // 5] = True
    mask[rows // 8, columns // 2] = True
    return mask


def source_file(folder: Path, **changes: object) -> Path:
    complete: dict[str, object] = {
        "StudyInstanceUID": "1.2.3.4",
        "SeriesInstanceUID": "1.2.3.5",
        "SOPInstanceUID": "1.2.3.6",
    }
    with config.disable_value_validation():
        elements = {key: value for key, value in (complete | changes).items() if value is not None}
        dataset = make_dataset(**elements)
        for keyword in changes.keys() - elements.keys():
            if keyword in dataset:
                del dataset[keyword]
        return save(dataset, folder, "source.dcm")


def write(folder: Path, source: Path, *segments: Segment) -> tuple[Path, Dataset]:
    path = folder / "result.dcm"
    assert write_segmentation(path, source, segments, ALGORITHM) is not None
    return path, pydicom.dcmread(path)


def pneumothorax() -> Segment:
    return Segment(blob(80, 96), "Right pneumothorax", side="right")


def test_the_mask_comes_back_bit_by_bit(tmp_path: Path) -> None:
    source = source_file(tmp_path)
    mask = np.random.default_rng(0).random((80, 96)) > 0.5
    lungs = blob(80, 96)
    path, dataset = write(tmp_path, source, Segment(mask, "Pneumothorax"), Segment(lungs, "Lungs", LUNG))
    assert np.array_equal(read_segmentation(path, source), mask)
    assert np.array_equal(read_segmentation(path, source, LUNG), lungs)
    # The same through an independent reader.
    segmentation = highdicom.seg.Segmentation.from_dataset(dataset)
    frames = segmentation.get_pixels_by_source_instance(["1.2.3.6"], assert_missing_frames_are_empty=True)
    assert np.array_equal(frames[0, ..., 0], mask)
    assert np.array_equal(frames[0, ..., 1], lungs)


def test_codes_model_and_research_use_are_stated(tmp_path: Path) -> None:
    _, dataset = write(tmp_path, source_file(tmp_path), pneumothorax())
    (item,) = dataset.SegmentSequence
    assert item.SegmentLabel == "Right pneumothorax"
    assert item.SegmentAlgorithmType == "AUTOMATIC"
    (shown,) = item.SegmentedPropertyTypeCodeSequence
    assert shown.CodeValue == "36118008"
    assert shown.SegmentedPropertyTypeModifierCodeSequence[0].CodeValue == "24028007"
    (region,) = item.AnatomicRegionSequence
    assert (region.CodeValue, region.AnatomicRegionModifierSequence[0].CodeValue) == ("816094009", "24028007")
    assert item.SegmentationAlgorithmIdentificationSequence[0].AlgorithmName == "contextual-lite"
    assert dataset.DeviceSerialNumber == ALGORITHM.sha256
    assert dataset.ContentQualification == "RESEARCH"
    assert dataset.ImageComments == DISCLAIMER
    assert "research use only" in dataset.SeriesDescription


def test_no_geometry_is_invented_and_the_source_is_referenced(tmp_path: Path) -> None:
    changes = {"PixelSpacing": [0.14, 0.14], "FrameOfReferenceUID": "1.2.3.7"}
    _, dataset = write(tmp_path, source_file(tmp_path, **changes), pneumothorax())
    keywords = {element.keyword for element in dataset.iterall()}
    invented = {"PixelSpacing", "FrameOfReferenceUID", "ImagePositionPatient", "ImageOrientationPatient"}
    assert not keywords & invented
    assert dataset.StudyInstanceUID == "1.2.3.4"
    assert dataset.ReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.3.5"
    frame = dataset.PerFrameFunctionalGroupsSequence[0]
    image = frame.DerivationImageSequence[0].SourceImageSequence[0]
    assert image.ReferencedSOPInstanceUID == "1.2.3.6"
    assert image.SpatialLocationsPreserved == "YES"
    assert list(dataset.PatientOrientation) == ["L", "F"]


def test_a_second_run_differs_in_its_times_only(tmp_path: Path) -> None:
    source = source_file(tmp_path)
    _, first = write(tmp_path, source, pneumothorax())
    _, second = write(tmp_path, source, pneumothorax())
    for dataset in (first, second):
        for keyword in TIMES:
            del dataset[keyword]
    assert first == second
    _, other = write(tmp_path, source, Segment(~pneumothorax().mask, "Right pneumothorax", side="right"))
    assert other.SOPInstanceUID != first.SOPInstanceUID


def test_a_tracking_of_an_earlier_exam_goes_on(tmp_path: Path) -> None:
    earlier = Tracking("finding 1", "1.2.3.9")
    segment = Segment(blob(80, 96), "Right pneumothorax", tracking=earlier)
    written = write_segmentation(tmp_path / "a.dcm", source_file(tmp_path), [segment], ALGORITHM)
    assert written is not None
    assert [one.tracking for one in written.segments] == [earlier]


def test_an_empty_mask_leaves_no_file_not_even_an_old_one(tmp_path: Path) -> None:
    source = source_file(tmp_path)
    path, _ = write(tmp_path, source, pneumothorax())
    empty = Segment(np.zeros((80, 96), bool), "Pneumothorax")
    assert write_segmentation(path, source, [empty], ALGORITHM) is None
    assert not path.exists()


def test_illegal_uids_are_replaced_alike_in_every_object(tmp_path: Path) -> None:
    illegal = "1.2.276.0.07230010.3.1"
    source = source_file(tmp_path, SOPInstanceUID=illegal)
    path, dataset = write(tmp_path, source, pneumothorax())
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == legal_uid(illegal)
    assert legal_uid(illegal).is_valid
    assert np.array_equal(read_segmentation(path, source), pneumothorax().mask)


def test_a_japanese_name_keeps_its_characters(tmp_path: Path) -> None:
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    source = source_file(tmp_path, SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName=name)
    _, dataset = write(tmp_path, source, pneumothorax())
    assert str(dataset.PatientName) == name
    assert list(dataset.SpecificCharacterSet) == ["", "ISO 2022 IR 87"]


def test_nothing_about_the_patient_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    write(tmp_path, source_file(tmp_path, PatientName="SECRET"), pneumothorax())
    assert "SECRET" not in "".join(capfd.readouterr()) + "".join(str(one.message) for one in recwarn)


def test_a_segmentation_of_another_image_is_refused(tmp_path: Path) -> None:
    path, _ = write(tmp_path, source_file(tmp_path), pneumothorax())
    other = source_file(tmp_path, SOPInstanceUID="1.2.3.8")
    with pytest.raises(InputError, match="another image"):
        read_segmentation(path, other)


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="80 rows and 96 columns"):
        write(tmp_path, source_file(tmp_path), Segment(blob(96, 80), "Pneumothorax"))


def test_a_picture_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(InputError, match="not a DICOM file"):
        write(tmp_path, tmp_path / "image.png", pneumothorax())


@pytest.mark.integration
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PatientName": None, "PatientID": None, "PatientOrientation": None},
        {"StudyInstanceUID": "1.2.03.4", "SeriesInstanceUID": "1.02.3", "SOPInstanceUID": "1.2.3.0006"},
        {"StudyInstanceUID": None, "SeriesInstanceUID": None},
        {"PatientSex": "male", "StudyDate": "2020-01-01", "PatientAge": "61", "PatientOrientation": "L"},
        {"PatientID": "x" * 80, "StudyDescription": "y" * 70},
        {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jörg"},
        {"SpecificCharacterSet": "latin", "PatientName": "Mueller^Joerg"},
        {"PixelSpacing": [0.0, 0.0], "FrameOfReferenceUID": "1.2.3.7"},
        {"LossyImageCompression": "01", "LossyImageCompressionRatio": "10"},
        {"SOPClassUID": SecondaryCaptureImageStorage, "Modality": "OT"},
        {"SOPClassUID": MultiFrameGrayscaleWordSecondaryCaptureImageStorage, "NumberOfFrames": 1},
    ],
    ids=lambda changes: "+".join(changes) or "plain",
)
def test_sources_of_every_kind_give_valid_objects(
    tmp_path: Path, dciodvfy: str, changes: dict[str, object]
) -> None:
    config.settings.writing_validation_mode = config.IGNORE
    source = source_file(tmp_path, **changes)
    config.settings.writing_validation_mode = config.RAISE
    path, dataset = write(
        tmp_path, source, pneumothorax(), Segment(~blob(80, 96), "Lungs", LUNG, "bilateral")
    )
    assert validation_errors(dciodvfy, path) == []
    reference = dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert reference.ReferencedSOPClassUID == pydicom.dcmread(source).SOPClassUID


@pytest.mark.integration
def test_a_phantom_gives_a_valid_object(tmp_path: Path, dciodvfy: str) -> None:
    phantom = render(
        PhantomPatient(2), None, [PhantomPneumothorax("left", percent=20)], rows=200, columns=180
    )
    write_dicom(phantom, tmp_path / "image.dcm", acquired_at=datetime(2026, 3, 2, 9, 14))  # noqa: DTZ001
    stored = read_radiograph(tmp_path / "image.dcm").to_stored(phantom.pneumothorax_mask)
    path, _ = write(tmp_path, tmp_path / "image.dcm", Segment(stored, "Left pneumothorax", side="left"))
    assert validation_errors(dciodvfy, path) == []


@pytest.mark.integration
def test_every_real_radiograph_gives_a_valid_object(real_data: Path, tmp_path: Path, dciodvfy: str) -> None:
    sources = sorted((real_data / "dicom").glob("*.dcm"))
    assert len(sources) >= 25
    for source in sources:
        header = pydicom.dcmread(source, stop_before_pixels=True)
        mask = blob(header.Rows, header.Columns)
        path, _ = write(tmp_path, source, Segment(mask, "Right pneumothorax", side="right"))
        assert validation_errors(dciodvfy, path) == [], source.name
        assert np.array_equal(read_segmentation(path, source), mask)
