"""`ptx batch` with accession numbers, from Orthanc on loopback."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import PASSWORD, Server, exam_number, orthanc, report_on, save, save_configuration
from made_exams import CANARY, REPORT

from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.sending import send

if TYPE_CHECKING:
    from conftest import Ptx

pytestmark = pytest.mark.integration


@pytest.fixture
def configuration(
    program: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Orthanc with two exams of one patient, and a report of the first."""
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
    with orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), tmp_path) as server:
        yield _filled(server, tmp_path)


def _filled(server: Server, folder: Path) -> Path:
    file = save_configuration(folder / "pacs.toml", server)
    exams = exam_number(1), exam_number(2)
    with open_archive("web", load_configuration(file).node("web")) as archive:
        send(archive, save(folder / "exams", *exams, report_on(exams[0], REPORT)))
    return file


def test_accession_numbers_are_fetched_compared_and_not_told(
    ptx: Ptx, configuration: Path, tmp_path: Path, out: Path, untrained_model: Path
) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("accession,prior_accession\nSECRETACC2,\nSECRETACC9,\n", encoding="utf-8")
    archive = ("--pacs", "web", "--pacs-config", configuration)
    ran = ptx("batch", manifest, *archive, "--out", out, "--model", untrained_model, "--workers", 1)
    assert ran.code == 7, ran.stderr
    tables = {}
    for name in ("results", "failures"):
        with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert [row["case_id"] for row in tables["results"]] == ["row-00002"]
    assert float(tables["results"][0]["belonging_interval_days"]) == pytest.approx(2, abs=0.1)
    assert [(row["case_id"], row["code"]) for row in tables["failures"]] == [("row-00003", "8")]
    for file in (*out.glob("*.*"), *out.glob("failures/*"), out / "cases" / "row-00002" / "case.json"):
        assert CANARY.encode() not in file.read_bytes(), file.name
    # Nothing is fetched again.
    assert ptx("batch", manifest, *archive, "--out", out, "--model", untrained_model, "--dry-run").code == 0
