"""How long each step of a run takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(timing_s: dict[str, float], step: str) -> Iterator[None]:
    """Write the seconds that the enclosed work takes into `timing_s[step]`; nothing where it fails."""
    started = time.perf_counter()
    yield
    timing_s[step] = time.perf_counter() - started
