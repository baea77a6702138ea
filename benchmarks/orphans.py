"""Processor time of processes that a command leaves behind, on Linux.

What a process has used counts for its parent once that waits for it. A worker of `ptx batch` is killed when
there is nothing left to do, and nobody waits for the process that read its files: a seventh of the work of a
cohort would be missing.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

#: From the header linux/prctl.h.
_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of all processes below this one whose own parent ends before them."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "orphans cannot be adopted")


def await_all() -> None:
    """Wait for every process below this one; what it used then counts among this one's children."""
    with suppress(ChildProcessError):
        while True:
            os.wait()
