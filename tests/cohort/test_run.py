"""A cohort from manifest to tables, with work that costs nothing; see `fake_work`."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_work import NAME
from made_cohort import run_document, table

from ptx_followup.cohort import local
from ptx_followup.cohort.bounded import BoundedWorker, StoppedError
from ptx_followup.cohort.case import Case, Options, Outcome
from ptx_followup.cohort.run import How, batch, merge
from ptx_followup.cohort.setup import Bounds, Setup
from ptx_followup.errors import InputError, UsageError

Make = Callable[..., Path]
FAKE = How(workers=1, work=NAME)


def run(manifest: Path, out: Path, how: How = FAKE, options: Options | None = None) -> dict[str, Outcome]:
    return {one.case_id: one for one in batch(manifest, out, options, how)}


def test_every_case_is_a_folder_and_a_row_in_the_order_of_the_manifest(
    make_manifest: Make, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    manifest = make_manifest(["3", "-2", "1"], centre=["Bonn", "Graz", "Linz"])
    ended = run(manifest, out, replace(FAKE, workers=2))
    assert {one.state for one in ended.values()} == {"done"}
    rows = table(out / "results.csv")
    assert [row["case_id"] for row in rows] == ["case-000", "case-001", "case-002"]
    assert [row["centre"] for row in rows] == ["Bonn", "Graz", "Linz"]
    assert [float(row["change_difference"]) for row in rows] == [3, -2, 1]
    for name in ended:
        names = {path.name for path in (out / "cases" / name).iterdir()}
        assert names == {"panel.png", "result.json", "case.json"}
    assert table(out / "failures.csv") == []
    document = run_document(out)
    assert document["counts"] == {"cases": 3, "done": 3, "failed": 0, "waiting": 0, "left_out": 0}
    assert document["source"]["manifest"] == str(manifest)
    assert not any((out / "work").rglob("*.*"))


def test_a_case_that_fails_ends_nothing_and_is_a_row_without_identity(
    make_manifest: Make, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    how = replace(FAKE, bounds=Bounds(seconds=8))
    ended = run(make_manifest(["1", "refuse", "break", "die", "hang", "2"]), out, how)
    assert [one.state for one in ended.values()].count("done") == 2
    failures = {row["case_id"]: (row["code"], row["kind"]) for row in table(out / "failures.csv")}
    assert failures == {
        "case-001": ("3", "InputError"),
        "case-002": ("1", "RuntimeError"),
        "case-003": ("1", "WorkerDied"),
        "case-004": ("3", "TimeOut"),
    }
    assert "SECRET" not in (out / "failures.csv").read_text(encoding="utf-8")
    assert {path.name for path in (out / "cases").iterdir()} == {"case-000", "case-005"}


def test_a_case_that_eats_memory_fails_alone(make_manifest: Make, tmp_path: Path) -> None:
    how = replace(FAKE, bounds=Bounds(memory_bytes=600_000_000))
    ended = run(make_manifest(["1", "eat", "2"]), tmp_path / "out", how)
    assert [one.state for one in ended.values()] == ["done", "failed", "done"]
    problem = ended["case-001"].problem
    assert problem is not None
    assert (problem.code, problem.kind) == (3, "OutOfMemory")


def test_what_is_done_stays_done_and_only_the_rest_runs(make_manifest: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = make_manifest(["1", "refuse", "3", "4"])
    assert len(run(manifest, out, replace(FAKE, limit=2))) == 2
    assert run_document(out)["counts"]["waiting"] == 2
    first = (out / "cases" / "case-000").stat().st_ino
    assert list(run(manifest, out)) == ["case-002", "case-003"]
    assert run(manifest, out) == {}
    assert (out / "cases" / "case-000").stat().st_ino == first
    assert [row["case_id"] for row in table(out / "results.csv")] == ["case-000", "case-002", "case-003"]
    # The reason for the failure is gone; it is found out on demand, as the input is another now.
    make_manifest(["1", "2", "3", "4"])
    assert list(run(manifest, out)) == ["case-001"]
    assert table(out / "failures.csv") == []


def test_a_failure_runs_again_on_demand_alone(make_manifest: Make, tmp_path: Path) -> None:
    manifest = make_manifest(["refuse"])
    assert len(run(manifest, tmp_path / "out")) == 1
    assert run(manifest, tmp_path / "out") == {}
    assert len(run(manifest, tmp_path / "out", replace(FAKE, retry_failed=True))) == 1


def test_another_input_option_or_version_is_another_result(make_manifest: Make, tmp_path: Path) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1", "2"])
    run(manifest, out)
    (tmp_path / "exams" / "1-followup.txt").write_text("another film", encoding="utf-8")
    assert list(run(manifest, out)) == ["case-001"]
    # A report that appears beside the prior is an input too.
    (tmp_path / "exams" / "0-prior.txt").rename(tmp_path / "exams" / "0-prior.dcm")
    text = manifest.read_text(encoding="utf-8").replace("0-prior.txt", "0-prior.dcm")
    manifest.write_text(text, encoding="utf-8")
    assert list(run(manifest, out)) == ["case-000"]
    (tmp_path / "exams" / "0-prior.txt").write_text("No pneumothorax.", encoding="utf-8")
    assert list(run(manifest, out)) == ["case-000"]
    assert len(run(manifest, out, options=Options(bspline=True))) == 2
    assert run(manifest, out, options=Options(bspline=True)) == {}


def test_verify_hashes_and_trusts_no_time(make_manifest: Make, tmp_path: Path) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1", "2"])
    run(manifest, out)
    known = (tmp_path / "exams" / "0-prior.txt").stat()
    (tmp_path / "exams" / "0-prior.txt").write_text("7", encoding="utf-8")
    os.utime(tmp_path / "exams" / "0-prior.txt", ns=(known.st_atime_ns, known.st_mtime_ns))
    os.utime(tmp_path / "exams" / "1-prior.txt")
    verified = run(manifest, out, replace(FAKE, verify=True))
    assert list(verified) == ["case-000"]
    assert verified["case-000"].row["change_difference"] == 7


def test_what_verify_finds_altered_is_never_taken_for_done_again(make_manifest: Make, tmp_path: Path) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1.5"])
    run(manifest, out)
    prior = tmp_path / "exams" / "0-prior.txt"
    known = prior.stat()
    prior.write_text("die", encoding="utf-8")
    os.utime(prior, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert run(manifest, out, replace(FAKE, verify=True))["case-000"].state == "failed"
    assert table(out / "results.csv") == []


def test_what_verify_finds_altered_beyond_a_limit_waits(make_manifest: Make, tmp_path: Path) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1", "2", "3"])
    run(manifest, out)
    for number, words in ((0, "7"), (2, "8")):
        prior = tmp_path / "exams" / f"{number}-prior.txt"
        known = prior.stat()
        prior.write_text(words, encoding="utf-8")
        os.utime(prior, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert list(run(manifest, out, replace(FAKE, verify=True, limit=1))) == ["case-000"]
    assert [row["case_id"] for row in table(out / "results.csv")] == ["case-000", "case-001"]
    (rest,) = run(manifest, out).values()
    assert (rest.case_id, rest.row["change_difference"]) == ("case-002", 8)


def test_an_input_that_is_mended_while_its_case_fails_runs_again(make_manifest: Make, tmp_path: Path) -> None:
    """The stamps of a failure are those of before the work."""
    out, manifest = tmp_path / "out", make_manifest(["refuse once"])
    assert run(manifest, out)["case-000"].state == "failed"
    assert run(manifest, out)["case-000"].state == "done"
    assert run(manifest, out) == {}


def test_a_case_is_not_blamed_for_what_is_read_ahead(make_manifest: Make, tmp_path: Path) -> None:
    """The next case kills the process while it is read; each then runs alone and is done."""
    told = ["1", "2 0 die-ahead", "3 0 die-ahead", "4"]
    ended = run(make_manifest(told), tmp_path / "out")
    assert {name: one.row["change_difference"] for name, one in ended.items()} == {
        f"case-{number:03}": number + 1 for number in range(4)
    }


def test_a_case_is_written_while_the_next_is_compared(make_manifest: Make, tmp_path: Path) -> None:
    """The writing of each but the last waits for what the comparing of the next one does."""
    told = ["1 0 await", "2 0 meet", "3"]
    how = replace(FAKE, bounds=Bounds(seconds=60))
    ended = run(make_manifest(told), tmp_path / "out", how)
    assert [(name, one.row["change_difference"]) for name, one in ended.items()] == [
        ("case-000", 1),
        ("case-001", 2),
        ("case-002", 3),
    ]


def test_a_case_that_cannot_be_written_fails_alone(make_manifest: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = run(make_manifest(["1", "2 0 unwritable", "3"]), out)
    assert [one.state for one in ended.values()] == ["done", "failed", "done"]
    problem = ended["case-001"].problem
    assert problem is not None
    assert (problem.kind, problem.message) == ("UsageError", "the results cannot be written")
    assert {path.name for path in (out / "cases").iterdir()} == {"case-000", "case-002"}


def test_results_without_identity_hold_no_digest_that_can_be_tried(
    make_manifest: Make, tmp_path: Path
) -> None:
    """Neither of a path, as a name, nor of an input's content."""
    manifest = make_manifest(["1"])
    manifest.write_text("prior,followup\nexams/0-prior.txt,exams/0-followup.txt\n", encoding="utf-8")
    plain = hashlib.sha256(b"1").hexdigest()
    names = set()
    for out in (tmp_path / "one", tmp_path / "two"):
        (name,) = run(manifest, out, options=Options(deidentify=True))
        assert plain not in (out / "cases" / name / "case.json").read_text(encoding="utf-8")
        assert run(manifest, out, replace(FAKE, verify=True), Options(deidentify=True)) == {}
        names.add(name)
    assert len(names) == 2
    (known,) = run(manifest, tmp_path / "known")
    assert plain in (tmp_path / "known" / "cases" / known / "case.json").read_text(encoding="utf-8")


def test_a_full_disk_ends_the_run_and_fails_no_case(
    make_manifest: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1", "full", "3"])
    with pytest.raises(StoppedError, match="disk is full"):
        run(manifest, out)
    assert not list(out.glob("failures/*"))
    make_manifest(["1", "2", "3"])
    with monkeypatch.context() as patch:
        patch.setattr(local, "LEAST_FREE_BYTES", shutil.disk_usage(tmp_path).total)
        with pytest.raises(StoppedError, match="are free on the disk"):
            run(manifest, out)
    run(manifest, out)
    assert len(table(out / "results.csv")) == 3


def test_parts_make_the_table_of_the_whole(make_manifest: Make, tmp_path: Path) -> None:
    manifest = make_manifest(["1", "-2", "refuse", "4", "5"])
    run(manifest, tmp_path / "whole")
    for part in (1, 2, 3):
        run(manifest, tmp_path / "parts", replace(FAKE, shard=(part, 3)))
        assert not (tmp_path / "parts" / "results.csv").exists()
        (tmp_path / "parts" / "ptx-run.json").unlink(missing_ok=True)
    document = merge(tmp_path / "parts")
    assert document["counts"] == run_document(tmp_path / "whole")["counts"]
    for name in ("results.csv", "failures.csv"):
        assert table(tmp_path / "parts" / name) == table(tmp_path / "whole" / name)
    with pytest.raises(InputError, match="no cohort"):
        merge(tmp_path)


def test_two_runs_do_not_share_a_folder_and_two_parts_do(make_manifest: Make, tmp_path: Path) -> None:
    out, manifest = tmp_path / "out", make_manifest(["1", "2"])
    going_on = batch(manifest, out, None, replace(FAKE, shard=(1, 2)))
    next(going_on)
    with pytest.raises(UsageError, match="another run"):
        run(manifest, out)
    with pytest.raises(UsageError, match="another run"):
        run(manifest, out, replace(FAKE, shard=(1, 2)))
    assert len(run(manifest, out, replace(FAKE, shard=(2, 2)))) == 1
    going_on.close()


def test_results_without_identity_carry_nothing_of_the_manifest(make_manifest: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    columns = {"patient": ["SECRET"] * 3, "prior_day": ["0", "SECRET", ""], "name": ["SECRET"] * 3}
    options = Options(deidentify=True, override="patient", reason="SECRET")
    run(make_manifest(["1", "2", "name"], **columns), out, options=options)
    rows = table(out / "results.csv")
    assert rows[0]["patient"] == rows[1]["patient"] != ""
    assert rows[0]["prior_day"] == "0"
    for file in out.rglob("*"):
        assert file.is_dir() or b"SECRET" not in file.read_bytes()
        assert file.is_dir() or str(tmp_path).encode() not in file.read_bytes()
    (failure,) = table(out / "failures.csv")
    assert (failure["message"], failure["hint"]) == ("the prior cannot be read", "look at the followup")
    (out / "ptx-run.json").unlink()
    assert merge(out)["counts"]["done"] == 2


def test_another_model_in_a_worker_is_refused(make_manifest: Make, tmp_path: Path) -> None:
    worker = BoundedWorker(Setup(tmp_path, Options(), work=NAME), Bounds(), "0" * 64)
    with pytest.raises(UsageError, match="other weights"):
        worker.run(Case("one"))
    worker.end()
