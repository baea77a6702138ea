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


def test_the_page_is_whole_and_escapes_what_the_report_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, page = tmp_path / "report.txt", tmp_path / "page.html"
    path.write_text(
        'FINDINGS: Small left pneumothorax at 2 < 3 cm & "more". No glimp of pneumothorax on the right.'
    )
    assert run(["report", str(path), "--html", str(page)]) == ExitCode.DONE
    html = page.read_text()
    assert "2 &lt; 3 cm &amp; &#34;more&#34;" in html
    assert '<tr class="tone-present">' in html
    assert "present, left, small" in html
    for word in ("<script", "http://", "https://", "src=", "url("):
        assert word not in html
    assert run(["report", str(path), "--html", str(page)]) == ExitCode.USAGE
    assert "exists" in capsys.readouterr().err


def test_every_sentence_is_shown_with_what_was_taken_from_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.txt"
    path.write_text(
        "FINDINGS: Heart normal. No pneumothorax on the right. A small one on the left. It is stable."
    )
    assert run(["report", str(path)]) == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in lines[3:7]] == [
        "1 findings Heart normal.",
        "2 findings No pneumothorax on the right. absent, right",
        "3 findings A small one on the left. present, left, small, stable",
        "4 findings It is stable. goes on about it",
    ]


def test_a_de_identified_report_shows_no_word_of_it(
    report_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert run(["report", str(report_file), "--deidentify", "--html", str(page)]) == ExitCode.DONE
    assert "[bold]" not in capsys.readouterr().out + page.read_text()
    assert "absent" in page.read_text()
