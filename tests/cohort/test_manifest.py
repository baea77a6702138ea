"""Manifests: what is read, what is refused, and plans that are manifests again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_followup.cohort.case import Case, Options, Outcome, Problem, Terms
from ptx_followup.cohort.ledger import Ledger
from ptx_followup.cohort.manifest import Manifest, read_manifest
from ptx_followup.cohort.plan import make_plan
from ptx_followup.errors import InputError


def write(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_are_relative_to_the_manifest_and_further_columns_come_along(tmp_path: Path) -> None:
    path = write(tmp_path, "Prior,followup,report,arm\na.dcm,/data/b.dcm,,control\n")
    (case,) = read_manifest(path).cases
    assert case.prior == tmp_path / "a.dcm"
    assert case.followup == Path("/data/b.dcm")
    assert case.report is None
    assert dict(case.columns) == {"arm": "control"}
    # Without a name it has one that other rows around it do not change.
    path = write(tmp_path, "followup,prior\nc.dcm,d.dcm\n/data/b.dcm,a.dcm\n")
    assert read_manifest(path).cases[1].id == case.id


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prior,report\na,b\n", "no column followup"),
        ("prior,followup\n", "holds no case"),
        ("prior,followup\na,\n", "row 2 names no prior, or no follow-up"),
        ("prior,followup\na,b\na,b\n", "row 3 has the case_id or the exams of row 2"),
        ("case_id,prior,followup\nA,a,b\na,c,d\n", "row 3 has the case_id"),
        ("case_id,prior,followup\n../a,a,b\n", "cannot be the name of a folder"),
        ("case_id,prior,followup\n.a,a,b\n", "cannot be the name of a folder"),
        ("accession,prior,followup\nA1,a,b\n", "names files and an accession number"),
        ("prior;followup\na;b\n", "semicolons"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused_with_its_row(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem.replace("(", r"\(")):
        read_manifest(write(tmp_path, text))


def test_a_misspelled_column_is_told(tmp_path: Path) -> None:
    found = read_manifest(write(tmp_path, "prior,followup,folowup_report,centre\na,b,c,d\n"))
    (warning,) = found.warnings
    assert "'folowup_report'" in warning
    assert "'followup_report'" in warning


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "manifest.parquet"
    columns = {"case_id": ["x", "y"], "prior": ["a", "c"], "followup": ["b", "d"], "age": [61, None]}
    parquet.write_table(pyarrow.table(columns), path)
    text = "case_id,prior,followup,age\nx,a,b,61\ny,c,d,\n"
    assert read_manifest(path).cases == read_manifest(write(tmp_path, text)).cases
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_manifest(tmp_path / "broken.parquet")


def test_accession_numbers_give_names_that_do_not_tell_them(tmp_path: Path) -> None:
    found = read_manifest(write(tmp_path, "accession,prior_accession\nSECRET1,\nSECRET2,SECRET3\n"))
    assert [case.id for case in found.cases] == ["row-00002", "row-00003"]
    assert "SECRET" not in repr(found.cases)


def test_a_plan_is_a_manifest_again_and_what_it_leaves_out_stays_out(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d", "e", "f"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    cases = [
        Case("one", tmp_path / "a", tmp_path / "b", columns={"arm": "x"}),
        Case("two", tmp_path / "c", tmp_path / "d", columns={"arm": "y"}),
        Case("three", tmp_path / "e", tmp_path / "missing"),
        Case("four", tmp_path / "f", tmp_path / "a"),
    ]
    ledger = Ledger(tmp_path / "out", Terms("1", "2", Options()))
    (tmp_path / "out").mkdir()
    ledger.fail(
        cases[1],
        Outcome("two", "failed", problem=Problem(3, "InputError", "it is broken", "mend it")),
        ledger.look_at(cases[1], hashes=False),
    )
    plan = make_plan(Manifest(tuple(cases), (("lateral.dcm", "a lateral view"),)), ledger, limit=2)
    assert plan.counts == {"run": 2, "wait": 1, "done": 0, "failed": 1, "left_out": 1}
    assert [(one.fate, one.reason) for one in plan.cases] == [
        ("run", ""),
        ("failed", "it is broken"),
        ("run", "will fail: followup does not exist"),
        ("wait", "beyond --limit"),
    ]
    again = read_manifest(write(tmp_path, plan.table()))
    assert [case.id for case in again.cases] == ["one", "two", "three", "four"]
    assert again.cases[0].prior == cases[0].prior
    assert again.cases[1].columns["arm"] == "y"
    assert again.left_out == (("lateral.dcm", "a lateral view"),)
    assert again.warnings == ()
