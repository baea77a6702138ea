"""Where a network runs, and in which precision."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, cast, get_args

from ptx_followup.errors import UsageError

#: int8 is for running a network on a CPU, see `inference`; the others are for training too.
Precision = Literal["float32", "bf16", "int8"]


def choose_device(name: str) -> str:
    """Turn "auto", "cpu", "cuda" or "cuda:N" into a torch device name.

    "auto" is the first GPU if there is one, else the CPU.

    Raises:
        UsageError: The name is unknown, or the device is not there: never a silent fall-back.
    """
    if name == "auto":
        return "cuda:0" if _gpus() else "cpu"
    if name == "cpu":
        return "cpu"
    kind, _, number = name.partition(":")
    if kind != "cuda" or (number and not number.isdecimal()):
        raise UsageError(f"device {name!r} is unknown", "give auto, cpu, cuda or cuda:N")
    if int(number or 0) >= _gpus():
        raise UsageError(f"device {name!r} is not on this machine", "give --device cpu or auto")
    return f"cuda:{int(number or 0)}"


def _gpus() -> int:
    """Number of GPUs; PyTorch, which takes seconds to import, is asked only where there is a driver."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def best_precision(device: str) -> Precision:
    """bfloat16 where it is faster than float32, else float32.

    On CPUs that takes matrix units (AMX). The vector instructions for bfloat16 (AVX512-BF16) are no gain:
    3 x 3 convolutions of 64 to 1024 channels ran at 0.6 times the speed of float32, a training step of the
    compact network at 0.8 times (one thread, PyTorch 2.13, oneDNN).
    """
    import torch

    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "float32"
    return "bf16" if torch.cpu.get_capabilities().get("amx_bf16") else "float32"


def choose_precision(name: str, device: str) -> Precision:
    """Turn "auto", "float32", "bf16" or "int8" into the precision of a forward pass on a device.

    Args:
        name: "auto" is what `best_precision` says.
        device: Of `choose_device`.

    Raises:
        UsageError: The name is unknown, or the device has no such arithmetic.
    """
    if name == "auto":
        return best_precision(device)
    if name not in get_args(Precision):
        raise UsageError(f"precision {name!r} is unknown", "give auto, float32, bf16 or int8")
    if name == "int8" and not has_fast_int8(device):
        raise UsageError(f"device {device!r} has no 8-bit instructions (VNNI)", "give --precision auto")
    return cast(Precision, name)


def has_fast_int8(device: str) -> bool:
    """Whether this is a CPU with 8-bit dot products (VNNI); without them such sums would saturate."""
    import torch

    able = torch.cpu.get_capabilities()
    return device == "cpu" and bool(able.get("avx512_vnni") or able.get("avx_vnni"))


def autocast(device: str, precision: Precision) -> AbstractContextManager[None]:
    """Mixed precision for the network's forward pass."""
    import torch

    return torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=precision == "bf16")


@contextmanager
def denormal_numbers_flushed() -> Iterator[None]:
    """Let the CPU take numbers below 1e-38 for 0 meanwhile, in this thread and in those that it starts.

    Very sure pixels have such probabilities and gradients, and arithmetic with them is up to a hundred times
    as slow. No result changes in a digit that is kept. Afterwards the thread computes as it did.
    """
    import numpy as np
    import torch

    already = not np.float32(1e-39) * np.ones(1, np.float32) > 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(already)
