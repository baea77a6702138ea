"""Canaries: words put wherever a patient may be named are looked for in all that the program leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import exam, pixels
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from ptx_followup.results.names import SEGMENTATION_RESULTS

CANARY = "QZXCANARY"
CANARY_DATE = "19340517"
CANARY_UID = "2.25.918273645546372819"
REPORT = (
    f"{CANARY} HOSPITAL. Patient {CANARY}, born 17 May 1934. FINDINGS: There is a moderate right apical "
    f"{CANARY} pneumothorax, dictated by Dr. {CANARY}. No left pneumothorax."
)
#: Elements that name or describe a patient, a visit, a place or a person (PS3.15 table E.1-1).
TEXTS = (
    *(
        "PatientName",
        "PatientID",
        "OtherPatientIDs",
        "OtherPatientNames",
        "PatientComments",
        "PatientAddress",
    ),
    *("PatientBirthName", "PatientMotherBirthName", "PatientTelephoneNumbers", "MilitaryRank", "Occupation"),
    *("EthnicGroup", "AdditionalPatientHistory", "IssuerOfPatientID", "AccessionNumber", "StudyID"),
    *("ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "NameOfPhysiciansReadingStudy"),
    *(
        "InstitutionName",
        "InstitutionAddress",
        "InstitutionalDepartmentName",
        "StationName",
        "DeviceSerialNumber",
    ),
    *("StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments", "StudyComments"),
    *("RequestingPhysician", "RequestedProcedureDescription", "AdmissionID", "CurrentPatientLocation"),
    *("PerformedProcedureStepDescription", "DerivationDescription", "AcquisitionComments", "FrameComments"),
)
DATES = ("PatientBirthDate", "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


def marked_exam(path: Path, number: int, **changes: object) -> Path:
    """An exam with the canary in every element above, in a sequence and in private elements."""
    marks: dict[str, object] = {}
    for keyword in TEXTS:
        name = dictionary_VR(keyword) == "PN"
        marks[keyword] = f"{CANARY}^{CANARY}" if name else CANARY
    marks |= dict.fromkeys(DATES, CANARY_DATE) | {"AcquisitionTime": f"10150{number}"}
    marks |= dict.fromkeys(UIDS, f"{CANARY_UID}.{number}")
    dataset = exam(pixels() + number, **(marks | changes))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    item = Dataset()
    item.RequestedProcedureDescription = item.RequestedProcedureID = CANARY
    dataset.RequestAttributesSequence = Sequence([item])
    block = dataset.private_block(0x0011, CANARY, create=True)
    block.add_new(0x01, "LO", CANARY)
    block.add_new(0x02, "UN", CANARY.encode())
    dataset.save_as(path, enforce_file_format=True)
    return path


@dataclass(frozen=True)
class Left:
    """All that a call left: what it printed, names of files, and contents of files by their names."""

    code: int
    printed: bytes
    names: str
    contents: dict[str, bytes]

    def holding(self, *words: str) -> list[str]:
        """Where one of the words is found, in UTF-8 or UTF-16."""
        places = {"printed": self.printed, "names": self.names.encode(), **self.contents}
        needles = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
        return [place for place, content in places.items() if any(one in content for one in needles)]


def call(folder: Path, *arguments: object) -> Left:
    """Run the installed program with folders of its own for results, cache and temporary files."""
    places = {name: folder / name for name in ("home", "cache", "temporary", "work")}
    for place in places.values():
        place.mkdir(exist_ok=True)
    variables = {
        "HOME": places["home"],
        "PTX_HOME": places["cache"],
        "TMPDIR": places["temporary"],
        "MPLCONFIGDIR": places["temporary"],
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("ptx"), *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=places["work"],
        env=os.environ | {name: str(place) for name, place in variables.items()},
    )
    files = [
        path
        for place in (*places.values(), folder / "out")
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    return Left(
        done.returncode,
        done.stdout + done.stderr,
        "\n".join(map(str, files)),
        {path.name: path.read_bytes() for path in files},
    )


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_the_marks_are_where_they_should_be(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(marked_exam(tmp_path / "exam.dcm", 1))
    marked = {keyword_for_tag(element.tag) for element in dataset if CANARY in str(element.value)}
    assert marked >= set(TEXTS)
    assert (0x0011, 0x1001) in dataset


def test_nothing_identifies_outside_the_results(tmp_path: Path, report: Path, untrained_model: Path) -> None:
    image = marked_exam(tmp_path / "exam.dcm", 1)
    left = call(
        tmp_path, "segment", image, "-r", report, "--model", untrained_model, "--out", tmp_path / "out"
    )
    assert left.code == 0, left.printed
    # DICOM objects are filed with the patient, and the result quotes the report: that is what they are for.
    dicom = {name for name in left.contents if name.endswith(".dcm")}
    assert {"segmentation.dcm", "result.json"} <= set(left.holding(CANARY)) <= {"result.json", *dicom}
    assert set(left.holding(CANARY_DATE)) <= dicom
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").iterdir())


def test_an_explanation_quotes_the_report_in_its_result_alone(
    tmp_path: Path, report: Path, untrained_model: Path
) -> None:
    image = marked_exam(tmp_path / "exam.dcm", 1)
    out = tmp_path / "out"
    left = call(tmp_path, "explain", image, "-r", report, "--model", untrained_model, "--out", out)
    assert left.code == 0, left.printed
    assert left.holding(CANARY) == ["result.json"]
    assert left.holding(CANARY_DATE) == []
    refused = call(
        tmp_path, "explain", image, "-r", report, "--swap", "basal=apical", "--model", untrained_model
    )
    assert refused.code == 2
    assert CANARY.encode() not in refused.printed


@pytest.mark.parametrize("as_json", [True, False])
def test_with_deidentify_nothing_identifies_anywhere(
    tmp_path: Path, report: Path, untrained_model: Path, as_json: bool
) -> None:
    image = marked_exam(tmp_path / f"{CANARY}.dcm", 1)
    out = tmp_path / "out"
    options = ("-r", report, "--model", untrained_model, "--out", out, "--deidentify")
    left = call(tmp_path, "segment", image, *options, *(["--json"] if as_json else []))
    assert left.code == 0, left.printed
    assert {path.name for path in out.iterdir()} >= {"segmentation.dcm", "result.json", "overlay.png"}
    assert left.holding(CANARY, CANARY_UID, CANARY_DATE, "1934") == []
    written = pydicom.dcmread(out / "segmentation.dcm")
    assert written.PatientIdentityRemoved == "YES"
    assert written.PatientName == written.PatientID == written.PatientBirthDate == ""


@pytest.mark.timeout(900)  # two networks and a registration, on a machine that may be busy
def test_a_comparison_with_deidentify(tmp_path: Path, report: Path, untrained_model: Path) -> None:
    images = [marked_exam(tmp_path / f"{CANARY}{number}.dcm", number) for number in (1, 2)]
    out = tmp_path / "out"
    left = call(
        tmp_path,
        *("compare", *images, "-r", report, "--model", untrained_model, "--out", out, "--deidentify"),
    )
    assert left.code in (0, 5), left.printed
    assert (out / "result.json").is_file()
    assert left.holding(CANARY, CANARY_UID, CANARY_DATE, "1934") == []


@pytest.mark.timeout(900)
def test_a_timeline_with_deidentify(tmp_path: Path, report: Path, untrained_model: Path) -> None:
    images = [marked_exam(tmp_path / f"{CANARY}{number}.dcm", number) for number in (1, 2)]
    options = ("--model", untrained_model, "--out", tmp_path / "out", "--deidentify")
    second = report.with_name("second.txt")
    second.write_bytes(report.read_bytes())
    left = call(tmp_path, "timeline", *images, "-r", report, "-r", second, *options)
    assert left.code in (0, 5), left.printed
    assert {"result.json", "timeline.csv", "exam-1.seg.dcm"} <= set(left.contents)
    assert left.holding(CANARY, CANARY_UID, CANARY_DATE, "1934") == []


@pytest.mark.parametrize("as_json", [True, False])
def test_a_report_with_deidentify(tmp_path: Path, report: Path, as_json: bool) -> None:
    left = call(tmp_path, "report", report, "--deidentify", *(["--json"] if as_json else []))
    assert left.code == 0, left.printed
    assert b"apical" in left.printed
    assert left.holding(CANARY, "1934", "dictated") == []


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """Two cases and a damaged one, called by the canary wherever a data set has names or free columns."""
    root = tmp_path / CANARY
    for name in ("images", "masks", "reports"):
        (root / name).mkdir(parents=True)
    rows = ["id,patient,follow_up,pneumothorax,age,sex,source,note"]
    mask = np.zeros((256, 256), np.uint8)
    mask[60:100, 40:70] = 255
    for number, positive in ((1, 1), (2, 0), (3, 1)):
        name = f"{CANARY}-{number}"
        rows.append(f"{name},{CANARY},{CANARY_DATE}{number},{positive},91,F,{CANARY},{CANARY}")
        marked_exam(root / "images" / f"{name}.dcm", number)
        cv2.imwrite(str(root / "masks" / f"{name}.png"), mask * np.uint8(positive))
        (root / "reports" / f"{name}.txt").write_text(REPORT if positive else f"{CANARY}. No pneumothorax.")
    (root / "images" / f"{CANARY}-3.dcm").write_bytes(bytes(128) + b"DICM" + bytes(300))
    (root / "index.csv").write_text("\n".join(rows) + "\n")
    return root


def test_a_data_set_checked_with_deidentify(tmp_path: Path, data_set: Path) -> None:
    left = call(tmp_path, "data", "check", data_set, "--out", tmp_path / "out", "--deidentify")
    assert left.code == 7, left.printed
    assert b"case-00003" in left.contents["check.json"]
    assert left.holding(CANARY, CANARY_DATE, "1934") == []


def test_a_data_set_converted_with_deidentify(tmp_path: Path, data_set: Path) -> None:
    left = call(tmp_path, "data", "convert", data_set, tmp_path / "out", "--deidentify")
    assert left.code == 7, left.printed
    assert left.contents["case-00001.txt"] == b"Right apical pneumothorax."
    assert left.contents["case-00002.txt"] == b"No pneumothorax."
    assert left.holding(CANARY, CANARY_DATE, "1934") == []
    header, first, second = left.contents["index.csv"].decode().splitlines()
    assert not {"age", "sex", "source", "note"} & set(header.split(","))
    assert first.startswith("case-00001,patient-00001,0,")
    assert second.startswith("case-00002,patient-00001,1,")


def test_an_evaluation_with_deidentify(tmp_path: Path, data_set: Path, untrained_model: Path) -> None:
    from pyarrow import parquet

    options = ("--model", untrained_model, "--part", "all", "--out", tmp_path / "out", "--deidentify")
    left = call(tmp_path, "eval", "--data", data_set, *options)
    assert left.code == 7, left.printed
    assert left.holding(CANARY, CANARY_DATE, "1934") == []
    rows = parquet.read_table(tmp_path / "out" / "cases.parquet").to_pylist()
    assert {(row["id"], row["patient"], row["age"], row["source"]) for row in rows} == {
        (f"case-0000{number}", "patient-00001", None, None) for number in (1, 2)
    }


def test_pictures_of_an_evaluation_name_no_case_with_deidentify() -> None:
    from ptx_followup.dicom.basic_profile import deidentifying
    from ptx_followup.evaluation.worst import WorstCases

    mask = np.eye(64, dtype=bool)
    sheets = []
    for name in ("a", CANARY):
        with deidentifying(True):
            worst = WorstCases()
            worst.offer(0.5, name, np.zeros((64, 64), np.float32), mask, mask)
        sheets.append(worst.contact_sheet())
    np.testing.assert_array_equal(*sheets)


@pytest.mark.parametrize("changes", [{"Modality": "CT"}, {"ViewPosition": "LL"}, {"Rows": 60_000}])
def test_refusals_name_the_file_alone(tmp_path: Path, report: Path, changes: dict[str, object]) -> None:
    image = marked_exam(tmp_path / "exam.dcm", 1, **changes)
    left = call(tmp_path, "segment", image, "-r", report, "--out", tmp_path / "out")
    assert left.code in (3, 5)
    assert left.holding(CANARY, CANARY_UID, CANARY_DATE) == []


def test_values_of_the_header_never_become_paths(tmp_path: Path, report: Path, untrained_model: Path) -> None:
    image = marked_exam(tmp_path / "exam.dcm", 1, PatientID="../../escaped", StudyID="/etc/x")
    call(tmp_path, "segment", image, "-r", report, "--model", untrained_model, "--out", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} <= set(SEGMENTATION_RESULTS)
    assert not any("escaped" in str(path) for path in tmp_path.rglob("*"))
