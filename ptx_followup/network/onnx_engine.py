"""A network in ONNX Runtime, on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.device import Precision
from ptx_followup.network.onnx_session import ENGINE, open_session, run
from ptx_followup.network.tokens import Tokens

FloatArray = NDArray[np.float32]
#: The five feature maps of one image, finest first, each 1 x C x H x W.
Maps = list[FloatArray]


class OnnxEngine:
    """An `engine.Engine` that runs the graphs of a model.

    Images go through one at a time, and so do texts without their padding: an answer depends on nothing else
    by a single bit, and needs the memory of one.

    Args:
        encoder: Graph of the encoder, verified.
        decoder: Graph of the decoder, likewise.
        weights_folder: Where the weights lie.

    Raises:
        ModelError: A graph does not fit the weights.
    """

    name = ENGINE
    precision: Precision = "float32"

    def __init__(self, encoder: bytes, decoder: bytes, weights_folder: Path) -> None:
        self._encoder = open_session(encoder, weights_folder)
        self._decoder = open_session(decoder, weights_folder)

    def encode(self, images: FloatArray) -> list[Maps]:
        """As `engine.Engine`; the maps of each image."""
        return [run(self._encoder, {"image": image[None]}) for image in images]

    def decode(self, features: Sequence[Maps], rows: Sequence[int], tokens: Tokens | None) -> FloatArray:
        """As `engine.Engine`."""
        return np.concatenate(
            [
                self._decode(features[row], None if tokens is None else tokens.of(number))
                for number, row in enumerate(rows)
            ]
        )

    def _decode(self, maps: Maps, text: FloatArray | None) -> FloatArray:
        inputs = {f"map_{level}": one for level, one in enumerate(maps)}
        if text is not None:
            inputs["text"] = text[None]
        (logits,) = run(self._decoder, inputs)
        return logits
