"""What the page asks for, and what each address answers; `docs/review.md` lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ptx_followup.review.answers import (
    exam_answer,
    film_answer,
    measure_lines,
    registration_answer,
    shown_name,
)
from ptx_followup.review.layers import layer_of, reading_of
from ptx_followup.review.pictures import film_bytes, layer_bytes, small_film
from ptx_followup.review.refusal import Refusal, not_found
from ptx_followup.review.telling import told_answer

if TYPE_CHECKING:
    from ptx_followup.review.case import OpenCase
    from ptx_followup.review.session import Session
    from ptx_followup.review.worklist import Case

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asked:
    """A request: the parts of its address that vary, and the object in its body."""

    path: Mapping[str, Any]
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def text(self, name: str, most: int = 200) -> str:
        """A text of the body.

        Raises:
            Refusal: It is none, or too long.
        """
        value = self.body.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise Refusal(400, f"{name} is no text of at most {most} characters", "reload the page")
        return value


@dataclass(frozen=True)
class File:
    """An answer that is no JSON."""

    content: bytes = field(repr=False)
    media_type: str
    gzipped: bool = False


#: JSON, or a file.
Answer = dict[str, Any] | File
Handler = Callable[[Asked], Answer]


class Addresses:
    """The addresses of one session.

    Args:
        session: The cases.
        stop: Ends the server.
    """

    def __init__(self, session: Session, stop: Callable[[], None]) -> None:
        self._session = session
        self._stop = stop
        self._page = _page_files()
        case = "/api/case/{case}"
        self.get: dict[str, Handler] = {
            "/": lambda _: self._page["index.html"],
            "/page/{file}": self._file,
            "/api/session": lambda _: session.to_json(),
            "/api/worklist.csv": lambda _: File(session.table().encode(), "text/csv; charset=utf-8"),
            case: self._case,
            case + "/film/{exam:int}": lambda asked: File(film_bytes(self._film(asked)), _RAW, gzipped=True),
            case + "/film/{exam:int}/small": lambda asked: File(small_film(self._film(asked)), "image/png"),
            case + "/layer/{exam:int}/{layer}": self._layer,
        }
        self.post: dict[str, Handler] = {
            "/api/reader": self._reader,
            "/api/quit": self._quit,
            case + "/open": self._open,
            case + "/alive": self._alive,
            case + "/stroke": self._stroke,
            case + "/save": self._save,
            case + "/told": self._told,
        }

    def _file(self, asked: Asked) -> File:
        name = asked.path["file"]
        if name not in self._page:
            raise not_found()
        return self._page[name]

    def _reader(self, asked: Asked) -> Answer:
        self._session.name_reader(asked.text("name"))
        return self._session.to_json()

    def _quit(self, asked: Asked) -> Answer:
        self._stop()
        return {}

    def _named(self, asked: Asked) -> Case:
        return self._session.case(asked.path["case"])

    def _open(self, asked: Asked) -> Answer:
        tab = asked.text("tab")
        if not tab:
            raise Refusal(400, "the tab does not say which it is", "reload the page")
        self._session.take(self._named(asked), tab, by_force=asked.body.get("take") is True)
        return {}

    def _alive(self, asked: Asked) -> Answer:
        self._session.keep(self._named(asked), asked.text("tab"))
        return {}

    def _case(self, asked: Asked) -> Answer:
        case, hidden = self._named(asked), self._session.hidden
        opened = self._session.opened(case)
        known = {
            "id": case.id,
            "name": case.name,
            "kind": case.found.kind,
            "status": case.status,
            "ready": opened is not None,
        }
        films = [
            film_answer(found, film, hidden=hidden)
            for found, film in zip(case.found.exams, self._session.films(case), strict=True)
        ]
        if opened is None:
            return {**known, "exams": films}
        with opened.lock:
            return {
                **known,
                "exams": [
                    film | exam_answer(opened, number, _READINGS[: len(case.others)], hidden=hidden)
                    for number, film in enumerate(films)
                ],
                "registration": registration_answer(opened.opened.registrations),
                "measure_lines": {
                    shown_name(found, hidden=hidden): measure_lines(exam)
                    for found, exam in zip(case.found.exams, opened.exams, strict=True)
                },
                "figures": opened.figures(),
                "revision": opened.revision,
            }

    def _film(self, asked: Asked) -> Any:
        films = self._session.films(self._named(asked))
        if asked.path["exam"] >= len(films):
            raise not_found()
        return films[asked.path["exam"]]

    def _layer(self, asked: Asked) -> Answer:
        opened = self._opened(asked)
        number = asked.path["exam"]
        if number >= len(opened.exams):
            raise not_found()
        name, others = asked.path["layer"], self._named(asked).others
        if name in _READINGS:
            layer = reading_of(opened, others, number, _READINGS.index(name) + 1)
        else:
            layer = layer_of(opened, number, name)
        return File(layer_bytes(layer), _RAW, gzipped=True)

    def _stroke(self, asked: Asked) -> Answer:
        self._session.keep(self._named(asked), asked.text("tab"))
        return self._opened(asked).draw(asked.body)

    def _told(self, asked: Asked) -> Answer:
        opened, number = self._opened(asked), asked.body.get("exam")
        if type(number) is not int or not 0 <= number < len(opened.exams):
            raise not_found()
        report = asked.text("text", _LONGEST_REPORT)
        return told_answer(*opened.retelling(number), report, words=asked.body.get("words") is True)

    def _save(self, asked: Asked) -> Answer:
        verdict, reason = asked.text("decision"), asked.text("reason", _LONGEST_REASON)
        case, tab = self._named(asked), asked.text("tab")
        return self._session.save(case, tab, asked.body.get("revision"), verdict, reason)

    def _opened(self, asked: Asked) -> OpenCase:
        opened = self._session.opened(self._named(asked))
        if opened is None:
            raise Refusal(409, "the case is still being opened", "wait a moment")
        return opened


#: Layers of a case that is adjudicated.
_READINGS = ("reader 1", "reader 2")
#: Characters of what a reader writes.
_LONGEST_REASON, _LONGEST_REPORT = 2000, 20_000
_RAW = "application/octet-stream"


def _page_files() -> dict[str, File]:
    """The files of the page, by name; nothing else is ever served from a folder."""
    folder = resources.files("ptx_followup.review").joinpath("page")
    return {
        one.name: File(one.read_bytes(), f"{_TYPES[suffix]}; charset=utf-8")
        for one in folder.iterdir()
        if (suffix := PurePosixPath(one.name).suffix) in _TYPES
    }
