"""The command line, called as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from made_exams import CANARY, REPORT, save_exam

from ptx_followup.cli.app import run


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and all that it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout; anything else there is an error."""
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document

    def refused(self, code: int, problem: str) -> None:
        """It failed with `code`, in one line that holds `problem` and what to do, and named no patient."""
        assert self.code == code, self.stderr
        assert self.stdout == ""
        (line,) = self.stderr.splitlines()
        assert line.startswith("error: ")
        assert problem in line
        stated, _, hint = line.removeprefix("error: ").rpartition(": ")
        assert stated
        assert hint
        assert CANARY not in line


Ptx = Callable[..., Ran]


@pytest.fixture
def ptx(capfd: pytest.CaptureFixture[str]) -> Ptx:
    """Run `ptx` with these arguments in this process."""

    def call(*arguments: object) -> Ran:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def prior(tmp_path: Path) -> Path:
    """A radiograph of 256 rows and 256 columns."""
    return save_exam(tmp_path)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Its report."""
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "out"
