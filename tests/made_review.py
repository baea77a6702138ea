"""A pair of films with a result, and a server that reviews it, without the network on board."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from made_comparison import LATER, save
from made_exams import EXAMPLES, REDUCED, REPORT, exam
from numpy.typing import NDArray
from pydicom import dcmread

from ptx_followup.followup.compare import compare
from ptx_followup.results.comparison import write_comparison_results
from ptx_followup.review.decisions import reviews_in
from ptx_followup.review.films import find_film, with_levels
from ptx_followup.review.found import find_results
from ptx_followup.review.loading import Loader
from ptx_followup.review.saving import reviews_folder
from ptx_followup.review.server import Server
from ptx_followup.review.session import Session
from ptx_followup.review.worklist import CentralRead, central_cases, doubtful_cases

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

TOKEN = "a-token-of-a-test"


def turned_prior(path: Path) -> Path:
    """The prior of `examples/`, stored with its rows running to the feet: 224 columns, 256 rows shown."""
    stored = np.ascontiguousarray(dcmread(EXAMPLES / "prior.dcm").pixel_array[::REDUCED, ::REDUCED])
    dataset = exam(np.ascontiguousarray(stored[:, :224].T), PatientOrientation=["F", "L"])
    dates = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), "20260302")
    for keyword, value in dates.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def mirrored_followup(path: Path) -> Path:
    """Its follow-up, stored as seen from behind."""
    stored = dcmread(EXAMPLES / "followup.dcm").pixel_array[::REDUCED, ::REDUCED]
    dates = dict.fromkeys(("AcquisitionDate", "ContentDate", "StudyDate"), "20260304")
    dataset = exam(np.ascontiguousarray(stored[:, ::-1]), PatientOrientation=["R", "F"], **dates | LATER)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(path, enforce_file_format=True)
    return path


def make_result(
    segmenter: Segmenter, folder: Path, *, turned: bool = False, name: str = "case", **options: Any
) -> Path:
    """Write films into a folder, and beside them the result of their comparison; gives its folder.

    Keyword arguments go to `write_comparison_results`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if turned:
        films = turned_prior(folder / "prior.dcm"), mirrored_followup(folder / "followup.dcm")
    else:
        films = save(folder / "prior.dcm"), save(folder / "followup.dcm", "followup", 4, **LATER)
    result = compare(*films, report=REPORT, segmenter=segmenter)
    (folder / name).mkdir()
    write_comparison_results(result, folder / name, **options)
    return folder / name


def make_session(
    segmenter: Segmenter,
    results: Path,
    *,
    images: Path | None = None,
    reader: str | None = "R1",
    central: CentralRead | None = None,
) -> Session:
    """A session as `ptx review` makes it, with a model that is loaded already."""
    found = find_results(results)
    cases = doubtful_cases(found) if central is None else central_cases(found, central)
    loader = Loader(
        lambda one: [with_levels(find_film(exam, images)) for exam in one.exams], lambda: segmenter
    )
    reviews = reviews_in(reviews_folder(one) for one in found)
    return Session(cases, loader, reviews, reader=reader, central=central)


@dataclass(frozen=True)
class Answer:
    """Of a request."""

    status: int
    content: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Asks a server as the page does; keyword arguments change the headers."""

    def __init__(self, address: str) -> None:
        self.address = address
        parts = urlsplit(address)
        self.host, self.port, self.base = parts.netloc, int(parts.port or 0), parts.path
        self.headers = {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Content-Type": "application/json",
        }

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str | None) -> Answer:
        """Send a request for a whole target; a header that is None is left out."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if method == "POST" and "Content-Length" not in sent and "Transfer-Encoding" not in sent:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
            if response.headers.get("Content-Encoding") == "gzip":
                content = gzip.decompress(content)
            return Answer(response.status, content, dict(response.headers))
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", self.base + path)

    def post(self, path: str, **body: Any) -> Answer:
        return self.ask("POST", self.base + path, json.dumps(body).encode())

    def open(self, case: str = "c1", tab: str = "tab") -> dict[str, Any]:
        """Open a case and wait until it is ready."""
        assert self.post(f"api/case/{case}/open", tab=tab).status == 200
        while True:
            answer = self.get(f"api/case/{case}")
            assert answer.status == 200, answer.content
            known: dict[str, Any] = answer.json
            if known["ready"]:
                return known
            time.sleep(0.05)

    def layer(self, exam: int, name: str, known: dict[str, Any], case: str = "c1") -> NDArray[np.uint8]:
        """A layer of an exam."""
        answer = self.get(f"api/case/{case}/layer/{exam}/{name.replace(' ', '%20')}")
        assert answer.status == 200
        shape = known["exams"][exam]["rows"], known["exams"][exam]["columns"]
        return np.frombuffer(answer.content, np.uint8).reshape(shape)


def stroke(
    exam: int, layer: str, corner: tuple[int, int], bits: NDArray[np.bool_], revision: int, tab: str = "tab"
) -> dict[str, Any]:
    """The body of a stroke whose rectangle has its upper left corner at (row, column)."""
    rows, columns = bits.shape
    packed = np.packbits(bits, axis=1)
    return {
        "tab": tab,
        "exam": exam,
        "layer": layer,
        "revision": revision,
        "rect": [corner[1], corner[0], columns, rows],
        "bits": base64.b64encode(packed.tobytes()).decode(),
    }


@contextmanager
def serving(session: Session) -> Iterator[Client]:
    """A server on the loopback interface, and who asks it."""
    server = Server(session, TOKEN)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Client(server.address)
    finally:
        server.stop()
        thread.join()


def all_files(folders: Sequence[Path]) -> dict[str, bytes]:
    """Every file below some folders, with its content."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }
