"""`ptx pacs` and `ptx compare --pacs` with Orthanc on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest
from archives import (
    PASSWORD,
    Server,
    cutting_proxy,
    exam_number,
    free_port,
    orthanc,
    other,
    report_on,
    save,
    save_configuration,
    silent_server,
)
from made_exams import CANARY, EXAMPLES, REPORT
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from ptx_followup.pacs.exams import fetch_pair
from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.queries import find_studies, instances_of, series_of

if TYPE_CHECKING:
    from conftest import Ptx

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Orthanc with three exams of one patient, and a report of the first."""
    with orthanc(
        program("Orthanc", "orthanc and orthanc-dicomweb"), tmp_path_factory.mktemp("orthanc")
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def configuration(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = save_configuration(tmp_path / "pacs.toml", server)
    monkeypatch.setenv("PTX_PACS_CONFIG", str(file))
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
    return file


@pytest.fixture(scope="module")
def filled(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Two exams and a report of the first, sent as any program would send them."""
    folder = tmp_path_factory.mktemp("exams")
    exams = exam_number(1), exam_number(2)
    files = save(folder, *exams, report_on(exams[0], REPORT))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
        store(save_configuration(folder / "pacs.toml", server), files)
    return server


def objects(configuration: Path, accession: str) -> dict[str, list[str]]:
    """SOP Instance UIDs in the archive of the study with this number, by modality."""
    found: dict[str, list[str]] = {}
    with open_archive("web", load_configuration(configuration).node("web")) as archive:
        for study in find_studies(archive, accession=accession):
            for series in series_of(archive, study.uid):
                uids = [one.uid for one in instances_of(archive, study.uid, series.uid)]
                found.setdefault(series.modality, []).extend(uids)
    return found


def test_results_return_to_the_archive_once(
    ptx: Ptx, filled: Server, tmp_path: Path, configuration: Path, untrained_model: Path
) -> None:
    """Compared, sent, sent again without a duplicate, fetched and equal; a third exam goes on with them."""
    command = ("compare", "--pacs", "web", "--model", untrained_model, "--json", "--send", "--accession")
    out = tmp_path / "second"
    ran = ptx(*command, "SECRETACC2", "--out", out)
    assert ran.code == 0, ran.stderr
    assert ran.document == json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert ran.document["prior"]["report"]["side"] == "right"
    assert ran.document["prior"]["image"]["sop_instance_uid"] == "2.25.701"
    assert CANARY not in ran.stderr
    first = ran.document["tracking"]
    sent = sorted(out.glob("*.dcm"))
    assert {"SR", "SEG"} <= {pydicom.dcmread(file).Modality for file in sent}
    for name, study in (("prior", "2.25.721"), ("followup", "2.25.722")):
        outlines = pydicom.dcmread(out / f"{name}.outlines.dcm")
        assert (outlines.Modality, outlines.StudyInstanceUID) == ("PR", study)
        assert outlines.SOPInstanceUID in objects(configuration, f"SECRETACC{study[-1]}")["PR"]

    before = objects(configuration, "SECRETACC1"), objects(configuration, "SECRETACC2")
    again = ptx(*command, "SECRETACC2", "--out", tmp_path / "again")
    assert again.code == 0, again.stderr
    assert f"0 objects stored in web, {len(sent)} were there already" in again.stderr
    assert (objects(configuration, "SECRETACC1"), objects(configuration, "SECRETACC2")) == before

    for number in (1, 2):
        fetched = ptx(
            "pacs", "get", "web", "--accession", f"SECRETACC{number}", "--out", tmp_path / "got" / str(number)
        )
        assert fetched.code == 0, fetched.stderr
    stored = {one.SOPInstanceUID: one for one in map(pydicom.dcmread, (tmp_path / "got").rglob("*.dcm"))}
    for file in sent:
        written = pydicom.dcmread(file)
        assert stored[written.SOPInstanceUID] == written

    third = tmp_path / "third"
    with open_archive("web", load_configuration(configuration).node("web")) as archive:
        for file in save(tmp_path / "exam", exam_number(3), page_beside(exam_number(3))):
            archive.store(file)
    ran = ptx(*command, "SECRETACC3", "--out", third, "--report", EXAMPLES / "followup.txt")
    assert ran.code == 0, ran.stderr
    assert ran.document["prior"]["image"]["sop_instance_uid"] == "2.25.702"
    assert ran.document["tracking"]["right"] == first["right"]
    passed_over = "A secondary capture beside the radiograph was passed over"
    assert f"follow-up: {passed_over}" in ran.stderr
    assert f"prior: {passed_over}" not in ran.stderr


def page_beside(image: Dataset) -> Dataset:
    """A scanned form in the study of an image."""
    page = exam_number(3, SOPInstanceUID="2.25.703.9", SeriesInstanceUID="2.25.713.9", Modality="OT")
    page.StudyInstanceUID = image.StudyInstanceUID
    page.SOPClassUID = page.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    page.file_meta.MediaStorageSOPInstanceUID = page.SOPInstanceUID
    return page


def test_a_fetched_study_is_whole_and_alone_in_its_folder(
    ptx: Ptx, filled: Server, configuration: Path, tmp_path: Path
) -> None:
    get = ("pacs", "get", "web", "--accession", "SECRETACC1", "--out")
    empty, new = tmp_path / "empty", tmp_path / "new"
    empty.mkdir()
    for out in (empty, new):
        assert ptx(*get, out).code == 0
        before = {file: file.read_bytes() for file in out.iterdir()}
        assert len(before) >= 2
        ptx(*get, out).refused(2, "is not empty")
        assert {file: file.read_bytes() for file in out.iterdir()} == before
    with cutting_proxy(filled.http_port, after_bytes=40_000) as port:
        save_configuration(configuration, filled, http_port=str(port), attempts="1")
        refuse(ptx, "failed or broke off", *get, tmp_path / "cut" / "study")
    assert list((tmp_path / "cut").iterdir()) == []


def refuse(ptx: Ptx, problem: str, *arguments: object) -> None:
    ptx(*arguments).refused(8, problem)


def test_an_unknown_accession(ptx: Ptx, filled: Server, out: Path) -> None:
    refuse(ptx, "no study", "compare", "--pacs", "web", "--accession", "SECRETNONE", "--out", out)
    assert not out.exists()


def test_no_prior(ptx: Ptx, filled: Server, out: Path) -> None:
    refuse(ptx, "no earlier frontal", "compare", "--pacs", "web", "--accession", "SECRETACC1", "--out", out)


def test_no_report(ptx: Ptx, filled: Server, tmp_path: Path, configuration: Path, out: Path) -> None:
    lonely = [exam_number(n, PatientID="SECRETLONELY", **other(50 + n)) for n in (1, 2)]
    store(configuration, save(tmp_path / "x", *lonely))
    refuse(ptx, "no report of the prior", "compare", "--pacs", "web", "--accession", "SECRETACC52", "-o", out)


def test_two_studies_with_one_accession_number(
    ptx: Ptx, filled: Server, tmp_path: Path, configuration: Path
) -> None:
    twins = [
        exam_number(2, **(other(60 + n) | {"AccessionNumber": "SECRETTWIN"}), PatientID="SECRETT")
        for n in (1, 2)
    ]
    store(configuration, save(tmp_path / "x", *twins))
    refuse(ptx, "holds 2 studies", "compare", "--pacs", "web", "--accession", "SECRETTWIN")


def test_two_priors_of_one_time_and_the_way_out(
    ptx: Ptx, filled: Server, tmp_path: Path, configuration: Path, out: Path
) -> None:
    three = [exam_number(min(n, 2), **other(70 + n), PatientID="SECRETU") for n in (1, 2, 3)]
    three[1].StudyDate = three[0].StudyDate
    three[1].PixelData = three[0].PixelData
    store(configuration, save(tmp_path / "x", *three))
    command = ("compare", "--pacs", "web", "--accession", "SECRETACC73", "--no-report", "--out", out)
    refuse(ptx, "two earlier exams state the same time: choose one with --prior-accession", *command)
    with open_archive("web", load_configuration(configuration).node("web")) as archive:
        prior, _ = fetch_pair(archive, "SECRETACC73", "SECRETACC71", tmp_path / "chosen")
    assert pydicom.dcmread(prior.image).SOPInstanceUID == "2.25.7071"


def test_two_frontal_radiographs_in_the_current_study(
    ptx: Ptx, filled: Server, tmp_path: Path, configuration: Path
) -> None:
    first = exam_number(2, **other(80), PatientID="SECRETV")
    second = exam_number(2, **other(81), PatientID="SECRETV")
    prior = exam_number(1, **other(82), PatientID="SECRETV")
    second.StudyInstanceUID = first.StudyInstanceUID
    second.AccessionNumber = first.AccessionNumber
    store(configuration, save(tmp_path / "x", first, second, prior))
    refuse(ptx, "2 frontal chest radiographs", "compare", "--pacs", "web", "--accession", "SECRETACC80")


def test_a_wrong_password(ptx: Ptx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", "SECRETWRONG")
    refuse(ptx, "refused the credentials (HTTP 401)", "pacs", "echo", "web")


def test_no_password(ptx: Ptx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PTX_PACS_WEB_PASSWORD")
    ptx("pacs", "echo", "web").refused(2, "there is no secret for the node web")


def test_nobody_there(ptx: Ptx, server: Server, configuration: Path) -> None:
    save_configuration(configuration, server, http_port=str(free_port()), attempts="1")
    refuse(ptx, "the connection to the archive web failed", "pacs", "echo", "web")


def test_a_slow_server(ptx: Ptx, server: Server, configuration: Path) -> None:
    with silent_server() as port:
        save_configuration(configuration, server, http_port=str(port), attempts="1", timeout_s="0.5")
        refuse(ptx, "did not answer within 0.5 s", "pacs", "echo", "web")


def test_a_connection_cut_while_fetching(
    ptx: Ptx, filled: Server, configuration: Path, out: Path, untrained_model: Path
) -> None:
    with cutting_proxy(filled.http_port, after_bytes=40_000) as port:
        save_configuration(configuration, filled, http_port=str(port), attempts="1")
        refuse(ptx, "failed or broke off", "compare", "--pacs", "web", "--accession", "SECRETACC2", "-o", out)
    assert not out.exists()


def test_a_connection_cut_while_sending_is_made_up_for(
    ptx: Ptx, filled: Server, configuration: Path, tmp_path: Path
) -> None:
    """Refused in one line; the same command again adds the rest; with attempts left there is no refusal."""
    files = save(tmp_path / "x", *(exam_number(2, **other(90 + n), PatientID="SECRETW") for n in range(3)))
    with cutting_proxy(filled.http_port, after_bytes=200_000) as port:
        save_configuration(configuration, filled, http_port=str(port), attempts="1")
        refuse(ptx, "of 3 objects are stored, then the connection", "pacs", "send", "web", *files)
    with cutting_proxy(filled.http_port, after_bytes=200_000, times=2) as port:
        save_configuration(configuration, filled, http_port=str(port), attempts="3")
        ran = ptx("pacs", "send", "web", *files, "--json")
    assert ran.code == 0, ran.stderr
    assert ran.document["stored"] + ran.document["present"] == 3
    save_configuration(configuration, filled)
    assert ptx("pacs", "send", "web", *files, "--json").document["present"] == 3
    assert [len(objects(configuration, f"SECRETACC{90 + n}")["DX"]) for n in range(3)] == [1, 1, 1]


def store(configuration: Path, files: list[Path]) -> None:
    with open_archive("web", load_configuration(configuration).node("web")) as archive:
        for file in files:
            archive.store(file)
