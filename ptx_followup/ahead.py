"""Beginning something in another thread while this one does something else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Value = TypeVar("Value")


def ahead(make: Callable[[], Value]) -> Future[Value]:
    """Begin `make` in a thread of its own, in the context of this one (a de-identified run stays one).

    Returns:
        Its `result()` waits, and raises what `make` raised.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(copy_context().run, make)
    pool.shutdown(wait=False)
    return future
