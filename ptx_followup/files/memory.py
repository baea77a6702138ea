"""Memory that is free, handed back to the system."""

from __future__ import annotations

import ctypes
import sys

#: From the header malloc.h of glibc: from which size a block is a mapping of its own, gone when it is freed.
_M_MMAP_THRESHOLD = -3
#: Bytes. A table of a library or a picture is larger, what is asked for often is smaller.
_LARGE = 1 << 22


def give_back() -> None:
    """Hand back what has been freed, and from now on large blocks as soon as they are freed.

    The C library of Linux keeps both for later requests. What follows the networks in a short command
    (libraries that write DICOM) then takes their place in memory instead of a place beside it.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # glibc; others keep less
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.malloc_trim(0)
