"""Processor time of processes that a command leaves behind, on Linux.

What a process has used counts for its parent once that waits for it. A worker of `ptx batch` is killed when
there is nothing left to do, and nobody waits for the process that read its files: a seventh of the work of a
cohort would be missing.
"""

from __future__ import annotations

import ctypes
import os

#: From the header linux/prctl.h.
_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of all processes below this one whose own parent ends before them."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "orphans cannot be adopted")


def await_all() -> float:
    """Wait for every process below this one; the processor seconds of those that were adopted."""
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime
