"""Reading files in a child process: whatever a hostile file does to a decoder ends there.

Decoders written in C, C++ and Rust can crash, hang, panic, print, and take memory without end. The child runs
`reading_process`: a fresh interpreter with limits of memory and time, which cannot write files and whose
streams lead nowhere. It is started once and serves one file after another; after a crash or a time-out
another one takes its place. Nothing that it answers is executed: it is JSON, and the bytes of one array.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import InputError, NotARadiographError, PtxError, QualityGateError, system_reason
from ptx_followup.files.limits import DEFAULT_LIMITS, Limits

#: The module that the child runs.
PROGRAM = "ptx_followup.files.reading_process"
#: Bytes of the number that says how long the JSON of an answer is, and the longest that is accepted: the text
#: of the longest report, each character escaped.
LENGTH_BYTES, MAX_JSON = 8, 1 << 25
#: Seconds that an interpreter may take to start on a busy machine.
_START_SECONDS = 120
#: Array types that the child may send.
_DTYPES = ("float32", "bool", "uint8", "uint16")
_REFUSALS: dict[str, type[PtxError]] = {
    error.__name__: error for error in (InputError, NotARadiographError, QualityGateError)
}
_HINT = "export it again in a plainer form: an image uncompressed, a report as text"

#: The array of a request or an answer that has none.
NOTHING = np.empty((0, 0), np.bool_)


@dataclass(frozen=True)
class Request:
    """What the child is asked to read.

    Attributes:
        label: Base name of the file, for messages.
        limits: Bounds of the file and of the reading.
        texts: What else the reader is told.
        paths: The files that it reads.
        array: What it works on where it reads no file.
    """

    label: str
    limits: Limits
    texts: Mapping[str, str]
    paths: Mapping[str, Path]
    array: NDArray[Any]


#: What is known, as JSON, and one array.
Answer = tuple[dict[str, Any], NDArray[Any]]
#: A function of a module, which the child imports by its name.
Read = Callable[[Request], Answer]


def start(module: str) -> None:
    """Start the child without waiting for it, so that it gets ready while this process does other things.

    Args:
        module: Name of the module whose function it will be asked for first: imported there at once, it need
            not be imported here before.
    """
    with _state.lock:
        _state.child_in_service(module)


def call(
    read: Read, label: str, limits: Limits, texts: Mapping[str, str] | None = None, **paths: Path
) -> Answer:
    """Let the child read something.

    Args:
        read: The function that reads it, of a module's top level: the child imports and calls it.
        label: Base name of the file, for messages.
        limits: For the reading; `seconds` and `memory_bytes` bind the child.
        texts: What else the reader is told.
        paths: The files that it reads.

    Returns:
        What is known, as JSON, and one array.

    Raises:
        InputError: The file was refused, or made the child crash or exceed a limit.
        QualityGateError: The file was refused.
        PtxError: There is no starting a child.
    """
    absolute = {name: os.path.abspath(path) for name, path in paths.items()}
    return _answered(read, label, limits, {"texts": dict(texts or {}), "paths": absolute}, NOTHING)


def work(function: Read, label: str, array: NDArray[Any]) -> Answer:
    """Let the child work on an array, for code that would keep every thread of this process waiting.

    Args:
        function: As `read` of `call`.
        label: What the array is, for messages.
        array: Any shape and plain type.
    """
    return _answered(function, label, DEFAULT_LIMITS, {"texts": {}, "paths": {}}, array)


def _answered(
    function: Read, label: str, limits: Limits, given: dict[str, Any], array: NDArray[Any]
) -> Answer:
    request = given | {
        "read": f"{function.__module__}:{function.__qualname__}",
        "label": label,
        "limits": asdict(limits),
        "array": {"shape": array.shape, "dtype": array.dtype.name},
    }
    with _state.lock:
        answer, content = _state.child_in_service(function.__module__).ask(request, array, label, limits)
    if "refused" in answer:
        kind, problem, hint = answer["refused"]
        raise _REFUSALS[kind](problem, hint)
    return answer["known"], content


def end() -> None:
    """End the child; who waits for its answer in another thread is told that the file cannot be read."""
    _state.end()


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of this package
            [sys.executable, "-P", "-m", PROGRAM, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            # Ctrl-C reaches the parent alone, which then ends the child.
            process_group=0 if os.name == "posix" else None,
        )
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        self._ready = False
        self._expired = False

    @property
    def in_service(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], array: NDArray[Any], label: str, limits: Limits) -> Answer:
        """Send a request and wait for the answer; a child that fails is ended."""
        try:
            self._await_start()
            with self._ended_after(limits.seconds):
                self._send(request, array)
                return self._receive(limits)
        except PtxError:
            raise
        except (OSError, EOFError, ValueError, TypeError, LookupError) as error:
            self.end()
            if self._expired:
                raise InputError(f"{label} takes more than {limits.seconds} s to read", _HINT) from None
            raise InputError(f"{label} made its decoder crash", _HINT) from error
        except BaseException:
            self.end()
            raise

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer gets none."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Kill the process, and close the pipes to it."""
        self.kill()
        self.close()

    def close(self) -> None:
        """Close the pipes; without them the process ends."""
        for pipe in (self._requests, self._answers):
            with suppress(OSError):  # closing writes what a dead process did not read
                pipe.close()

    def _await_start(self) -> None:
        if self._ready:
            return
        with self._ended_after(_START_SECONDS):
            self._ready = bool(self._answers.read(1))
        if not self._ready:
            self.end()
            raise PtxError("the process that reads files does not start", "reinstall ptx-followup")

    def _send(self, request: dict[str, Any], array: NDArray[Any]) -> None:
        self._requests.write(json.dumps(request).encode() + b"\n")
        self._requests.write(raw(array))
        self._requests.flush()

    def _receive(self, limits: Limits) -> Answer:
        pipe = self._answers
        length = int.from_bytes(_exactly(pipe, LENGTH_BYTES))
        if length > MAX_JSON:
            raise ValueError("a longer answer than any file needs")
        answer = json.loads(_exactly(pipe, length))
        rows, columns = answer["shape"]
        if answer["dtype"] not in _DTYPES or not 0 <= rows * columns <= limits.pixel_bytes:
            raise ValueError("an array that no file needs")
        content = np.empty((rows, columns), answer["dtype"])
        if pipe.readinto(content.reshape(-1).view(np.uint8).data) != content.nbytes:  # type: ignore[attr-defined]
            raise EOFError
        return answer, content

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()


class _State:
    """The child of this process; a forked process starts its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._child: _Child | None = None

    def child_in_service(self, module: str) -> _Child:
        """The child, a new one that imports `module` where there is none or it has ended."""
        if self._child is None or not self._child.in_service:
            self.leave()
            try:
                self._child = _Child(module)
            except OSError as error:
                reason = system_reason(error)
                raise PtxError(
                    f"the process that reads files cannot be started ({reason})", "free some memory"
                ) from None
        return self._child

    def end(self) -> None:
        """Kill the child, whoever waits for it; it is then read from no more."""
        if self._child is not None:
            self._child.kill()

    def leave(self) -> None:
        """Close the pipes to the child, which then ends."""
        if self._child is not None:
            self._child.close()

    def after_fork(self) -> None:
        """Keep away from the child of the process that this one is a copy of."""
        self.leave()
        self.lock = threading.Lock()
        self._inherited, self._child = self._child, None


_state = _State()
atexit.register(lambda: _state.leave())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _state.after_fork())


def _environment() -> dict[str, str]:
    """The parent's, with its import path, and with one thread for every library that would start more."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    path = os.pathsep.join(folder or os.getcwd() for folder in sys.path)
    return {**os.environ, **dict.fromkeys(threads, "1"), "PYTHONPATH": path}


def raw(array: NDArray[Any]) -> memoryview:
    """The bytes of an array, in the order of its indices."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    content = pipe.read(length)
    if len(content) != length:
        raise EOFError
    return content
