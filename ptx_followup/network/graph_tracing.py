"""From a PyTorch module and its safetensors file to an ONNX graph that holds no weight of it.

The weights are handed to PyTorch's exporter as inputs, so that it can fold none of them into the graph. Each
becomes an initialiser that lies in the safetensors file, at the place that the file's own header states. What
is stored in half precision is converted when the graph is opened, and batch normalisation is folded then too.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ptx_followup.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

#: Bytes of the number that a safetensors file begins with: the length of its header.
_LENGTH_BYTES = 8
#: Element types of safetensors, and the names that ONNX has for them.
_TYPES = {"F16": "FLOAT16", "F32": "FLOAT", "I64": "INT64"}


@dataclass(frozen=True)
class Input:
    """An input of a graph.

    Attributes:
        example: What is traced.
        free: Axes that may have other lengths, each with a `torch.export.Dim`.
    """

    example: Tensor
    free: Mapping[int, Any]


@dataclass(frozen=True)
class StoredWeights:
    """Where each tensor lies in a safetensors file.

    Attributes:
        file: Base name of the file.
        header: Type, shape and place of each tensor, as the file states them.
        start: Byte at which the tensors begin.
    """

    file: str
    header: Mapping[str, Any]
    start: int

    @classmethod
    def of(cls, path: Path) -> StoredWeights:
        """Read the header of a file that has been verified."""
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            header = json.loads(file.read(length))
        return cls(path.name, header, _LENGTH_BYTES + length)

    def initialiser(self, name: str, called: str) -> TensorProto:
        """The tensor `name` as an initialiser whose values stay in the file."""
        from onnx import TensorProto

        entry = self.header[name]
        begin, end = entry["data_offsets"]
        tensor = TensorProto(name=called, data_type=TensorProto.DataType.Value(_TYPES[entry["dtype"]]))
        tensor.dims.extend(entry["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        place = {"location": self.file, "offset": self.start + begin, "length": end - begin}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def in_half_precision(self, name: str) -> bool:
        """Whether a tensor is stored in half precision."""
        return bool(self.header[name]["dtype"] == "F16")


def trace(
    module: nn.Module, inputs: Mapping[str, Input], outputs: Sequence[str], stored: StoredWeights
) -> ModelProto:
    """The graph of a module.

    Args:
        module: In evaluation mode; its state dict has the names of the file, those that it uses.
        inputs: Of its `forward`, in order.
        outputs: Names of what it returns.
        stored: Its weights.

    Raises:
        ModelError: The exporter is not installed.
    """
    weights = {name: tensor for name, tensor in module.state_dict().items() if name in stored.header}
    with _silence():
        try:
            program = torch.onnx.export(
                _Functional(module, list(weights)),
                ([one.example for one in inputs.values()], list(weights.values())),
                dynamo=True,
                dynamic_shapes={
                    "inputs": [dict(one.free) for one in inputs.values()],
                    "weights": [None] * len(weights),
                },
                input_names=[*inputs, *weights],
                output_names=list(outputs),
                verbose=False,
            )
        except ImportError:
            raise ModelError(
                "the exporter of graphs is not installed", 'run pip install "ptx-followup[train]"'
            ) from None
    assert program is not None  # noqa: S101 - it is one with `dynamo=True`
    model: ModelProto = program.model_proto
    _leave_weights(model, set(inputs), stored)
    _forget_origin(model)
    return model


class _Functional(nn.Module):
    """A module as a function of its weights, given by their names."""

    def __init__(self, module: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self._module = (module,)  # in a tuple, its weights are none of this module
        self._names = names

    def forward(self, inputs: Sequence[Tensor], weights: Sequence[Tensor]) -> Any:
        named = dict(zip(self._names, weights, strict=True))
        return functional_call(self._module[0], named, tuple(inputs))


@contextmanager
def _silence() -> Iterator[None]:
    """The exporter tells much that is of no use to a user of this command."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _leave_weights(model: ModelProto, inputs: set[str], stored: StoredWeights) -> None:
    """Turn the inputs that are weights into initialisers in the file."""
    from onnx import TensorProto, helper

    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    weights = [one.name for one in graph.input if one.name not in inputs and one.name in used]
    kept = [one for one in graph.input if one.name in inputs]
    del graph.input[:]
    graph.input.extend(kept)
    conversions = []
    for name in weights:
        half = stored.in_half_precision(name)
        called = f"{name}.stored" if half else name
        graph.initializer.append(stored.initialiser(name, called))
        if half:
            conversions.append(helper.make_node("Cast", [called], [name], to=TensorProto.FLOAT))
    nodes = [*conversions, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _forget_origin(model: ModelProto) -> None:
    """Drop names of source lines and paths, and shapes that follow from the graph."""
    graph = model.graph
    del graph.value_info[:]
    for one in (model, graph, *graph.node, *graph.input, *graph.output):
        one.doc_string = ""
        del one.metadata_props[:]
