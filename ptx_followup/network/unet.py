"""The U-Net: the paper's encoder, and the decoder levels that every network here is made of.

Ronneberger et al., MICCAI 2015, in the variant of Huemann et al. (ConTEXTual Net, 2023): padded convolutions
without bias, each followed by batch normalisation and ReLU.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ptx_followup.network.attention import LanguageAttention
from ptx_followup.network.recompute import recomputed


class DoubleConv(nn.Module):
    """Twice (3 x 3 convolution without bias, batch normalisation, ReLU); keeps height and width.

    Args:
        in_channels: Of each map that it takes; they are joined.
        out_channels: Of the result.
    """

    def __init__(self, in_channels: Sequence[int], out_channels: int) -> None:
        super().__init__()
        self.in_channels = tuple(in_channels)
        self.layers = nn.Sequential(
            nn.Conv2d(sum(in_channels), out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, *maps: Tensor) -> Tensor:
        """Map one or several B x in x H x W to B x out x H x W."""
        out: Tensor = self.layers(maps[0] if len(maps) == 1 else _joined(maps))
        return out


def _joined(maps: Sequence[Tensor]) -> Tensor:
    """Feature maps, B x C x H x W, joined along their channels, in channels_last.

    Joined as B x H x W x C: PyTorch takes the order in memory from the strides, and those of a batch of one
    may be such that it joins two maps in channels_last into one that is not, which costs as much as a
    convolution.
    """
    return torch.cat([one.permute(0, 2, 3, 1) for one in maps], dim=-1).permute(0, 3, 1, 2)


class UNetEncoder(nn.Module):
    """The paper's encoder: 64-128-256-512-1024 channels with 2 x 2 max pooling between levels."""

    channels = (64, 128, 256, 512, 1024)
    #: Pixels of the input for one pixel of the first (finest) feature map.
    first_stride = 1

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        self.in_channels = in_channels
        #: The finest so many levels are recomputed in the backward pass; set by the trainer.
        self.recomputed_levels = 0
        inputs = (in_channels, *self.channels[:-1])
        self.levels = nn.ModuleList(DoubleConv((a,), b) for a, b in zip(inputs, self.channels, strict=True))
        self.pool = nn.MaxPool2d(2)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map a grey image B x 1 x H x W to five feature maps, finest first."""
        x = image.expand(-1, self.in_channels, -1, -1)
        features = []
        for index, level in enumerate(self.levels):
            x = x if index == 0 else self.pool(x)
            x = recomputed(level, level, x) if index < self.recomputed_levels else level(x)
            features.append(x)
        return features


class DecoderLevel(nn.Module):
    """Upsample, let the report speak (where there is one), join the skip connection, convolve.

    Args:
        in_channels: Channels of the coarser map.
        skip_channels: Channels of the encoder's map at this level.
        out_channels: Channels of the result.
        attention: The language cross-attention of this level, or None for a plain U-Net.
    """

    def __init__(
        self, in_channels: int, skip_channels: int, out_channels: int, attention: LanguageAttention | None
    ) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)
        self.attention = attention
        self.conv = DoubleConv((skip_channels, out_channels), out_channels)
        #: What is inside is recomputed in the backward pass; set by the trainer.
        self.recomputed = False

    def forward(self, x: Tensor, skip: Tensor, text: Tensor | None, text_mask: Tensor | None) -> Tensor:
        """Map B x in x H x W (with a skip of 2H x 2W) to B x out x 2H x 2W."""
        if not self.recomputed:
            return self._join(self._upsample(x, text, text_mask), skip)
        # In two parts, as together what is inside them is the most memory of a training step.
        x = recomputed(self._upsample, self, x, text, text_mask)
        return recomputed(self._join, self, x, skip)

    def _upsample(self, x: Tensor, text: Tensor | None, text_mask: Tensor | None) -> Tensor:
        x = self.up(x)
        if self.attention is not None and text is not None:
            x = self.attention(x, text, text_mask)
        return x

    def _join(self, x: Tensor, skip: Tensor) -> Tensor:
        out: Tensor = self.conv(skip, x)
        return out


class PixelHead(nn.Module):
    """A 1 x 1 convolution to logits; for `stride` > 1 it predicts each input pixel in its own channel.

    Sub-pixel prediction (Shi et al., CVPR 2016) keeps one-pixel rims that interpolated logits would blur,
    at the cost of the coarser map.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels * stride**2, kernel_size=1)
        self.shuffle = nn.PixelShuffle(stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map B x in x H x W to logits B x out x (stride H) x (stride W)."""
        out: Tensor = self.shuffle(self.conv(x))
        return out


def decoder_levels(
    encoder_channels: Sequence[int],
    decoder_channels: Sequence[int],
    attentions: Sequence[LanguageAttention | None],
) -> nn.ModuleList:
    """Decoder levels from the coarsest to the finest skip connection.

    Args:
        encoder_channels: Channels of the encoder's maps, finest first (five).
        decoder_channels: Channels of the decoder's maps, coarsest first (four).
        attentions: One per decoder level.
    """
    inputs = (encoder_channels[-1], *decoder_channels[:-1])
    skips = tuple(reversed(encoder_channels[:-1]))
    return nn.ModuleList(
        DecoderLevel(*sizes) for sizes in zip(inputs, skips, decoder_channels, attentions, strict=True)
    )
