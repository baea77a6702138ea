"""Activations computed twice instead of kept: the same training step in less memory."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from ptx_followup.network.config import NetworkConfig
from ptx_followup.network.contextual import ContextualNet

CHANNELS = (16, 16, 8, 8)
CONFIGS = {
    "unet": NetworkConfig(encoder="unet", decoder_channels=CHANNELS, text_dim=12),
    "unet without language": NetworkConfig(encoder="unet", decoder_channels=CHANNELS),
    "efficientnet-lite0": NetworkConfig(
        encoder="efficientnet-lite0", decoder_channels=CHANNELS, text_dim=12, normalise=True, position=True
    ),
}
MASK = torch.tensor([[True] * 5, [True, True, False, False, False]])


def made(name: str) -> tuple[ContextualNet, ContextualNet]:
    """A network in training, and the same one that computes its finest levels twice."""
    torch.manual_seed(0)
    kept = ContextualNet(CONFIGS[name]).train()
    again = copy.deepcopy(kept)
    again.recompute_finest_levels()
    return kept, again


def loss_of(network: ContextualNet, size: int = 32) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    image = torch.randn(2, 1, size, size, generator=generator)
    text = (torch.randn(2, 5, 12, generator=generator), MASK) if network.config.text_dim else ()
    return network(image, *text).square().mean()


@pytest.mark.parametrize("name", CONFIGS)
def test_gradients_are_the_same_bit_for_bit(name: str) -> None:
    kept, again = made(name)
    for network in (kept, again):
        loss_of(network).backward()
    for (key, one), other in zip(kept.named_parameters(), again.parameters(), strict=True):
        assert one.grad is not None, key
        assert torch.equal(one.grad, other.grad), key


@pytest.mark.parametrize("name", CONFIGS)
def test_running_statistics_are_updated_once(name: str) -> None:
    kept, again = made(name)
    for network in (kept, again):
        for _ in range(2):
            loss_of(network).backward()
    counters = [one.num_batches_tracked for one in again.modules() if isinstance(one, nn.BatchNorm2d)]
    assert [int(one) for one in counters] == [2] * len(counters)
    for (key, one), other in zip(kept.named_buffers(), again.buffers(), strict=True):
        assert torch.equal(one, other), key


def test_less_than_half_is_kept_for_the_backward_pass() -> None:
    def kept_bytes(network: ContextualNet) -> int:
        parameters = {one.untyped_storage().data_ptr() for one in network.parameters()}
        held: dict[int, tuple[int, Tensor]] = {}

        def pack(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in parameters:
                held[storage.data_ptr()] = (storage.nbytes(), tensor)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            loss = loss_of(network, 64)
        del loss
        return sum(size for size, _ in held.values())

    kept, again = made("unet")
    assert kept_bytes(again) < 0.5 * kept_bytes(kept)


def test_a_network_in_use_computes_nothing_twice() -> None:
    kept, again = made("unet")
    with torch.inference_mode():
        assert torch.equal(loss_of(kept.eval()), loss_of(again.eval()))
