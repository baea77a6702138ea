"""Memory of the C library, as glibc itself reports it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ptx_followup.files.memory import _glibc

#: Four threads that hold memory at the same time; then glibc writes down its pools.
PROGRAM = """
import ctypes, sys, threading
from ptx_followup.files.memory import give_back, share_pool
if sys.argv[1] == "shared":
    share_pool()
together = threading.Barrier(4)
def work():
    kept = [bytearray(5000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
give_back()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(_glibc() is None, reason="another C library than glibc")
@pytest.mark.parametrize(("pools", "one"), [("shared", True), ("many", False)])
def test_threads_share_one_pool_where_they_are_told_to(tmp_path: Path, pools: str, one: bool) -> None:
    report = tmp_path / "pools.xml"
    subprocess.run([sys.executable, "-c", PROGRAM, pools, report], check=True)
    assert (report.read_text().count("<heap nr=") == 1) is one


#: Frees 64 MB in blocks that a pool holds, asks to give back, and writes down what is still resident. With
#: "hole", a block after them stays in use.
KEEPING = """
import sys
import numpy as np
from ptx_followup.files import memory
memory.share_pool()
hole, again, *asked = sys.argv[1:]
if asked != ["give_back"]:
    memory.keep_freed()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
def take():
    return [np.ones(1_000_000, np.uint8) for _ in range(64)]
before = resident()
blocks = take()
in_use = np.ones(1_000_000, np.uint8) if hole == "hole" else None
del blocks
for one in asked:
    getattr(memory, one)()
if again == "again":
    take()
memory.give_back()
print(resident() - before)
"""


@pytest.mark.skipif(_glibc() is None, reason="another C library than glibc")
@pytest.mark.parametrize(
    ("how", "kept"),
    [
        (["end", "once"], True),
        (["end", "once", "give_back"], False),
        (["end", "once", "give_back_end"], False),
        (["end", "again", "give_back_end"], True),
        (["hole", "once", "give_back_end"], True),
        (["hole", "once", "give_back_kept"], False),
        (["hole", "again", "give_back_kept"], True),
    ],
)
def test_freed_memory_is_given_back_unless_it_is_kept(how: list[str], kept: bool) -> None:
    run = subprocess.run([sys.executable, "-c", KEEPING, *how], check=True, capture_output=True, text=True)
    assert (int(run.stdout) > 32_000_000) is kept
