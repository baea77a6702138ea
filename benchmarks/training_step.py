"""A training step of ConTEXTual Net as its authors take it, and as this project does.

    python benchmarks/training_step.py --size 512 --steps 1

The authors' way: T5-Large runs at every step with its dropout on, every report is padded to 512 tokens that
are all attended to, and the attention weights are held in memory. The way here: each report is encoded once
and cached, real tokens only, fused attention, and the language model (T5-Large in size, with random weights)
freed once it has read all reports; "compiled" with `compile`, "recomputed" with `checkpoint_activations` as
well, as the recipe `contextual-net` has it. Network, image size, batch, optimiser and loss are the same. Each
way has a process of its own; memory is the peak of that process during the steps (on a GPU: of what PyTorch
allocated there).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from ptx_followup.network.config import PRESETS
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import Precision, autocast
from ptx_followup.training.losses import segmentation_loss

#: Tokens that the authors pad to, and tokens of a report of CANDID-PTX (a typical number).
PADDED, REAL = 512, 100
#: 335 million weights in float32.
LANGUAGE_MODEL_BYTES = 4 * (24 * (4 * 1024**2 + 2 * 1024 * 4096) + 32128 * 1024)
WAYS = ("authors", "here", "here-bf16", "compiled", "recomputed", "recomputed-bf16")


class HeldAttention(nn.Module):
    """Language attention as in the authors' code: no mask, weights held, everything applied to the pixels."""

    def __init__(self, channels: int, text_dim: int) -> None:
        super().__init__()
        self.project = nn.Linear(text_dim, channels)
        self.attention = nn.MultiheadAttention(channels, 1, batch_first=True)

    def forward(self, features: Tensor, text: Tensor, text_mask: Tensor | None) -> Tensor:
        batch, channels, height, width = features.shape
        pixels = features.flatten(2).transpose(1, 2)
        tokens = self.project(text)
        attended, _ = self.attention(pixels, tokens, tokens, need_weights=True)
        return (torch.tanh(attended) * pixels).transpose(1, 2).reshape(batch, channels, height, width)


def language_model(device: str, layers: int) -> nn.Module:
    """T5-Large's encoder in size, with random weights; it has 24 layers."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(d_model=1024, d_ff=4096, num_layers=layers, num_heads=16, d_kv=64)
    return T5EncoderModel(config).requires_grad_(False).to(device)


def network_of(way: str, device: str | None) -> ContextualNet:
    """The network with the attention and the memory format of one way; `device` None leaves it as built."""
    torch.manual_seed(0)
    network = ContextualNet(PRESETS["contextual-net"])
    if way.startswith("recomputed"):
        network.recompute_finest_levels()
    if way == "authors":
        for level in network.decoder:
            level.attention = HeldAttention(level.up.out_channels, 1024)
    if device is None:
        return network
    return network.to(
        device, memory_format=torch.preserve_format if way == "authors" else torch.channels_last
    )


def precision_of(way: str) -> Precision:
    return "bf16" if way.endswith("bf16") else "float32"


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of the tensors made under it, and remembers the most that were alive at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        tree_map_only(Tensor, self._count, result)
        return result

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if id(storage) in self._known:
            return
        self._known.add(id(storage))
        self.live += storage.nbytes()
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._freed, id(storage), storage.nbytes())

    def _freed(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.live -= size


def computed_gib(way: str, size: int, batch: int) -> float:
    """Peak memory of a step at any size, from the sizes of its tensors: nothing is calculated.

    Weights, moments, gradients, activations and, where it has to stay, the language model; not the libraries,
    nor what kernels need while they run.
    """
    with FakeTensorMode(), LiveBytes() as counter:
        network = network_of(way, None).train()
        images, targets = (torch.rand(batch, 1, size, size) for _ in range(2))
        text = torch.rand(batch, PADDED if way == "authors" else REAL, 1024)
        with autocast("cpu", precision_of(way)):
            logits = network(images, text, None)
        segmentation_loss(logits, targets, "bce").backward()
    moments = 2 * sum(one.numel() * one.element_size() for one in network.parameters())
    held = LANGUAGE_MODEL_BYTES if way == "authors" else 0
    return (counter.peak + moments + held) / 2**30


def measure(way: str, size: int, batch: int, steps: int, device: str, layers: int = 24) -> dict[str, float]:
    """Images a second and peak memory in GiB."""
    precision = precision_of(way)
    encoder = language_model(device, layers).train(way == "authors")
    network = network_of(way, device).train()
    trained = torch.compile(network) if way == "compiled" else network
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-5)
    images = torch.rand(batch, 1, size, size, device=device)
    targets = (torch.rand(batch, 1, size, size, device=device) > 0.99).float()
    words = torch.randint(10, 30_000, (batch, PADDED if way == "authors" else REAL), device=device)

    def encode() -> Tensor:
        with torch.no_grad():
            return encoder(words).last_hidden_state

    cached = None
    if way != "authors":
        cached = encode()
        del encoder
    _forget_peak(device)
    seconds = []
    for _ in range(steps + 1):
        started = _now(device)
        text = encode() if cached is None else cached
        with autocast(device, precision):
            logits = trained(images, text, None)
        loss = segmentation_loss(logits, targets, "bce")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        seconds.append(_now(device) - started)
    return {"images_per_s": batch / min(seconds[1:]), "peak_gib": _peak_gib(device)}


def _forget_peak(device: str) -> None:
    """Let the peak count from now: building the network is not a step."""
    if device == "cpu":
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the high-water mark
    else:
        torch.cuda.reset_peak_memory_stats()


def _peak_gib(device: str) -> float:
    if device != "cpu":
        return torch.cuda.max_memory_allocated() / 2**30
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return float(status["VmHWM"].split()[0]) / 2**20


def _now(device: str) -> float:
    if device != "cpu":
        torch.cuda.synchronize()
        return time.perf_counter()
    # Of this process's own work, so that what else runs on the machine counts for little.
    return time.process_time() / torch.get_num_threads()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--computed", action="store_true", help="peak memory from sizes alone, at any --size")
    parser.add_argument(
        "--ways", nargs="+", choices=WAYS, default=WAYS, help="these; the first is compared with"
    )
    parser.add_argument("--way", choices=WAYS, help="only this one, in this process, as JSON")
    options = parser.parse_args()
    settings = (options.size, options.batch, options.steps, options.device)
    if options.way:
        print(json.dumps(measure(options.way, *settings)))
        return
    print(f"{options.size} x {options.size}, batch {options.batch}, {options.device}")
    if options.computed:
        for way in options.ways:
            print(f"{way:16} {computed_gib(way, options.size, options.batch):6.2f} GiB", flush=True)
        return
    results = {}
    names = ("--size", "--batch", "--steps", "--device")
    arguments = [str(one) for pair in zip(names, settings, strict=True) for one in pair]
    for way in options.ways:
        with tempfile.TemporaryFile("w+") as file:
            command = [sys.executable, str(Path(__file__)), *arguments, "--way", way]
            subprocess.run(command, stdout=file, check=True)
            file.seek(0)
            results[way] = json.loads(file.read())
        first = results[options.ways[0]]
        speed, memory = results[way]["images_per_s"], results[way]["peak_gib"]
        faster, smaller = speed / first["images_per_s"], memory / first["peak_gib"]
        print(
            f"{way:16} {speed:8.3f} images/s ({faster:5.1f} x)  {memory:6.2f} GiB ({smaller:.2f} x)",
            flush=True,
        )


if __name__ == "__main__":
    main()
