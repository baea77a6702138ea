"""One run of the server: its cases, its reader, and which cases are open in which tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup import __version__
from ptx_followup.errors import InputError, PtxError, UsageError
from ptx_followup.results.doubt import Doubt
from ptx_followup.review.case import OpenCase
from ptx_followup.review.opening import open_result
from ptx_followup.review.refusal import Refusal, not_found

if TYPE_CHECKING:
    from ptx_followup.radiograph.image import Radiograph
    from ptx_followup.review.found import FoundResult
    from ptx_followup.review.journal import Journal
    from ptx_followup.segmentation.segmenter import Segmenter

Status = Literal["open", "accepted", "corrected", "rejected", "cannot judge"]
#: Cases kept in memory at a time: the one that is read, and the next.
MOST_OPEN = 2
#: Seconds after which a tab that is silent has lost its case.
LEASE_S = 15.0
_AGAIN = "run ptx compare, segment or timeline again"


@dataclass(eq=False)
class Case:
    """One line of the worklist.

    Attributes:
        id: In addresses: "c1" and so on.
        name: For the reader.
        found: The result.
        journal: Its strokes.
        doubt: Why it deserves a look.
        status: What was decided of it.
        reason: Why.
    """

    id: str
    name: str
    found: FoundResult
    journal: Journal
    doubt: Doubt
    status: Status = "open"
    reason: str = ""
    tab: str = ""
    lease_until: float = 0.0
    used: float = 0.0
    films: Future[list[Radiograph]] | None = field(default=None, repr=False)
    opened: Future[OpenCase] | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """As the worklist shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.found.kind,
            "doubt": {"points": self.doubt.points, "reasons": list(self.doubt.reasons)},
            "status": self.status,
            "reason": self.reason,
            "draft": self.journal.holds_strokes,
        }


class Session:
    """The cases and who reads them; every method may be called from any thread.

    Args:
        cases: In the order of the worklist.
        find_films: Gives the films of a result.
        segmenter: Gives the loaded model; called when the first case is opened.
        reader: Name or code of the reader, or None until it is asked.
        central: A central read.
        hidden: Time points are hidden.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        find_films: Callable[[FoundResult], list[Radiograph]],
        segmenter: Callable[[], Segmenter],
        *,
        reader: str | None = None,
        central: bool = False,
        hidden: bool = False,
    ) -> None:
        self.cases = {case.id: case for case in cases}
        self.reader = reader
        self.central, self.hidden = central, hidden
        self._find_films, self._segmenter = find_films, segmenter
        self._lock = threading.RLock()
        self._reading = ThreadPoolExecutor(1, "ptx-films")
        self._running = ThreadPoolExecutor(1, "ptx-networks")

    def to_json(self) -> dict[str, Any]:
        """The `api/session` object."""
        with self._lock:
            return {
                "version": __version__,
                "reader": self.reader,
                "mode": "central" if self.central else "review",
                "time_points": "hidden" if self.hidden else "shown",
                "cases": [case.to_json() for case in self.cases.values()],
                "decisions": [],
            }

    def name_reader(self, name: str) -> None:
        """Take the reader's name, once.

        Raises:
            Refusal: It is none, or there is another.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= 64 or not name.isprintable():
            raise Refusal(400, "a name or code of 1 to 64 characters is needed", "enter yours")
        with self._lock:
            if self.reader not in (None, name):
                raise Refusal(409, "another reader works here", "end ptx review and start it for yourself")
            self.reader = name

    def case(self, case_id: str) -> Case:
        """A case by its name in addresses.

        Raises:
            Refusal: There is none.
        """
        if case_id not in self.cases:
            raise not_found()
        return self.cases[case_id]

    def take(self, case: Case, tab: str, *, by_force: bool = False) -> None:
        """Give a tab the right to draw on a case, and begin to load it.

        Raises:
            Refusal: Another tab has it.
        """
        with self._lock:
            held = case.tab not in ("", tab) and time.monotonic() < case.lease_until
            if held and not by_force:
                raise Refusal(409, "open in another tab", "close it there, or take it over")
            try:
                case.journal.hold()
            except UsageError as error:
                raise Refusal(409, error.problem, error.hint) from None
            case.tab = tab
            case.lease_until = time.monotonic() + LEASE_S
            if case.opened is not None and case.opened.done() and case.opened.exception() is not None:
                case.opened = None  # perhaps the film is there by now
            self._load(case)

    def keep(self, case: Case, tab: str) -> None:
        """Prolong the right of a tab.

        Raises:
            Refusal: It has none.
        """
        with self._lock:
            if not tab or case.tab != tab:
                raise Refusal(409, "open in another tab", "close it there, or take it over")
            case.lease_until = time.monotonic() + LEASE_S

    def opened(self, case: Case) -> OpenCase | None:
        """The open case; None while it is loading.

        Raises:
            Refusal: It cannot be opened.
        """
        with self._lock:
            self._load(case)
            future = case.opened
        if future is None or not future.done():
            return None
        opened: OpenCase = _result(future)
        return opened

    def films(self, case: Case) -> list[Radiograph]:
        """The films of a case, as soon as they are read.

        Raises:
            Refusal: One is not found.
        """
        opened = self.opened(case)
        if opened is not None:
            return list(opened.films)
        with self._lock:
            future = case.films
        if future is None:
            raise not_found()
        films: list[Radiograph] = _result(future)
        return films

    def close(self) -> None:
        """Give up what is loading, and let others review these results."""
        for pool in (self._reading, self._running):
            pool.shutdown(wait=True, cancel_futures=True)
        for case in self.cases.values():
            case.journal.release()

    def _load(self, case: Case) -> None:
        case.used = time.monotonic()
        if case.opened is not None:
            return
        films = self._reading.submit(self._find_films, case.found)
        case.films = films
        case.opened = self._running.submit(lambda: self._open(case, films))
        self._forget(case)

    def _open(self, case: Case, films: Future[list[Radiograph]]) -> OpenCase:
        return OpenCase(open_result(case.found, films.result(), self._segmenter()), case.journal)

    def _forget(self, newest: Case) -> None:
        """Drop the cases that were not looked at for longest; what was drawn on them is on disk."""
        loaded = [one for one in self.cases.values() if one.opened is not None and one is not newest]
        loaded.sort(key=lambda one: one.used)
        for one in loaded[: max(0, len(loaded) - MOST_OPEN + 1)]:
            if time.monotonic() >= one.lease_until and one.opened is not None and one.opened.done():
                one.films = one.opened = None
                one.journal.release()


def _result(future: Future[Any]) -> Any:
    try:
        return future.result()
    except PtxError as error:
        status = 422 if isinstance(error, InputError) else 409
        raise Refusal(status, error.problem, error.hint) from None
    except Exception as error:
        # A result that someone has edited may lack anything; the message of the error may quote it.
        raise Refusal(422, f"the result cannot be opened ({type(error).__name__})", _AGAIN) from error
