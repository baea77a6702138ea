"""Where a network runs, and in which precision."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

import torch

from ptx_followup.errors import UsageError

Precision = Literal["float32", "bf16"]


def choose_device(name: str) -> str:
    """Turn "auto", "cpu", "cuda" or "cuda:N" into a torch device name.

    "auto" is the first GPU if there is one, else the CPU.

    Raises:
        UsageError: The name is unknown, or the device is not there: never a silent fall-back.
    """
    if name == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    if name == "cpu":
        return "cpu"
    kind, _, number = name.partition(":")
    if kind != "cuda" or (number and not number.isdecimal()):
        raise UsageError(f"device {name!r} is unknown", "give auto, cpu, cuda or cuda:N")
    if int(number or 0) >= torch.cuda.device_count():
        raise UsageError(f"device {name!r} is not on this machine", "give --device cpu or auto")
    return f"cuda:{int(number or 0)}"


def best_precision(device: str) -> Precision:
    """bfloat16 where it is faster than float32, else float32.

    On CPUs that takes matrix units (AMX). The vector instructions for bfloat16 (AVX512-BF16) are no gain:
    3 x 3 convolutions of 64 to 1024 channels ran at 0.6 times the speed of float32, a training step of the
    compact network at 0.8 times (one thread, PyTorch 2.13, oneDNN).
    """
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "float32"
    return "bf16" if torch.cpu.get_capabilities().get("amx_bf16") else "float32"


def autocast(device: str, precision: Precision) -> AbstractContextManager[None]:
    """Mixed precision for the network's forward pass."""
    return torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=precision == "bf16")
