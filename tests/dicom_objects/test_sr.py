"""The objects of a comparison: valid to independent checkers, equal to the JSON, and linked over time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import highdicom
import numpy as np
import pydicom
import pytest
from made_comparison import LATER, LATEST, compared, save, truth
from made_exams import CANARY, REPORT
from pydicom import config
from pydicom.dataset import Dataset

from ptx_followup import DISCLAIMER
from ptx_followup.dicom_objects.tracking import read_previous_result
from ptx_followup.errors import InputError, MismatchError
from ptx_followup.followup.compare import compare
from ptx_followup.masks.seg import read_segmentation
from ptx_followup.measurement.change import Reported
from ptx_followup.results.comparison import write_comparison_results
from ptx_followup.results.objects import objects_to_send
from ptx_followup.results.segmentation import write_segmentation_results

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.segmentation.segmenter import Segmenter

OBJECTS = [
    "prior.seg.dcm",
    "followup.seg.dcm",
    "projected.seg.dcm",
    "prior.outlines.dcm",
    "followup.outlines.dcm",
    "report.dcm",
    "panel.dcm",
    "panel.pdf.dcm",
]
LUNG_OBJECTS = ["prior.lungs.dcm", "followup.lungs.dcm"]


@pytest.fixture(scope="module")
def result(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> FollowUp:
    return compared(segmenter, tmp_path_factory.mktemp("exams"))


@pytest.fixture(scope="module")
def written(result: FollowUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_comparison_results(result, folder, with_lungs=True)
    return folder


def document(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return loaded


def report_of(folder: Path) -> highdicom.sr.Comprehensive3DSR:
    return highdicom.sr.Comprehensive3DSR.from_dataset(pydicom.dcmread(folder / "report.dcm"))


def figures(group: Any) -> dict[str, Any]:
    """Measurements of a group by name and unit; the properties of one by its name and theirs."""
    found: dict[str, Any] = {}
    for one in group.get_measurements():
        found[f"{one.name.meaning} [{one.unit.value}]"] = one.value
        for child in one[0].get("ContentSequence", []):
            if child.ValueType == "NUM":
                found[f"{one.name.meaning}: {child.name.meaning}"] = child.value
    return found


def side_of(group: Any) -> str | None:
    sites = group.finding_sites
    return sites[0].laterality.meaning.lower() if sites else None


def texts(dataset: Dataset) -> dict[str, list[str]]:
    """All texts of a document by the meaning of their concept."""
    found: dict[str, list[str]] = {}
    for element in dataset.iterall():
        if element.keyword == "ContentSequence":
            for item in element.value:
                if item.ValueType == "TEXT":
                    found.setdefault(item.ConceptNameCodeSequence[0].CodeMeaning, []).append(item.TextValue)
    return found


def complaints(program: Callable[[str, str], str], path: Path) -> list[str]:
    """What dciodvfy calls an error, and whatever dsrdump says of a structured report."""
    checked = subprocess.run(
        [program("dciodvfy", "dicom3tools"), "-new", str(path)], capture_output=True, check=False
    )
    lines = checked.stderr.decode(errors="replace").splitlines()
    found = [line for line in lines if line.startswith("Error")]
    assert lines
    if pydicom.dcmread(path, stop_before_pixels=True).Modality == "SR":
        shown = subprocess.run([program("dsrdump", "dcmtk"), str(path)], capture_output=True, check=False)
        said = shown.stderr.decode(errors="replace").splitlines()
        # Of UTF-8 and of most other character sets it says only that it does not check them.
        found += [line for line in said if "Specific Character Set" not in line]
        assert shown.returncode == 0
    return found


def tracked(path: Path) -> dict[str, str]:
    return {side: one.uid for side, one in read_previous_result(path).tracking.items()}


@pytest.mark.integration
def test_every_object_passes_independent_checkers(written: Path, program: Callable[[str, str], str]) -> None:
    assert sorted(OBJECTS + LUNG_OBJECTS) == sorted(path.name for path in written.glob("*.dcm"))
    for path in written.glob("*.dcm"):
        assert complaints(program, path) == [], path.name


def test_sizes_in_the_report_are_those_of_the_json(written: Path) -> None:
    stated, content = document(written), report_of(written).content
    groups = content.get_planar_roi_measurement_groups()
    sized = [group for group in groups if "Area [{pixels}]" in figures(group)]
    assert [side_of(group) for group in sized] == ["right", "right"]
    for name, group in zip(("prior", "followup"), sized, strict=True):
        exam, found = stated[name], figures(group)
        measured = exam["segmentation"]
        percent = measured["hemithorax_percent"]["right"]
        assert percent > 1
        assert found["Area of the pneumothorax in percent of its hemithorax [%]"] == percent
        assert found["Area [{pixels}]"] == measured["by_side"]["right"]["area_px"] == measured["area_px"]
        assert found["Area [mm2]"] == measured["by_side"]["right"]["area_mm2"]
        assert found["Quality of the lung outlines, 0 to 1 [1]"] == exam["anatomy"]["quality"]
        distances = exam["distances"]["right"]
        assert found["Apex-cupola distance [mm]"] == distances["apex_cupola_mm"]
        assert found["Interpleural distance at the hilum [mm]"] == distances["interpleural_hilum_mm"]
        assert found["Mean interpleural distance [mm]"] == distances["rhea_mean_mm"]
        assert group.finding_type.value == "36118008"


def test_change_and_registration_in_the_report_are_those_of_the_json(written: Path) -> None:
    stated, content = document(written), report_of(written).content
    groups = content.get_image_measurement_groups()
    for side in ("left", "right"):
        change = stated["change_by_side"][side]
        (group,) = [
            one
            for one in groups
            if side_of(one) == side
            and any("Change since" in q.name.meaning for q in one.get_qualitative_evaluations())
        ]
        found = figures(group)
        difference = "Follow-up minus prior, percentage points of the hemithorax"
        assert found[f"{difference} [%]"] == change["difference"]
        limits = [found[f"{difference}: {end} limit of the 95 % interval"] for end in ("Lower", "Upper")]
        assert limits == change["interval95"]
        chances = change["probability"]
        assert found["Probability that it is smaller [1]"] == chances["decrease"]
        assert found["Probability that it is larger [1]"] == chances["increase"]
        assert found["Probability of a change by at most 5 points [1]"] == chances["within_5_points"]
        assert found["Percentage of the hemithorax, prior exam [%]"] == change["prior"]
        assert found["Percentage of the hemithorax, follow-up exam [%]"] == change["followup"]
        assert found["Longitudinal Temporal Offset from Event [d]"] == stated["belonging"]["interval_days"]
    (registration,) = [one for one in groups if "Registration" in one.tracking_identifier]
    found, quality = figures(registration), stated["registration"]
    assert found["Overlap of the lungs after (Dice) [1]"] == quality["lung_dice_after"]
    assert found["Rotation of the chest [deg]"] == quality["rotation_deg"]
    assert found["Area of the prior mask on the follow-up [{pixels}]"] == stated["projection"]["area_px"]
    assert found["Resolved area [{pixels}]"] == stated["regions"]["resolved_px"]


def test_verdict_and_leaning_are_coded_and_what_stands_beside_them_is_said(
    result: FollowUp, written: Path, tmp_path: Path
) -> None:
    (group,) = [
        one
        for one in report_of(written).content.get_image_measurement_groups()
        if side_of(one) == "right" and "Follow-up over prior [1]" in figures(one)
    ]
    said = {one.name.meaning: one.value.meaning for one in group.get_qualitative_evaluations()}
    assert document(written)["change"]["verdict"] == "smaller"
    assert said["Change since the prior exam"] == "Decreased size"
    assert said["Probable change since the prior exam (80 % or more)"] == "Decreased size"
    right = replace(
        result.changes["right"],
        verdict="indeterminate",
        leaning=None,
        would_decide="a follow-up below 1 %",
        reported=Reported("larger", contradicts=True),
    )
    write_comparison_results(replace(result, changes={**result.changes, "right": right}), tmp_path)
    stated = texts(pydicom.dcmread(tmp_path / "report.dcm"))
    assert stated["What would give a direction"] == ["a follow-up below 1 %"]
    assert stated["Change by the report of the follow-up"] == ["larger"]
    assert any("the follow-up's report calls the right" in one for one in stated["Warning"])


def test_the_report_says_that_nobody_has_looked_at_it(written: Path) -> None:
    dataset = pydicom.dcmread(written / "report.dcm")
    assert (dataset.PreliminaryFlag, dataset.VerificationFlag, dataset.CompletionFlag) == (
        "PRELIMINARY",
        "UNVERIFIED",
        "COMPLETE",
    )
    stated = document(written)
    said = texts(dataset)
    assert said["Comment"][-1] == DISCLAIMER
    assert said["Impression"] == [stated["sentence"]]
    assert said["Device Observer Serial Number"] == [stated["followup"]["model"]["sha256"]]
    assert said["Sentence under which both exams were measured"] == [stated["matched_prompt"]]
    assert set(said["Origin of the mask"]) == {"given as array"}
    sentences = [one["sentence"] for one in stated["prior"]["report"]["findings"]]
    assert set(sentences) <= set(said["Sentence of the radiology report"])


def test_both_images_and_all_segmentations_are_referenced(written: Path) -> None:
    dataset = pydicom.dcmread(written / "report.dcm")

    def instances(keyword: str) -> set[str]:
        return {
            reference.ReferencedSOPInstanceUID
            for study in dataset[keyword].value
            for series in study.ReferencedSeriesSequence
            for reference in series.ReferencedSOPSequence
        }

    def uid(name: str) -> str:
        return str(pydicom.dcmread(written / name, stop_before_pixels=True).SOPInstanceUID)

    prior = document(written)["prior"]["image"]["sop_instance_uid"]
    current = {LATER["SOPInstanceUID"], uid("followup.seg.dcm"), uid("projected.seg.dcm")}
    assert instances("CurrentRequestedProcedureEvidenceSequence") == current
    assert instances("PertinentOtherEvidenceSequence") == {prior, uid("prior.seg.dcm")}
    assert dataset.StudyInstanceUID == LATER["StudyInstanceUID"]


def test_the_panel_is_in_the_capture_pixel_by_pixel_and_in_the_pdf(written: Path) -> None:
    panel = cv2.cvtColor(cv2.imread(str(written / "panel.png")), cv2.COLOR_BGR2RGB)
    capture = pydicom.dcmread(written / "panel.dcm")
    assert np.array_equal(capture.pixel_array, panel)
    assert capture.BurnedInAnnotation == "YES"
    pdf = pydicom.dcmread(written / "panel.pdf.dcm")
    content = pdf.EncapsulatedDocument[: pdf.EncapsulatedDocumentLength]
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    for dataset in (capture, pdf):
        assert "research use only" in dataset.SeriesDescription
        assert dataset.StudyInstanceUID == LATER["StudyInstanceUID"]


def test_a_second_run_makes_the_same_instances(result: FollowUp, written: Path, tmp_path: Path) -> None:
    write_comparison_results(result, tmp_path, with_lungs=True)
    for path in written.glob("*.dcm"):
        first, second = (
            pydicom.dcmread(one, stop_before_pixels=True) for one in (path, tmp_path / path.name)
        )
        assert first.SOPInstanceUID == second.SOPInstanceUID, path.name
        assert first.SeriesInstanceUID == second.SeriesInstanceUID


def test_an_archive_receives_what_is_referred_to_first(written: Path, tmp_path: Path) -> None:
    names = [path.name for path in objects_to_send(written)]
    assert sorted(names) == sorted(OBJECTS + LUNG_OBJECTS)
    assert max(names.index(name) for name in OBJECTS[:3]) < names.index("report.dcm")
    with pytest.raises(InputError, match="no complete result"):
        objects_to_send(tmp_path)


def test_a_third_exam_continues_the_tracking(
    result: FollowUp, written: Path, segmenter: Segmenter, tmp_path: Path
) -> None:
    latest = save(tmp_path / "latest.dcm", "prior", 6, **LATEST)
    third = compare(
        result.followup.radiograph,
        latest,
        report=REPORT,
        prior_mask=truth("followup"),
        followup_mask=truth("prior"),
        previous=read_previous_result(written / "report.dcm"),
        segmenter=segmenter,
    )
    folder = tmp_path / "third"
    folder.mkdir()
    write_comparison_results(third, folder)
    first = tracked(written / "report.dcm")["right"]
    assert tracked(written / "followup.seg.dcm") == {"right": first}
    assert tracked(folder / "report.dcm")["right"] == first
    assert tracked(folder / "followup.seg.dcm") == {"right": first}
    assert document(folder)["tracking"]["right"]["uid"] == first


def test_the_tracking_of_ptx_segment_is_that_of_a_comparison(
    result: FollowUp, written: Path, tmp_path: Path
) -> None:
    write_segmentation_results(result.prior.segmentation, tmp_path)
    assert tracked(tmp_path / "report.dcm") == tracked(written / "report.dcm")


def test_an_earlier_result_of_another_patient_is_refused(
    result: FollowUp, written: Path, segmenter: Segmenter
) -> None:
    earlier = read_previous_result(written / "report.dcm")
    other = replace(earlier, identity=replace(earlier.identity, patient_id="another"))
    exams = result.prior.radiograph, result.followup.radiograph
    with pytest.raises(MismatchError, match="earlier result is of another patient"):
        compare(*exams, report=None, previous=other, segmenter=segmenter)


def test_a_file_that_tracks_nothing_is_refused(result: FollowUp, written: Path) -> None:
    with pytest.raises(InputError, match="tracks no pneumothorax"):
        read_previous_result(written / "panel.dcm")
    with pytest.raises(InputError, match="not a DICOM file"):
        read_previous_result(written / "panel.png")


def test_lungs_are_an_object_of_their_own(result: FollowUp, written: Path) -> None:
    from ptx_followup.dicom_objects.segments import LUNG

    exam = result.followup
    source = exam.radiograph.path
    assert source is not None
    found = read_segmentation(written / "followup.lungs.dcm", source, LUNG)
    assert np.array_equal(found, exam.radiograph.to_stored(exam.segmentation.hemithoraces > 0))
    dataset = pydicom.dcmread(written / "followup.lungs.dcm")
    assert dataset.DeviceSerialNumber == document(written)["followup"]["anatomy"]["model"]["sha256"]


def test_without_identity_nothing_names_the_patient_or_a_source(
    result: FollowUp, written: Path, tmp_path: Path
) -> None:
    write_comparison_results(result, tmp_path, deidentify=True)
    named = {
        LATER["SOPInstanceUID"],
        str(result.prior.radiograph.sop_instance_uid),
        *tracked(written / "report.dcm").values(),
    }
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert CANARY.encode() not in content, path.name
        assert not [uid for uid in named if uid.encode() + b"\0" in content], path.name


@pytest.mark.integration
@pytest.mark.parametrize(
    "changes",
    [
        {"StudyInstanceUID": "1.2.03.4", "SeriesInstanceUID": "1.02.3", "SOPInstanceUID": "1.2.3.0006"},
        {"StudyInstanceUID": None, "SeriesInstanceUID": None, "PatientID": None, "PatientName": None},
        {"PatientName": "Yamada^Tarou=山田^太郎", "SpecificCharacterSet": ["", "ISO 2022 IR 87"]},
        {"PatientName": "Müller^Jörg", "SpecificCharacterSet": "ISO_IR 100", "PatientID": "x" * 80},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_sources_that_break_the_standard_give_valid_reports(
    segmenter: Segmenter,
    tmp_path: Path,
    program: Callable[[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
) -> None:
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.IGNORE)
    with config.disable_value_validation():
        source = save(tmp_path / "source.dcm", **changes)
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.RAISE)
    out = tmp_path / "out"
    out.mkdir()
    write_segmentation_results(segmenter.segment(source, REPORT.replace("moderate", "größer")), out)
    for path in objects_to_send(out):
        assert complaints(program, path) == [], path.name
    name = pydicom.dcmread(out / "report.dcm").PatientName
    assert name == changes.get("PatientName", "SECRETNAME^ANN") or not name


@pytest.mark.integration
def test_real_radiographs_give_valid_reports(
    real_data: Path, segmenter: Segmenter, tmp_path: Path, program: Callable[[str, str], str]
) -> None:
    for source in sorted((real_data / "dicom").glob("*.dcm"))[-2:]:
        write_segmentation_results(segmenter.segment(source, REPORT), tmp_path)
        for path in objects_to_send(tmp_path):
            assert complaints(program, path) == [], source.name
