"""A worker process whose cases are bounded: one that hangs or eats memory ends, and another takes over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ptx_followup import __version__
from ptx_followup.cohort.case import Case, Outcome, Problem
from ptx_followup.cohort.setup import Bounds, Setup
from ptx_followup.errors import ExitCode, InputError, ModelError, PtxError, UsageError, system_reason
from ptx_followup.files.memory import LARGE_PAGES

#: The module that the process runs.
PROGRAM = "ptx_followup.cohort.worker"
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)
#: Seconds between two looks at the memory of a worker.
_LOOK_S = 0.1
_ENDED = ("the run was ended", "start it again: it goes on where it was")
_REFUSALS: dict[int, type[PtxError]] = {
    kind.exit_code: kind for kind in (UsageError, InputError, ModelError, PtxError)
}


class StoppedError(PtxError):
    """Nothing more can be written: the run ends, and goes on where it was when it is started again."""

    exit_code = ExitCode.USAGE


class BoundedWorker:
    """One worker process; used by one thread, ended by any.

    Args:
        setup: What it is told.
        bounds: Of each case.
        model_sha256: That its model must have, for results that belong together; None for any.
    """

    def __init__(self, setup: Setup, bounds: Bounds, model_sha256: str | None = None) -> None:
        self._setup, self._bounds, self._model_sha256 = setup, bounds, model_sha256
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()

    def run(self, case: Case, following: Case | None = None) -> Outcome:
        """Work on a case; whatever becomes of the process, there is an outcome.

        Args:
            case: Which.
            following: The next one, which is read and compared while this one is written. Where the process
                dies or takes too much memory, that may be its fault: the case then runs once more, alone.

        Raises:
            PtxError: No worker can be started.
            StoppedError: Nothing more can be written.
        """
        if self._over.is_set():
            raise StoppedError(*_ENDED)
        process = self._in_service()
        if self._over.is_set():  # while it started
            self._end_process()
            raise StoppedError(*_ENDED)
        began = time.monotonic()
        with _watched(process, self._bounds) as broken:
            answer = self._ask(process, {"cases": [one and one.to_json() for one in (case, following)]})
        if answer is None:
            self._end_process()
            if self._over.is_set():
                raise StoppedError(*_ENDED)
            if following is not None and "seconds" not in broken:
                return self.run(case)
            seconds = round(time.monotonic() - began, 3)
            return Outcome(case.id, "failed", problem=self._what_ended_it(broken), seconds=seconds)
        if "stopped" in answer:
            raise StoppedError(*answer["stopped"])
        return Outcome.from_json(answer["outcome"])

    def end(self) -> None:
        """Kill the process, and start none any more; what it was writing does not count."""
        self._over.set()
        self._end_process()

    def _in_service(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        try:
            self._process = process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of this package
                [sys.executable, "-P", "-m", PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(self._setup.threads),
                # Ctrl-C reaches the parent alone, which then ends the worker.
                process_group=0 if os.name == "posix" else None,
            )
        except OSError as error:
            reason = system_reason(error)
            raise PtxError(f"a worker cannot be started ({reason})", "free some memory") from None
        with _watched(process, Bounds(self._bounds.start_seconds, self._bounds.memory_bytes)):
            answer = self._ask(process, self._setup.to_json())
        self._require_alike(answer)
        return process

    def _require_alike(self, answer: dict[str, Any] | None) -> None:
        """Refuse a worker that did not start, or that would give other results."""
        if answer is not None and "ready" in answer:
            ready = answer["ready"]
            if ready["version"] == __version__ and self._model_sha256 in (None, ready["model_sha256"]):
                return
            self._end_process()
            raise UsageError(
                "a worker has another version of ptx-followup or other weights than the rest of the run",
                "install the same version and model on every machine",
            )
        self._end_process()
        if answer is not None:
            code, problem, hint = answer["refused"]
            raise _REFUSALS.get(code, PtxError)(problem, hint)
        raise PtxError(
            "a worker does not start", "give fewer --workers, or more --case-memory-mb, and see PTX_DEBUG=1"
        )

    def _ask(self, process: subprocess.Popen[bytes], stated: dict[str, Any]) -> dict[str, Any] | None:
        """Send a line and wait for the line that answers it; None where the process has ended."""
        try:
            pipe = _pipe(process.stdin)
            pipe.write(json.dumps(stated).encode() + b"\n")
            pipe.flush()
            line = _pipe(process.stdout).readline()
            answer = json.loads(line) if line else None
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None

    def _what_ended_it(self, broken: list[str]) -> Problem:
        if "seconds" in broken:
            most = f"{self._bounds.seconds:g} s"
            return Problem(
                ExitCode.INPUT, "TimeOut", f"the case takes more than {most}", "raise --case-seconds"
            )
        if "memory" in broken:
            most = f"{self._bounds.memory_bytes // 1_000_000} MB"
            message = f"the case needs more than {most} of memory"
            return Problem(ExitCode.INPUT, "OutOfMemory", message, "raise --case-memory-mb")
        return Problem(
            ExitCode.UNEXPECTED,
            "WorkerDied",
            "the worker process was killed, most often for lack of memory",
            "free memory or give fewer --workers, then --retry-failed",
        )

    def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # closing writes what a dead process did not read
                if pipe is not None:
                    pipe.close()
        process.wait()


@contextmanager
def _watched(process: subprocess.Popen[bytes], bounds: Bounds) -> Iterator[list[str]]:
    """Kill a process that exceeds a bound; what is yielded then says which one."""
    over = threading.Event()
    broken: list[str] = []

    def watch() -> None:
        end = time.monotonic() + bounds.seconds
        while not over.wait(_LOOK_S):
            if time.monotonic() > end:
                broken.append("seconds")
            elif _resident_bytes(process.pid) > bounds.memory_bytes:
                broken.append("memory")
            if broken:
                process.kill()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield broken
    finally:
        over.set()
        watcher.join()


def _resident_bytes(process: int) -> int:
    """Resident memory of a process; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _environment(threads: int) -> dict[str, str]:
    """The parent's, with its import path, and so many threads for every library that would start more."""
    path = os.pathsep.join(folder or os.getcwd() for folder in sys.path)
    return {**LARGE_PAGES, **os.environ, **dict.fromkeys(_THREADS, str(threads)), "PYTHONPATH": path}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("closed")
    return pipe
