"""An archive reached by DICOMweb: QIDO-RS, WADO-RS and STOW-RS (DICOM PS3.18)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from pydicom.dataset import Dataset

from ptx_followup.dicom.elements import integer, items
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import PacsError, UsageError
from ptx_followup.files.limits import configured_limits
from ptx_followup.pacs.archive import ArchiveUnavailableError, Instance, Level, TooManyError, persist
from ptx_followup.pacs.credentials import secret_of, variable_of
from ptx_followup.pacs.multipart import join_part, only_part
from ptx_followup.pacs.statuses import meaning

try:
    import requests
except ImportError:
    raise UsageError("DICOMweb needs the extra pacs", "pip install 'ptx-followup[pacs]'") from None

if TYPE_CHECKING:
    from ptx_followup.pacs.nodes import DicomWebNode

#: Answers that mean "not now" (RFC 9110; 429: RFC 6585).
_NOT_NOW = frozenset({408, 429, 502, 503, 504})
_CHUNK = 1 << 16
#: Answers to a search are text; more than this is no answer to a question about one patient.
_MOST_JSON_BYTES = 50_000_000
_MOST_ANSWERS = 500
#: Servers have limits of their own, which are not below this; not all say where one was reached.
_FEWEST_OF_A_LIMIT = 10
_ONE = ("limit", "1")


class DicomWebArchive:
    """See `archive.Archive`.

    Only the node's own address is talked to: redirections are not followed, and neither ~/.netrc nor proxies
    of the environment are used, so that no secret goes anywhere else.
    """

    def __init__(self, name: str, node: DicomWebNode) -> None:
        self._name = name
        self._node = node
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = True if node.ca_file is None else _existing(node.ca_file)
        if node.certificate is not None and node.key is not None:
            self._session.cert = (_existing(node.certificate), _existing(node.key))
        if node.proxy is not None:
            self._session.proxies = {urlsplit(node.url).scheme: node.proxy}
        if node.auth == "basic":
            self._session.auth = (_as_utf8(str(node.user)), _as_utf8(secret_of(name)))
        elif node.auth == "bearer":
            self._session.headers["Authorization"] = f"Bearer {secret_of(name)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def echo(self) -> None:
        """DICOMweb has no echo: the shortest possible search shows address and credentials to be right."""
        self._any([])

    def honours_wild_cards(self) -> bool:
        """Asked of what the archive holds; PS3.18 leaves wild cards to the server. See `Archive`."""
        return not self._any([]) or self._any([("PatientID", "?*")])

    def find(self, level: Level, match: Mapping[str, str], wanted: Sequence[str]) -> list[Dataset]:
        """QIDO-RS; see `Archive.find`."""
        rest = dict(match)
        path = "studies"
        if level != "STUDY":
            path += f"/{quote(rest.pop('StudyInstanceUID'), safe='')}/series"
        if level == "IMAGE":
            path += f"/{quote(rest.pop('SeriesInstanceUID'), safe='')}/instances"
        fields = [("includefield", keyword) for keyword in wanted]
        query = [*rest.items(), *fields]
        answers = self._search(path, [*query, ("limit", str(_MOST_ANSWERS))])
        if len(answers) >= _MOST_ANSWERS:
            raise TooManyError(
                f"the archive {self._name} has {_MOST_ANSWERS} answers or more", "narrow the search"
            )
        if len(answers) >= _FEWEST_OF_A_LIMIT:
            further = self._search(path, [*query, _ONE, ("offset", str(len(answers)))])
            if any(one not in answers for one in further):  # a server that knows no offset begins anew
                raise self._some_left_out()
        return answers

    def header(self, instance: Instance) -> Dataset:
        """WADO-RS metadata, whose letters are those of the file; see `Archive.header`."""
        found = self._search(f"{_path_of(instance)}/metadata", [])
        return found[0] if found else Dataset()

    def fetch(self, instance: Instance) -> bytes:
        """WADO-RS; see `Archive.fetch`."""
        path = _path_of(instance)
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'

        def attempt() -> bytes:
            with self._request("GET", path, headers={"Accept": accept}) as response:
                self._require_success(response)
                body = self._read(response, configured_limits().file_bytes)
                return self._content(body, response.headers.get("Content-Type", ""))

        return persist(self._node.attempts, attempt)

    def store(self, file: Path) -> None:
        """STOW-RS; see `Archive.store`."""
        boundary = uuid.uuid4().hex
        body = join_part(file.read_bytes(), boundary)
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary="{boundary}"',
            "Accept": "application/dicom+json",
        }

        def attempt() -> None:
            with self._request("POST", "studies", data=body, headers=headers) as response:
                answer = self._read(response, _MOST_JSON_BYTES)
                if response.status_code in (200, 202, 409):
                    self._require_stored(answer)
                self._require_success(response, "an object")

        persist(self._node.attempts, attempt)

    def _any(self, query: Sequence[tuple[str, str]]) -> bool:
        """Whether there is a study; that there are more says nothing."""
        try:
            return bool(self._search("studies", [*query, _ONE]))
        except TooManyError:
            return True

    def _search(self, path: str, query: Sequence[tuple[str, str]]) -> list[Dataset]:
        """Ask for data sets; * and ? are not encoded, as there are archives that do not decode."""
        encoded = "&".join(f"{name}={quote(value, safe='*?')}" for name, value in query)

        def attempt() -> list[Dataset]:
            headers = {"Accept": "application/dicom+json"}
            with self._request("GET", f"{path}?{encoded}", headers=headers) as response:
                # Some servers say "not found" of a study or series without what is searched for.
                if response.status_code == 204 or (response.status_code == 404 and "/" in path):
                    return []
                self._require_success(response)
                if "additional results" in response.headers.get("Warning", ""):  # PS3.18 section 8.3.4.4
                    raise self._some_left_out()
                return self._datasets(self._read(response, _MOST_JSON_BYTES))

        return persist(self._node.attempts, attempt)

    def _some_left_out(self) -> TooManyError:
        return TooManyError(
            f"the archive {self._name} does not give all its answers", "narrow the search, or raise its limit"
        )

    @contextmanager
    def _request(self, method: str, path: str, **details: Any) -> Iterator[requests.Response]:
        """Make a request; whatever goes wrong in it or while its answer is read becomes one of our errors."""
        url = f"{self._node.url.rstrip('/')}/{path}"
        try:
            with self._session.request(
                method, url, timeout=self._node.timeout_s, stream=True, allow_redirects=False, **details
            ) as response:
                yield response
        except requests.exceptions.SSLError:
            raise PacsError(
                f"the certificate of the archive {self._name} is not trusted, or ours is not accepted",
                "name its authority in ca_file, and check certificate and key",
            ) from None
        except requests.exceptions.ProxyError:
            raise ArchiveUnavailableError(
                f"the proxy of the archive {self._name} cannot be used", "check proxy in the configuration"
            ) from None
        except requests.exceptions.Timeout:
            raise ArchiveUnavailableError(
                f"the archive {self._name} did not answer within {self._node.timeout_s:g} s",
                "try again, or raise timeout_s",
            ) from None
        except requests.exceptions.RequestException:
            raise ArchiveUnavailableError(
                f"the connection to the archive {self._name} failed or broke off",
                "check url and network, then run the same command again",
            ) from None

    def _require_success(self, response: requests.Response, what: str = "the request") -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        if status in (401, 403):
            hint = f"check auth, user and {variable_of(self._name)}"
            raise PacsError(f"the archive {self._name} refused the credentials (HTTP {status})", hint)
        if status == 404:
            raise PacsError(f"the archive {self._name} has no such service or object (HTTP 404)", "check url")
        if status in _NOT_NOW:
            raise ArchiveUnavailableError(
                f"the archive {self._name} is not available (HTTP {status})", "run the same command again"
            )
        raise PacsError(
            f"the archive {self._name} refused {what} (HTTP {status})",
            "look at its log, then run the same command again",
        )

    def _read(self, response: requests.Response, most_bytes: int) -> bytes:
        """Read the body, but no more than is sensible; it is `response.content` afterwards."""
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > most_bytes:
                raise PacsError(
                    f"the archive {self._name} answered with more than {most_bytes // 1_000_000} MB",
                    "narrow the search, or fetch the object by other means",
                )
        return bytes(body)

    def _content(self, body: bytes, content_type: str) -> bytes:
        try:
            return only_part(body, content_type)
        except ValueError:
            raise ArchiveUnavailableError(
                f"an object came incomplete from the archive {self._name}", "run the same command again"
            ) from None

    def _datasets(self, body: bytes) -> list[Dataset]:
        try:
            answer = json.loads(body) if body.strip() else []
            # A single data set instead of a list of them is a common slip.
            with lenient_pydicom():
                return [
                    Dataset.from_json(item) for item in (answer if isinstance(answer, list) else [answer])
                ]
        except Exception:  # noqa: BLE001 - a server that is none of DICOMweb may answer anything
            raise PacsError(
                f"the archive {self._name} does not answer as DICOMweb does", "check url"
            ) from None

    def _require_stored(self, body: bytes) -> None:
        """STOW-RS names what it did not store in FailedSOPSequence, also where the status is a success."""
        for answer in self._datasets(body):
            for failed in items(answer, "FailedSOPSequence"):
                reason = meaning(integer(failed, "FailureReason") or 0)
                raise PacsError(
                    f"the archive {self._name} did not store an object ({reason})",
                    "look at its log, then run the same command again",
                )


def _path_of(instance: Instance) -> str:
    uids = (quote(uid, safe="") for uid in (instance.study_uid, instance.series_uid, instance.uid))
    return "studies/{}/series/{}/instances/{}".format(*uids)


def _as_utf8(words: str) -> str:
    """Text whose Latin-1 bytes, which requests sends, are UTF-8 (RFC 7617 section 2.1)."""
    return words.encode().decode("latin-1")


def _existing(path: Path) -> str:
    if not path.is_file():
        raise UsageError(f"{path} does not exist", "check ca_file, certificate and key in the configuration")
    return str(path)
