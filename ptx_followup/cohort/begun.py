"""The cases of a worker process that are begun: one is written while the next is compared and read.

Three steps, each of one case at a time: reading waits for the child process, comparing for the networks, and
writing for the disk. Two cases at most are begun, as the parent names no more, so that memory does not grow.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ptx_followup.ahead import ahead
from ptx_followup.cohort.case import Case
from ptx_followup.cohort.ledger import Ledger
from ptx_followup.cohort.work import Compare, Work, Write


@dataclass(frozen=True)
class Compared:
    """A case whose results are still to be written.

    Attributes:
        write: Writes them.
        seen: Its inputs, from before they were read; see `Ledger.look_at`.
        seconds: That comparing took.
    """

    write: Write = field(repr=False)
    seen: dict[str, Any] = field(repr=False)
    seconds: float


class Begun:
    """The cases that are begun, in their order; used by one thread.

    Args:
        work: Done with each.
        ledger: Looks at their inputs.
    """

    def __init__(self, work: Work, ledger: Ledger) -> None:
        self._work, self._ledger = work, ledger
        self._cases: deque[tuple[Case, Future[Compared]]] = deque()
        self._comparing = ThreadPoolExecutor(max_workers=1)

    def begin(self, case: Case) -> None:
        """Have a case read now, and compared when those before it are."""
        if all(known != case for known, _ in self._cases):
            reading = ahead(lambda: self._read(case))
            self._cases.append((case, self._comparing.submit(_compared, reading)))

    def take(self, case: Case) -> Compared:
        """Wait until a case is compared; those that were begun before it are given up.

        Raises:
            What reading or comparing it raised.
        """
        while self._cases and self._cases[0][0] != case:
            self._cases.popleft()
        self.begin(case)
        return self._cases.popleft()[1].result()

    def _read(self, case: Case) -> tuple[Compare, dict[str, Any]]:
        seen = self._ledger.look_at(case, hashes=True)
        return self._work.read(case), seen


def _compared(reading: Future[tuple[Compare, dict[str, Any]]]) -> Compared:
    compare, seen = reading.result()
    began = time.monotonic()
    return Compared(compare(), seen, time.monotonic() - began)
