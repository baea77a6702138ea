"""Memory that is free, handed back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Hand back what has been freed; the C library of Linux keeps it otherwise, for later requests.

    What follows a network in a short command (libraries that write DICOM) then takes its place in memory
    instead of a place beside it.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; others keep less
        if trim is not None:
            trim(0)
