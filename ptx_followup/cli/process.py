"""How the program behaves as a process: whom its files are for, and how signals end it."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn


def protect() -> None:
    """Keep what this process writes to its user, and let signals end it in order.

    Whatever is written, of any command, is for the user alone. A crash leaves no memory dump, which would
    hold a patient's image. SIGTERM and SIGHUP raise `SystemExit`, so that temporary folders and the reading
    process go as they do after Ctrl-C.
    """
    os.umask(0o077)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    if os.name == "posix":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End with the code by which shells report a signal."""
    signal.signal(number, signal.SIG_IGN)  # once is enough; a second one would cut the tidying short
    raise SystemExit(128 + number)
