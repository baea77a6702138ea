"""What a network is built from; nothing here needs PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from ptx_followup.network.language import TextEncoder

#: How the language attention opens a feature map, see `attention.LanguageAttention`.
Gate = Literal["tanh", "1+tanh"]


class NetworkConfig(BaseModel):
    """Everything needed to build the network.

    Attributes:
        encoder: "unet" (the paper's) or "efficientnet-lite0".
        decoder_channels: Channels of the four decoder levels, coarsest first.
        in_channels: Images of one shape that it takes together ("unet": one).
        encoder_normalised: Batch normalisation in the compact encoder, instead of folded into it.
        out_channels: Logits per pixel.
        text_dim: Size of a token embedding, or None for a network without language.
        gate, normalise, position: See `LanguageAttention`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: Literal["unet", "efficientnet-lite0"]
    decoder_channels: tuple[int, int, int, int]
    in_channels: int = Field(default=1, ge=1)
    encoder_normalised: bool = False
    out_channels: int = 1
    text_dim: int | None = None
    gate: Gate = "tanh"
    normalise: bool = False
    position: bool = False

    @model_validator(mode="after")
    def _known_to_the_unet(self) -> Self:
        if self.encoder == "unet" and (self.in_channels > 1 or self.encoder_normalised):
            raise ValueError("in_channels and encoder_normalised are for the encoder efficientnet-lite0")
        return self


class TextEncoderReference(BaseModel):
    """The language model that the network was trained with; other weights would speak another language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str
    layers: tuple[int, ...] | None = None

    @classmethod
    def of(cls, encoder: TextEncoder) -> TextEncoderReference:
        """The reference to an open text encoder."""
        return cls(name=encoder.name, sha256=encoder.sha256, layers=encoder.layers)


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
