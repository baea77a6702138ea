"""Whatever ends the program, results are whole or absent, and inputs stay as they were."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pydicom
import pytest
from made_exams import REPORT, save_exam

from ptx_followup.errors import UsageError
from ptx_followup.results import segmentation as results
from ptx_followup.results.names import RESULT, SEGMENTATION_RESULTS
from ptx_followup.results.segmentation import write_segmentation_results

if TYPE_CHECKING:
    from ptx_followup.segmentation.result import Segmentation
    from ptx_followup.segmentation.segmenter import Segmenter

PTX = Path(sys.executable).with_name("ptx")


@pytest.fixture(scope="module")
def segmented(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    result = segmenter.segment(save_exam(tmp_path_factory.mktemp("exam")), REPORT)
    assert result.mask.any()
    return result


def complete(out: Path) -> bool:
    """Whether there is a result, which must then be whole: result.json and all that it names."""
    if not (out / RESULT).exists():
        return False
    document = json.loads((out / RESULT).read_text(encoding="utf-8"))
    names = {name for name in document["outputs"].values() if name}
    assert names == {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert cv2.imread(str(out / "mask.png"), cv2.IMREAD_UNCHANGED).shape == (256, 256)
    assert cv2.imread(str(out / "overlay.png")) is not None
    assert pydicom.dcmread(out / "segmentation.dcm").pixel_array.any()
    return True


def test_50_kills_at_random_moments_of_writing_leave_no_result_or_a_whole_one(
    segmented: Segmentation, tmp_path: Path
) -> None:
    cv2.setNumThreads(0)  # OpenCV's threads do not survive a fork
    (tmp_path / "measure").mkdir()
    write_segmentation_results(segmented, tmp_path / "measure")  # imports what has to be imported
    began = time.monotonic()
    os.waitpid(_written_in_a_fork(segmented, tmp_path / "measure"), 0)
    usual = time.monotonic() - began
    moments = random.Random(7)
    whole = 0
    for number in range(50):
        out = tmp_path / str(number)
        out.mkdir()
        writer = _written_in_a_fork(segmented, out)
        time.sleep(moments.uniform(0, 2 * usual))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        whole += complete(out)
    assert 0 < whole < 50


def _written_in_a_fork(segmented: Segmentation, out: Path) -> int:
    """The process that writes, which starts a reading process of its own."""
    if (writer := os.fork()) == 0:
        try:
            write_segmentation_results(segmented, out)
        finally:
            os._exit(0)
    return writer


def test_a_kill_while_results_are_replaced_leaves_the_old_or_the_new_or_none(
    segmented: Segmentation, tmp_path: Path
) -> None:
    write_segmentation_results(segmented, tmp_path)
    for step in range(2 * len(SEGMENTATION_RESULTS)):
        if (writer := os.fork()) == 0:
            _die_at_renaming(step)
            try:
                write_segmentation_results(segmented, tmp_path)
            finally:
                os._exit(0)
        os.waitpid(writer, 0)
        complete(tmp_path)


def _die_at_renaming(step: int) -> None:
    """Kill this process when a file is put into place or removed for the `step`-th time."""
    calls = iter(range(step))

    def deadly(name: str) -> None:
        act = getattr(Path, name)

        def once_more(self: Path, *arguments: object, **options: object) -> object:
            if next(calls, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(self, *arguments, **options)

        setattr(Path, name, once_more)

    for name in ("replace", "unlink"):
        deadly(name)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_program_in_order(
    tmp_path: Path, untrained_model: Path, number: signal.Signals, code: int
) -> None:
    exam = save_exam(tmp_path)
    before = hashlib.sha256(exam.read_bytes()).digest(), exam.stat().st_mtime_ns
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    started = subprocess.Popen(
        [PTX, "segment", exam, "--no-report", "--out", out, "--model", untrained_model],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    while not out.is_dir():  # it was read, and is being segmented
        time.sleep(0.01)
        assert started.poll() is None
    started.send_signal(number)
    stdout, stderr = started.communicate()
    assert started.returncode == code
    assert stdout == b""
    assert b"Traceback" not in stderr
    assert list(out.iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert before == (hashlib.sha256(exam.read_bytes()).digest(), exam.stat().st_mtime_ns)


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_disk_that_refuses_is_told_in_one_line_and_leaves_nothing(
    segmented: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(code, os.strerror(code), str(tmp_path))

    monkeypatch.setattr(results, "write_document", refuse)
    with pytest.raises(UsageError, match=os.strerror(code)) as refusal:
        write_segmentation_results(segmented, tmp_path)
    assert refusal.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []
