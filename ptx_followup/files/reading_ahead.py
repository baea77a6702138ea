"""Reading a file in another thread while this one does something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ptx_followup.ahead import ahead
from ptx_followup.files import contained

if TYPE_CHECKING:
    from concurrent.futures import Future

Value = TypeVar("Value")


@contextmanager
def reading_ahead(read: Callable[[], Value]) -> Iterator[Future[Value]]:
    """Begin to read in another thread.

    Args:
        read: Calls the child (see `contained`), and imports nothing that this thread may import too.

    Yields:
        Its `result()` waits, and raises what `read` raised. An error meanwhile, Ctrl-C among them, ends the
        child, so that the program need not wait for a file that nobody asks for any more.
    """
    reading = ahead(read)
    try:
        yield reading
    except BaseException:
        contained.end()
        raise
