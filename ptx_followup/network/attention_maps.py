"""What the language attentions did to one image: the maps of Fig. 3 of the ConTEXTual Net paper.

At each level of the decoder a feature map Q is multiplied by a gate that the report opens: tanh(A), or
1 + tanh(A). The maps show where the words raised or lowered a feature. They are no proof that the network
understood the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError
from ptx_followup.network.checkpoint import load_model
from ptx_followup.network.tokens import Tokens

if TYPE_CHECKING:
    from torch import Tensor

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Level:
    """One level of the decoder under one text.

    Attributes:
        features: float32, C x H x W: the feature maps as they come to the attention.
        gate: float32, C x H x W, -1..1: tanh(A), one map for each of them.
        gated: float32, C x H x W: the feature maps as they leave it.
    """

    features: FloatArray = field(repr=False)
    gate: FloatArray = field(repr=False)
    gated: FloatArray = field(repr=False)


class AttentionReader:
    """A network whose attentions can be looked into; PyTorch runs it on the CPU, whatever draws the masks.

    Args:
        model: Name of a model on board, or a model folder.

    Raises:
        ModelError: It is missing or altered, or reads no reports.
    """

    def __init__(self, model: str) -> None:
        loaded = load_model(model)
        if loaded.config.network.text_dim is None:
            raise ModelError(f"model {loaded.config.name!r} reads no reports", "name one that does")
        self._network, self._gate = loaded.network, loaded.config.network.gate

    def levels(self, image: FloatArray, tokens: Tokens) -> list[Level]:
        """Every level of the decoder, the coarsest first.

        Args:
            image: float32, channels x H x W in the model's normalisation; H and W multiples of 32.
            tokens: One embedded text.
        """
        import torch

        from ptx_followup.network.attention import GateWatch
        from ptx_followup.network.device import denormal_numbers_flushed

        attentions = self._network.attentions()
        watches = [GateWatch(keeps=True) for _ in attentions]
        for attention, watch in zip(attentions, watches, strict=True):
            attention.watch = watch
        try:
            with torch.inference_mode(), denormal_numbers_flushed():
                batch = torch.from_numpy(image[None]).to(memory_format=torch.channels_last)
                self._network(batch, *tokens.to("cpu"))
        finally:
            for attention in attentions:
                attention.watch = None
        return [self._level(*watch.kept, image.shape[1:]) for watch in watches if watch.kept is not None]

    def _level(self, pixels: Tensor, gates: Tensor, shape: tuple[int, ...]) -> Level:
        features, gate = _maps(pixels, shape), _maps(gates, shape)
        return Level(features, gate, features * (1 + gate if self._gate == "1+tanh" else gate))


def _maps(pixels: Tensor, shape: tuple[int, ...]) -> FloatArray:
    """1 x HW x C to C x H x W, for an image of this shape."""
    count = pixels.shape[1]
    reduction = round((shape[0] * shape[1] / count) ** 0.5)
    maps = pixels[0].T.reshape(-1, shape[0] // reduction, shape[1] // reduction)
    return np.asarray(maps.float().numpy(), np.float32)
