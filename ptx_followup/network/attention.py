"""Language cross-attention: every pixel asks the report (ConTEXTual Net, Eq. 1 and 2).

    A  = softmax(Q Wq (K Wk)^T / sqrt(C)) V Wv         (Eq. 1; K = V = projected tokens)
    Q* = tanh(A) * Q                                   (Eq. 2)

with the biases and the output projection Wo of the authors' implementation. At 1024 x 1024 there are a
million pixels and a hundred tokens, so Wo is applied to the tokens; the same, since the weights sum to one:

    softmax(s) (V) Wo + bo = softmax(s) (V Wo + bo)

and fused attention is used, which never holds the pixels x tokens matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptx_followup.network.config import Gate

#: Without gradients, a CPU attends from so many pixels at a time: what lies between stays in its cache.
PIXELS_AT_ONCE = 1 << 13
#: A gate beyond this magnitude passes less than 2 % of the gradient: 1 - 0.99^2.
SATURATED = 0.99


@dataclass
class GateWatch:
    """Collects what the gates did during a forward pass, for the training log.

    Attributes:
        saturated: Share of the gates that are.
        mean: Of the gates.
        keeps: Fill `kept` too.
        kept: What the gates were applied to (with the linear map of its place added) and the gates, tanh(A),
            -1..1; B x HW x C each.
    """

    saturated: float = 0.0
    mean: float = 0.0
    keeps: bool = False
    kept: tuple[Tensor, Tensor] | None = None


class LanguageAttention(nn.Module):
    """Single-head cross-attention from pixels to the tokens of a report, and the gate it opens.

    Args:
        channels: C, channels of the feature map; tokens are projected to the same number.
        text_dim: D, size of a token embedding.
        gate: "tanh" is the paper's `tanh(A) * Q`; "1+tanh" is `(1 + tanh(A)) * Q`, which is the identity
            where the report says nothing and so does not block the image at the start of training.
        normalise: Layer normalisation of tokens, queries and A. Without it, tokens of large norm drive
            every gate to +-1 and no report changes the output.
        position: Add a learned linear map of (x, y, |x|), each in -1..1, to the features Q, so that "left",
            "apical" and "lateral" have something to attend from, and so that a gate which is the same
            everywhere can still favour one side.
    """

    def __init__(
        self,
        channels: int,
        text_dim: int,
        *,
        gate: Gate = "tanh",
        normalise: bool = False,
        position: bool = False,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.gate = gate
        self.project = nn.Linear(text_dim, channels)
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, channels)
        self.token_norm = nn.LayerNorm(channels) if normalise else nn.Identity()
        self.query_norm = nn.LayerNorm(channels) if normalise else nn.Identity()
        self.attended_norm = nn.LayerNorm(channels) if normalise else nn.Identity()
        self.position = nn.Linear(3, channels, bias=False) if position else None
        #: Set by the trainer to look inside; None costs nothing.
        self.watch: GateWatch | None = None

    def forward(self, features: Tensor, text: Tensor, text_mask: Tensor | None) -> Tensor:
        """Gate the features by what the report says about them.

        Args:
            features: B x C x H x W.
            text: B x T x D token embeddings.
            text_mask: B x T, True for a real token, False for padding; None where all are real.

        Returns:
            B x C x H x W.
        """
        batch, channels, height, width = features.shape
        pixels = features.flatten(2).transpose(1, 2)  # B x HW x C; a view in channels_last
        if self.position is not None:
            pixels = pixels + self.position(_coordinates(height, width, features))
        tokens = self.token_norm(self.project(text))
        keys, values = self.key(tokens).unsqueeze(1), self.out(self.value(tokens)).unsqueeze(1)
        mask = None if text_mask is None else text_mask[:, None, None, :]
        if features.device.type == "cpu" and not torch.is_grad_enabled() and self.watch is None:
            parts = torch.split(pixels, PIXELS_AT_ONCE, dim=1)
            gated = torch.cat([self._gated(part, keys, values, mask) for part in parts], dim=1)
        else:
            gated = self._gated(pixels, keys, values, mask)
        return gated.transpose(1, 2).reshape(batch, channels, height, width)

    def _gated(self, pixels: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Some pixels, B x N x C, by the keys and values of the tokens, B x 1 x T x C."""
        queries = self.query(self.query_norm(pixels)).unsqueeze(1)
        attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask).squeeze(1)
        gate = torch.tanh(self.attended_norm(attended))
        if self.watch is not None:
            self.watch.saturated = float((gate.abs() > SATURATED).float().mean())
            self.watch.mean = float(gate.float().mean())
            if self.watch.keeps:
                self.watch.kept = pixels, gate
        return torch.addcmul(pixels, pixels, gate) if self.gate == "1+tanh" else pixels * gate


def _coordinates(height: int, width: int, like: Tensor) -> Tensor:
    """HW x 3 of (x, y, |x|) at pixel centres, each in -1..1, in the dtype and on the device of `like`."""
    y = (torch.arange(height, device=like.device) + 0.5) * (2 / height) - 1
    x = (torch.arange(width, device=like.device) + 0.5) * (2 / width) - 1
    grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([grid_x, grid_y, grid_x.abs()], dim=-1).flatten(0, 1).to(like.dtype)
