"""Options of `ptx pacs`, `ptx compare --pacs` and `ptx listen` that need no archive to be refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ptx

NOWHERE = """
[nodes.old]
protocol = "dimse"
host = "127.0.0.1"
port = 1
ae_title = "ARCHIVE"
attempts = 1
timeout_s = 2

[nodes.web]
protocol = "dicomweb"
url = "http://127.0.0.1:1/dicom-web"
attempts = 1
timeout_s = 2
"""


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pacs.toml"
    file.write_text(NOWHERE, encoding="utf-8")
    monkeypatch.setenv("PTX_PACS_CONFIG", str(file))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["compare"], "two exams are needed"),
        (["compare", "a.dcm", "b.dcm", "--send"], "need an archive"),
        (["compare", "a.dcm", "b.dcm", "--accession", "1"], "need an archive"),
        (["compare", "--pacs", "web"], "needs the accession number"),
        (["compare", "a.dcm", "--pacs", "web", "--accession", "1"], "files and --pacs are given"),
        (["compare", "--pacs", "none", "--accession", "1"], "no node none"),
        (["pacs", "find", "web"], "nothing to search for"),
        (["pacs", "find", "web", "--patient", "A*"], "a value to search for contains"),
        (["pacs", "send", "web", "."], "no *.dcm file"),
        (["listen", "--queue", "q"], "no section [listen]"),
    ],
)
def test_what_contradicts_itself(
    ptx: Ptx, arguments: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ptx(*arguments).refused(2, problem)
    assert not (tmp_path / "q").exists()


@pytest.mark.parametrize("node", ["web", "old"])
def test_an_archive_that_is_not_there_takes_one_line(ptx: Ptx, node: str) -> None:
    """Also those words stay away that the network libraries would write to standard error."""
    ptx("pacs", "echo", node).refused(8, f"the archive {node}")


@pytest.mark.parametrize("arguments", [["--help"], ["pacs", "--help"], ["listen", "--help"]])
def test_help_loads_no_network(arguments: list[str]) -> None:
    program = (
        "import sys; from ptx_followup.cli.app import run; code = run(sys.argv[1:]);"
        "heavy = {'pynetdicom', 'requests', 'pydicom', 'torch'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    command = [sys.executable, "-c", program, *arguments]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
