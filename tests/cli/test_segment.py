"""`ptx segment` does what it says: files, the JSON object, and what goes to which stream."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Ptx
from made_exams import CANARY, DENIAL, REPORT, pixels, save_exam
from segment_fields import FIELDS, assert_fields

from ptx_followup import DISCLAIMER


def test_the_object_on_stdout_has_the_fixed_fields_and_is_the_file(
    ptx: Ptx, prior: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    ran = ptx("segment", prior, "--report", report, "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 0
    assert_fields(ran.document, FIELDS)
    assert ran.document == json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == set(filter(None, ran.document["outputs"].values()))
    assert (ran.document["image"]["path"], ran.document["image"]["view"]) == (str(prior), "PA")
    assert (ran.document["image"]["rows"], ran.document["image"]["columns"]) == (256, 256)
    assert (ran.document["report"]["side"], ran.document["report"]["size"]) == ("right", "moderate")
    mask = cv2.imread(str(out / "mask.png"), cv2.IMREAD_UNCHANGED)
    assert mask.shape == (256, 256)
    assert np.count_nonzero(mask == 255) == ran.document["segmentation"]["area_px"] > 0
    assert ran.document["timing_s"]["read"] > 0.001
    assert CANARY not in ran.stdout + ran.stderr
    assert all(line.startswith("warning: ") for line in ran.stderr.splitlines())


def test_people_read_the_size_the_picture_and_the_disclaimer(
    ptx: Ptx, prior: Path, report: Path, tmp_path: Path, untrained_model: Path
) -> None:
    out = tmp_path / f"[bold] :smile: {'long ' * 30}"
    ran = ptx("segment", prior, "--report", report, "--out", out, "--model", untrained_model)
    size, picture, disclaimer = ran.stdout.splitlines()
    assert ran.code == 0
    assert "pneumothorax: " in size
    assert picture == f"See {out / 'overlay.png'}"
    assert (out / "overlay.png").is_file()
    assert disclaimer == DISCLAIMER


def test_a_denial_on_stdin_empties_the_mask_with_a_warning_even_when_quiet(
    ptx: Ptx, prior: Path, out: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DENIAL.encode())))
    arguments = ("segment", prior, "--report", "-", "--out", out, "--model", untrained_model)
    ran = ptx(*arguments, "--quiet", "--json")
    assert ran.code == 0
    assert ran.document["report"]["present"] is False
    assert ran.document["segmentation"]["area_px"] == 0
    assert ran.document["outputs"]["dicom_seg"] is None
    assert not cv2.imread(str(out / "mask.png"), cv2.IMREAD_UNCHANGED).any()
    assert ran.stderr == (
        "warning: the report denies a pneumothorax: the mask is empty without looking at the image\n"
    )


def test_a_denial_can_be_ignored(
    ptx: Ptx, prior: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    report.write_text(DENIAL)
    arguments = ("segment", prior, "--report", report, "--out", out, "--model", untrained_model)
    ran = ptx(*arguments, "--ignore-report-negation", "--json")
    assert ran.document["segmentation"]["area_px"] > 0
    assert [one["code"] for one in ran.document["concordance"]] == ["mask-not-reported"]
    assert ran.stderr == "warning: a pneumothorax was segmented that the report denies\n"


def test_without_a_report_by_request_alone(ptx: Ptx, prior: Path, out: Path, untrained_model: Path) -> None:
    ran = ptx("segment", prior, "--no-report", "--out", out, "--model", untrained_model, "--json")
    assert ran.code == 0
    assert ran.document["report"]["present"] is None
    assert ran.document["segmentation"]["area_px"] > 0
    assert ran.stderr == "warning: no report was given: the mask rests on the image alone\n"


def test_a_report_in_latin_1_and_a_radiograph_stored_mirrored(
    ptx: Ptx, tmp_path: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    """A German report, as an old system writes it, and a film that was scanned from behind."""
    report.write_bytes("Kleiner Pneumothorax. Small pneumothorax, 12 mm, für Dr. Müller.".encode("latin-1"))
    prior = save_exam(tmp_path, pixels()[:, ::-1], PatientOrientation=["R", "F"])
    ran = ptx("segment", prior, "-r", report, "-o", out, "--model", untrained_model, "--json")
    assert ran.code == 0
    assert ran.document["report"]["present"] is True
    assert "für Dr. Müller" in ran.document["report"]["told"]
    assert ran.stdout.isascii()
    assert "Müller" in (out / "result.json").read_text(encoding="utf-8")


def test_the_installed_program_cuts_a_report_of_a_megabyte(
    prior: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    report.write_text(f"{REPORT}\n{'The mediastinum is not shifted. ' * 33_000}")
    assert report.stat().st_size > 1_000_000
    ran = subprocess.run(
        [
            *(Path(sys.executable).with_name("ptx"), "segment", prior, "--report", report, "--out", out),
            *("--model", untrained_model, "--prompt", "full", "--json"),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert document["report"]["side"] == "right"
    assert len(document["report"]["told"]) < 200
    assert any("longer than the language model reads" in warning for warning in document["warnings"])
    assert "Traceback" not in ran.stderr
