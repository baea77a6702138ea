"""Files from anywhere through `ptx segment`: those of pydicom, one by one, and bombs."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from conftest import Ptx
from made_exams import REPORT, exam, save_exam
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless
from pydicom_files import FILES

from ptx_followup.files import contained

FOLDER = Path(pydicom.data.__file__).parent / "test_files"


def peak_megabytes(process: int | str = "self") -> int:
    """Most memory that a process has held."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1000


def test_the_table_names_every_file_of_pydicom() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert there == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_files_of_pydicom(ptx: Ptx, out: Path, untrained_model: Path, name: str) -> None:
    code, reason = FILES[name]
    began = time.process_time()  # a busy machine takes its time
    ran = ptx("segment", FOLDER / name, "--no-report", "--out", out, "--model", untrained_model)
    assert time.process_time() - began < 20
    child = contained._state.child_in_service("ptx_followup.radiograph.read")
    assert peak_megabytes(child._process.pid) < 1500
    if code == 0:
        assert ran.code == 0
        assert (out / "result.json").is_file()
    else:
        ran.refused(code, reason)
        assert not out.exists()


# Bombs. Each is a file of at most some megabytes, or a report.


def deflated(folder: Path) -> Path:
    """2 GB of zeros in 2 MB."""
    path = folder / "bomb.dcm"
    dataset = exam(np.zeros((64, 64), np.uint16))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    content = path.read_bytes()
    meta_end = 132 + 12 + struct.unpack("<I", content[140:144])[0]
    deflater = zlib.compressobj(9, wbits=-15)
    stream = deflater.compress(struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, 2_000_000_000))
    zeros = bytes(10_000_000)
    stream += b"".join(deflater.compress(zeros) for _ in range(200))
    path.write_bytes(content[:meta_end] + stream + deflater.flush())
    return path


def jpeg_2000(folder: Path, rows: int, columns: int, tile: int) -> Path:
    """A code stream of some kilobytes that promises an image of this size, in tiles of this size."""
    dataset = exam(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    stream = bytearray(dataset.PixelData[16:])
    size = stream.index(b"\xff\x51") + 6
    struct.pack_into(">IIIIIIII", stream, size, columns, rows, 0, 0, tile, tile, 0, 0)
    dataset.PixelData = encapsulate([bytes(stream)])
    dataset.Rows, dataset.Columns = min(rows, 65535), min(columns, 65535)
    path = folder / "bomb.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def nested(folder: Path) -> Path:
    """10,000 sequences in one another."""
    path = folder / "bomb.dcm"
    content = save_exam(folder).read_bytes()
    start = content.index(b"\x08\x00\x60\x00CS")  # before Modality
    level = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path.write_bytes(content[:start] + level * 10_000 + content[start:])
    return path


def items(folder: Path) -> Path:
    """A hundred thousand items in one sequence."""
    path = folder / "bomb.dcm"
    content = save_exam(folder).read_bytes()
    start = content.index(b"\x08\x00\x60\x00CS")  # before Modality
    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff"
    path.write_bytes(content[:start] + sequence + b"\xfe\xff\x00\xe0\0\0\0\0" * 100_000 + content[start:])
    return path


def two_gigabytes(folder: Path) -> Path:
    """Pixel data with a length of 2^31."""
    path = folder / "bomb.dcm"
    content = save_exam(folder).read_bytes()
    start = content.index(b"\xe0\x7f\x10\x00OW") + 8
    path.write_bytes(content[:start] + struct.pack("<I", 1 << 31) + content[start + 4 :])
    return path


BOMBS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "deflated": (deflated, "inflates to more than 250 MB"),
    "JPEG 2000 of 65,535 x 65,535": (lambda folder: jpeg_2000(folder, 65_535, 65_535, 64), "promises"),
    "JPEG 2000 of 10,000 x 10,000": (lambda folder: jpeg_2000(folder, 10_000, 10_000, 10_000), "pixel data"),
    "JPEG 2000 in a million tiles": (lambda folder: jpeg_2000(folder, 1_000, 1_000, 1), "pixel data"),
    "65,535 x 65,535": (lambda folder: save_exam(folder, Rows=65_535, Columns=65_535), "promises"),
    "10,000 nested sequences": (nested, "damaged or cut short"),
    "100,000 items": (items, "holds more than 30000 data elements"),
    "a length of 2^31": (two_gigabytes, "damaged or cut short"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_for_less_than_two_seconds_and_300_megabytes(tmp_path: Path, bomb: str) -> None:
    make, problem = BOMBS[bomb]
    refuse_cheaply(tmp_path, make(tmp_path), "--no-report", problem)


def test_a_report_without_end(tmp_path: Path) -> None:
    """Half a gigabyte of words, and a device that never ends."""
    (tmp_path / "endless.txt").touch()
    os.truncate(tmp_path / "endless.txt", 500_000_000)
    for report in (tmp_path / "endless.txt", Path("/dev/zero")):
        refuse_cheaply(tmp_path, save_exam(tmp_path), f"--report={report}", "is larger than 4 MB")


def test_a_report_of_four_million_pneumothoraces_is_read_in_little_memory(tmp_path: Path) -> None:
    """The largest text that is accepted, and the most that can be found in it."""
    report = tmp_path / "report.txt"
    report.write_text((REPORT * 10_000)[: 4 * 1024 * 1024])
    done = run_measured("report", report)
    assert done.code == 0
    assert done.megabytes < 1500


class Measured:
    """A call of the program: exit code, errors, processor time and memory of all its processes together."""

    def __init__(self, code: int, stderr: str, seconds: float, megabytes: float) -> None:
        self.code, self.stderr, self.seconds, self.megabytes = code, stderr, seconds, megabytes


#: Runs a program and adopts the processes that it leaves behind (PR_SET_CHILD_SUBREAPER is 36): the reading
#: process outlives its parent by a moment, and what nobody waited for is counted nowhere.
MEASURING = """
import ctypes, os, subprocess, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
program = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
code, seconds, kilobytes = None, 0.0, 0
while True:
    try:
        process, status, used = os.wait4(-1, 0)
    except ChildProcessError:
        break
    if process == program.pid:
        code = os.waitstatus_to_exitcode(status)
    seconds += used.ru_utime + used.ru_stime
    kilobytes += used.ru_maxrss
print(code, seconds, kilobytes / 1000)
"""


def run_measured(*arguments: object) -> Measured:
    """Run `ptx` and measure it and its reading process, from the start of each to its end.

    Processor time of both together, as a busy machine takes its time: on two free processors less passes, as
    they run side by side, and on one not much more, as neither waits for a disk or a network.
    """
    ptx = Path(sys.executable).with_name("ptx")
    command = [sys.executable, "-c", MEASURING, ptx, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, seconds, megabytes = done.stdout.split()
    return Measured(int(code), done.stderr, float(seconds), float(megabytes))


def refuse_cheaply(folder: Path, image: Path, option: str, problem: str) -> None:
    out = folder / "out"
    ran = run_measured("segment", image, option, "--out", out)
    assert ran.code == 3, ran.stderr
    (line,) = ran.stderr.splitlines()
    assert problem in line
    assert ran.seconds < 2
    assert ran.megabytes < 300
    assert not out.exists()
