"""One run of the server: its cases, its reader, and which cases are open in which tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from ptx_followup import __version__
from ptx_followup.dicom_objects.observers import reader_name
from ptx_followup.errors import PtxError, UsageError
from ptx_followup.review.decisions import Decided, Reviews, decided_of, worklist_csv
from ptx_followup.review.loading import outcome
from ptx_followup.review.refusal import Refusal, not_found
from ptx_followup.review.saving import Decision, reader_id, save_review
from ptx_followup.review.worklist import Case, CentralRead, Status

if TYPE_CHECKING:
    from ptx_followup.review.case import OpenCase
    from ptx_followup.review.found import FoundResult
    from ptx_followup.review.loading import Loader
    from ptx_followup.review.pictures import Film

#: Seconds after which a tab that is silent has lost its case.
LEASE_S = 15.0
#: Decisions that the page may ask for; whether a case was accepted or corrected, its pixels say.
_ASKED = frozenset(get_args(Status)) - {"open"}
#: Those that nobody can use without knowing why.
_NEED_A_REASON = frozenset({"rejected", "cannot judge"})

#: Stores what was saved in an archive; says in one line what was done.
Send = Callable[[Path], str]


class Session:
    """The cases and who reads them; every method may be called from any thread.

    Args:
        cases: In the order of the worklist.
        loader: Of their films.
        reviews: What was saved of them before, the earliest first.
        reader: Name or code of the reader, or None until it is asked.
        central: How a central read is done; None otherwise.
        send: Stores what was accepted or corrected in an archive.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        loader: Loader,
        reviews: Sequence[FoundResult] = (),
        *,
        reader: str | None = None,
        central: CentralRead | None = None,
        send: Send | None = None,
    ) -> None:
        self.cases = {case.id: case for case in cases}
        self.reader = reader
        self.central = central
        self.decisions: list[Decided] = []
        self._loader, self._send = loader, send
        self._lock = threading.RLock()
        known = Reviews(reviews)
        for case in cases:
            for review in known.of(case.found, case.exam):
                if self._may_be_seen(review):
                    self._decide(case, decided_of(case.id, review))

    @property
    def hidden(self) -> bool:
        """Time points are hidden."""
        return self.central is not None and self.central.hidden

    def to_json(self) -> dict[str, Any]:
        """The `api/session` object."""
        with self._lock:
            return {
                "version": __version__,
                "reader": self.reader,
                "mode": "review" if self.central is None else "central",
                "time_points": "hidden" if self.hidden else "shown",
                "cases": [case.to_json() for case in self.cases.values()],
                "decisions": [one.to_json() for one in self.decisions],
            }

    def table(self) -> str:
        """The worklist as CSV."""
        with self._lock:
            return worklist_csv(list(self.cases.values()), self.decisions)

    def name_reader(self, name: str) -> None:
        """Take the reader's name, once.

        Raises:
            Refusal: It is none, or there is another.
        """
        try:
            reader = reader_name(name)
        except UsageError as error:
            raise Refusal(400, error.problem, error.hint) from None
        with self._lock:
            if self.reader not in (None, reader):
                raise Refusal(409, "another reader works here", "end ptx review and start it for yourself")
            self.reader = reader

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
            Refusal: Another tab has it, or another program.
        """
        with self._lock:
            held = case.tab not in ("", tab) and time.monotonic() < case.lease_until
            if held and not by_force:
                raise Refusal(409, "open in another tab", "close it there, or take it over")
            try:
                case.journal.hold()
            except UsageError as error:
                raise Refusal(409, error.problem, error.hint) from None
            if case.opened is None:
                case.journal.begin(self.reader)
            case.tab = tab
            case.lease_until = time.monotonic() + LEASE_S
            self._loader.load(case)
            if (following := self._next(case)) is not None:
                self._loader.prepare(following)
            self._loader.forget_others(self.cases.values())

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
            Refusal: It cannot be opened, or nobody has opened it.
        """
        with self._lock:
            if case.opened is None:
                raise Refusal(409, "the case is not open", "open it first")
            case.used = time.monotonic()
            future = case.opened
        if not future.done():
            return None
        opened: OpenCase = outcome(future)
        return opened

    def films(self, case: Case) -> list[Film]:
        """The films of a case, as soon as they are read; once it is open, as it shows them.

        Raises:
            Refusal: One is not found, or nobody has opened the case.
        """
        opened = self.opened(case)
        with self._lock:
            future = case.films
        if future is None:
            raise not_found()
        films: list[Film] = outcome(future)
        if opened is None:
            return films
        return [film.shown_as(one) for film, one in zip(films, opened.films, strict=True)]

    def save(self, case: Case, tab: str, revision: Any, verdict: str, reason: str) -> dict[str, Any]:
        """Save a case as the reader left it, and send it where that is asked for.

        Raises:
            Refusal: No reader is named, the tab has not the case, it has changed meanwhile, the decision is
                none or lacks its reason, or it cannot be written.
        """
        if self.reader is None:
            raise Refusal(409, "the reader is not named", "enter your name or code")
        if verdict not in _ASKED:
            raise Refusal(400, "this is no decision", f"decide one of {', '.join(sorted(_ASKED))}")
        if verdict in _NEED_A_REASON and not reason.strip():
            raise Refusal(400, "there is no reason", "say why in a few words")
        self.keep(case, tab)
        opened = self.opened(case)
        if opened is None:
            raise Refusal(409, "the case is still being opened", "wait a moment")
        with opened.lock:
            if revision != opened.revision:
                raise Refusal(
                    409, "the case has changed meanwhile", "load it again", revision=opened.revision
                )
            if verdict not in _NEED_A_REASON:
                edited = any(opened.edited(number) for number in range(len(opened.exams)))
                verdict = "corrected" if edited else "accepted"
            folder = save_review(
                case.found, opened, Decision(self.reader, verdict, reason.strip(), self._more(case))
            )
            opened.journal.saved(folder.name, self.reader)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._lock:
            self._decide(case, Decided(case.id, self.reader, verdict, reason.strip(), at, folder.name))
        return {"folder": self._shown(folder.name), "decision": verdict, **self._sent(folder, verdict)}

    def close(self) -> None:
        """Give up what is loading, and let others review these results."""
        self._loader.close()
        for case in self.cases.values():
            case.journal.release()

    def _next(self, case: Case) -> Case | None:
        """The case that is likely to be opened next."""
        cases = list(self.cases.values())
        later = cases[cases.index(case) + 1 :]
        return next((one for one in later if one.status == "open"), None)

    def _sent(self, folder: Path, verdict: str) -> dict[str, Any]:
        """What the archive took; the result is saved in any case."""
        if self._send is None or verdict in _NEED_A_REASON:
            return {}
        try:
            return {"sent": self._send(folder), "not_sent": None}
        except PtxError as error:
            return {"sent": None, "not_sent": f"{error.problem}: {error.hint}"}

    def _more(self, case: Case) -> dict[str, Any]:
        central = None if self.central is None else self.central.to_json() | {"read": case.name}
        return {"exam": case.exam, "central": central}

    def _decide(self, case: Case, decided: Decided) -> None:
        case.status, case.reason = cast("Status", decided.decision), decided.reason
        self.decisions.append(replace(decided, folder=self._shown(decided.folder)))

    def _may_be_seen(self, review: FoundResult) -> bool:
        """Readers of a central read see their own decisions alone."""
        known = review.document["review"]
        if known.get("decision") not in _ASKED:
            return False
        if self.central is None:
            return True
        return bool(known.get("reader_id") == reader_id(self.central.reader) and known.get("central"))

    def _shown(self, folder: str) -> str:
        """A folder's name; in a central read it would tell which films are one patient's."""
        return folder if self.central is None else ""
