"""DICOMweb with servers that answer what an archive should not, and over TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from archives import exam_number, save

from ptx_followup.errors import PacsError
from ptx_followup.pacs.archive import ArchiveUnavailableError, Instance, TooManyError
from ptx_followup.pacs.multipart import join_part
from ptx_followup.pacs.nodes import DicomWebNode
from ptx_followup.pacs.opening import open_archive

pytest.importorskip("requests")

TOKEN = "SECRETTOKEN"
MORE = "299 : There are 2 additional results that can be requested"
INSTANCE = Instance("1.2", "1.2.3", "1.2.3.4")


@contextmanager
def server(
    status: int = 200,
    body: bytes = b"[]",
    content_type: str = "application/dicom+json",
    *,
    failures: int = 0,
    context: ssl.SSLContext | None = None,
    page: Callable[[str], bytes] | None = None,
    **headers: str,
) -> Iterator[tuple[int, list[Any]]]:
    """Answer everything alike, or by its path, after `failures` times 503.

    Yields:
        Its port, and (method, path, headers) of what was asked.
    """
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            asked.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = body if page is None else page(self.path)
            self.send_response(503 if len(asked) <= failures else status)
            for key, value in {
                "Content-Type": content_type,
                "Content-Length": str(len(content)),
                **headers,
            }.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    service = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        service.socket = context.wrap_socket(service.socket, server_side=True)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service.server_address[1], asked
    finally:
        service.shutdown()
        service.server_close()


def node_at(port: int, scheme: str = "http", **changes: Any) -> DicomWebNode:
    stated = {"protocol": "dicomweb", "url": f"{scheme}://127.0.0.1:{port}/dicom-web", "attempts": 1}
    return DicomWebNode.model_validate(stated | {"timeout_s": 5} | changes)


def test_tls_and_a_bearer_token(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", TOKEN)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    with server(context=context) as (port, asked):
        with open_archive("web", node_at(port, "https", auth="bearer", ca_file=certificate[0])) as archive:
            archive.echo()
        assert asked[0][2]["Authorization"] == f"Bearer {TOKEN}"
        with (
            open_archive("web", node_at(port, "https", auth="bearer")) as archive,
            pytest.raises(PacsError, match="certificate of the archive web is not trusted"),
        ):
            archive.echo()
        assert len(asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirection_is_not_followed(status: int) -> None:
    with (
        server() as (other, asked),
        server(status, Location=f"http://127.0.0.1:{other}/") as (port, _),
        open_archive("web", node_at(port)) as archive,
    ):
        with pytest.raises(PacsError, match=f"HTTP {status}"):
            archive.echo()
        assert asked == []


def test_a_busy_server_is_asked_again() -> None:
    with server(failures=1) as (port, asked), open_archive("web", node_at(port, attempts=2)) as archive:
        archive.echo()
        assert len(asked) == 2
    with (
        server(failures=9) as (port, _),
        open_archive("web", node_at(port)) as archive,
        pytest.raises(ArchiveUnavailableError, match="HTTP 503"),
    ):
        archive.echo()


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b'[{"00100020": 7}]', b'["x"]', b"\xff"])
def test_a_server_that_is_no_archive(body: bytes) -> None:
    with (
        server(body=body) as (port, _),
        open_archive("web", node_at(port)) as archive,
        pytest.raises(PacsError, match="does not answer as DICOMweb does"),
    ):
        archive.echo()


@pytest.mark.parametrize("status", [200, 202, 409])
def test_an_object_that_was_not_stored(status: int, tmp_path: Path) -> None:
    """PS3.18 section 10.5.3: named in the answer, also where the status alone sounds well."""
    (file,) = save(tmp_path, exam_number(1))
    failed = {"00081155": {"vr": "UI", "Value": ["1.2"]}, "00081197": {"vr": "US", "Value": [0xA700]}}
    body = json.dumps({"00081198": {"vr": "SQ", "Value": [failed]}}).encode()
    with (
        server(status, body) as (port, _),
        open_archive("web", node_at(port)) as archive,
        pytest.raises(PacsError, match=r"did not store an object \(out of resources, status A700\)"),
    ):
        archive.store(file)


@pytest.mark.parametrize("status", [400, 500, 507])
def test_an_archive_that_takes_nothing(status: int, tmp_path: Path) -> None:
    (file,) = save(tmp_path, exam_number(1))
    with (
        server(status, b"no") as (port, _),
        open_archive("web", node_at(port)) as archive,
        pytest.raises(PacsError, match=f"refused an object .HTTP {status}"),
    ):
        archive.store(file)


@pytest.mark.parametrize("cut", [3, 30, 400])
def test_an_object_that_comes_incomplete(cut: int) -> None:
    whole = join_part(b"DICM" * 100, "x")
    with (
        server(body=whole[:-cut], content_type='multipart/related; boundary="x"') as (port, _),
        open_archive("web", node_at(port)) as archive,
        pytest.raises(ArchiveUnavailableError, match="incomplete"),
    ):
        archive.fetch(INSTANCE)


def test_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and secrets of the environment are left alone; UIDs cannot leave their place in the path."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server() as (port, asked), open_archive("web", node_at(port)) as archive:
        archive.find("STUDY", {"PatientID": "A&B"}, ["StudyDate"])
        archive.find("SERIES", {"StudyInstanceUID": "../x?y"}, ["Modality"])
    assert asked[0][1] == "/dicom-web/studies?PatientID=A%26B&includefield=StudyDate&limit=500"
    assert asked[1][1].startswith("/dicom-web/studies/..%2Fx%3Fy/series?")
    assert asked[0][2]["Host"] == f"127.0.0.1:{port}"


class Limited:
    """A server of twelve studies that gives ten at most, and may know an offset or tell of the others."""

    def __init__(self, *, knows_offset: bool, studies: int = 12) -> None:
        self.knows_offset = knows_offset
        self.studies = [{"0020000D": {"vr": "UI", "Value": [f"1.2.{n}"]}} for n in range(studies)]

    def page(self, path: str) -> bytes:
        query = dict(parse_qsl(urlsplit(path).query))
        first = int(query.get("offset", 0)) if self.knows_offset else 0
        return json.dumps(self.studies[first:][: min(int(query["limit"]), 10)]).encode()


@pytest.mark.parametrize(
    ("archive", "headers", "complete"),
    [
        (Limited(knows_offset=True), {}, False),
        (Limited(knows_offset=True, studies=10), {}, True),
        (Limited(knows_offset=False, studies=10), {}, True),
        (Limited(knows_offset=False, studies=3), {}, True),
        (
            Limited(knows_offset=False),
            {"Warning": MORE},
            False,
        ),
    ],
)
def test_a_server_that_gives_a_part_of_its_answers(
    archive: Limited, headers: dict[str, str], complete: bool
) -> None:
    with server(page=archive.page, **headers) as (port, _), open_archive("web", node_at(port)) as opened:
        opened.echo()
        if complete:
            found = opened.find("STUDY", {"PatientID": "A"}, ["StudyInstanceUID"])
            assert len(found) == len(archive.studies)
        else:
            with pytest.raises(TooManyError, match="does not give all its answers"):
                opened.find("STUDY", {"PatientID": "A"}, ["StudyInstanceUID"])
