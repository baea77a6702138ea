"""Embedded reports, and what embeds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Tokens kept of a report; the paper's limit, and the position table of MiniLM and RoBERTa.
MAX_TOKENS = 512


@dataclass(frozen=True, eq=False)
class Tokens:
    """Embedded reports: `embeddings` B x T x D float32, `mask` B x T bool (True for a real token)."""

    embeddings: NDArray[np.float32]
    mask: NDArray[np.bool_]

    def of(self, number: int) -> NDArray[np.float32]:
        """The real tokens of one report, T x D."""
        return self.embeddings[number, : np.count_nonzero(self.mask[number])]

    def to(self, device: str | torch.device) -> tuple[Tensor, Tensor]:
        """Both as tensors on a torch device, as a network takes them."""
        import torch

        return torch.from_numpy(self.embeddings).to(device), torch.from_numpy(self.mask).to(device)


class LanguageModel(Protocol):
    """What embeds a report; it is opened when the first one comes, and may be freed in between.

    Attributes:
        engine: Which program runs it, and its version.
        layers_and_width: Number of the last hidden layer, and values a token in each.
    """

    engine: str
    layers_and_width: tuple[int, int]

    @property
    def is_open(self) -> bool:
        """Whether the weights are in memory."""

    def embed(self, text: str) -> NDArray[np.float32]:
        """Token embeddings, float32, T x D, of a text cut to `MAX_TOKENS`; the chosen layers joined."""

    def is_cut(self, text: str) -> bool:
        """Whether a text has more tokens than `MAX_TOKENS`."""

    def close(self) -> None:
        """Free the weights."""
