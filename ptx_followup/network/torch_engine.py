"""A network in PyTorch: on a GPU, without graphs, or in reduced precision."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import Precision, autocast, denormal_numbers_flushed
from ptx_followup.network.inference import prepare_for_inference
from ptx_followup.network.tokens import Tokens

FloatArray = NDArray[np.float32]


class TorchEngine:
    """An `engine.Engine` on any torch device.

    Args:
        network: In evaluation mode on the device, in channels_last; it cannot be trained afterwards.
        device: "cpu", "cuda" or "cuda:N".
        precision: Of the forward pass.
    """

    name = f"torch {version('torch')}"

    def __init__(self, network: ContextualNet, device: str, precision: Precision) -> None:
        prepare_for_inference(network, precision)
        self._network, self._device, self.precision = network, device, precision

    def encode(self, images: FloatArray) -> list[Tensor]:
        """As `engine.Engine`."""
        batch = torch.from_numpy(images)
        if self._device.startswith("cuda"):  # from pinned memory, so that the copy does not wait
            batch = batch.pin_memory().to(self._device, non_blocking=True)
        batch = batch.to(memory_format=torch.channels_last)
        with torch.inference_mode(), denormal_numbers_flushed(), autocast(self._device, self.precision):
            features: list[Tensor] = self._network.encoder(batch)
        return features

    def decode(self, features: Sequence[Tensor], rows: Sequence[int], tokens: Tokens | None) -> FloatArray:
        """As `engine.Engine`."""
        chosen = torch.tensor(rows, device=self._device)
        with torch.inference_mode(), denormal_numbers_flushed(), autocast(self._device, self.precision):
            logits = self._network.decode(
                [one[chosen].contiguous(memory_format=torch.channels_last) for one in features],
                *(() if tokens is None else tokens.to(self._device)),
            )
        return np.asarray(logits.float().cpu().numpy())
