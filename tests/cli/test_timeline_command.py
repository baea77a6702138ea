"""`ptx timeline`, called as a user calls it."""

from __future__ import annotations

import csv
import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import highdicom
import numpy as np
import pydicom
import pytest
from made_exams import CANARY, EXAMPLES, REDUCED, REPORT, exam

from ptx_followup.dicom_objects.tracking import read_previous_result
from ptx_followup.masks.seg import read_segmentation
from ptx_followup.radiograph import study
from ptx_followup.radiograph.study import read_exam

if TYPE_CHECKING:
    from conftest import Ptx

    from ptx_followup.radiograph.image import Radiograph


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """Three reduced exams of the phantom, the first two with their reports beside them."""
    paths = []
    for number, (name, day) in enumerate((("prior", 2), ("followup", 4), ("prior", 7))):
        stored = pydicom.dcmread(EXAMPLES / f"{name}.dcm").pixel_array[::REDUCED, ::REDUCED]
        stored = np.ascontiguousarray(stored[number:, number:])
        dates = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), f"2026030{day}")
        uids = {f"{kind}InstanceUID": f"2.25.1{number}{place}" for place, kind in enumerate(("SOP", "Study"))}
        paths.append(tmp_path / f"exam{number}.dcm")
        exam(stored, **(dates | uids)).save_as(paths[-1], enforce_file_format=True)
        if number < 2:
            paths[-1].with_suffix(".txt").write_text(REPORT, encoding="utf-8")
    return paths


def test_three_exams_give_one_picture_one_table_and_one_result(
    ptx: Ptx, three: list[Path], out: Path, untrained_model: Path
) -> None:
    ran = ptx("timeline", *three, "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 0, ran.stderr
    document = ran.document
    assert document == json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert document["belonging"]["interval_days"] == pytest.approx(5, abs=0.1)
    outputs = document["outputs"]
    named = [outputs[name] for name in ("picture", "table", "dicom_sr", "result")]
    named += [name for one in outputs["exams"] for name in one.values() if name is not None]
    assert sorted(named) == sorted(path.name for path in out.iterdir())
    assert outputs["exams"][2]["projected"] is None
    with (out / "timeline.csv").open(encoding="utf-8") as file:
        assert [row["exam"] for row in csv.DictReader(file)] == ["1", "2", "3"]
    projected = cv2.imread(str(out / "exam-1.projected.png"), cv2.IMREAD_UNCHANGED) > 0
    assert np.count_nonzero(projected) == document["exams"][0]["projection"]["area_px"]
    written = read_segmentation(out / "exam-1.projected.seg.dcm", three[2])
    np.testing.assert_array_equal(written, projected)
    assert CANARY not in json.dumps(document) + ran.stderr


def test_another_thread_reads_the_films_while_this_one_imports(
    ptx: Ptx, three: list[Path], out: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = []

    def read(path: Path) -> Radiograph:
        readers.append(threading.current_thread())
        return read_exam(path)

    monkeypatch.setattr(study, "read_exam", read)
    assert ptx("timeline", *three, "--out", out, "--model", untrained_model).code == 0
    assert len(readers) == 3
    assert threading.main_thread() not in readers


@pytest.mark.integration
def test_every_object_is_valid_and_the_report_states_the_figures_of_the_json(
    ptx: Ptx, three: list[Path], out: Path, untrained_model: Path, program: Callable[[str, str], str]
) -> None:
    document = ptx("timeline", *three, "--out", out, "--model", untrained_model, "--json").document
    for path in out.glob("*.dcm"):
        command = [program("dciodvfy", "dicom3tools"), "-new", path]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not [line for line in checked.stderr.splitlines() if line.startswith("Error")], path.name
    report = out / document["outputs"]["dicom_sr"]
    shown = subprocess.run([program("dsrdump", "dcmtk"), report], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    dataset = pydicom.dcmread(report)
    assert dataset.StudyInstanceUID == "2.25.121"
    content = highdicom.sr.Comprehensive3DSR.from_dataset(dataset).content
    groups = [*content.get_planar_roi_measurement_groups(), *content.get_image_measurement_groups()]
    stated: dict[str, list[float]] = {}
    for group in groups:
        for one in group.get_measurements():
            stated.setdefault(one.name.meaning, []).append(one.value)
    for number, exam_of in enumerate(document["exams"]):
        percent = exam_of["segmentation"]["hemithorax_percent"]
        area = "Area of the pneumothorax in percent of its hemithorax"
        assert percent is None or {percent["left"], percent["right"]} <= set(stated[area]), number
    differences = stated.get("Follow-up minus prior, percentage points of the hemithorax", [])
    changes = [*document["steps"], document["change_by_side"]]
    wanted = [step[side]["difference"] for step in changes for side in ("left", "right")]
    assert sorted(differences) == sorted(value for value in wanted if value is not None)
    tracked = {side: one.uid for side, one in read_previous_result(report).tracking.items()}
    segment = pydicom.dcmread(out / document["outputs"]["exams"][0]["dicom_seg"]).SegmentSequence[0]
    assert segment.TrackingUID in tracked.values()


def test_a_last_exam_without_a_header_has_no_report(
    ptx: Ptx, three: list[Path], tmp_path: Path, out: Path, untrained_model: Path
) -> None:
    picture = tmp_path / "last.png"
    cv2.imwrite(str(picture), (pydicom.dcmread(three[1]).pixel_array >> 4).astype(np.uint8))
    ran = ptx(
        "timeline", three[0], picture, "--no-report", "--out", out, "--model", untrained_model, "--json"
    )
    assert ran.code in (0, 5), ran.stderr
    assert ran.document["outputs"]["dicom_sr"] is None
    assert ran.document["outputs"]["exams"][1]["dicom_presentation"] is None
    assert (out / ran.document["outputs"]["exams"][0]["dicom_presentation"]).exists()


def test_a_person_reads_a_table_a_sentence_and_where_the_picture_is(
    ptx: Ptx, three: list[Path], out: Path, untrained_model: Path
) -> None:
    ran = ptx("timeline", *three, "--out", out, "--model", untrained_model)
    assert ran.code == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == f"See {out / 'timeline.png'}"
    assert "2026-03-04" in ran.stdout


def test_refusals(ptx: Ptx, three: list[Path], report: Path, out: Path) -> None:
    ptx("timeline", *three[::-1], "--out", out).refused(4, "was taken before")
    ptx("timeline", three[0], three[0], three[1], "--out", out).refused(4, "same image")
    ptx("timeline", *three, "-r", report, "--out", out).refused(2, "1 reports of 3 exams")
    ptx("timeline", *three, "-r", report, "--no-report", "--out", out).refused(2, "--no-report")
    ptx("timeline", three[2], "--out", out).refused(2, "")
    assert not out.exists()
