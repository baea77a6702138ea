"""The cases of a cohort on this machine: several worker processes, each fed and watched by a thread."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ptx_followup.cohort.bounded import BoundedWorker, StoppedError
from ptx_followup.cohort.case import Case, Outcome
from ptx_followup.cohort.ledger import Ledger
from ptx_followup.cohort.setup import Bounds, Setup

#: Bytes to leave free on the disk of the results.
LEAST_FREE_BYTES = 500_000_000


def run_here(
    cases: Iterable[Case], ledger: Ledger, setup: Setup, bounds: Bounds, workers: int
) -> Iterator[Outcome]:
    """Work on cases; outcomes come as they come, each in the ledger already.

    At most three cases a worker are begun whose outcome is not taken: who iterates slowly, slows the work.

    Raises:
        PtxError: No worker can be started.
        StoppedError: Nothing more can be written. What is done stays done.
    """
    model = ledger.terms.model_sha256
    crew = _Crew(cases, ledger, [BoundedWorker(setup, bounds, model) for _ in range(workers)])
    try:
        yield from crew.outcomes()
    finally:
        crew.end()


class _Crew:
    """Workers, each with a thread that feeds it."""

    def __init__(self, cases: Iterable[Case], ledger: Ledger, workers: Sequence[BoundedWorker]) -> None:
        self._cases, self._ledger, self._workers = iter(cases), ledger, workers
        self._turn = threading.Lock()
        # What ended, and None from each thread that has nothing more to do.
        self._ended: queue.Queue[Outcome | BaseException | None] = queue.Queue()
        # For each worker a place for the case that is written, for the next, and for an outcome that nobody
        # has taken yet: without that one, a worker would often have no next case.
        self._places = threading.Semaphore(3 * len(workers))
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True) for worker in workers
        ]

    def outcomes(self) -> Iterator[Outcome]:
        """Outcomes until there is no case any more."""
        for thread in self._threads:
            thread.start()
        at_work = len(self._threads)
        while at_work:
            ended = self._ended.get()
            if ended is None:
                at_work -= 1
            elif isinstance(ended, Outcome):
                self._places.release()
                yield ended
            else:
                raise ended

    def end(self) -> None:
        """End all workers, whatever they do."""
        self._over.set()
        for worker in self._workers:
            worker.end()
        self._places.release(len(self._threads))
        for thread in self._threads:
            thread.join()

    def _serve(self, worker: BoundedWorker) -> None:
        try:
            turn = self._next()
            while turn is not None:
                following = self._next(wait=False)
                case, seen = turn
                outcome = worker.run(case, None if following is None else following[0])
                self._ended.put(settled(self._ledger, case, outcome, seen))
                turn = following or self._next()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            self._ended.put(error)
        finally:
            worker.end()
            self._ended.put(None)

    def _next(self, *, wait: bool = True) -> tuple[Case, dict[str, Any]] | None:
        """The next case, and its inputs as they are before a worker hears of it.

        None where there is no case any more, or (without waiting) no place for it yet.
        """
        if not self._places.acquire(blocking=wait) or self._over.is_set():
            return None
        require_space(self._ledger)
        with self._turn:
            case = next(self._cases, None)
        return None if case is None else (case, self._ledger.look_at(case, hashes=False))


def settled(ledger: Ledger, case: Case, outcome: Outcome, seen: Mapping[str, Any]) -> Outcome:
    """An outcome with its failure in the ledger; a case that was done the moment it was killed is done.

    Args:
        ledger: Of the cohort.
        case: Which.
        outcome: How it ended.
        seen: Its inputs before it began; see `Ledger.look_at`.
    """
    if outcome.state == "done":
        return outcome
    found = ledger.find(case)
    if found is not None and found.state == "done":
        return found
    ledger.fail(case, outcome, seen)
    return outcome


def require_space(ledger: Ledger) -> None:
    """Refuse to begin another case on a disk that is nearly full.

    Raises:
        StoppedError: It is.
    """
    if shutil.disk_usage(ledger.root).free < LEAST_FREE_BYTES:
        raise StoppedError(
            f"less than {LEAST_FREE_BYTES // 1_000_000} MB are free on the disk of {ledger.root}",
            "free some, then start again: it goes on where it was",
        )
