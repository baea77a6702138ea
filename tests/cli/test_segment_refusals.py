"""Bad input of `ptx segment`: its exit code, one line that says what to do, no patient, and no files."""

from __future__ import annotations

import errno
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from conftest import Ptx
from made_exams import REPORT, save_exam
from pydicom.uid import CTImageStorage

from ptx_followup.files.storage import write_atomically
from ptx_followup.results import segmentation as results


@pytest.fixture(autouse=True)
def nothing_is_written(out: Path) -> Any:
    """Whatever is refused leaves no file."""
    yield
    assert not out.is_dir() or list(out.iterdir()) == []


def folder(path: Path) -> Path:
    (path / "study").mkdir()
    return path / "study"


def content(data: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        (path / "image.dcm").write_bytes(data)
        return path / "image.dcm"

    return write


def truncated(path: Path) -> Path:
    image = save_exam(path)
    image.write_bytes(image.read_bytes()[:-10_000])
    return image


@pytest.mark.parametrize(
    ("make", "code", "problem"),
    [
        pytest.param(lambda path: path / "none.dcm", 3, "none.dcm does not exist", id="not a file"),
        pytest.param(folder, 3, "study is a folder", id="a folder"),
        pytest.param(content(b""), 3, "image.dcm is empty", id="an empty file"),
        pytest.param(content(REPORT.encode()), 3, "image.dcm is not a DICOM, PNG or JPEG", id="text"),
        pytest.param(truncated, 3, "exam.dcm", id="truncated pixels"),
        pytest.param(
            lambda path: save_exam(path, SOPClassUID=CTImageStorage, Modality="CT"),
            3,
            "exam.dcm is of the kind CT Image, not a radiograph",
            id="a CT slice",
        ),
        pytest.param(
            lambda path: save_exam(path, ViewPosition="LL", ViewCodeSequence=None),
            5,
            "exam.dcm is a lateral view",
            id="a lateral view",
        ),
        pytest.param(
            lambda path: save_exam(path, PixelData=None), 3, "holds no pixel data", id="no pixel data"
        ),
        pytest.param(
            lambda path: save_exam(path, Rows=60_000, Columns=60_000),
            3,
            "promises 60000 x 60000 pixels",
            id="gigabytes",
        ),
        pytest.param(lambda path: path / f"{'long' * 100}.dcm", 3, "File name too long", id="a long name"),
    ],
)
def test_bad_radiographs(
    ptx: Ptx,
    tmp_path: Path,
    report: Path,
    out: Path,
    make: Callable[[Path], Path],
    code: int,
    problem: str,
) -> None:
    ran = ptx("segment", make(tmp_path), "--report", report, "--out", out, "--json")
    ran.refused(code, problem)
    assert not out.exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "there is no report"),
        (b"", "holds no text"),
        (b" \r\n\t ", "holds no text"),
        (b"%PDF-1.7", "is a PDF"),
        (bytes(range(256)) * 4, "is not text"),
        (b"pneumothorax " * 400_000, "is larger than 4 MB"),
    ],
)
def test_bad_reports(
    ptx: Ptx, prior: Path, tmp_path: Path, out: Path, data: bytes | None, problem: str
) -> None:
    report = tmp_path / "report.txt"
    if data is not None:
        report.write_bytes(data)
    ptx("segment", prior, "--report", report, "--out", out).refused(3, problem)


def test_a_folder_as_report_and_nothing_on_stdin(
    ptx: Ptx, prior: Path, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ptx("segment", prior, "--report", tmp_path, "--out", out).refused(3, "is a folder")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    ptx("segment", prior, "--report", "-", "--out", out).refused(3, "standard input holds no text")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "no report is given"),
        (["--report", "report.txt", "--no-report"], "both --report and --no-report are given"),
        (["--no-report", "--prompt", "shout"], "Invalid value for '--prompt'"),
        (["--no-report", "--force"], "No such option: --force"),
        (["--no-report", "second.dcm"], "unexpected extra argument"),
    ],
)
def test_wrong_usage(ptx: Ptx, prior: Path, out: Path, options: list[str], problem: str) -> None:
    ptx("segment", prior, "--out", out, *options).refused(2, problem)


@pytest.mark.parametrize(
    ("device", "problem"),
    [
        ("cuda", "device 'cuda' is not on this machine"),
        ("cuda:1", "device 'cuda:1' is not on this machine"),
        ("gpu", "device 'gpu' is unknown"),
    ],
)
def test_a_device_that_is_not_there(
    ptx: Ptx,
    prior: Path,
    out: Path,
    untrained_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    device: str,
    problem: str,
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)  # also where the machine has a GPU
    options = ("--no-report", "--out", out, "--model", untrained_model, "--device", device)
    ptx("segment", prior, *options).refused(2, problem)


def one_byte_changed(model: Path) -> None:
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    (model / "model.safetensors").write_bytes(weights)


def unknown_field(model: Path) -> None:
    config = (model / "config.json").read_text().replace('"version"', '"virsion"')
    (model / "config.json").write_text(config)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (one_byte_changed, "does not have the SHA-256 that config.json names"),
        (unknown_field, "is not a model configuration"),
        (lambda model: (model / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda model: (model / "config.json").unlink(), "there is no model"),
        (lambda model: (model / "config.json").write_bytes(b"\xff{"), "is not a model configuration"),
        (shutil.rmtree, "there is no model"),
    ],
)
def test_a_model_that_is_missing_or_altered(
    ptx: Ptx,
    prior: Path,
    out: Path,
    tmp_path: Path,
    untrained_model: Path,
    spoil: Callable[[Path], Any],
    problem: str,
) -> None:
    model = tmp_path / "model"
    shutil.copytree(untrained_model, model)
    spoil(model)
    ptx("segment", prior, "--no-report", "--out", out, "--model", model).refused(6, problem)


def test_a_model_of_another_task(ptx: Ptx, prior: Path, out: Path) -> None:
    ran = ptx("segment", prior, "--no-report", "--out", out, "--model", "lungs")
    ran.refused(6, "does not find a pneumothorax")


def test_an_output_folder_that_cannot_be(ptx: Ptx, prior: Path, report: Path, tmp_path: Path) -> None:
    # Not by permission bits, which do not bind a superuser.
    for out in (report, report / "below", Path("/proc/ptx-out"), tmp_path / "two\nlines" / ("long" * 100)):
        ptx("segment", prior, "--report", report, "--out", out).refused(2, "cannot be made")


def test_a_full_disk(
    ptx: Ptx, prior: Path, report: Path, out: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
        def some(file: IO[bytes]) -> None:
            file.write(b"some")
            raise OSError(errno.ENOSPC, "No space left on device")

        write_atomically(path, some)

    monkeypatch.setattr(results, "write_atomically", full)
    ran = ptx("segment", prior, "--report", report, "--out", out, "--model", untrained_model, "--json")
    ran.refused(2, "No space left on device")
