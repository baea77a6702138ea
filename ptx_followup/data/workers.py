"""Doing the same to every case of a data set, in one process or in several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import BatchError

Result = TypeVar("Result")

_held: list[DataSet] = []


def for_each_case(
    data_set: DataSet, work: Callable[[DataSet, Case], Result], *, workers: int = 1
) -> Iterator[Result]:
    """Apply a function to every case, in the order of the data set.

    Args:
        data_set: The data set.
        work: Called as `work(data_set, case)`; with several workers it and its results must be picklable.
        workers: Number of processes. With more than one, a script that calls this needs the guard
            `if __name__ == "__main__":`, as with all of Python's process pools.

    Raises:
        BatchError: A worker process died, most often for lack of memory.
    """
    if workers == 1:
        yield from (work(data_set, case) for case in data_set)
        return
    # Decoding DICOM is serialised within a process (pydicom's settings are global), hence processes;
    # spawned, not forked, since the parent draws its progress bar from a thread.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_hold, initargs=(data_set,)) as pool:
        try:
            yield from pool.map(partial(_at, work), range(len(data_set)), chunksize=16)
        except BrokenProcessPool as error:
            raise BatchError(
                "a worker process was killed, most often for lack of memory", "free memory, then run again"
            ) from error


def _hold(data_set: DataSet) -> None:
    _held.append(data_set)


def _at(work: Callable[[DataSet, Case], Result], place: int) -> Result:
    """`work` applied to a case by its place, so that the data set is sent to each process only once."""
    data_set = _held[-1]
    return work(data_set, data_set.cases[place])
