"""The output folder: its owner's, never filled by halves, never over other results unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_followup.errors import UsageError
from ptx_followup.files.output_folder import prepare_folder, staged

NAMES = ("result.json", "a.png", "b.png")


def fill(out: Path, *names: str, content: str = "new") -> None:
    with staged(out, NAMES) as folder:
        for name in names:
            (folder / name).write_text(content)


def contents(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in out.iterdir()}


def test_the_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    prepare_folder(out, NAMES)
    assert out.stat().st_mode & 0o077 == 0
    prepare_folder(out, NAMES)
    with staged(out, NAMES) as folder:
        assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/ptx-out")):
        with pytest.raises(UsageError, match="cannot be made"):
            prepare_folder(out)


@pytest.mark.parametrize("name", NAMES)
def test_results_are_replaced_by_request_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(UsageError, match="holds results already"):
        prepare_folder(tmp_path, NAMES)
    prepare_folder(tmp_path, NAMES, overwrite=True)


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(UsageError, match="is a symbolic link"):
        prepare_folder(tmp_path / "link", overwrite=True)


def test_a_link_in_the_folder_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    out = tmp_path / "out"
    out.mkdir()
    for name in NAMES:
        (out / name).symlink_to(tmp_path / "precious")
    fill(out, *NAMES)
    assert contents(out) == dict.fromkeys(NAMES, "new")
    assert not any(path.is_symlink() for path in out.iterdir())
    assert (tmp_path / "precious").read_text() == "precious"


def test_the_files_of_a_run_replace_all_of_an_earlier_one_and_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path, *NAMES, content="old")
    (tmp_path / "notes.txt").write_text("the user's own")
    fill(tmp_path, "result.json", "a.png")
    assert contents(tmp_path) == {"result.json": "new", "a.png": "new", "notes.txt": "the user's own"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_what_is_interrupted_leaves_the_earlier_results(tmp_path: Path, error: type[BaseException]) -> None:
    def half() -> None:
        with staged(tmp_path, NAMES) as folder:
            (folder / "a.png").write_text("half")
            raise error

    fill(tmp_path, *NAMES, content="old")
    with pytest.raises(error):
        half()
    assert contents(tmp_path) == dict.fromkeys(NAMES, "old")


def test_a_name_that_is_taken_by_a_folder_leaves_no_result(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        fill(tmp_path, *NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
