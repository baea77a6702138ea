"""ONNX Runtime on a CPU: one way to open a graph and to run it.

Numbers near 0 are taken for 0 in a network. ONNX Runtime sets the processor so in the threads that a session
owns; of other threads only in the one that opens the first session of a process, and leaves it so, where
everything else would then compute otherwise. So sessions are opened in a thread that ends with it, and run
on their own threads alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.ahead import ahead, processors
from ptx_followup.errors import ModelError

if TYPE_CHECKING:
    from typing import Any

    from onnxruntime import InferenceSession

ENGINE = f"onnxruntime {version('onnxruntime')}"


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
    options.intra_op_num_threads = processors() + 1  # it counts the thread that asks, which only waits
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
        return ahead(
            lambda: onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        ).result()
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, RuntimeException):
        raise ModelError(
            f"a graph does not fit the weights in {weights_folder.name}",
            "take the model from where it came once more, or run ptx model export",
        ) from None


def run(session: InferenceSession, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    """Run a session on named arrays; all its outputs in order."""
    answer: Future[list[NDArray[np.float32]]] = Future()

    def answered(outputs: list[NDArray[np.float32]], _: None, problem: str) -> None:
        if problem:
            answer.set_exception(RuntimeError(problem))
        else:
            answer.set_result(outputs)

    session.run_async(None, dict(inputs), answered, None)
    return answer.result()
