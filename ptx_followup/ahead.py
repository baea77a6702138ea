"""Beginning something in another thread while this one does something else."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")
Other = TypeVar("Other")


def ahead(make: Callable[[], Value]) -> Future[Value]:
    """Begin `make` in a thread of its own, in the context of this one (a de-identified run stays one).

    Returns:
        Its `result()` waits, and raises what `make` raised.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(copy_context().run, make)
    pool.shutdown(wait=False)
    return future


def both(first: Callable[[], Value], second: Callable[[], Other]) -> tuple[Value, Other]:
    """Two values that do not depend on each other, made at the same time where there are two processors.

    Args:
        first: Called in this thread.
        second: Called in another one, in the context of this one.

    Raises:
        What `first` raised, else what `second` raised, once both have ended.
    """
    if processors() == 1:
        return first(), second()
    other = ahead(second)
    try:
        value = first()
    finally:
        wait([other])
    return value, other.result()


def processors() -> int:
    """Processors to use: as many as there are for this process, or OMP_NUM_THREADS."""
    wished = os.environ.get("OMP_NUM_THREADS", "")
    return int(wished) if wished.isdecimal() and int(wished) else usable_cores()


def usable_cores() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(make: Callable[[Item], Value], items: Iterable[Item], workers: int) -> Iterator[Value]:
    """What `make` makes of each item, in the order of the items, several at a time.

    While the caller has one value in hand, the next `workers` are made, and no more: whatever the number of
    items, so many values are in memory. An item is asked for when its turn has come.

    Args:
        make: Called in threads, in the context of this one.
        items: Any number.
        workers: Threads.

    Raises:
        What `make` raises, at the turn of its item; items after it are given up.
    """
    waiting: deque[Future[Value]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(copy_context().run, make, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
