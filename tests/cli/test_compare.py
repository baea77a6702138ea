"""`ptx compare`, called as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import CANARY, DENIAL, EXAMPLES, REDUCED, REPORT, exam, save_exam

from ptx_followup.masks.seg import read_segmentation

if TYPE_CHECKING:
    from conftest import Ptx

WRITTEN = {
    "panel": "panel.png",
    "prior_mask": "prior_mask.png",
    "followup_mask": "followup_mask.png",
    "projected_mask": "projected_mask.png",
    "prior_hemithoraces": None,
    "followup_hemithoraces": None,
    "prior_dicom_seg": "prior.seg.dcm",
    "followup_dicom_seg": "followup.seg.dcm",
    "projected_dicom_seg": "projected.seg.dcm",
    "prior_dicom_presentation": "prior.outlines.dcm",
    "followup_dicom_presentation": "followup.outlines.dcm",
    "prior_lungs_dicom_seg": None,
    "followup_lungs_dicom_seg": None,
    "dicom_sr": "report.dcm",
    "dicom_capture": "panel.dcm",
    "dicom_pdf": "panel.pdf.dcm",
    "result": "result.json",
}


#: Not without --with-lungs, and not without hemithoraces of a person.
WRITTEN_NEVER = {name for name, file in WRITTEN.items() if file is None}


def save_followup(
    path: Path, stored: np.ndarray[Any, np.dtype[np.uint16]] | None = None, **changes: Any
) -> Path:
    """The later exam of the phantom, reduced, two days after `made_exams.exam`."""
    if stored is None:
        stored = np.ascontiguousarray(
            pydicom.dcmread(EXAMPLES / "followup.dcm").pixel_array[::REDUCED, ::REDUCED]
        )
    days = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), "20260304")
    uids = {"SOPInstanceUID": "2.25.1234", "StudyInstanceUID": "2.25.5678", "SeriesInstanceUID": "2.25.9012"}
    path.parent.mkdir(exist_ok=True)
    exam(stored, **(days | uids | changes)).save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def followup(tmp_path: Path) -> Path:
    return save_followup(tmp_path / "followup.dcm")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two study folders, each with one radiograph and its report."""
    folders = tmp_path_factory.mktemp("prior"), tmp_path_factory.mktemp("followup")
    save_exam(folders[0])
    save_followup(folders[1] / "image.dcm")
    for folder, text in zip(folders, (REPORT, REPORT.replace("moderate", "small")), strict=True):
        (folder / "report.txt").write_text(text, encoding="utf-8")
    return folders


def test_two_study_folders_with_their_reports(
    ptx: Ptx, study: tuple[Path, Path], out: Path, untrained_model: Path
) -> None:
    ran = ptx("compare", *study, "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 0, ran.stderr
    document = ran.document
    assert document == json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert document["schema"] == "ptx-compare/1"
    assert document["outputs"] == WRITTEN
    assert {path.name for path in out.iterdir()} == set(filter(None, WRITTEN.values()))
    assert document["belonging"]["interval_days"] == pytest.approx(2, abs=0.1)
    assert document["prior"]["report"]["side"] == document["followup"]["report"]["side"] == "right"
    assert document["registration"]["accepted"]
    assert document["registration"]["lung_dice_after"] > document["registration"]["lung_dice_before"]
    assert CANARY not in json.dumps(document) + ran.stderr
    projected = cv2.imread(str(out / "projected_mask.png"), cv2.IMREAD_UNCHANGED) > 0
    assert np.count_nonzero(projected) == document["projection"]["area_px"]
    regions = document["regions"]
    assert regions["persistent_px"] + regions["resolved_px"] == document["projection"]["area_px"]
    source = study[1] / "image.dcm"
    np.testing.assert_array_equal(read_segmentation(out / "projected.seg.dcm", source), projected)
    tracked = [
        {item.TrackingUID for item in pydicom.dcmread(out / name).SegmentSequence}
        for name in ("prior.seg.dcm", "followup.seg.dcm", "projected.seg.dcm")
    ]
    assert tracked[0] & tracked[1]
    assert tracked[2] <= tracked[0]


def test_a_person_reads_one_sentence_and_where_the_panel_is(
    ptx: Ptx, study: tuple[Path, Path], out: Path, untrained_model: Path
) -> None:
    ran = ptx("compare", *study, "--out", out, "--model", untrained_model)
    sentence, panel = ran.stdout.splitlines()
    assert "pneumothorax" in sentence
    assert panel == f"See {out / 'panel.png'}"
    assert "Research use only" in ran.stderr


def test_pictures_without_a_header_are_compared_with_warnings(
    ptx: Ptx, tmp_path: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    paths = []
    for name in ("prior", "followup"):
        stored = pydicom.dcmread(EXAMPLES / f"{name}.dcm").pixel_array[::REDUCED, ::REDUCED]
        paths.append(tmp_path / f"{name}.png")
        cv2.imwrite(str(paths[-1]), (stored >> 4).astype(np.uint8))
    ran = ptx("compare", *paths, "-r", report, "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 0, ran.stderr
    assert ran.document["outputs"] | {"prior_dicom_seg": None} == ran.document["outputs"]
    assert ran.document["belonging"]["interval_days"] is None
    assert ran.document["change"]["difference_per_day"] is None
    assert "order of the exams was not checked" in ran.stderr


def test_a_denying_report_of_both_exams_gives_no_pneumothorax(
    ptx: Ptx, prior: Path, followup: Path, out: Path, untrained_model: Path
) -> None:
    for path in (prior, followup):
        path.with_suffix(".txt").write_text(DENIAL, encoding="utf-8")
    ran = ptx("compare", prior, followup, "--out", out, "--model", untrained_model)
    assert ran.code == 0, ran.stderr
    assert ran.stdout.startswith("No pneumothorax on either exam")


def test_exams_that_do_not_belong_together_are_refused_before_anything_is_written(
    ptx: Ptx, prior: Path, tmp_path: Path, report: Path, out: Path
) -> None:
    other = save_followup(tmp_path / "other.dcm", PatientID="SECRETOTHERID")
    ptx("compare", prior, other, "-r", report, "--out", out).refused(4, "different patients")
    ptx("compare", prior, prior, "-r", report, "--out", out).refused(4, "same image")
    earlier = save_followup(tmp_path / "earlier.dcm", AcquisitionDate="20260201")
    ptx("compare", prior, earlier, "-r", report, "--out", out).refused(4, "before the prior")
    assert not out.exists()


def test_an_override_with_a_reason_goes_on_and_says_so(
    ptx: Ptx, prior: Path, tmp_path: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    other = save_followup(tmp_path / "other.dcm", PatientID="SECRETOTHERID")
    command = ("compare", prior, other, "-r", report, "--out", out, "--model", untrained_model, "--json")
    ptx(*command, "--override", "patient").refused(2, "reason")
    ptx(*command, "--override", "sex", "--reason", "x").refused(2, "sex cannot be overridden")
    ran = ptx(*command, "--override", "patient,order", "--reason", "pseudonymised twice")
    assert ran.code == 0, ran.stderr
    assert ran.document["belonging"]["overridden"] == ["patient"]
    assert ran.document["belonging"]["reason"] == "pseudonymised twice"
    assert CANARY not in ran.stdout + ran.stderr


def test_a_refused_registration_exits_with_5_and_shows_why(
    ptx: Ptx, prior: Path, tmp_path: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    white = np.random.default_rng(0).integers(3600, 4000, (256, 256)).astype(np.uint16)
    unreadable = save_followup(tmp_path / "white.dcm", white)
    ran = ptx("compare", prior, unreadable, "-r", report, "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 5
    assert "could not be brought onto each other" in ran.stderr
    assert str(out / "panel.png") in ran.stderr
    document = ran.document
    assert document == json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert document["change"]["verdict"] == "indeterminate"
    # All but the projection, and what follows from it.
    assert document["projection"] == {"area_px": None}
    assert set(document["regions"].values()) == {None}
    assert not document["registration"]["accepted"]
    assert document["registration"]["reason"]
    for exam_of in ("prior", "followup"):
        assert document[exam_of]["segmentation"]["area_px"] is not None
        assert document[exam_of]["image"]["sop_instance_uid"]
        assert document[exam_of]["model"]["sha256"]
    assert {"belonging", "matched_prompt", "change_by_side", "tracking", "timing_s"} <= document.keys()
    missing = {name for name, file in document["outputs"].items() if file is None}
    assert {"projected_mask", "projected_dicom_seg"} <= missing
    assert missing <= {*WRITTEN_NEVER, "projected_mask", "projected_dicom_seg", "followup_dicom_seg"}
    for file in filter(None, document["outputs"].values()):
        assert (out / file).exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"ViewPosition": "LL", "ViewCodeSequence": None}, "lateral"), ({"BodyPartExamined": "KNEE"}, "")],
)
def test_what_is_no_frontal_chest_radiograph_is_refused(
    ptx: Ptx, prior: Path, tmp_path: Path, report: Path, out: Path, changes: dict[str, Any], problem: str
) -> None:
    changes = {"AnatomicRegionSequence": None, **changes}
    other = save_followup(tmp_path / "other.dcm", **changes)
    ptx("compare", prior, other, "-r", report, "--out", out).refused(5, problem)


def test_a_blank_film_is_refused(ptx: Ptx, prior: Path, tmp_path: Path, report: Path, out: Path) -> None:
    blank = save_followup(tmp_path / "blank.dcm", np.zeros((256, 256), np.uint16))
    ptx("compare", prior, blank, "-r", report, "--out", out).refused(5, "shows nothing")


def test_reports_are_asked_for_and_never_mixed_up(
    ptx: Ptx, prior: Path, followup: Path, report: Path, out: Path
) -> None:
    ptx("compare", prior, followup, "--out", out).refused(2, "no report beside the prior")
    ptx("compare", prior, followup, "-r", report, "--no-report", "--out", out).refused(2, "--no-report")
    same = ("-r", report, "--followup-report", report)
    ptx("compare", prior, followup, *same, "--out", out).refused(2, "same report")
    assert not out.exists()
