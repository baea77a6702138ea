"""`ptx review` as a user starts it: refusals before a page is opened, and an end by Ctrl-C."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_review import make_result

if TYPE_CHECKING:
    from conftest import Ptx

    from ptx_followup.segmentation.segmenter import Segmenter


@pytest.fixture(scope="module")
def result(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(segmenter, tmp_path_factory.mktemp("films"))


def test_films_that_are_gone_end_it_with_what_to_give(ptx: Ptx, result: Path, tmp_path: Path) -> None:
    moved = tmp_path / "case"
    shutil.copytree(result, moved)
    films = [result.parent / f"{name}.dcm" for name in ("prior", "followup")]
    for film in films:
        film.rename(film.with_suffix(".gone"))
    try:
        ptx("review", moved, "--no-browser").refused(3, "not found by its pixels")
        ptx("review", moved, "--no-browser", "--images", tmp_path / "nowhere").refused(3, "is not a folder")
    finally:
        for film in films:
            film.with_suffix(".gone").rename(film)
    ptx("review", tmp_path / "nowhere", "--no-browser").refused(3, "holds no result")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--central"], "a central read needs its reader and its seed"),
        (["--seed", 7], "are of a central read"),
        (["--time-points", "hidden"], "are of a central read"),
        (["--send"], "--send needs an archive"),
        (["--reader", "a\\b"], "no reader's name"),
    ],
)
def test_options_that_do_not_go_together(ptx: Ptx, result: Path, options: list[object], problem: str) -> None:
    ptx("review", result, "--no-browser", *options).refused(2, problem)


def test_without_the_extra_one_line_says_how_to_get_it(
    ptx: Ptx, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "uvicorn" else known(name, *more)
    )
    ptx("review", result).refused(2, "ptx review needs uvicorn")


def test_nothing_to_adjudicate_is_told(ptx: Ptx, result: Path) -> None:
    options = ["--central", "--seed", 1, "--reader", "R3", "--adjudicate", "--limit", 3]
    ptx("review", result, "--no-browser", *options).refused(3, "no two readers differ by more than 3 points")


def test_it_answers_at_the_printed_address_and_ends_with_ctrl_c(result: Path, untrained_model: Path) -> None:
    # Where the tests run in the background of a shell, Ctrl-C is ignored by all that they start.
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = [sys.executable, "-c", f"{hears}; from ptx_followup.cli.app import main; main()", "review"]
    program = subprocess.Popen(
        [*start, str(result), "--no-browser", "--model", str(untrained_model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    address = program.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address) as answer:
        assert b"<title>" in answer.read()
    os.kill(program.pid, signal.SIGINT)
    printed, said = program.communicate(timeout=60)
    assert (program.returncode, printed) == (0, "")
    assert said.splitlines() == ["Ctrl-C ends it", "ended"]
