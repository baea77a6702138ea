"""A training step of ConTEXTual Net as its authors take it, and as this project does.

    python benchmarks/training_step.py --size 256 --steps 2

The authors' way: T5-Large runs at every step with its dropout on, every report is padded to 512 tokens that
are all attended to, and the attention weights are held in memory. The way here: each report is encoded once
and cached, real tokens only, and fused attention. Network, image size, batch, optimiser and loss are the
same. Both hold the language model (T5-Large in size, with random weights) in memory. Each way has a process
of its own; memory is the peak of that process (on a GPU: of what PyTorch allocated there).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from ptx_followup.network.contextual import PRESETS, ContextualNet
from ptx_followup.network.device import Precision, autocast
from ptx_followup.training.losses import segmentation_loss

#: Tokens that the authors pad to, and tokens of a report of CANDID-PTX (a typical number).
PADDED, REAL = 512, 100
WAYS = ("authors", "here", "here-bf16")


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


def language_model(device: str) -> nn.Module:
    """T5-Large's encoder in size, with random weights."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(d_model=1024, d_ff=4096, num_layers=24, num_heads=16, d_kv=64)
    return T5EncoderModel(config).requires_grad_(False).to(device)


def network_of(way: str, device: str) -> ContextualNet:
    """The network with the attention of one way, in the memory format of that way."""
    torch.manual_seed(0)
    network = ContextualNet(PRESETS["contextual-net"]).to(device)
    if way != "authors":
        return network.to(memory_format=torch.channels_last)
    for level in network.decoder:
        level.attention = HeldAttention(level.up.out_channels, 1024).to(device)
    return network


def precision_of(way: str) -> Precision:
    return "bf16" if way == "here-bf16" else "float32"


def kept_bytes(way: str, size: int) -> int:
    """Bytes that the forward pass of one image keeps for the backward pass, beside the parameters."""
    network = network_of(way, "cpu")
    parameters = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    text = torch.randn(1, PADDED if way == "authors" else REAL, 1024)
    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, autocast("cpu", precision_of(way)):
        logits = network(torch.rand(1, 1, size, size), text, None)
    del logits
    return sum(kept.values())


def kept_gib(way: str, size: int, batch: int) -> float:
    """The same for a batch at any size: what grows with the pixels, from two sizes that fit anywhere."""
    small, large = 64, 128
    per_pixel = (kept_bytes(way, large) - kept_bytes(way, small)) / (large**2 - small**2)
    return per_pixel * batch * size**2 / 2**30


def measure(way: str, size: int, batch: int, steps: int, device: str) -> dict[str, float]:
    """Images a second and peak memory in GiB."""
    precision = precision_of(way)
    encoder = language_model(device).train(way == "authors")
    network = network_of(way, device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-5)
    images = torch.rand(batch, 1, size, size, device=device)
    targets = (torch.rand(batch, 1, size, size, device=device) > 0.99).float()
    words = torch.randint(10, 30_000, (batch, PADDED if way == "authors" else REAL), device=device)

    def encode() -> Tensor:
        with torch.no_grad():
            return encoder(words).last_hidden_state

    cached = None if way == "authors" else encode()
    seconds = []
    for _ in range(steps + 1):
        started = _now(device)
        text = encode() if cached is None else cached
        with autocast(device, precision):
            logits = network(images, text, None)
        loss = segmentation_loss(logits, targets, "bce")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        seconds.append(_now(device) - started)
    if device == "cpu":
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    else:
        peak = torch.cuda.max_memory_allocated() / 2**30
    return {"images_per_s": batch / min(seconds[1:]), "peak_gib": peak}


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
    parser.add_argument("--kept", action="store_true", help="only memory kept by the forward pass, computed")
    parser.add_argument("--way", choices=WAYS, help="only this one, in this process, as JSON")
    options = parser.parse_args()
    settings = (options.size, options.batch, options.steps, options.device)
    if options.way:
        print(json.dumps(measure(options.way, *settings)))
        return
    print(f"{options.size} x {options.size}, batch {options.batch}, {options.device}")
    if options.kept:
        for way in WAYS:
            print(f"{way:10} {kept_gib(way, options.size, options.batch):6.2f} GiB")
        return
    results = {}
    names = ("--size", "--batch", "--steps", "--device")
    arguments = [str(one) for pair in zip(names, settings, strict=True) for one in pair]
    for way in WAYS:
        with tempfile.TemporaryFile("w+") as file:
            command = [sys.executable, str(Path(__file__)), *arguments, "--way", way]
            subprocess.run(command, stdout=file, check=True)
            file.seek(0)
            results[way] = json.loads(file.read())
        speed, memory = results[way]["images_per_s"], results[way]["peak_gib"]
        faster, smaller = speed / results["authors"]["images_per_s"], memory / results["authors"]["peak_gib"]
        print(f"{way:10} {speed:8.3f} images/s ({faster:5.1f} x)  {memory:6.2f} GiB ({smaller:.2f} x)")


if __name__ == "__main__":
    main()
