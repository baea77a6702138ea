"""The graphs of a model: its network as ONNX, without weights.

A graph holds the operations alone. Its weights stay in model.safetensors, which it names by place and length,
so it fits one file of weights and no other; the configuration names both by their SHA-256. `ptx model export`
makes the graphs.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ptx_followup.errors import ModelError

#: Parts of a model that are run one at a time.
Part = Literal["encoder", "decoder", "text"]
NETWORK_PARTS: tuple[Part, Part] = ("encoder", "decoder")
PARTS: tuple[Part, ...] = (*NETWORK_PARTS, "text")


class Graphs(BaseModel):
    """SHA-256 of the graphs of a model.

    Attributes:
        encoder: From images, float32, B x C x H x W, to feature maps; H and W are any multiples of 32.
        decoder: From feature maps, and embedded text, to logits.
        text: From the token numbers of a report to their embeddings, of the language model's own weights;
            None for a network without language.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: str
    decoder: str
    text: str | None = None


def graph_file(part: Part) -> str:
    """Name of a graph in its model folder."""
    return f"{part}.onnx"


def read_graph(folder: Path, part: Part, graphs: Graphs) -> bytes:
    """A graph of a model folder, if it is the one that the configuration names.

    Raises:
        ModelError: It is missing or altered.
    """
    try:
        content = (folder / graph_file(part)).read_bytes()
    except OSError:
        raise ModelError(
            f"{folder.name}/{graph_file(part)} is missing", "take the model from where it came once more"
        ) from None
    if hashlib.sha256(content).hexdigest() != getattr(graphs, part):
        raise ModelError(
            f"{folder.name}/{graph_file(part)} does not have the SHA-256 that config.json names",
            "the file is altered or damaged: take the model from where it came once more",
        )
    return content


def verify_graphs(folder: Path, graphs: Graphs | None) -> None:
    """Check that all graphs of a model are those that its configuration names.

    Raises:
        ModelError: One is missing or altered.
    """
    if graphs is not None:
        for part in PARTS:
            if getattr(graphs, part) is not None:
                read_graph(folder, part, graphs)


def remove_graphs(folder: Path) -> None:
    """Remove the graphs of a model whose weights are about to change."""
    for part in PARTS:
        (folder / graph_file(part)).unlink(missing_ok=True)
