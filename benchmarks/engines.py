"""ONNX Runtime and OpenVINO on the graphs on board: time to load, to open, to run; memory.

    pip install openvino; python benchmarks/engines.py [--threads 1 2]

Each engine runs in a process of its own. Times are of the processor (import, opening and the median of five
runs at 416 x 416, 20 tokens), so that what else runs on the machine counts for little.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.files.storage import models_folder
from ptx_followup.network.encoder_files import find_encoder

GRAPHS = ("contextual-lite/encoder", "contextual-lite/decoder", "lungs/encoder", "lungs/decoder")
TEXT = "text/text"
SIZE, TOKENS, RUNS = 416, 20, 5
Run = Callable[[dict[str, Any]], list[np.ndarray]]


def opener(engine: str, threads: int) -> Callable[[Path], Run]:
    if engine == "onnxruntime":
        import os

        os.environ["OMP_NUM_THREADS"] = str(threads)
        from ptx_followup.network.onnx_session import open_session, run

        def open_graph(graph: Path) -> Run:
            session = open_session(graph.read_bytes(), graph.parent)
            return lambda inputs: run(session, inputs)

        import onnxruntime  # noqa: F401 - its import is part of what is measured

        return open_graph
    import openvino

    core = openvino.Core()
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }

    def compile_graph(graph: Path) -> Run:
        request = core.compile_model(str(graph), "CPU", settings).create_infer_request()
        return lambda inputs: [np.array(one) for one in request.infer(inputs).values()]

    return compile_graph


def measure(engine: str, threads: int, folder: Path) -> dict[str, Any]:
    started = time.process_time()
    open_graph = opener(engine, threads)
    figures: dict[str, Any] = {"import_ms": 1e3 * (time.process_time() - started)}
    rng = np.random.default_rng(0)
    inputs: dict[str, Any] = {"image": rng.uniform(-1, 1, (1, 1, SIZE, SIZE)).astype(np.float32)}
    for name in (*GRAPHS, TEXT):
        started = time.process_time()
        run = open_graph(folder / f"{name}.onnx")
        opened = time.process_time() - started
        if name == TEXT:
            inputs = {"ids": np.arange(1, TOKENS + 1)[None]}
        seconds = []
        for _ in range(RUNS):
            started = time.process_time()
            outputs = run(inputs)
            seconds.append(time.process_time() - started)
        figures[name] = {"open_ms": 1e3 * opened, "run_ms": 1e3 * statistics.median(seconds)}
        inputs = {f"map_{level}": one for level, one in enumerate(outputs)}
        if name == "contextual-lite/encoder":
            inputs["text"] = rng.normal(size=(1, TOKENS, 768)).astype(np.float32)
        elif name.endswith("decoder"):
            inputs = {"image": rng.uniform(-1, 1, (1, 1, SIZE, SIZE)).astype(np.float32)}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        engine, folder = options.one
        print(json.dumps(measure(engine, options.threads[0], Path(folder))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("contextual-lite", "lungs"):
            shutil.copytree(models_folder() / name, folder / name)
        # The graph of the text names its weights as the others do; it gets a folder of its own.
        (folder / "text").mkdir()
        shutil.move(folder / "contextual-lite" / "text.onnx", folder / "text" / "text.onnx")
        shutil.copy(find_encoder("minilm-l6") / "model.safetensors", folder / "text")
        for threads in options.threads:
            for engine in ("onnxruntime", "openvino"):
                same = [sys.executable, __file__, "--threads", str(threads), "--one", engine, temporary]
                ran = subprocess.run(same, capture_output=True, check=True, text=True)
                print(engine, threads, ran.stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
