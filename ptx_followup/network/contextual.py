"""ConTEXTual Net and its relatives, built from one configuration.

`contextual-net` is the network of Huemann et al. (2023) exactly; `contextual-lite` shares every block of its
decoder on a compact encoder; `unet` is the paper's baseline, the same without language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor, nn

from ptx_followup.network.attention import LanguageAttention
from ptx_followup.network.config import NetworkConfig
from ptx_followup.network.encoders import EfficientNetLite0
from ptx_followup.network.unet import DecoderLevel, PixelHead, UNetEncoder, decoder_levels

#: Both encoders halve the resolution until one pixel stands for this many, at most.
COARSEST_STRIDE = 32
#: Levels of each half of the network that hold three quarters of what a training step keeps.
RECOMPUTED_LEVELS = 2


class ContextualNet(nn.Module):
    """A U-Net whose decoder cross-attends to the report at each of its four levels.

    With `config.text_dim` None it is a plain U-Net and takes no text.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = (
            UNetEncoder()
            if config.encoder == "unet"
            else EfficientNetLite0(config.in_channels, normalised=config.encoder_normalised)
        )
        self.decoder = decoder_levels(
            self.encoder.channels,
            config.decoder_channels,
            [self._attention(channels) for channels in config.decoder_channels],
        )
        self.head = PixelHead(config.decoder_channels[-1], config.out_channels, self.encoder.first_stride)

    def _attention(self, channels: int) -> LanguageAttention | None:
        config = self.config
        if config.text_dim is None:
            return None
        return LanguageAttention(
            channels, config.text_dim, gate=config.gate, normalise=config.normalise, position=config.position
        )

    def forward(self, image: Tensor, text: Tensor | None = None, text_mask: Tensor | None = None) -> Tensor:
        """Logits of every pixel.

        Args:
            image: B x in_channels x H x W in the model's normalisation; H and W multiples of 32.
            text: B x T x D token embeddings; required if the network reads reports.
            text_mask: B x T, True for a real token; None where all are real.

        Returns:
            B x out_channels x H x W.

        Raises:
            ValueError: A shape does not fit.
        """
        self._check(image, text)
        return self.decode(self.encoder(image), text, text_mask)

    def decode(
        self, features: Sequence[Tensor], text: Tensor | None = None, text_mask: Tensor | None = None
    ) -> Tensor:
        """Logits from the features that `encoder` gave, so that one image can be read under several reports.

        Args:
            features: Of B images, finest first.
            text: As in `forward`.
            text_mask: As in `forward`.

        Returns:
            B x out_channels x H x W.
        """
        x = features[-1]
        for level, skip in zip(self.decoder, reversed(features[:-1]), strict=True):
            x = level(x, skip, text, text_mask)
        logits: Tensor = self.head(x)
        return logits

    def _check(self, image: Tensor, text: Tensor | None) -> None:
        height, width = image.shape[-2:]
        channels = self.config.in_channels
        misfit = height % COARSEST_STRIDE or width % COARSEST_STRIDE
        if image.ndim != 4 or image.shape[1] != channels or misfit:
            fit = tuple(-(-n // COARSEST_STRIDE) * COARSEST_STRIDE for n in (height, width))
            raise ValueError(
                f"image has shape {tuple(image.shape)}; it must be B x {channels} x H x W with H and W "
                f"multiples of {COARSEST_STRIDE}: pad or resize to {fit[0]} x {fit[1]}"
            )
        if self.config.text_dim is not None and text is None:
            raise ValueError(
                "this network reads reports: give text, for no report the encoding of an empty one"
            )

    def recompute_finest_levels(self) -> None:
        """Train in less memory: run the two finest levels again in the backward pass (see `recompute`).

        The compact encoder keeps what it computes; of its network only the decoder's levels are run again.
        """
        if isinstance(self.encoder, UNetEncoder):
            self.encoder.recomputed_levels = RECOMPUTED_LEVELS
        for level in self.decoder[-RECOMPUTED_LEVELS:]:
            cast(DecoderLevel, level).recomputed = True

    def attentions(self) -> list[LanguageAttention]:
        """The language attentions, coarsest level first."""
        return [module for module in self.modules() if isinstance(module, LanguageAttention)]

    def extra_repr(self) -> str:
        """Show the configuration."""
        config: dict[str, Any] = self.config.model_dump()
        return ", ".join(f"{key}={value}" for key, value in config.items())
