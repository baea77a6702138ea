"""The child of `contained`: reads the files that it is told to, until nobody asks any more.

Its arguments are modules to import before the first request comes. A request is a line of JSON on standard
input, then the bytes of the array whose shape and type it gives. An answer is the length of its JSON, the
JSON, and the bytes of an array likewise.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np
import pylibjpeg  # noqa: F401 - pydicom would import it for the first file, on that file's time
from numpy.typing import NDArray

from ptx_followup.errors import InputError, PtxError
from ptx_followup.files.contained import LENGTH_BYTES, NOTHING, Answer, Read, Request, raw
from ptx_followup.files.limits import Limits


def main() -> None:
    """Serve until standard input ends."""
    answers = _private_stdout()
    _bind_files()
    for module in sys.argv[1:]:
        import_module(module)
    answers.write(b"\n")  # ready
    answers.flush()
    for line in sys.stdin.buffer:
        stated = json.loads(line)
        limits = Limits(**stated["limits"])
        paths = {name: Path(path) for name, path in stated["paths"].items()}
        read = _function(stated["read"])  # imported before it is bound: its own code is no part of the file
        _bind(limits, _address_space())
        array = _array(**stated["array"])
        answer, content = _answer(read, Request(stated["label"], limits, stated["texts"], paths, array))
        text = json.dumps(answer | {"shape": content.shape, "dtype": content.dtype.name}).encode()
        answers.write(len(text).to_bytes(LENGTH_BYTES) + text)
        answers.write(raw(content))
        answers.flush()


def _array(shape: list[int], dtype: str) -> NDArray[Any]:
    """The array of a request, from standard input."""
    content = sys.stdin.buffer.read(math.prod(shape) * np.dtype(dtype).itemsize)
    return np.frombuffer(content, dtype).reshape(shape)


def _function(name: str) -> Read:
    """The function that `contained.call` was given, by its module and name."""
    module, _, function = name.partition(":")
    read: Read = getattr(import_module(module), function)
    return read


def _answer(read: Read, request: Request) -> Answer:
    try:
        known, content = read(request)
    except PtxError as error:
        return {"refused": [type(error).__name__, error.problem, error.hint]}, NOTHING
    except MemoryError:
        megabytes = request.limits.memory_bytes // 1_000_000
        problem = f"{request.label} needs more than {megabytes} MB of memory to be read"
        return {"refused": [InputError.__name__, problem, "give a file with a single radiograph"]}, NOTHING
    return {"known": known}, content


def _private_stdout() -> IO[bytes]:
    """The pipe to the parent, out of reach of libraries that print."""
    pipe = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return pipe


def _bind_files() -> None:
    """Allow no file to be written, nor a memory dump, which would hold a patient's image."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bind(limits: Limits, idle: int) -> None:
    """Limit memory, and processor time too: a decoder that hangs ends even where the parent was killed."""
    if os.name == "posix":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (idle + limits.memory_bytes, most))
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + limits.seconds + 1, most))


def _address_space() -> int:
    """Address space in use now, in bytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
