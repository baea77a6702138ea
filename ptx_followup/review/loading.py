"""Films and networks of the cases that are looked at, loaded beside the server and dropped in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ptx_followup.errors import InputError, PtxError
from ptx_followup.review.case import OpenCase
from ptx_followup.review.opening import Opened, open_result
from ptx_followup.review.refusal import Refusal

if TYPE_CHECKING:
    from ptx_followup.review.found import FoundResult
    from ptx_followup.review.pictures import Film
    from ptx_followup.review.worklist import Case
    from ptx_followup.segmentation.segmenter import Segmenter

#: Cases kept in memory at a time: the one that is read, and the next.
MOST_OPEN = 2
_AGAIN = "run ptx compare, segment or timeline again"


class Loader:
    """Loads cases, one after the other; its caller sees to it that one thread calls it at a time.

    Args:
        find_films: Gives the films of a result.
        segmenter: Gives the loaded model; called when the first case is opened, always in one thread.
    """

    def __init__(
        self, find_films: Callable[[FoundResult], list[Film]], segmenter: Callable[[], Segmenter]
    ) -> None:
        self._find_films, self._segmenter = find_films, segmenter
        self._reading = ThreadPoolExecutor(1, "ptx-films")
        self._running = ThreadPoolExecutor(1, "ptx-networks")

    def read_films(self, case: Case) -> Future[list[Film]]:
        """Begin to read the films of a case."""
        if case.films is None or _failed(case.films):
            case.films = self._reading.submit(self._find_films, case.found)
        return case.films

    def prepare(self, case: Case) -> Future[Opened]:
        """Begin to segment a case that may be opened next; what was drawn on it is not looked at."""
        case.used = time.monotonic()
        if case.segmented is None or _failed(case.segmented):
            films = self.read_films(case)
            case.segmented = self._running.submit(self._segment, case.found, films)
        return case.segmented

    def load(self, case: Case) -> None:
        """Begin to open a case whose journal is held; again where that failed: perhaps the film is there."""
        segmented = self.prepare(case)
        if case.opened is None or _failed(case.opened):
            case.opened = self._running.submit(self._open, case, segmented)

    def forget_others(self, cases: Iterable[Case]) -> None:
        """Drop the cases that were not looked at for longest; what was drawn on them is on disk."""
        loaded = [one for one in cases if one.segmented is not None and one.segmented.done()]
        loaded.sort(key=lambda one: -one.used)
        for one in loaded[MOST_OPEN:]:
            if time.monotonic() >= one.lease_until:
                one.films = one.segmented = one.opened = None
                one.journal.release()

    def warm(self) -> None:
        """Begin to load the model."""
        self._running.submit(self._segmenter)

    def close(self) -> None:
        """Give up what waits, and let what runs end."""
        for pool in (self._reading, self._running):
            pool.shutdown(wait=True, cancel_futures=True)

    def _segment(self, found: FoundResult, films: Future[list[Film]]) -> Opened:
        return open_result(found, [film.radiograph for film in films.result()], self._segmenter())

    def _open(self, case: Case, segmented: Future[Opened]) -> OpenCase:
        return OpenCase(segmented.result(), case.journal)


def _failed(future: Future[Any]) -> bool:
    return future.done() and future.exception() is not None


def outcome(future: Future[Any]) -> Any:
    """What a future gives.

    Raises:
        Refusal: In place of what it raises.
    """
    try:
        return future.result()
    except PtxError as error:
        status = 422 if isinstance(error, InputError) else 409
        raise Refusal(status, error.problem, error.hint) from None
    except Exception as error:
        # A result that someone has edited may lack anything; the message of the error may quote it.
        raise Refusal(422, f"the result cannot be opened ({type(error).__name__})", _AGAIN) from error
