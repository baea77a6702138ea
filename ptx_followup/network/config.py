"""What a network is built from; nothing here needs PyTorch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

#: How the language attention opens a feature map, see `attention.LanguageAttention`.
Gate = Literal["tanh", "1+tanh"]


class NetworkConfig(BaseModel):
    """Everything needed to build the network.

    Attributes:
        encoder: "unet" (the paper's) or "efficientnet-lite0".
        decoder_channels: Channels of the four decoder levels, coarsest first.
        out_channels: Logits per pixel.
        text_dim: Size of a token embedding, or None for a network without language.
        gate, normalise, position: See `LanguageAttention`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: Literal["unet", "efficientnet-lite0"]
    decoder_channels: tuple[int, int, int, int]
    out_channels: int = 1
    text_dim: int | None = None
    gate: Gate = "tanh"
    normalise: bool = False
    position: bool = False


#: The published forms. `contextual-net` takes T5-Large tokens (RoBERTa-base needs text_dim=768);
#: `contextual-lite` two joined layers of MiniLM.
PRESETS: dict[str, NetworkConfig] = {
    "contextual-net": NetworkConfig(encoder="unet", decoder_channels=(512, 256, 128, 64), text_dim=1024),
    "contextual-lite": NetworkConfig(
        encoder="efficientnet-lite0",
        decoder_channels=(128, 64, 32, 16),
        text_dim=768,
        gate="1+tanh",
        normalise=True,
        position=True,
    ),
    "unet": NetworkConfig(encoder="unet", decoder_channels=(512, 256, 128, 64)),
}
