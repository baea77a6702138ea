"""What a decoder does in its process, and what is seen of it outside: one line, and a reader that goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from made_files import make_dataset, save

from ptx_followup.dicom_objects.jpeg_ls import jpeg_ls
from ptx_followup.errors import InputError, PtxError, UsageError
from ptx_followup.files import contained
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.reading_ahead import reading_ahead
from ptx_followup.radiograph.read import read_radiograph, read_unprotected

#: The module whose function reads radiographs.
READER = "ptx_followup.radiograph.read"


@pytest.fixture(autouse=True)
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The decoder of `misbehaving.py`, and a new child for every test."""
    monkeypatch.setattr(contained, "PROGRAM", "misbehaving")
    monkeypatch.setattr(contained, "_state", contained._State())
    yield
    contained._state.leave()


@pytest.mark.parametrize(
    ("name", "limits", "problem"),
    [
        ("crash.dcm", Limits(), "crash.dcm made its decoder crash"),
        ("exit.dcm", Limits(), "exit.dcm made its decoder crash"),
        ("hang.dcm", Limits(seconds=1), "hang.dcm takes more than 1 s to read"),
        ("spin.dcm", Limits(seconds=1), "spin.dcm takes more than 1 s to read"),
        (
            "swell.dcm",
            Limits(memory_bytes=500_000_000),
            "swell.dcm needs more than 500 MB of memory to be read",
        ),
        ("panic.dcm", Limits(), "panic.dcm holds pixel data that cannot be decoded"),
        ("write.dcm", Limits(), "write.dcm holds pixel data that cannot be decoded"),
    ],
)
def test_a_decoder_that_misbehaves_is_an_input_error_and_the_next_file_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    limits: Limits,
    problem: str,
) -> None:
    monkeypatch.setenv("PTX_TEST_FILE", str(tmp_path / "written"))
    hostile = save(make_dataset(), tmp_path, name)
    with pytest.raises(InputError) as refusal:
        read_radiograph(hostile, limits=limits)
    assert refusal.value.problem == problem
    assert refusal.value.hint
    assert read_radiograph(save(make_dataset(), tmp_path)).rows == 80
    assert capfd.readouterr() == ("", "")
    written = tmp_path / "written"
    assert not written.exists() or written.read_bytes() == b""


def test_what_a_decoder_prints_goes_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert read_radiograph(save(make_dataset(), tmp_path, "print.dcm")).rows == 80
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("function", ["LINEAR", "SIGMOID"])
def test_the_child_reads_what_this_process_would(tmp_path: Path, function: str) -> None:
    dataset = make_dataset(
        VOILUTFunction=function,
        WindowCenter=2000,
        WindowWidth=1500,
        StudyDate="20260301",
        StudyTime="101500.25",
        ImagerPixelSpacing=[0.5, 0.25],
        PatientOrientation=["F", "R"],
    )
    path = save(dataset, tmp_path)
    there, here = read_radiograph(path), read_unprotected(path, path.name, Limits())
    np.testing.assert_array_equal(there.pixels, here.pixels)
    assert there.pixels.dtype == np.float32
    assert there.pixels.flags.writeable
    assert there.path == path
    assert there.greyscale is not None
    assert here.greyscale is not None
    assert there.greyscale.to_json() == here.greyscale.to_json()
    assert (here.greyscale.table is None) == (function == "LINEAR")
    for name in here.__dataclass_fields__.keys() - {"pixels", "path", "greyscale"}:
        assert getattr(there, name) == getattr(here, name), name


def test_one_child_serves_many_files_until_it_is_killed(tmp_path: Path) -> None:
    path = save(make_dataset(), tmp_path)
    read_radiograph(path)
    first = contained._state.child_in_service(READER)
    read_radiograph(path)
    assert contained._state.child_in_service(READER) is first
    first._process.send_signal(signal.SIGKILL)
    first._process.wait()
    assert read_radiograph(path).rows == 80


def test_an_interrupt_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    child = contained._state.child_in_service(READER)
    monkeypatch.setattr(child, "_receive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_radiograph(save(make_dataset(), tmp_path, "hang.dcm"))
    assert not child.in_service


def test_what_is_read_ahead_is_waited_for_or_given_up(tmp_path: Path) -> None:
    good, hanging = (save(make_dataset(), tmp_path, name) for name in ("good.dcm", "hang.dcm"))
    with reading_ahead(lambda: read_radiograph(good)) as reading:
        assert reading.result().path == good
    with suppress(KeyboardInterrupt), reading_ahead(lambda: read_radiograph(hanging)) as reading:
        while not contained._state.lock.locked():
            time.sleep(0.01)
        raise KeyboardInterrupt
    with pytest.raises(InputError):  # at once, and not when the time for the file is over
        reading.result(timeout=Limits().seconds / 2)
    assert read_radiograph(good).path == good


def test_a_forked_process_has_a_child_of_its_own(tmp_path: Path) -> None:
    path = save(make_dataset(), tmp_path)
    read_radiograph(path)
    child = contained._state.child_in_service(READER)
    if (forked := os.fork()) == 0:
        own = contained._state.child_in_service(READER)
        os._exit(0 if own is not child and read_radiograph(path).rows == 80 else 1)
    assert os.waitpid(forked, 0)[1] == 0
    assert contained._state.child_in_service(READER) is child
    assert read_radiograph(path).rows == 80


def running(process: int) -> bool:
    """Whether a process runs; one that nobody has waited for has ended all the same."""
    try:
        return "zombie" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("name", ["good.dcm", "spin.dcm"])
def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path, name: str) -> None:
    """Not even one whose decoder hangs: its processor time is limited as well."""
    path = save(make_dataset(), tmp_path, name)
    program = (
        "import sys, time; from ptx_followup.files import contained, limits;"
        "from ptx_followup.radiograph import read;"
        f"contained.PROGRAM = 'misbehaving'; contained.start({READER!r});"
        f"print(contained._state.child_in_service({READER!r})._process.pid, flush=True);"
        f"read.read_radiograph({str(path)!r}, limits=limits.Limits(seconds=1)); time.sleep(600)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_that_does_not_start_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contained, "PROGRAM", "no_such_module")
    with pytest.raises(PtxError, match="does not start") as refusal:
        read_radiograph(save(make_dataset(), tmp_path))
    assert refusal.value.exit_code == 1


def test_limits_are_set_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PTX_LIMITS", raising=False)
    assert configured_limits() == Limits()
    (tmp_path / "limits.toml").write_text("seconds = 7\nfile_bytes = 1_000_000\n")
    monkeypatch.setenv("PTX_LIMITS", str(tmp_path / "limits.toml"))
    assert configured_limits() == Limits(seconds=7, file_bytes=1_000_000)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("second = 7", "unknown limit 'second'"),
        ("seconds = 0", "not a positive whole number"),
        ("seconds = true", "not a positive whole number"),
        ("seconds = '7'", "not a positive whole number"),
        ("seconds", "cannot be read"),
        ("seconds = " + "[" * 100_000, "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_limits_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, problem: str
) -> None:
    file = tmp_path / "limits.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("PTX_LIMITS", str(file))
    with pytest.raises(UsageError, match=problem):
        configured_limits()


def test_an_array_is_worked_on_in_the_child() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (37, 51, 3), np.uint8)
    assert np.array_equal(imagecodecs.jpegls_decode(jpeg_ls(picture)), picture)
    assert np.array_equal(imagecodecs.jpegls_decode(jpeg_ls(picture[::2, ::-1])), picture[::2, ::-1])
