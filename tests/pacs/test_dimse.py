"""DIMSE with DCMTK's dcmqrscp, with servers that refuse or break off, and with Orthanc over TLS."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from archives import (
    Server,
    dcmqrscp,
    exam_number,
    free_port,
    orthanc,
    other,
    report_on,
    save,
    save_configuration,
    silent_server,
)
from made_exams import EXAMPLES, REPORT

from ptx_followup.errors import PacsError
from ptx_followup.pacs.archive import Archive, ArchiveUnavailableError, Instance
from ptx_followup.pacs.exams import fetch_pair, fetch_studies, find_study
from ptx_followup.pacs.nodes import DimseNode, load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.sending import Sent, send

pynetdicom = pytest.importorskip("pynetdicom")
pytestmark = pytest.mark.integration

PTX = Path(sys.executable).with_name("ptx")
Program = Callable[[str, str], str]


@pytest.fixture(scope="module")
def server(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with dcmqrscp(program("dcmqrscp", "dcmtk"), tmp_path_factory.mktemp("dcmqrscp")) as server:
        yield server


@pytest.fixture(scope="module")
def exams(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    two = exam_number(1), exam_number(2)
    return save(tmp_path_factory.mktemp("exams"), *two, report_on(two[0], REPORT))


def opened(server: Server, node: str) -> Archive:
    configuration = load_configuration(save_configuration(server.folder / "pacs.toml", server))
    return open_archive(node, configuration.node(node))


@pytest.mark.parametrize("node", ["get", "move"])
def test_exams_are_stored_once_found_and_fetched(
    server: Server, exams: list[Path], node: str, tmp_path: Path
) -> None:
    with opened(server, node) as archive:
        archive.echo()
        assert send(archive, exams) in (Sent(stored=3, present=0), Sent(stored=0, present=3))
        assert send(archive, exams) == Sent(stored=0, present=3)
        prior, current = fetch_pair(archive, "SECRETACC2", None, tmp_path)
    assert pydicom.dcmread(prior.image) == pydicom.dcmread(exams[0])
    assert pydicom.dcmread(current.image) == pydicom.dcmread(exams[1])
    assert prior.report is not None
    assert pydicom.dcmread(prior.report) == pydicom.dcmread(exams[2])
    assert current.report is None


def test_a_compressed_radiograph_comes_as_it_is_stored(server: Server, tmp_path: Path) -> None:
    with opened(server, "get") as archive:
        send(archive, [EXAMPLES / "prior.dcm"])
        (file,) = fetch_studies(archive, [find_study(archive, "PH2603020914")], tmp_path)
    original = pydicom.dcmread(EXAMPLES / "prior.dcm")
    fetched = pydicom.dcmread(file)
    assert fetched.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
    assert fetched.PixelData == original.PixelData


def test_illegal_uids_are_no_hindrance_and_are_not_shown(server: Server, tmp_path: Path) -> None:
    """Research collections carry UIDs with leading zeros; nobody else's warnings may quote them."""
    (file,) = save(tmp_path, exam_number(1, **other(5), PatientID="SECRETILLEGAL"))
    file.write_bytes(file.read_bytes().replace(b"2.25.7", b"2.25.0"))
    configuration = save_configuration(tmp_path / "pacs.toml", server)
    for arguments in (
        ["send", "get", str(file)],
        ["get", "get", "--accession", "SECRETACC5", "--out", "got"],
    ):
        command = [PTX, "pacs", *arguments, "--pacs-config", configuration]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
    (fetched,) = (tmp_path / "got").iterdir()
    assert b"2.25.005" in fetched.read_bytes()


def test_an_archive_that_may_only_be_read(program: Program, exams: list[Path], tmp_path: Path) -> None:
    with (
        dcmqrscp(program("dcmqrscp", "dcmtk"), tmp_path, rights="R") as server,
        opened(server, "get") as archive,
        pytest.raises(PacsError, match="3 of 3 objects are not stored"),
    ):
        send(archive, exams)


def test_an_archive_that_is_full(program: Program, exams: list[Path], tmp_path: Path) -> None:
    with (
        dcmqrscp(program("dcmqrscp", "dcmtk"), tmp_path, quota="64kb") as server,
        opened(server, "get") as archive,
        pytest.raises(PacsError, match="objects are not stored"),
    ):
        send(archive, exams)


@contextmanager
def peer(**handlers: Any) -> Iterator[DimseNode]:
    """A storage service that answers as its handlers say; it knows of no object."""
    from pynetdicom import AE, AllStoragePresentationContexts, evt
    from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind, Verification

    entity = AE("PEER")
    entity.supported_contexts = AllStoragePresentationContexts
    entity.add_supported_context(Verification)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    given = {"EVT_C_FIND": lambda event: iter(()), **handlers}
    port = free_port()
    service = entity.start_server(
        ("127.0.0.1", port),
        block=False,
        evt_handlers=[(getattr(evt, name), action) for name, action in given.items()],
    )
    try:
        yield node_at(port)
    finally:
        service.shutdown()


def node_at(port: int, **changes: Any) -> DimseNode:
    stated = {"protocol": "dimse", "host": "127.0.0.1", "port": port, "ae_title": "PEER"}
    return DimseNode.model_validate(stated | {"attempts": 1, "timeout_s": 2} | changes)


def test_an_archive_without_c_get() -> None:
    """It may accept to store, and then there is an association all the same."""
    wanted = Instance("2.25.721", "2.25.711", "2.25.701", "1.2.840.10008.5.1.4.1.1.1.1")
    with peer() as node, open_archive("peer", node) as archive:
        with pytest.raises(PacsError, match="does not offer what is asked for") as refused:
            archive.fetch(wanted)
        assert 'retrieve = "move"' in refused.value.hint
        assert archive.find("STUDY", {"PatientID": "X"}, []) == []


@pytest.mark.parametrize("losses", [1, 3])
def test_an_answer_that_is_lost_on_the_way_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, losses: int
) -> None:
    """pynetdicom's second thread takes it, and says so in its log alone."""
    from pynetdicom.dimse import DIMSEServiceProvider

    study, left = pydicom.Dataset(), [losses]
    study.StudyInstanceUID = "1.2.3"
    give = DIMSEServiceProvider.get_msg

    def losing(self: Any, block: bool = False) -> Any:
        context, message = give(self, block)
        if left[0] and getattr(message, "Status", None) == 0xFF00:
            left[0] -= 1
            context, message = give(self, block)
        return context, message

    monkeypatch.setattr(DIMSEServiceProvider, "get_msg", losing)
    answer = {"EVT_C_FIND": lambda event: iter([(0xFF00, study)])}
    with peer(**answer) as node, open_archive("peer", node) as archive:
        if losses == 3:
            with pytest.raises(ArchiveUnavailableError, match="answers of the archive peer were lost"):
                archive.find("STUDY", {"PatientID": "X"}, ["StudyInstanceUID"])
        else:
            (found,) = archive.find("STUDY", {"PatientID": "X"}, ["StudyInstanceUID"])
            assert found.StudyInstanceUID == "1.2.3"


def test_out_of_resources(exams: list[Path]) -> None:
    with peer(EVT_C_STORE=lambda event: 0xA700) as node, open_archive("peer", node) as archive:
        with pytest.raises(PacsError, match="out of resources, status A700") as refused:
            send(archive, exams)
        assert not isinstance(refused.value, ArchiveUnavailableError)


def test_an_association_cut_in_the_middle(exams: list[Path]) -> None:
    """What was stored before is told; with attempts left, the rest follows in a new association."""
    stored: list[str] = []

    def store(event: Any) -> int:
        if len(stored) == 1 and not cut:
            cut.append(True)
            event.assoc.abort()
        stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    cut: list[bool] = []
    with (
        peer(EVT_C_STORE=store) as node,
        open_archive("peer", node) as archive,
        pytest.raises(ArchiveUnavailableError, match="1 of 3 objects are stored, then the connection"),
    ):
        send(archive, exams)
    cut.clear()
    stored.clear()
    with peer(EVT_C_STORE=store) as node:
        patient = node.model_copy(update={"attempts": 2})
        # The peer lists nothing, so all are sent, and then missed.
        with (
            open_archive("peer", patient) as archive,
            pytest.raises(PacsError, match="3 objects were accepted"),
        ):
            send(archive, exams)
    assert len(set(stored)) == 3


def test_a_slow_peer() -> None:
    def echo(event: Any) -> int:
        time.sleep(4)
        return 0x0000

    with (
        peer(EVT_C_ECHO=echo) as node,
        open_archive("peer", node) as archive,
        pytest.raises(ArchiveUnavailableError, match="broke off or timed out"),
    ):
        archive.echo()


def test_nobody_who_answers() -> None:
    with silent_server() as silent:
        for port in (silent, free_port()):
            with (
                open_archive("peer", node_at(port)) as archive,
                pytest.raises(ArchiveUnavailableError, match="cannot be reached"),
            ):
                archive.echo()


def test_a_wrong_ae_title(server: Server) -> None:
    node = node_at(server.dicom_port, ae_title="NOBODY", timeout_s=20)
    with open_archive("peer", node) as archive, pytest.raises(PacsError, match="rejected the association"):
        archive.find("STUDY", {"PatientID": "X"}, [])


def test_tls(program: Program, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    """With a certificate of our own; without knowing the archive's authority, nothing is said to it."""
    settings: dict[str, Any] = {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(certificate[0]),
        "DicomTlsPrivateKey": str(certificate[1]),
        "DicomTlsTrustedCertificates": str(certificate[0]),
    }
    ours = {"tls": True, "certificate": certificate[0], "key": certificate[1], "timeout_s": 20}
    with orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), tmp_path, **settings) as server:
        node = node_at(server.dicom_port, ae_title="ORTHANC", **ours)
        with open_archive("old", node.model_copy(update={"ca_file": certificate[0]})) as archive:
            archive.echo()
        with (
            open_archive("old", node) as archive,
            pytest.raises(ArchiveUnavailableError, match="cannot be reached"),
        ):
            archive.echo()


@pytest.mark.parametrize("encrypted", [True, False])
def test_with_tls_images_come_by_c_move_over_tls_alone(
    certificate: tuple[Path, Path], encrypted: bool
) -> None:
    from pynetdicom import AE, build_context, evt
    from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove

    image, receive_port = exam_number(1), free_port()
    towards_us = ssl.create_default_context(cafile=certificate[0])
    towards_us.load_cert_chain(*certificate)
    towards_archive = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    towards_archive.load_cert_chain(*certificate)
    ours = {"tls": True, "certificate": certificate[0], "key": certificate[1], "ca_file": certificate[0]}
    how = {
        "contexts": [build_context(image.SOPClassUID, image.file_meta.TransferSyntaxUID)],
        "tls_args": (towards_us, "127.0.0.1") if encrypted else None,
    }

    def move(event: Any) -> Iterator[Any]:
        yield "127.0.0.1", receive_port, how
        yield 1
        yield 0xFF00, image

    entity = AE("PEER")
    entity.acse_timeout = 5
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelMove)
    port = free_port()
    service = entity.start_server(
        ("127.0.0.1", port),
        block=False,
        ssl_context=towards_archive,
        evt_handlers=[(evt.EVT_C_MOVE, move)],
    )
    node = node_at(port, retrieve="move", receive_port=receive_port, timeout_s=10, **ours)
    wanted = Instance("2.25.721", "2.25.711", "2.25.701", str(image.SOPClassUID))
    try:
        with open_archive("old", node) as archive:
            if encrypted:
                assert pydicom.dcmread(BytesIO(archive.fetch(wanted))).PixelData == image.PixelData
            else:
                with pytest.raises(PacsError):
                    archive.fetch(wanted)
    finally:
        service.shutdown()
