"""`ptx batch`, called as a user calls it, with real comparisons of small films."""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import CANARY, EXAMPLES, REDUCED, REPORT, exam, save_exam

if TYPE_CHECKING:
    from conftest import Ptx


@pytest.fixture
def exams(tmp_path: Path) -> Path:
    """A folder with a prior, its report, its follow-up, and the film of another patient."""
    folder = tmp_path / "exams"
    folder.mkdir()
    save_exam(folder).rename(folder / "prior.dcm")
    (folder / "prior.txt").write_text(REPORT, encoding="utf-8")
    stored = pydicom.dcmread(EXAMPLES / "followup.dcm").pixel_array[::REDUCED, ::REDUCED]
    later = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), "20260304")
    uids = {"SOPInstanceUID": "2.25.1234", "StudyInstanceUID": "2.25.5678", "SeriesInstanceUID": "2.25.9012"}
    for name, changes in (
        ("followup", {}),
        ("other", {"PatientID": "SECRETOTHER", "SOPInstanceUID": "2.25.5"}),
    ):
        dataset = exam(np.ascontiguousarray(stored), **(later | uids | changes))
        dataset.save_as(folder / f"{name}.dcm", enforce_file_format=True)
    (folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM")
    return folder


@pytest.fixture
def manifest(exams: Path) -> Path:
    path = exams / "manifest.csv"
    rows = [
        "case_id,prior,followup,centre",
        "good,prior.dcm,followup.dcm,Graz",
        "mixed,prior.dcm,other.dcm,Linz",
    ]
    rows += ["broken,prior.dcm,broken.dcm,Linz", "missing,prior.dcm,nowhere.dcm,Linz"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_cohort_gives_what_compare_gives_and_a_row_for_each_failure(
    ptx: Ptx, manifest: Path, out: Path, tmp_path: Path, untrained_model: Path
) -> None:
    model = ("--model", untrained_model)
    ran = ptx("batch", manifest, "--out", out, "--workers", 1, "--json", *model)
    assert ran.code == 7
    assert "3 cases failed" in ran.stderr
    assert ran.document["counts"] == {"cases": 4, "done": 1, "failed": 3, "waiting": 0, "left_out": 0}
    assert {row["case_id"]: row["code"] for row in rows(out / "failures.csv")} == {
        "mixed": "4",
        "broken": "3",
        "missing": "3",
    }
    one = tmp_path / "one"
    exams = manifest.parent
    ptx("compare", exams / "prior.dcm", exams / "followup.dcm", "--out", one, *model)
    case = out / "cases" / "good"
    assert {path.name for path in case.iterdir()} == {"case.json", *(path.name for path in one.iterdir())}
    alone, among = (json.loads((folder / "result.json").read_text("utf-8")) for folder in (one, case))
    del alone["timing_s"], among["timing_s"]
    assert alone == among
    (row,) = rows(out / "results.csv")
    assert (row["case_id"], row["centre"]) == ("good", "Graz")
    assert float(row["change_difference"]) == among["change"]["difference"]
    assert row["change_verdict"] == among["change"]["verdict"]
    assert row["model_sha256"] == among["followup"]["model"]["sha256"]
    assert {path.name for path in out.iterdir() if path.is_file() and path.suffix} == {
        "cohort.json",
        "failures.csv",
        "ptx-run.json",
        "results.csv",
        "results.parquet",
        "summary.html",
    }
    for name in ("failures.csv", "results.csv", "summary.html", "ptx-run.json", "cohort.json"):
        assert CANARY not in (out / name).read_text("utf-8"), name
    assert CANARY not in ran.stdout + ran.stderr


def test_masks_of_people_are_worth_what_is_said_of_them(
    ptx: Ptx, exams: Path, out: Path, tmp_path: Path, untrained_model: Path
) -> None:
    """And the report of an exam that is no neighbour says nothing of the change."""
    mask = np.zeros((pydicom.dcmread(exams / "prior.dcm").Rows,) * 2, np.uint8)
    mask[60:100, 40:70] = 255
    cv2.imwrite(str(exams / "mask.png"), mask)
    (exams / "followup.txt").write_text("The right pneumothorax is larger.", encoding="utf-8")
    columns = "case_id,prior,followup,prior_mask,followup_mask,prior_exam,followup_exam"
    cells = "prior.dcm,followup.dcm,mask.png,mask.png"
    path = exams / "masks.csv"
    path.write_text(f"{columns}\nnear,{cells},1,2\nfar,{cells},1,3\n", encoding="utf-8")
    readers = tmp_path / "readers.json"
    readers.write_text(
        json.dumps({"schema": "ptx-reader-error/1", "sd_log1p": 0.5, "readings": 9, "source": "here"}),
        encoding="utf-8",
    )
    options = ("--readers", "different", "--reader-error", readers, "--model", untrained_model)
    ran = ptx("batch", path, "--out", out, "--workers", 1, *options)
    assert ran.code == 0, ran.stderr
    found = {
        name: json.loads((out / "cases" / name / "result.json").read_text("utf-8"))
        for name in ("near", "far")
    }
    for one in found.values():
        assert (one["readers"]["relation"], one["readers"]["sd_log1p"]) == ("different", 0.5)
        assert one["readers"]["sha256"] == sha256(readers.read_bytes()).hexdigest()
    assert found["near"]["change"]["reported"]["change"] == "larger"
    assert found["far"]["change"]["reported"] is None
    assert ptx("batch", path, "--out", out, *options, "--json").document["run"]["cases"] == 0


def test_a_plan_writes_nothing_and_runs_as_it_was_printed(
    ptx: Ptx, manifest: Path, out: Path, tmp_path: Path
) -> None:
    ran = ptx("batch", manifest, "--out", out, "--plan")
    assert ran.code == 0
    printed = tmp_path / "plan.csv"
    printed.write_text(ran.stdout, encoding="utf-8")
    plan = rows(printed)
    assert [row["plan"] for row in plan] == ["run"] * 4
    assert plan[3]["plan_reason"] == "will fail: followup does not exist"
    again = ptx("batch", printed, "--out", out, "--dry-run", "--json")
    assert again.document == {"counts": {"run": 4, "wait": 0, "done": 0, "failed": 0, "left_out": 0}}
    assert not (out / "cases").exists()


def test_a_tree_of_studies_is_planned_with_what_it_leaves_out(ptx: Ptx, exams: Path, out: Path) -> None:
    ran = ptx("batch", "--studies", exams, "--out", out, "--plan", "--json")
    assert ran.code == 0, ran.stderr
    assert ran.document["counts"]["run"] == 1
    assert {one["name"] for one in ran.document["left_out"]} == {"other.dcm", "broken.dcm"}
    assert CANARY not in ran.stdout


def test_what_does_not_make_a_run_is_refused(ptx: Ptx, manifest: Path, out: Path, tmp_path: Path) -> None:
    ptx("batch", "--out", out).refused(2, "one source of cases")
    ptx("batch", manifest, "--studies", tmp_path, "--out", out).refused(2, "one source of cases")
    ptx("batch", manifest, "--out", out, "--shard", "3/2").refused(2, "form I/N")
    ptx("batch", manifest, "--out", out, "--override", "patient").refused(2, "reason")
    ptx("batch", manifest, "--out", out, "--model", "nothing").refused(6, "no model")
    ptx("batch", tmp_path / "no.csv", "--out", out).refused(3, "cannot be read")
    ptx("batch", "merge", tmp_path).refused(3, "no cohort")
    ptx("batch", "merge").refused(2, "one folder")
    accessions = tmp_path / "accessions.csv"
    accessions.write_text("accession\nSECRET1\n", encoding="utf-8")
    ptx("batch", accessions, "--out", out).refused(2, "need an archive")
