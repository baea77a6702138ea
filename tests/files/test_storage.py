"""Files are whole or absent, and for their owner's eyes."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import IO

import pytest

from ptx_followup.files.storage import CHUNK, cache_folder, sha256_of_file, write_atomically


def test_a_file_and_its_folder_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "file", lambda file: file.write(b"content"))
    assert (tmp_path / "new" / "file").read_bytes() == b"content"
    assert (tmp_path / "new" / "file").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def half(file: IO[bytes]) -> None:
        file.write(b"ne")
        raise error

    with pytest.raises(type(error)):
        write_atomically(tmp_path / "file", half)
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_nobody_sees_a_file_before_it_is_whole(tmp_path: Path) -> None:
    def look(file: IO[bytes]) -> None:
        file.write(b"content")
        assert not (tmp_path / "file").exists()

    write_atomically(tmp_path / "file", look)
    assert (tmp_path / "file").exists()


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_the_hash_of_a_file_is_that_of_its_content(tmp_path: Path, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    (tmp_path / "file").write_bytes(content)
    assert sha256_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_the_cache_is_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("PTX_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "ptx"
