"""What a person drew or changed: who and how stands in Segmentation and report, which stay unverified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import highdicom
import numpy as np
import pydicom
import pytest
from made_comparison import compared, truth
from test_sr import complaints, texts

from ptx_followup.dicom_objects.observers import reader_name
from ptx_followup.errors import UsageError
from ptx_followup.masks.known import read_known_mask
from ptx_followup.masks.source import KnownHemithoraces, KnownMask, edited
from ptx_followup.results.comparison import write_comparison_results
from ptx_followup.results.objects import objects_to_send

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.segmentation.segmenter import Segmenter

READER, SECOND = "Läser^Ann", "Reader^Two"
REVIEW = {"reader": READER, "decision": "corrected", "reason": "SECRETREASON"}


@pytest.fixture(scope="module")
def result(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> FollowUp:
    """The prior's mask was changed by one reader, the follow-up's drawn from nothing by another."""
    lungs = np.zeros((256, 256), np.uint8)
    lungs[40:200, 30:110], lungs[40:190, 146:226] = 1, 2
    return compared(
        segmenter,
        tmp_path_factory.mktemp("exams"),
        prior_mask=KnownMask(truth("prior"), edited(truth("prior"), READER, "contextual-lite")),
        followup_mask=KnownMask(truth("followup"), edited(truth("followup"), SECOND, None)),
        prior_hemithoraces=KnownHemithoraces(lungs, edited(lungs, READER, "lungs")),
        followup_hemithoraces=KnownHemithoraces(lungs, edited(lungs, READER, "lungs")),
    )


@pytest.fixture(scope="module")
def written(result: FollowUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_comparison_results(result, folder, with_lungs=True, review=REVIEW)
    return folder


def persons(report: Path) -> list[str]:
    content = highdicom.sr.Comprehensive3DSR.from_dataset(pydicom.dcmread(report)).content
    contexts = content.get_observer_contexts(observer_type=pydicom.sr.codedict.codes.DCM.Person)
    return [str(one.observer_identifying_attributes.name) for one in contexts]


@pytest.mark.integration
def test_objects_of_a_persons_work_pass_independent_checkers(
    written: Path, program: Callable[[str, str], str]
) -> None:
    for path in objects_to_send(written):
        assert complaints(program, path) == [], path.name


def test_a_changed_mask_is_half_a_computers_and_a_drawn_one_none(result: FollowUp, written: Path) -> None:
    prior, followup, lungs = (
        pydicom.dcmread(written / name) for name in ("prior.seg.dcm", "followup.seg.dcm", "prior.lungs.dcm")
    )
    assert prior.SegmentSequence[0].SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert prior.SegmentSequence[0].SegmentAlgorithmName == result.prior.segmentation.model.name
    assert followup.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"
    assert "SegmentAlgorithmName" not in followup.SegmentSequence[0]
    assert [str(one.ContentCreatorName) for one in (prior, followup, lungs)] == [READER, SECOND, READER]
    assert {one.SegmentAlgorithmType for one in lungs.SegmentSequence} == {"SEMIAUTOMATIC"}
    back = read_known_mask(written / "prior.seg.dcm", result.prior.radiograph)
    np.testing.assert_array_equal(back.mask, truth("prior"))
    assert (back.source.algorithm_type, back.source.creator) == ("SEMIAUTOMATIC", READER)


def test_the_report_names_the_readers_and_stays_unverified(written: Path) -> None:
    dataset = pydicom.dcmread(written / "report.dcm")
    assert (dataset.VerificationFlag, dataset.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert persons(written / "report.dcm") == [READER, SECOND]
    said = texts(dataset)
    assert set(said["Origin of the mask"]) == {
        f"changed by a person, starting from the network's, by {READER}",
        f"drawn by a person, by {SECOND}",
    }
    assert "Device Observer Name" in said


def test_a_persons_mask_has_a_persons_error(result: FollowUp) -> None:
    assert result.prior.drawn
    assert result.followup.drawn
    assert result.change.route == "masks"
    assert "the mask was drawn by a person" in result.followup.warnings


def test_whoever_only_looks_is_an_observer_too(segmenter: Segmenter, tmp_path: Path) -> None:
    looked_at = compared(segmenter, tmp_path)
    write_comparison_results(looked_at, tmp_path, review=REVIEW)
    assert persons(tmp_path / "report.dcm") == [READER]
    write_comparison_results(looked_at, tmp_path)
    assert persons(tmp_path / "report.dcm") == []


def test_two_readers_objects_are_two_objects(result: FollowUp, written: Path, tmp_path: Path) -> None:
    shown = result.prior.segmentation
    other = replace(shown, mask_source=replace(shown.mask_source, creator=SECOND))
    write_comparison_results(replace(result, prior=replace(result.prior, segmentation=other)), tmp_path)
    uids = {pydicom.dcmread(folder / "prior.seg.dcm").SOPInstanceUID for folder in (written, tmp_path)}
    assert len(uids) == 2


def test_no_reader_is_named_in_results_without_identity(result: FollowUp, tmp_path: Path) -> None:
    document = write_comparison_results(result, tmp_path, deidentify=True, review=REVIEW)
    assert document["review"] == {"reader": None, "decision": "corrected", "reason": None}
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert not [one for one in (b"^Ann", b"Reader^Two", b"SECRETREASON") if one in content], path.name
    assert persons(tmp_path / "report.dcm") == []


@pytest.mark.parametrize("name", ["", "  ", "^", "a\\b", "a=b", "a\nb", "x" * 65])
def test_what_is_no_name_for_dicom_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no reader's name"):
        reader_name(name)


def test_a_name_is_taken_without_padding() -> None:
    assert [reader_name(one) for one in (" R1 ", "Läser^Ann")] == ["R1", "Läser^Ann"]
