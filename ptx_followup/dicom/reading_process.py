"""The child of `contained`: reads the files that it is told to, until nobody asks any more.

A request is a line of JSON on standard input. An answer is the length of its JSON, the JSON, and the bytes of
the array whose shape and type the JSON gives.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

if __name__ == "__main__":
    # pydicom would import it to fetch its examples, a fifth of the time to start; no reader needs a network.
    sys.modules["requests"] = None  # type: ignore[assignment]

import numpy as np
import pylibjpeg  # noqa: F401 - pydicom would import it for the first file, on that file's time
from numpy.typing import NDArray

from ptx_followup.dicom.contained import LENGTH_BYTES
from ptx_followup.dicom.limits import Limits
from ptx_followup.dicom.read import radiograph_to_json, read_unprotected
from ptx_followup.errors import InputError, PtxError

Answer = tuple[dict[str, Any], NDArray[Any]]
Read = Callable[[Mapping[str, Any], str, Limits], Answer]

_NOTHING = np.empty((0, 0), np.bool_)


def _radiograph(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    radiograph = read_unprotected(Path(request["paths"]["path"]), label, limits)
    return radiograph_to_json(radiograph), radiograph.pixels


# What the tasks below need is imported for them: most runs read radiographs alone, and wait for this process.


def _segmentation(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    from ptx_followup.dicom.seg_read import read_segmentation_unprotected

    path, source = Path(request["paths"]["path"]), Path(request["paths"]["source"])
    return {}, read_segmentation_unprotected(path, source, request["texts"]["code"], label, limits)


def _mask(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    from ptx_followup.dicom.mask_read import read_mask_unprotected

    paths = {name: Path(path) for name, path in request["paths"].items()}
    return read_mask_unprotected(paths["path"], paths.get("source"), label, limits)


def _previous(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    from ptx_followup.dicom.tracking import read_previous_unprotected

    return read_previous_unprotected(Path(request["paths"]["path"]), label, limits), _NOTHING


def _document(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    from ptx_followup.report.documents import document_text, markup_text

    texts = request["texts"]
    if "markup" in texts:
        return {"text": markup_text(texts["markup"])}, _NOTHING
    return {"text": document_text(base64.b64decode(texts["dicom"]), label)}, _NOTHING


def _picture(request: Mapping[str, Any], label: str, limits: Limits) -> Answer:
    from ptx_followup.data.files import read_mask_unprotected

    return {}, read_mask_unprotected(Path(request["paths"]["path"]), label, limits)


TASKS: dict[str, Read] = {
    "radiograph": _radiograph,
    "segmentation": _segmentation,
    "mask": _mask,
    "previous": _previous,
    "document": _document,
    "picture": _picture,
}


def main() -> None:
    """Serve until standard input ends."""
    answers = _private_stdout()
    _bind_files()
    idle = _address_space()
    answers.write(b"\n")  # ready
    answers.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _bind(limits, idle)
        answer, content = _answer(request, limits)
        text = json.dumps(answer | {"shape": content.shape, "dtype": content.dtype.name}).encode()
        answers.write(len(text).to_bytes(LENGTH_BYTES) + text)
        answers.write(np.ascontiguousarray(content).reshape(-1).view(np.uint8).data)
        answers.flush()


def _answer(request: Mapping[str, Any], limits: Limits) -> Answer:
    label = request["label"]
    try:
        known, content = TASKS[request["task"]](request, label, limits)
    except PtxError as error:
        return {"refused": [type(error).__name__, error.problem, error.hint]}, _NOTHING
    except MemoryError:
        megabytes = limits.memory_bytes // 1_000_000
        problem = f"{label} needs more than {megabytes} MB of memory to be read"
        return {"refused": [InputError.__name__, problem, "give a file with a single radiograph"]}, _NOTHING
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
