"""Cases from a tree of DICOM files: whose exams, in which order, with which report, and what stays out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from made_files import make_dataset, save

from ptx_followup.cohort.manifest import Manifest
from ptx_followup.cohort.studies import Pairs, read_studies
from ptx_followup.errors import InputError

KEY = b"k" * 32
REPORT = "Right pneumothorax."


class Tree:
    """A tree of films that grows."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.number = 0

    def film(
        self, patient: str, moment: str, *, report: str | None = "Right pneumothorax.", **more: Any
    ) -> Path:
        """A film of a study of its own, taken at "YYYYMMDD" or "YYYYMMDDHHMM", with a report beside it."""
        self.number += 1
        folder = self.root / f"study{self.number}"
        folder.mkdir()
        stated = {
            "PatientID": patient,
            "AcquisitionDate": moment[:8],
            "StudyInstanceUID": f"2.25.7{self.number}",
            "SOPInstanceUID": f"2.25.9{self.number}",
        }
        stated |= {"AcquisitionTime": f"{moment[8:]}00"} if moment[8:] else {}
        dataset = make_dataset(**(stated | more))
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        path = save(dataset, folder, f"film{self.number}.dcm")
        if report is not None:
            (folder / "report.txt").write_text(report, encoding="utf-8")
        return path

    def read(self, pairs: Pairs = "neighbouring", *, no_report: bool = False) -> Manifest:
        return read_studies(self.root, KEY, pairs=pairs, no_report=no_report)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def numbers(found: Manifest) -> list[tuple[str, str]]:
    return [(case.columns["prior_exam"], case.columns["followup_exam"]) for case in found.cases]


def test_exams_of_a_patient_are_paired_by_time_whatever_the_files_are_called(tree: Tree) -> None:
    last = tree.film("SECRETA", "202603091200")
    first = tree.film("SECRETA", "202603021200")
    middle = tree.film("SECRETA", "202603041800")
    tree.film("SECRETB", "202603021200")
    found = tree.read()
    assert [(case.prior, case.followup) for case in found.cases] == [(first, middle), (middle, last)]
    assert found.cases[0].report == first.with_name("report.txt")
    assert [case.columns["followup_day"] for case in found.cases] == ["2.250", "7.000"]
    assert len({case.columns["patient"] for case in found.cases}) == 1
    assert found.left_out == (("film4.dcm", "there is no other exam of the patient"),)
    assert numbers(tree.read("first")) == [("1", "2"), ("1", "3")]
    assert numbers(tree.read("all")) == [("1", "2"), ("1", "3"), ("2", "3")]
    assert "SECRET" not in repr([(case.id, dict(case.columns)) for case in found.cases])
    # The same names under the same key, others under another.
    assert [case.id for case in tree.read().cases] == [case.id for case in found.cases]
    other = read_studies(tree.root, b"x" * 32, pairs="neighbouring", no_report=False)
    assert {case.id for case in other.cases}.isdisjoint(case.id for case in found.cases)


def test_what_cannot_be_used_is_left_out_with_its_reason(tree: Tree) -> None:
    tree.film("A", "202603021200")
    tree.film("A", "202603041200", ViewPosition="LL", PatientOrientation=None)
    tree.film("A", "202603051200", BodyPartExamined="KNEE")
    tree.film("", "202603061200")
    tree.film("A", "19010101")
    (tree.root / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + os.urandom(300))
    (tree.root / "notes.docx").write_bytes(b"PK")
    reasons = dict(tree.read().left_out)
    assert "lateral" in reasons["film2.dcm"]
    assert "another body part" in reasons["film3.dcm"]
    assert reasons["film4.dcm"] == "it states no patient ID"
    assert reasons["film5.dcm"] == "it states no acquisition date"
    assert "notes.docx" not in reasons
    assert tree.read().cases == ()


def test_an_order_that_cannot_be_told_makes_no_pair(tree: Tree) -> None:
    tree.film("A", "20260302")
    tree.film("A", "202603021200")
    tree.film("A", "202603051200")
    tree.film("A", "202603061200")
    found = tree.read()
    assert [case.columns["prior_day"] for case in found.cases] == ["0.000"]
    unclear = [name for name, reason in found.left_out if "earlier cannot be told" in reason]
    assert unclear == ["film1.dcm", "film2.dcm"]


def test_of_a_study_the_film_for_people_counts_and_of_two_none(tree: Tree) -> None:
    tree.film("A", "202603021200")
    shown = tree.film("A", "202603041200", StudyInstanceUID="2.25.5")
    tree.film("A", "202603041201", StudyInstanceUID="2.25.5", PresentationIntentType="FOR PROCESSING")
    assert [case.followup for case in tree.read().cases] == [shown]
    tree.film("A", "202603041202", StudyInstanceUID="2.25.5")
    assert tree.read().cases == ()


def test_a_prior_without_report_is_left_out_unless_no_report_is_wanted(tree: Tree) -> None:
    tree.film("A", "202603021200", report=None)
    tree.film("A", "202603041200")
    found = tree.read()
    assert found.cases == ()
    assert "has no report" in found.left_out[0][1]
    (case,) = tree.read(no_report=True).cases
    assert case.report is None
    assert case.followup_report is None


def test_the_same_id_of_two_issuers_is_two_patients(tree: Tree) -> None:
    tree.film("1", "202603021200", IssuerOfPatientID="NORTH")
    tree.film("1", "202603041200", IssuerOfPatientID="SOUTH")
    assert tree.read().cases == ()
    other = Tree(tree.root / "other")
    other.root.mkdir()
    other.film("1", "202603021200", IssuerOfPatientID="NORTH")
    other.film("1", "202603041200")
    assert len(other.read().cases) == 1


def test_a_tree_without_films_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no frontal chest radiograph"):
        Tree(tmp_path).read()
    with pytest.raises(InputError, match="not a folder"):
        read_studies(tmp_path / "missing", KEY, pairs="all", no_report=True)
