"""`ptx report` on the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ptx_followup.cli.app import run
from ptx_followup.errors import ExitCode
from ptx_followup.report.findings import understand

TEXT = "FINDINGS: Small left apical pneumothorax [bold]. ADDENDUM: No pneumothorax."


@pytest.fixture
def report_file(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(TEXT)
    return path


def test_json_is_the_report_object_with_the_prompts(
    report_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(report_file), "--json"]) == ExitCode.DONE
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("prompts")["matched"] == "No pneumothorax."
    assert printed == understand(TEXT).to_json()


def test_page_shows_the_report_as_written_and_what_was_read(
    report_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(report_file)]) == ExitCode.DONE
    shown = capsys.readouterr()
    assert "Pneumothorax: no" in shown.out
    assert "[bold]" in shown.out
    assert "What the network is told" in shown.out
    assert "denied in the addendum" in shown.err


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Right pneumothorax.")))
    assert run(["report", "-", "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["side"] == "right"


def test_an_unreadable_report_ends_with_the_input_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(tmp_path / "none.txt")]) == ExitCode.INPUT
    assert capsys.readouterr().err.startswith("error:")
