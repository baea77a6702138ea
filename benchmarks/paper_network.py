"""Speed and memory of the paper's network, against its naive form.

    python benchmarks/paper_network.py [--size 1024] [--runs 3]

The naive form is that of the authors' code: `torch.nn.MultiheadAttention` returning its weights, reports
padded to 512 tokens, float32, default memory format. Ours runs fused attention on the report's real tokens in
channels_last, with batch normalisation folded away, in the best precision of the CPU and on 8-bit integers
(`ptx segment --precision int8`). All have the same weights, random but for statistics of the batch
normalisation that keep activations in range, and answer alike: the largest difference of probability is
printed, with the padding masked for all. Each form runs in a process of its own; the figures are the median
time and the peak resident memory above the loaded network.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import torch
from torch import Tensor, nn

from ptx_followup.network.attention import LanguageAttention
from ptx_followup.network.config import PRESETS
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import Precision, autocast, best_precision
from ptx_followup.network.inference import prepare_for_inference

TOKENS, PADDED = 80, 512
FORMS = ("naive", "ours", "ours-int8")


class NaiveAttention(nn.Module):
    """The same attention with explicit weights over all pixels and all padded tokens."""

    def __init__(self, ours: LanguageAttention) -> None:
        super().__init__()
        self.project = ours.project
        self.attention = nn.MultiheadAttention(ours.channels, 1)
        with torch.no_grad():
            parts = (ours.query, ours.key, ours.value)
            self.attention.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
            self.attention.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
            self.attention.out_proj.load_state_dict(ours.out.state_dict())

    def forward(self, features: Tensor, text: Tensor, text_mask: Tensor) -> Tensor:
        pixels = features.flatten(2).permute(2, 0, 1)
        tokens = self.project(text).transpose(0, 1)
        attended, _ = self.attention(pixels, tokens, tokens, key_padding_mask=~text_mask, need_weights=True)
        return (pixels * torch.tanh(attended)).permute(1, 2, 0).reshape(features.shape)


def inputs(size: int, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 1, size, size, generator=generator)
    text = torch.zeros(1, tokens, 1024)
    text[:, :TOKENS] = torch.randn(1, TOKENS, 1024, generator=generator)
    return image, text, torch.arange(tokens)[None, :] < TOKENS


def measure(form: str, size: int, runs: int) -> dict[str, float | list[float]]:
    torch.manual_seed(0)
    network = ContextualNet(PRESETS["contextual-net"]).eval().requires_grad_(False)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean, std=0.1)
            nn.init.constant_(norm.running_var, 0.1)
    image, text, mask = inputs(size, PADDED if form == "naive" else TOKENS)
    precision: Precision = "float32"
    if form == "naive":
        for level in network.decoder:
            level.attention = NaiveAttention(level.attention)
    else:
        network.to(memory_format=torch.channels_last)
        image = image.to(memory_format=torch.channels_last)
        precision = "int8" if form == "ours-int8" else best_precision("cpu")
        prepare_for_inference(network, precision)
    before = peak_gib()
    seconds = []
    with torch.inference_mode(), autocast("cpu", precision):
        for _ in range(runs):
            started = time.perf_counter()
            logits = network(image, text, mask)
            seconds.append(time.perf_counter() - started)
    sample = logits.float().sigmoid()[0, 0, :: size // 64, :: size // 64].flatten().tolist()
    return {"seconds": statistics.median(seconds), "gib": peak_gib() - before, "sample": sample}


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--form", choices=FORMS)
    options = parser.parse_args()
    if options.form:
        print(json.dumps(measure(options.form, options.size, options.runs)))
        return
    print("form         seconds   GiB above the network   times as fast   of its memory   largest difference")
    naive: dict[str, Any] = {}
    for form in FORMS:
        same = ["--size", str(options.size), "--runs", str(options.runs)]
        command = [sys.executable, __file__, "--form", form, *same]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        naive = naive or figures
        difference = max(abs(a - b) for a, b in zip(naive["sample"], figures["sample"], strict=True))
        faster, memory = naive["seconds"] / figures["seconds"], figures["gib"] / naive["gib"]
        print(
            f"{form:10}   {figures['seconds']:7.2f}   {figures['gib']:21.2f}   {faster:13.1f}   "
            f"{memory:13.2f}   {difference:18.4f}"
        )


if __name__ == "__main__":
    main()
