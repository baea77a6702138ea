"""Hemithoraces that a person gives: a picture or a DICOM SEG, used in place of the network's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_comparison import LATER, save, truth
from made_exams import REPORT, save_exam
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.dicom_objects.seg import write_segmentation
from ptx_followup.dicom_objects.segments import LUNG, Algorithm, Segment
from ptx_followup.errors import InputError, UsageError
from ptx_followup.followup.compare import FollowUp, compare
from ptx_followup.masks.hemithoraces import as_known_hemithoraces, read_known_hemithoraces
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results.comparison import write_comparison_results

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

Labels = NDArray[np.uint8]
PAINT = Algorithm("Paint", "1", "cd" * 32, "MANUAL")


def outlined() -> Labels:
    """Two hemithoraces on the reduced phantom of `examples/`."""
    labels = np.zeros((256, 256), np.uint8)
    labels[40:200, 30:110] = 1
    labels[40:190, 146:226] = 2
    return labels


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Radiograph:
    """Stored with its rows running to the feet, so that file and display differ."""
    stored = np.random.default_rng(0).integers(0, 4000, (256, 224)).astype(np.uint16)
    return read_radiograph(save_exam(tmp_path_factory.mktemp("exam"), stored, PatientOrientation=["F", "L"]))


def stored_on(radiograph: Radiograph) -> Labels:
    standard = np.zeros((radiograph.rows, radiograph.columns), np.uint8)
    standard[40:150, 20:100], standard[50:140, 130:220] = 1, 2
    return radiograph.to_stored(standard)


def png(folder: Path, labels: NDArray[Any]) -> Path:
    path = folder / "labels.png"
    cv2.imwrite(str(path), labels)
    return path


def segmentation(path: Path, radiograph: Radiograph, right: NDArray[Any], left: NDArray[Any]) -> Path:
    assert radiograph.path is not None
    segments = [
        Segment(right > 0, "Right lung", LUNG, "right"),
        Segment(left > 0, "Left lung", LUNG, "left"),
    ]
    write_segmentation(path, radiograph.path, segments, PAINT)
    return path


def test_a_picture_on_the_grid_of_the_file(turned: Radiograph, tmp_path: Path) -> None:
    known = read_known_hemithoraces(png(tmp_path, stored_on(turned)), turned)
    np.testing.assert_array_equal(known.labels, stored_on(turned))
    assert (known.source.format, known.source.algorithm_type) == ("PNG", "MANUAL")
    assert (known.source.file, known.warnings) == ("labels.png", ())


def test_a_segmentation_by_laterality_or_by_label(turned: Radiograph, tmp_path: Path) -> None:
    labels = stored_on(turned)
    path = segmentation(tmp_path / "lungs.dcm", turned, labels == 1, labels == 2)
    np.testing.assert_array_equal(read_known_hemithoraces(path, turned).labels, labels)
    dataset = pydicom.dcmread(path)
    for item in dataset.SegmentSequence:
        del item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence
    dataset.ContentCreatorName = "Reader^One"
    dataset.save_as(path)
    known = read_known_hemithoraces(path, turned)
    np.testing.assert_array_equal(known.labels, labels)
    assert (known.source.format, known.source.creator) == ("DICOM SEG", "Reader^One")


def test_one_side_alone_is_told(turned: Radiograph) -> None:
    right = np.where(stored_on(turned) == 1, 1, 0).astype(np.uint8)
    known = as_known_hemithoraces(right, turned, "the prior")
    assert known is not None
    assert known.warnings == ("the given hemithoraces lack the left: sizes have no percentage",)


def test_what_can_be_no_hemithoraces_is_refused(turned: Radiograph, tmp_path: Path) -> None:
    labels = stored_on(turned)

    def refused(content: NDArray[Any], problem: str, kind: type[Exception] = InputError) -> None:
        with pytest.raises(kind, match=problem):
            read_known_hemithoraces(png(tmp_path, content), turned)

    refused(labels * 127, "values beside 0, 1 and 2")
    refused(labels.T, "does not fit its radiograph", UsageError)
    refused(np.zeros_like(labels), "shows none")
    refused(np.where(labels > 0, 3 - labels, 0).astype(np.uint8), "right where the left must be")
    with pytest.raises(UsageError, match="values beside"):
        as_known_hemithoraces(labels * np.uint8(5), turned, "the prior")
    over = segmentation(tmp_path / "over.dcm", turned, labels > 0, labels == 2)
    with pytest.raises(InputError, match="lie over each other"):
        read_known_hemithoraces(over, turned)
    assert turned.path is not None
    write_segmentation(tmp_path / "air.dcm", turned.path, [Segment(labels == 1, "Pneumothorax")], PAINT)
    with pytest.raises(InputError, match="no segment of a lung"):
        read_known_hemithoraces(tmp_path / "air.dcm", turned)
    (tmp_path / "labels.txt").write_text("none")
    with pytest.raises(InputError, match="is no picture of hemithoraces"):
        read_known_hemithoraces(tmp_path / "labels.txt", turned)


def test_a_segmentation_of_another_image_is_refused(turned: Radiograph, tmp_path: Path) -> None:
    labels = stored_on(turned)
    path = segmentation(tmp_path / "lungs.dcm", turned, labels == 1, labels == 2)
    (tmp_path / "other").mkdir()
    stored = np.random.default_rng(1).integers(0, 4000, (256, 224)).astype(np.uint16)
    other = read_radiograph(save_exam(tmp_path / "other", stored, SOPInstanceUID="2.25.99"))
    with pytest.raises(InputError, match="another image"):
        read_known_hemithoraces(path, other)


@pytest.fixture(scope="module")
def compared(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> FollowUp:
    """Both masks and both hemithoraces known: nothing is left to a network."""
    folder = tmp_path_factory.mktemp("exams")
    prior = save(folder / "prior.dcm")
    followup = save(folder / "followup.dcm", "followup", 4, **LATER)

    def sought(*_: object) -> None:
        raise AssertionError("hemithoraces were sought")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LungFinder, "find_anatomy", sought)
        return compare(
            prior,
            followup,
            report=REPORT,
            prior_mask=truth("prior"),
            followup_mask=truth("followup"),
            prior_hemithoraces=outlined(),
            followup_hemithoraces=outlined(),
            segmenter=segmenter,
        )


def test_percentages_are_of_the_given_hemithoraces(compared: FollowUp) -> None:
    for exam, name in ((compared.prior, "prior"), (compared.followup, "followup")):
        air = truth(name)
        whole = np.count_nonzero(air | (outlined() == 1))
        assert exam.percent("right") == pytest.approx(100 * np.count_nonzero(air) / whole)
        anatomy = exam.to_json()["anatomy"]
        assert (anatomy["quality"], anatomy["model"]) == (1.0, None)
        assert (anatomy["source"]["kind"], anatomy["source"]["format"]) == ("given", "array")
        assert "the hemithoraces were given as array, not found by the network" in exam.warnings
    assert compared.registration.accepted  # both exams have the same outlines


def test_given_lungs_are_written_as_a_persons_and_read_back(compared: FollowUp, tmp_path: Path) -> None:
    write_comparison_results(compared, tmp_path, with_lungs=True)
    written = pydicom.dcmread(tmp_path / "followup.lungs.dcm")
    assert {one.SegmentAlgorithmType for one in written.SegmentSequence} == {"MANUAL"}
    back = read_known_hemithoraces(tmp_path / "followup.lungs.dcm", compared.followup.radiograph)
    np.testing.assert_array_equal(back.labels, outlined())


def test_lungs_of_this_program_give_its_own_sizes_again(segmenter: Segmenter, tmp_path: Path) -> None:
    radiograph = read_radiograph(save(tmp_path / "prior.dcm"))
    first, _ = segmenter.segment_and_reader(radiograph, REPORT)
    known = as_known_hemithoraces(radiograph.to_stored(first.hemithoraces), radiograph, "the prior")
    again, _ = segmenter.segment_and_reader(radiograph, REPORT, hemithoraces=known)
    assert again.measurement == first.measurement
