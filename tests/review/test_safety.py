"""Who may ask what: the server answers its own page alone, whatever is sent to it."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_exams import CANARY
from made_review import TOKEN, Client, all_files, make_result, make_session, serving, stroke

from ptx_followup.review.setup import new_token

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

REQUESTS = 1000


@pytest.fixture(scope="module")
def folder(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(segmenter, tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def page(folder: Path, segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_HOME", str(tmp_path_factory.mktemp("home")))
        with serving(make_session(segmenter, folder)) as client:
            client.open()
            yield client


def test_the_page_is_answered(page: Client) -> None:
    assert page.get("").status == 200
    assert page.get("api/session").json["cases"][0]["id"] == "c1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:{port}"},
        {"Host": "rebound.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": None},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_other_hosts_and_other_sites_are_refused(page: Client, headers: dict[str, str | None]) -> None:
    sent = {
        name.replace("-", "_"): None if value is None else value.format(port=page.port)
        for name, value in headers.items()
    }
    for method, body in (("GET", b""), ("POST", b"{}")):
        target = page.base + ("api/session" if method == "GET" else "api/reader")
        answer = page.ask(method, target, body, **sent)
        assert 400 <= answer.status < 500
        assert answer.content in (b"", b"Invalid HTTP request received.", b"Missing mandatory Host: header")


def test_a_write_without_origin_or_as_a_form_is_refused(page: Client) -> None:
    target, body = page.base + "api/reader", b'{"name": "R1"}'
    assert page.ask("POST", target, body).status == 200
    assert page.ask("POST", target, body, Origin=None).status == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        assert page.ask("POST", target, body, Content_Type=kind).status == 415


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"{TOKEN}%00", "%2e%2e"])
def test_without_the_token_there_is_nothing(page: Client, token: str) -> None:
    for path in ("", "api/session", "page/index.html", "api/case/c1"):
        answer = page.ask("GET", f"/{token}/{path}")
        assert (answer.status, answer.content) == (404, b"")


def test_a_token_cannot_be_guessed_and_each_run_has_its_own() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 32 bytes in base64


@pytest.mark.parametrize("path", ["", "api/session", "api/nothing", "page/index.html"])
def test_every_answer_keeps_the_browser_to_this_server(page: Client, path: str) -> None:
    headers = {name.lower(): value for name, value in page.get(path).headers.items()}
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "page/../session.py",
        "page/%2e%2e/session.py",
        "page/..%2fsession.py",
        "page//etc/passwd",
        "page/__init__.py",
    ],
)
def test_only_the_page_s_own_files_are_served(page: Client, path: str) -> None:
    assert page.get(path).status == 404


def test_bodies_are_bounded_before_they_are_read(page: Client) -> None:
    large = b'{"name": "' + b"x" * 100_000 + b'"}'
    assert page.ask("POST", page.base + "api/reader", large).status == 413
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [large] * 3) + b"0\r\n\r\n"
    answer = page.ask("POST", page.base + "api/reader", chunked, Transfer_Encoding="chunked")
    assert answer.status == 413


def test_a_server_of_one_machine_listens_to_it_alone(page: Client) -> None:
    others = {one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        with pytest.raises(OSError):
            socket.create_connection((address, page.port), timeout=2)


def test_strokes_that_are_none_are_refused_and_nothing_is_drawn(page: Client) -> None:
    good = stroke(1, "mask", (10, 10), np.ones((4, 4), bool), 0)
    wrong = [
        {"exam": 2},
        {"exam": -1},
        {"exam": True},
        {"exam": "1"},
        {"layer": "shown"},
        {"layer": None},
        {"rect": [10, 10, 4]},
        {"rect": [253, 10, 4, 4]},
        {"rect": [-1, 10, 4, 4]},
        {"rect": [10, 10, 0, 4]},
        {"rect": [10.0, 10, 4, 4]},
        {"rect": [10, 10, 2**70, 4]},
        {"bits": ""},
        {"bits": "!!!!"},
        {"bits": good["bits"] + "AAAA"},
        {"bits": None},
    ]
    for changes in wrong:
        answer = page.post("api/case/c1/stroke", **(good | changes))
        assert answer.status == 400, changes
        assert answer.json["problem"]
    assert page.post("api/case/c1/stroke", **(good | {"revision": 7})).json["revision"] == 0
    assert page.post("api/case/c1/stroke", **(good | {"tab": "another"})).status == 409
    assert page.get("api/case/c1").json["revision"] == 0


def odd_request(chance: random.Random, page: Client) -> tuple[str, str, bytes, dict[str, str | None]]:
    """Something that no page sends: at least one thing about it is wrong."""
    paths = [
        "api/reader",
        "api/case/c1/stroke",
        "api/case/c1/save",
        "api/case/c1/open",
        "api/quit",
        "api/session",
    ]
    kind = chance.randrange(6)
    path, headers, body = page.base + chance.choice(paths), {}, b"{}"
    if kind == 0:  # another token
        path = f"/{chance.choice(['', 'admin', '..', new_token(), '%00', TOKEN[1:]])}/{chance.choice(paths)}"
    elif kind == 1:  # another host or site
        headers = chance.choice(
            [
                {"Host": f"evil{chance.randrange(99)}.example"},
                {"Origin": f"http://evil{chance.randrange(99)}.example"},
                {"Origin": None},
                {"Sec_Fetch_Site": "cross-site"},
            ]
        )
    elif kind == 2:  # a traversal
        steps = chance.choice(["../", "%2e%2e/", "..%2f", "....//", "/"]) * chance.randrange(1, 6)
        path = page.base + chance.choice(["page/", "api/case/", ""]) + steps + "etc/passwd"
    elif kind == 3:  # odd JSON
        words = ["[]", "null", "7", '"x"', "{", '{"a":' * 3000, "\xff", "NaN", "[" * 50_000, '{"name": 3}']
        path, body = page.base + "api/reader", chance.choice(words).encode("latin-1")
    elif kind == 4:  # a huge body
        path, body = page.base + "api/reader", b'{"name":"' + bytes([chance.randrange(32, 127)]) * 70_000
    else:  # a method, or an address, that is not there
        method = chance.choice(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"])
        return method, path, b"", {}
    return "POST", path, body, headers


def test_a_thousand_random_requests_are_refused_and_change_nothing(page: Client, folder: Path) -> None:
    chance = random.Random(18)
    watched = [folder.parent, Path(os.environ["PTX_HOME"])]
    before = all_files(watched)
    session = page.get("api/session").json
    for number in range(REQUESTS):
        method, target, body, headers = odd_request(chance, page)
        try:
            answer = page.ask(method, target, body, **headers)
        except (http.client.HTTPException, OSError):
            continue  # cut off while it was still sending
        assert 400 <= answer.status < 500, (number, method, target, headers, body[:40])
    assert page.get("api/session").json == session
    assert all_files(watched) == before


def test_nothing_of_the_patient_is_in_an_answer_or_printed(
    page: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in ("", "api/session", "api/case/c1", "api/worklist.csv", "api/case/c9"):
        assert CANARY not in page.get(path).content.decode()
    page.ask("POST", page.base + "api/reader", b"[" * 60_000)
    printed = capfd.readouterr()
    assert printed.out + printed.err == ""


def test_odd_json_is_answered_with_a_line(page: Client) -> None:
    answer = page.ask("POST", page.base + "api/reader", b"[1]")
    assert answer.status == 400
    assert set(json.loads(answer.content)) == {"problem", "hint"}
