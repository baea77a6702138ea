#!/usr/bin/env bash
# A NaN in the input of a network (a pixel divided by a spread of 0): OpenVINO 2026.4.1 on the CPU, in float32, drops it in Relu and in MaxPool,
# so that everything after them is a plausible number. ONNX Runtime 1.32.0 hands NaN on in both, which a check of the output would find; yet its
# GlobalMaxPool drops it as well. The same model thus warns with one engine and answers with the other. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openvino==2026.4.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy, onnxruntime, openvino
from onnx import TensorProto, helper

image = numpy.zeros((1, 1, 4, 4), numpy.float32)
image[0, 0, 1, 1] = numpy.nan
image[0, 0, 1, 0] = 5


def model(kind, **attributes):
    ends = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4]), helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([helper.make_node(kind, ["x"], ["y"], **attributes)], "g", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def by_onnxruntime(content):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": image})[0]


def by_openvino(content):
    core = openvino.Core()
    return core.compile_model(core.read_model(content, b""), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([image])[0]


print("OpenVINO", openvino.__version__, "ONNX Runtime", onnxruntime.__version__)
seen = {}
for kind, attributes in (("Relu", {}), ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}), ("GlobalMaxPool", {})):
    content = model(kind, **attributes)
    seen[kind] = tuple(bool(numpy.isnan(way(content)).any()) for way in (by_openvino, by_onnxruntime))
    print(f"{kind}: NaN in the output of OpenVINO {seen[kind][0]}, of ONNX Runtime {seen[kind][1]}")
raise SystemExit(0 if seen == {"Relu": (False, True), "MaxPool": (False, True), "GlobalMaxPool": (False, False)} else 1)
PYTHON
