"""The processes that train together, and the device of each: started by torchrun, SLURM or not at all."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import nn

from ptx_followup.errors import UsageError
from ptx_followup.network.device import choose_device

#: Accelerate states no types.
Accelerator = Any


def open_accelerator(device: str = "auto") -> Accelerator:
    """Join the processes of this run.

    One process takes the device named; several (as `torchrun` or `accelerate launch` start them) take one
    GPU each, or all the CPU. Precision is the configuration's, whatever the launcher says.

    Args:
        device: "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        UsageError: The device is not there, or one GPU is named for several processes.
    """
    from accelerate import Accelerator as Opened

    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and ":" in device:
        raise UsageError(f"device {device!r} is one for several processes", "give --device auto, cuda or cpu")
    chosen = choose_device(device)
    if chosen != "cpu" and ":" in device:
        torch.cuda.set_device(chosen)
    return Opened(cpu=chosen == "cpu", mixed_precision="no")


def distributed(network: nn.Module, accelerator: Accelerator, *, compiled: bool) -> nn.Module:
    """The network as it is called in training: synchronised between processes, compiled if asked for.

    Batch normalisation takes its statistics over the batches of all GPUs, so that n GPUs train like one with
    n times the batch. (PyTorch offers that on GPUs only: on the CPU each process has its own.)
    """
    trained: nn.Module = network
    if accelerator.num_processes > 1:
        trained = accelerator.prepare_model(network)
    return torch.compile(trained) if compiled else trained  # type: ignore[return-value]
