"""The application around the commands: help, version, and errors that nobody expected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ptx
from rich.table import Table

from ptx_followup import __version__
from ptx_followup.cli import segment
from ptx_followup.cli.output import Output
from ptx_followup.errors import ExitCode, InputError


def test_version(ptx: Ptx) -> None:
    ran = ptx("--version")
    assert (ran.code, ran.stdout, ran.stderr) == (0, f"ptx {__version__}\n", "")


def test_no_command_shows_the_help(ptx: Ptx) -> None:
    ran = ptx()
    assert ran.code == ExitCode.USAGE
    assert "segment" in ran.stdout + ran.stderr
    assert "error" not in ran.stdout + ran.stderr


def test_an_unknown_command(ptx: Ptx) -> None:
    ptx("segmnet").refused(2, "No such command 'segmnet'")


@pytest.mark.parametrize("arguments", [["--help"], ["segment", "--help"], ["report", "--help"]])
def test_help_is_quick_to_import(arguments: list[str]) -> None:
    program = (
        "import sys; from ptx_followup.cli.app import run; code = run(sys.argv[1:]);"
        "heavy = {'torch', 'transformers', 'cv2', 'pydicom', 'numpy', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, check=False, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("group", [[], ["data"], ["model"], ["pacs"]])
def test_the_list_of_commands_cuts_none_of_them_off(ptx: Ptx, group: list[str]) -> None:
    _, _, commands = ptx(*group, "--help").stdout.partition("Commands:\n")
    assert commands
    assert "..." not in commands


@pytest.mark.parametrize(
    ("raised", "code", "problem"),
    [
        (RuntimeError("SECRETNAME"), 1, "unexpected RuntimeError"),
        (MemoryError(), 1, "unexpected MemoryError"),
        (PermissionError(13, "Permission denied", "/SECRET"), 3, "Permission denied"),
        (InputError("x.dcm is\nbad\x1b[2J", "export it again"), 3, "x.dcm is bad?[2J: export it again"),
    ],
)
def test_no_error_is_more_than_a_line(
    ptx: Ptx, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: int, problem: str
) -> None:
    def fail(*, as_json: bool, quiet: bool) -> None:
        raise raised

    monkeypatch.setattr(segment, "Output", fail)
    ptx("segment", "x.dcm", "--no-report").refused(code, problem)


def test_a_traceback_for_those_who_ask(ptx: Ptx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_DEBUG", "1")
    ran = ptx("segment", "none.dcm", "--no-report")
    assert "Traceback" in ran.stderr
    assert ran.stderr.splitlines()[-1].startswith("error: none.dcm does not exist: ")


def test_an_interrupt_is_silent(ptx: Ptx, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*, as_json: bool, quiet: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(segment, "Output", interrupt)
    ran = ptx("segment", "x.dcm", "--no-report")
    assert (ran.code, ran.stdout) == (130, "")
    assert ran.stderr.strip() == ""


def test_lines_are_not_broken_and_brackets_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    long = f"[red]{'word ' * 60}:smile:"
    table = Table(box=None, show_header=False)
    table.add_row("left", long)
    Output().result({}, table)
    Output().result({}, long)
    Output().warn(long)
    Output().hint(long)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [f" left  {long} ", long]
    assert printed.err.splitlines() == [f"warning: {long}", long]


def test_quiet_keeps_warnings_and_drops_hints(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(quiet=True)
    output.hint("a hint")
    output.warn("a warning")
    with output.working("working"), output.progress("on it", 3) as advance:
        advance()
    assert capsys.readouterr().err == "warning: a warning\n"


PTX = Path(sys.executable).with_name("ptx")


def test_a_full_disk_behind_stdout() -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([PTX, "--version"], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ran.returncode == ExitCode.INPUT
    (line,) = ran.stderr.splitlines()
    assert line.startswith("error: a file cannot be read or written (No space left on device): ")


def test_a_reader_that_has_left() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run([PTX, "--version"], stdout=writing, stderr=subprocess.PIPE, check=False, text=True)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (141, "")


def test_stdout_may_know_ascii_only(tmp_path: Path) -> None:
    """A size in cm² or a name with an umlaut is no reason to fail in a C locale."""
    (tmp_path / "report.txt").write_text("Small left pneumothorax, für Müller.", encoding="utf-8")
    program = (PTX, "report", tmp_path / "report.txt")
    for options in ([], ["--json"]):
        ran = subprocess.run(
            [*program, *options],
            capture_output=True,
            check=False,
            env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.isascii()
    assert "für Müller" in json.loads(ran.stdout)["findings"][0]["sentence"]
