"""Every command that writes: what a full disk, a signal or a link leaves of its results."""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Ptx
from made_exams import REPORT, exam, pixels

from ptx_followup.cli.app import run
from ptx_followup.data.files import read_mask
from ptx_followup.dicom_objects.tracking import read_previous_result
from ptx_followup.errors import InputError
from ptx_followup.report.text import decode_report

#: Smaller than any picture that is written, larger than what tests print.
_SMALL_FILE_BYTES = 4_000


@pytest.fixture
def exams(tmp_path: Path) -> list[Path]:
    """Two exams of one patient, each with its report beside it."""
    made = []
    for number in (1, 2):
        path = tmp_path / f"exam{number}.dcm"
        uid = f"1.2.840.99999.{number}"
        dataset = exam(pixels() + number, SOPInstanceUID=uid, AcquisitionTime=f"10150{number}")
        dataset.file_meta.MediaStorageSOPInstanceUID = uid
        dataset.save_as(path, enforce_file_format=True)
        path.with_suffix(".txt").write_text(REPORT, encoding="utf-8")
        made.append(path)
    return made


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    arguments = ["data", "phantom", str(folder), "--layout", "siim", "--cases", "6", "--size", "128"]
    assert run([*arguments, "--quiet"]) == 0
    return folder


@contextmanager
def small_files() -> Iterator[None]:
    """No file of this process grows beyond some kilobytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL_FILE_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def arguments_of(command: str, exams: list[Path], phantoms: Path, out: Path) -> list[object]:
    return {
        "segment": ["segment", exams[0], "--no-report", "--out", out],
        "compare": ["compare", *exams, "--out", out],
        "timeline": ["timeline", *exams, "--out", out],
        "eval": ["eval", "--data", phantoms, "--part", "all", "--limit", 3, "--out", out],
        "data check": ["data", "check", phantoms, "--out", out],
        "data convert": ["data", "convert", phantoms, out],
    }[command]


@pytest.mark.parametrize("command", ["segment", "compare", "timeline", "eval", "data check", "data convert"])
def test_a_disk_that_fills_up(
    ptx: Ptx, exams: list[Path], phantoms: Path, out: Path, untrained_model: Path, command: str
) -> None:
    arguments = arguments_of(command, exams, phantoms, out)
    if not command.startswith("data"):
        arguments += ["--model", untrained_model, "--quiet"]
    before = {path: path.read_bytes() for path in exams}
    with small_files():
        ran = ptx(*arguments)
    assert ran.code in (2, 3), ran.stderr
    assert ran.stdout == ""
    assert ran.stderr.splitlines()[-1].startswith("error: ")
    assert "File too large" in ran.stderr
    assert not out.exists() or not [path for path in out.iterdir() if path.name != "check.json"]
    assert before == {path: path.read_bytes() for path in exams}
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]


def test_a_conversion_ended_by_a_signal_leaves_nothing(tmp_path: Path, phantoms: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    ptx = Path(sys.executable).with_name("ptx")
    started = subprocess.Popen(
        [ptx, "data", "convert", phantoms, place / "new"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not list(place.iterdir()):  # it has begun to write
        time.sleep(0.005)
        assert started.poll() is None
    started.send_signal(signal.SIGTERM)
    _, stderr = started.communicate()
    assert started.returncode == 143
    assert b"Traceback" not in stderr
    assert list(place.iterdir()) == []


def test_links_are_not_followed_by_the_commands_of_data_sets(
    ptx: Ptx, phantoms: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "folder").symlink_to(precious)
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "check.json").symlink_to(tmp_path / "elsewhere")
    ptx("data", "check", phantoms, "--out", tmp_path / "folder").refused(2, "is a symbolic link")
    ptx("data", "check", phantoms, "--out", tmp_path / "out").refused(2, "exists")
    ptx("data", "convert", phantoms, tmp_path / "dangling", "--quiet").refused(2, "exists")
    ptx("data", "split", phantoms, tmp_path / "dangling").refused(2, "exists")
    ptx("data", "readings", phantoms, "--out", tmp_path / "dangling").refused(2, "exists")
    ptx("data", "phantom", tmp_path / "dangling").refused(2, "exists")
    ptx("data", "synthesise-reports", phantoms, "--out", tmp_path / "dangling").refused(2, "exists")
    assert not list(precious.iterdir())
    assert not (tmp_path / "elsewhere").exists()


# Files whose parsers would take minutes, or gigabytes, in the program itself.


def test_markup_that_its_parser_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limits.toml").write_text("seconds = 1")
    monkeypatch.setenv("PTX_LIMITS", str(tmp_path / "limits.toml"))
    with pytest.raises(InputError, match=r"report\.html takes more than 1 s to read"):
        decode_report(b"<html>" + b"<!--" * 1_000_000, "report.html")
    assert decode_report(b"<html><p>No pneumothorax.", "report.html") == "No pneumothorax."


def test_an_earlier_result_of_endless_items(tmp_path: Path) -> None:
    path = tmp_path / "previous.dcm"
    exam().save_as(path, enforce_file_format=True)
    content = path.read_bytes()
    start = content.index(b"\x08\x00\x60\x00CS")
    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0" * 400_000
    path.write_bytes(content[:start] + sequence + content[start:])
    with pytest.raises(InputError, match="holds more than 30000 data elements"):
        read_previous_result(path)
    with pytest.raises(InputError, match="holds more than 30000 data elements"):
        decode_report(path.read_bytes(), "previous.dcm")


def test_a_mask_that_promises_a_gigabyte(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))
    (tmp_path / "mask.png").write_bytes(png + chunk(b"IEND", b""))
    with pytest.raises(InputError, match=r"mask mask\.png promises 30000 x 30000 pixels"):
        read_mask(tmp_path / "mask.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match="is not a regular file"):
        read_mask(tmp_path / "pipe.png")
