"""Memory of the C library: one pool for all threads, and what is free handed back to the system.

Both speak to glibc, the C library of most Linux systems; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
import threading

#: Parameters of `mallopt`, from the header malloc.h of glibc: how much that is free at the end of a pool is
#: kept, from which size a block is a mapping of its own, gone when it is freed; and how many pools there may
#: be.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
#: Bytes. A table of a library or a picture is larger, what is asked for often is smaller.
_LARGE = 1 << 22
#: Bytes that are kept for what comes next, and the largest blocks among them: glibc takes no larger bound.
_KEPT, _LARGEST_KEPT = 1 << 29, 1 << 25
#: Bytes of a block that glibc, when it is freed, looks at the end of the pool for; so from 1 << 16 on.
_NOTICED = 1 << 18
#: Set where freed memory is kept.
_keeping = threading.Event()
#: For the environment of a process that keeps its memory: it comes in pages of 2 MB, not of 4 KB.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def share_pool() -> None:
    """Let all threads take memory from one pool; to be called before they start.

    Each would fill a pool of its own otherwise. What the threads of a network make and another one frees is
    of no use there to anybody else: peak memory is half as large again, and fresh memory takes longer to get.
    """
    library = _glibc()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Hand back what has been freed, and from now on large blocks as soon as they are freed.

    glibc keeps both for later requests. What follows the networks in a short command then takes their place
    in memory instead of a place beside it. Nothing is done after `keep_freed`.
    """
    library = _glibc()
    if library is not None and not _keeping.is_set():
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.malloc_trim(0)


def keep_freed() -> None:
    """Keep what is freed, for a process that does the same thing again and again.

    What one case gave back, the next one would only have to ask for, and have cleared, once more.
    """
    library = _glibc()
    if library is not None:
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        _keeping.set()


def give_back_end() -> None:
    """Hand back what lies free at the end of the pool, after `keep_freed`; to be called now and then.

    The pool reaches as far as the cases that met at their largest once needed, and every run meets a worse
    moment in the end: memory would creep up with the number of cases. What lies free between blocks in use
    stays in its large pages.
    """
    library = _glibc()
    if library is not None and _keeping.is_set():
        library.mallopt(_M_TRIM_THRESHOLD, _NOTICED)
        library.free(library.malloc(_NOTICED))
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)


def give_back_kept() -> None:
    """Hand back all that lies free, after `keep_freed`; to be called seldom.

    What lies free between blocks in use creeps up too, more slowly. To give it back breaks up large
    pages: what follows takes longer to get its memory again.
    """
    library = _glibc()
    if library is not None and _keeping.is_set():
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):
        return None
    library.malloc.argtypes, library.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    library.free.argtypes, library.free.restype = [ctypes.c_void_p], None
    return library
