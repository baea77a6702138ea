"""The queue of `ptx listen`: bounded, on disk, and whole after a crash."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ptx_followup.errors import UsageError
from ptx_followup.pacs.queue import QueueFullError, StudyQueue


def open_queue(folder: Path, most: int = 10) -> StudyQueue:
    return StudyQueue(folder / "queue", most_studies=most, least_free_mb=0)


def test_a_study_is_taken_when_it_has_been_quiet(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        queue.add("1.2", "1.2.1", b"one")
        queue.add("1.2", "1.2.2", b"two")
        assert queue.take(quiet_s=60) is None
        case = queue.take(quiet_s=0)
        assert case is not None
        assert sorted(file.read_bytes() for file in case.folder.iterdir()) == [b"one", b"two"]
        assert queue.take(quiet_s=0) is None


def test_the_study_that_waited_longest_comes_first(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        for number in range(3):
            queue.add(f"1.{number}", "1", str(number).encode())
        folders = sorted((tmp_path / "queue" / "incoming").iterdir())
        by_content = {(folder / os.listdir(folder)[0]).read_bytes(): folder for folder in folders}
        for age, content in ((30, b"0"), (90, b"1"), (60, b"2")):
            past = by_content[content].stat().st_mtime - age
            os.utime(by_content[content], (past, past))
        taken = [queue.take(0), queue.take(0), queue.take(0)]
        assert [next(case.folder.iterdir()).read_bytes() for case in taken if case] == [b"1", b"2", b"0"]


def test_an_object_sent_twice_is_one_object(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        queue.add("1.2", "1.2.1", b"one")
        queue.add("1.2", "1.2.1", b"one")
        case = queue.take(0)
        assert case is not None
        assert len(list(case.folder.iterdir())) == 1


def test_a_full_queue_takes_no_other_study_but_the_rest_of_those_it_has(tmp_path: Path) -> None:
    with open_queue(tmp_path, most=2) as queue:
        queue.add("1", "1.1", b"x")
        queue.add("2", "2.1", b"x")
        with pytest.raises(QueueFullError):
            queue.add("3", "3.1", b"x")
        queue.add("1", "1.2", b"x")
        case = queue.take(0)
        assert case is not None
        queue.finish(case, {"outcome": "compared"})
        queue.add("3", "3.1", b"x")
        assert list((tmp_path / "queue" / "parts").iterdir()) == []


def test_a_full_disk_is_noticed_before_it_is_full(tmp_path: Path) -> None:
    with (
        StudyQueue(tmp_path / "queue", least_free_mb=10**12) as queue,
        pytest.raises(QueueFullError),
    ):
        queue.add("1", "1.1", b"x")


def test_a_case_in_work_is_taken_up_again_after_a_crash(tmp_path: Path) -> None:
    """With what has come of the study in the meantime; half-written objects were never acknowledged."""
    with open_queue(tmp_path) as queue:
        queue.add("1", "1.1", b"first")
        assert queue.take(0) is not None
        queue.add("1", "1.2", b"second")
        (tmp_path / "queue" / "parts" / "tmp123").write_bytes(b"half")
    with open_queue(tmp_path) as queue:
        case = queue.take(0)
        assert case is not None
        assert sorted(file.read_bytes() for file in case.folder.iterdir()) == [b"first", b"second"]
        assert list((tmp_path / "queue" / "parts").iterdir()) == []


def test_a_case_put_back_waits(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        queue.add("1", "1.1", b"x")
        case = queue.take(0)
        assert case is not None
        queue.put_back(case, pause_s=60)
        assert queue.take(0) is None
        queue.add("2", "2.1", b"other")
        other = queue.take(0)
        assert other is not None
        assert other.name != case.name


def test_ends_are_written_down_without_a_uid(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        for study in ("1.2.345", "1.2.678"):
            queue.add(study, f"{study}.1", b"x")
        for end in ("finish", "fail"):
            case = queue.take(0)
            assert case is not None
            if end == "finish":
                queue.finish(case, {"outcome": "no prior"})
            else:
                queue.fail(case, "a study holds 2 frontal chest radiographs")
                assert list((tmp_path / "queue" / "failed" / case.name).iterdir())
        assert len(queue) == 0
    text = (tmp_path / "queue" / "done.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["outcome"] for line in text.splitlines()] == ["no prior", "failed"]
    names = " ".join(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert "1.2.345" not in text + names
    assert "1.2.678" not in text + names


def test_a_second_failure_of_a_study_keeps_what_the_first_kept(tmp_path: Path) -> None:
    sent = ({"1.1": b"image", "1.2": b"report"}, {"1.1": b"image", "1.2": b"corrected", "1.3": b"addendum"})
    with open_queue(tmp_path) as queue:
        for objects in sent:
            for uid, content in objects.items():
                queue.add("1", uid, content)
            case = queue.take(0)
            assert case is not None
            queue.fail(case, "a study holds 2 frontal chest radiographs")
            assert not case.folder.exists()
        kept = (tmp_path / "queue" / "failed" / case.name).iterdir()
        assert sorted(file.read_bytes() for file in kept) == [b"addendum", b"corrected", b"image", b"report"]


def test_one_process_uses_a_queue(tmp_path: Path) -> None:
    with open_queue(tmp_path), pytest.raises(UsageError, match="in use"), open_queue(tmp_path):
        pass


def test_the_folder_is_private(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        queue.add("1", "1.1", b"x")
        case = queue.take(0)
        assert case is not None
        assert (tmp_path / "queue" / "incoming").stat().st_mode & 0o077 == 0
        assert case.folder.stat().st_mode & 0o077 == 0
