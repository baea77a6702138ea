"""ONNX Runtime on a CPU: one way to open a graph and to run it.

Numbers near 0 are taken for 0 in a network. ONNX Runtime sets the processor so in the thread that opens or
runs a session, and leaves it so; everything else in that thread would then compute otherwise. So sessions
are opened and run in threads of their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError

if TYPE_CHECKING:
    from typing import Any

    from onnxruntime import InferenceSession

ENGINE = f"onnxruntime {version('onnxruntime')}"


class _Threads:
    """Where sessions run; a forked process has threads of its own."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.pool = ThreadPoolExecutor(thread_name_prefix="network")


_threads = _Threads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.begin)


def open_session(graph: bytes, weights_folder: Path) -> InferenceSession:
    """Open a graph whose weights lie in a file of their own, which is mapped into memory.

    Args:
        graph: ONNX, verified.
        weights_folder: Where the file lies that the graph takes its weights from.

    Raises:
        ModelError: The graph cannot be read, or its weights are not where it says.
    """
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import (
        Fail,
        InvalidArgument,
        InvalidGraph,
        InvalidProtobuf,
        NoSuchFile,
        RuntimeException,
    )

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised; nothing else writes on the user's terminal
    # Memory goes back when a step is done, so that a long run holds no more than a short one.
    options.enable_cpu_mem_arena = False
    for key, value in {
        "session.model_external_initializers_file_folder_path": str(weights_folder),
        "session.set_denormal_as_zero": "1",  # numbers near 0 would take up to 40 times as long
        "session.intra_op.allow_spinning": "0",  # threads that wait leave the processor to others
    }.items():
        options.add_session_config_entry(key, value)
    try:
        return _threads.pool.submit(
            onnxruntime.InferenceSession, graph, options, providers=["CPUExecutionProvider"]
        ).result()
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, RuntimeException):
        raise ModelError(
            f"a graph does not fit the weights in {weights_folder.name}",
            "take the model from where it came once more, or run ptx model export",
        ) from None


def run(session: InferenceSession, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    """Run a session on named arrays; all its outputs in order."""
    outputs: list[NDArray[np.float32]] = _threads.pool.submit(session.run, None, dict(inputs)).result()
    return outputs


def threads() -> int:
    """Threads for one network: as many as there are processors for this process, or OMP_NUM_THREADS."""
    wished = os.environ.get("OMP_NUM_THREADS", "")
    if wished.isdecimal() and int(wished):
        return int(wished)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
