"""What runs a network: normalised images and token embeddings in, logits out.

Two engines do: ONNX Runtime on a CPU, for models that carry graphs (see `graphs`), which starts in a tenth of
the time; PyTorch for the rest: GPUs, networks without graphs, reduced precision. What an image is cut from,
what it is told, and where the answer belongs on the film is no matter of theirs (see `predictor`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError
from ptx_followup.network.checkpoint import ModelConfig, find_model, load_model, verify
from ptx_followup.network.device import Precision, choose_device, choose_precision
from ptx_followup.network.graphs import NETWORK_PARTS, read_graph
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.tokens import Tokens

FloatArray = NDArray[np.float32]
#: Below it the exponential of the logit leaves float32; the probability is 0 to 34 decimals.
_LOWEST_LOGIT = -80.0


class Engine(Protocol):
    """A bare network, ready to run.

    Attributes:
        name: Which program runs it, and its version.
        precision: Of its arithmetic.
    """

    name: str
    precision: Precision

    def encode(self, images: FloatArray) -> Any:
        """Run the encoder.

        Args:
            images: float32, B x C x H x W in the model's normalisation; H and W multiples of 32.

        Returns:
            Features of the B images, for `decode` of the same engine alone.
        """

    def decode(self, features: Any, rows: Sequence[int], tokens: Tokens | None) -> FloatArray:
        """Run the decoder, so that one image can be read under several texts.

        Args:
            features: Of `encode`.
            rows: Of each of N answers, the index of its image in `features`.
            tokens: Of each of N answers, the embedded text; None for a network that reads none.

        Returns:
            Logits, float32, N x out_channels x H x W.
        """


@dataclass(frozen=True, eq=False)
class RunningModel:
    """A model that is ready to run.

    Attributes:
        config: Of the model.
        engine: What runs its network.
        text_encoder: For a network that reads reports.
    """

    config: ModelConfig
    engine: Engine
    text_encoder: TextEncoder | None = None


def open_model(name: str, device: str = "cpu", precision: str = "auto") -> RunningModel:
    """Open a verified model with the engine for it.

    Args:
        name: Name on board, or a model folder.
        device: "cpu" or "cuda:N", of `device.choose_device`.
        precision: "auto" for the best, "float32", "bf16" or "int8".

    Raises:
        ModelError: The model or its text encoder is missing, altered, or does not fit its configuration.
        UsageError: The device cannot do that precision.
    """
    folder = find_model(name)
    config = verify(folder)
    graphs = config.graphs if device == "cpu" and precision in ("auto", "float32") else None
    engine: Engine
    if graphs is not None:
        from ptx_followup.network.onnx_engine import OnnxEngine

        encoder, decoder = (read_graph(folder, part, graphs) for part in NETWORK_PARTS)
        engine = OnnxEngine(encoder, decoder, folder)
    else:
        from ptx_followup.network.torch_engine import TorchEngine

        engine = TorchEngine(load_model(name, device).network, device, choose_precision(precision, device))
    text_graph = None if graphs is None or graphs.text is None else read_graph(folder, "text", graphs)
    return RunningModel(config, engine, _text_encoder(config, device, text_graph))


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks that a segmentation takes, ready to run.

    Attributes:
        device: "cpu" or "cuda:N".
        pneumothorax: What finds the pneumothorax.
        lungs: What finds the hemithoraces.
    """

    device: str
    pneumothorax: RunningModel
    lungs: RunningModel


def open_networks(model: str, device: str = "auto", precision: str = "auto") -> Networks:
    """Open the networks that a segmentation takes.

    Args:
        model: Of the pneumothorax: its name on board, or a model folder.
        device: "auto", "cpu", "cuda" or "cuda:N".
        precision: Of that model; see `open_model`.

    Raises:
        ModelError: As `open_model`.
        UsageError: The device is not there, or cannot do that precision.
    """
    chosen = choose_device(device)
    return Networks(chosen, open_model(model, chosen, precision), open_model("lungs", chosen, "float32"))


def _text_encoder(config: ModelConfig, device: str, graph: bytes | None) -> TextEncoder | None:
    reference = config.text_encoder
    if reference is None:
        return None
    encoder = TextEncoder(reference.name, layers=reference.layers, device=device, graph=graph)
    if encoder.dim != config.network.text_dim:
        raise ModelError(
            f"model {config.name!r} takes {config.network.text_dim} values a token, "
            f"and its text encoder gives {encoder.dim}",
            "correct text_encoder.layers in its config.json",
        )
    if encoder.sha256 != reference.sha256:
        raise ModelError(
            f"text encoder {reference.name!r} is not the one that {config.name!r} knows",
            "install the release that its config.json names",
        )
    return encoder


def probabilities(logits: FloatArray, temperature: float) -> FloatArray:
    """Probabilities, 0..1, of logits divided by a temperature."""
    scaled = np.maximum(logits / np.float32(temperature), np.float32(_LOWEST_LOGIT))
    return np.asarray(np.float32(1) / (np.float32(1) + np.exp(-scaled)), np.float32)
