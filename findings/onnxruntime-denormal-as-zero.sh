#!/usr/bin/env bash
# ONNX Runtime 1.32.0 with the documented session option session.set_denormal_as_zero=1: the thread that opens (or runs) the
# session keeps the processor's flush-to-zero mode afterwards, and hands it on to every thread that it starts: numpy there
# computes otherwise, 1e-39 * 1 becomes 0. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 "numpy>=2,<3"
"$folder/venv/bin/python" - <<'PYTHON'
import threading

import numpy
import onnxruntime
from onnx import TensorProto, helper


def kept() -> bool:
    """Whether a number near 0 survives a multiplication by 1 in this thread."""
    return bool((numpy.array([1e-39], numpy.float32) * numpy.ones(1, numpy.float32))[0] > 0)


def in_another_thread() -> bool:
    found = []
    other = threading.Thread(target=lambda: found.append(kept()))
    other.start()
    other.join()
    return found[0]


shape = [1]
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
before = kept()
options = onnxruntime.SessionOptions()
options.add_session_config_entry("session.set_denormal_as_zero", "1")
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
session.run(None, {"x": numpy.ones(1, numpy.float32)})
after, elsewhere = kept(), in_another_thread()
print("onnxruntime", onnxruntime.__version__, "numpy", numpy.__version__)
print("1e-39 * 1 > 0 before:", before, "after, same thread:", after, "after, a thread started then:", elsewhere)
raise SystemExit(0 if (before, after, elsewhere) == (True, False, False) else 1)
PYTHON
