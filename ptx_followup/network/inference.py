"""Making a trained network fast to run.

Batch normalisation with fixed statistics is a scale and a shift of each channel, and becomes part of the
convolution before it. With 8-bit arithmetic the 3 x 3 convolutions, nearly all of a U-Net's work, run on
integers: weights of -127..127 with a scale for each output channel, activations of 0..255 with a scale and a
zero point for each map of each image, taken from the map's own range (dynamic quantisation; Krishnamoorthi,
arXiv:1806.08342). No data is needed to prepare it, and no image changes the result of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ptx_followup.network.device import Precision
from ptx_followup.network.encoders import NormalisedConv
from ptx_followup.network.unet import DoubleConv

#: Convolutions of fewer channels (the first, of the image) stay in float32: little work, and all depends on
#: them.
FEWEST_CHANNELS = 16
#: Values that are quantised at a time, so that what lies between stays in the processor's cache.
VALUES_AT_ONCE = 1 << 18
#: Of a map or a weight that is nothing but zeros, so that it has a scale.
SMALLEST_RANGE = 1e-30


def prepare_for_inference(network: nn.Module, precision: Precision) -> None:
    """Fold batch normalisation into the convolutions; "int8": run the U-Net's on integers. In place.

    Args:
        network: In evaluation mode; it cannot be trained, or saved as a model, afterwards.
        precision: Of the forward pass; "int8" needs a CPU that `device.has_fast_int8`.
    """
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if isinstance(child, NormalisedConv):
                setattr(parent, name, fuse_conv_bn_eval(child.conv, child.bn))
            elif isinstance(child, DoubleConv):
                _fold_normalisation(child)
                if precision == "int8":
                    setattr(parent, name, Int8DoubleConv(child))


def _fold_normalisation(block: DoubleConv) -> None:
    first, first_norm, relu, second, second_norm, _ = cast(Any, block.layers)
    block.layers = nn.Sequential(
        fuse_conv_bn_eval(first, first_norm), relu, fuse_conv_bn_eval(second, second_norm), relu
    )


class Int8DoubleConv(nn.Module):
    """A `DoubleConv` without batch normalisation whose convolutions run on integers; float32 in and out."""

    def __init__(self, block: DoubleConv) -> None:
        super().__init__()
        first, relu, second, _ = cast(Any, block.layers)
        few = first.in_channels < FEWEST_CHANNELS
        self.first = nn.Sequential(first, relu) if few else Int8Conv(first, block.in_channels)
        self.second = Int8Conv(second, (second.in_channels,))

    def forward(self, *maps: Tensor) -> Tensor:
        """As `DoubleConv`."""
        out: Tensor = self.second(self.first(*maps))
        return out


class Int8Conv(nn.Module):
    """A 3 x 3 convolution with bias, and ReLU, on integers.

    Args:
        conv: What it stands for, with padding 1.
        in_channels: Of each map that it takes; each has a scale of its own, so they are convolved one after
            another and their results added.
    """

    def __init__(self, conv: nn.Conv2d, in_channels: Sequence[int]) -> None:
        super().__init__()
        self.bias = conv.bias
        self.weights = [
            _Int8Weight(part) for part in torch.split(conv.weight.detach(), list(in_channels), dim=1)
        ]

    def forward(self, *maps: Tensor) -> Tensor:
        """Map B x in x H x W, float32, to B x out x H x W, float32, at least 0; both in channels_last."""
        images = [self._convolve([one[index : index + 1] for one in maps]) for index in range(len(maps[0]))]
        return images[0] if len(images) == 1 else torch.cat(images)

    def _convolve(self, maps: Sequence[Tensor]) -> Tensor:
        (x, *others), (weight, *other_weights) = maps, self.weights
        out = weight.convolve(x, self.bias, relu=not others)
        for x, weight in zip(others, other_weights, strict=True):
            out = weight.add_convolved(x, out, relu=x is others[-1])
        return out


class _Int8Weight:
    """The quantised weight, out x in x 3 x 3, of a convolution of one map."""

    def __init__(self, weight: Tensor) -> None:
        self.scales = weight.abs().amax((1, 2, 3)).clamp_min(SMALLEST_RANGE) / 127
        self.zero_points = torch.zeros(len(weight), dtype=torch.int64)
        integers = torch.round(weight / self.scales[:, None, None, None]).to(torch.int8)
        self.packed = torch.ops.onednn.qconv_prepack(integers, self.scales, 1.0, 0, *_GEOMETRY)

    def convolve(self, x: Tensor, bias: Tensor | None, *, relu: bool) -> Tensor:
        out: Tensor = torch.ops.onednn.qconv2d_pointwise(
            *_quantised(x),
            *(self.packed, self.scales, self.zero_points, bias, *_GEOMETRY, *_FLOAT32_RESULT),
            *("relu" if relu else "none", [], None),
        )
        return out

    def add_convolved(self, x: Tensor, total: Tensor, *, relu: bool) -> Tensor:
        out: Tensor = torch.ops.onednn.qconv2d_pointwise.binary(
            *_quantised(x),
            *(self.packed, self.scales, self.zero_points, total, None, *_GEOMETRY, *_FLOAT32_RESULT),
            *(1.0, 0, "sum", 1.0, "relu" if relu else None, [], None),
        )
        return out


#: Stride, padding, dilation and groups.
_GEOMETRY = ([1, 1], [1, 1], [1, 1], 1)
#: Scale and zero point, which only an integer result has, and type.
_FLOAT32_RESULT = (1.0, 0, torch.float32)


def _quantised(x: Tensor) -> tuple[Tensor, float, int]:
    """A map of one image, in channels_last, as uint8 q with x = scale * (q - zero point), nearly."""
    values = x.permute(0, 2, 3, 1).reshape(-1)
    lowest, highest = (float(bound) for bound in torch.aminmax(values))
    lowest, highest = min(lowest, 0.0), max(highest, 0.0)  # zero, the padding, is exact
    scale = max(highest - lowest, SMALLEST_RANGE) / 255
    zero_point = round(-lowest / scale)
    integers = torch.empty_like(values, dtype=torch.uint8)
    half = torch.tensor(zero_point + 0.5)  # the conversion to integers cuts off
    for some, into in zip(*(torch.split(one, VALUES_AT_ONCE) for one in (values, integers)), strict=True):
        into.copy_(torch.add(half, some, alpha=1 / scale).clamp_(0, 255))
    _, channels, height, width = x.shape
    return integers.view(1, height, width, channels).permute(0, 3, 1, 2), scale, zero_point
