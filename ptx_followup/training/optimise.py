"""The optimiser, its learning rate, and the running average of the weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ptx_followup.network.contextual import ContextualNet
from ptx_followup.training.config import TrainingConfig

#: The learning rate of the cosine ends at this fraction of its peak.
FINAL_RATE = 0.01


def optimiser_of(network: ContextualNet, config: TrainingConfig) -> torch.optim.AdamW:
    """AdamW over what is not frozen: the decoder, then the encoder with a rate of its own."""
    encoder = {id(parameter) for parameter in network.encoder.parameters()}
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [parameter for parameter in trained if id(parameter) not in encoder]},
            {"params": [parameter for parameter in trained if id(parameter) in encoder]},
        ],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )


def set_learning_rate(optimiser: torch.optim.Optimizer, step: int, config: TrainingConfig) -> None:
    """Set the rates of decoder and encoder for a step (0-based)."""
    factor = learning_rate_factor(step, config)
    for group, scale in zip(optimiser.param_groups, (1.0, config.encoder_rate), strict=True):
        group["lr"] = config.learning_rate * scale * factor


def learning_rate_factor(step: int, config: TrainingConfig) -> float:
    """Linear warm-up, then half a cosine to `FINAL_RATE` or a constant; of the peak rate, at a step."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return 1.0
    progress = (step - config.warmup_steps) / max(1, config.total_steps - config.warmup_steps)
    return FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def copy_of_weights(network: nn.Module) -> dict[str, Tensor]:
    """Everything in the state of a network, copied."""
    return {key: value.detach().clone() for key, value in network.state_dict().items()}


def update_average(average: dict[str, Tensor], network: nn.Module, step: int, decay: float) -> None:
    """Move the average towards the network; young runs forget faster, so that it is useful from the start."""
    decay = min(decay, (1 + step) / (10 + step))
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            average[key].lerp_(value.detach(), 1 - decay)
        else:
            average[key].copy_(value)


def network_with(weights: dict[str, Tensor], config: TrainingConfig, device: torch.device) -> ContextualNet:
    """The network with the weights given, frozen, in eval mode."""
    network = ContextualNet(config.network)
    network.load_state_dict(weights)
    network.requires_grad_(False)
    return network.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]
