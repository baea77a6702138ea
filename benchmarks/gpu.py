"""What a GPU gives: the same answers as the CPU, and how fast. One command, one JSON object.

    python benchmarks/gpu.py [--device cuda] [--size 1024] [--batch 8]

1. `parity`: largest difference of a probability between CPU (float32) and device, for every network on board
   and for `contextual-net`, in float32 with TF32 off (at most 1e-3) and in bf16 (at most 2e-2).
2. `forward`: seconds and peak memory of `contextual-net` on one image, against the naive form of its authors
   (`paper_network.NaiveAttention`: 512 padded tokens, attention weights returned, float32).
3. `training`: images per second and peak memory of a training step, against its authors' (`training_step`).
4. `batches`: images per second of `contextual-net` on several images at once.

It needs torch, transformers, numpy, safetensors and pydantic, and nothing else of the project's dependencies.
What does not fit into the device's memory is null. On a CPU (`--device cpu --size 64 --batch 1 --layers 1`)
it shows that it runs; its figures there say nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from paper_network import PADDED, TOKENS, NaiveAttention, inputs
from safetensors.torch import load_file
from torch import Tensor, nn
from training_step import _now, measure

from ptx_followup.network.config import PRESETS, NetworkConfig
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import Precision, autocast
from ptx_followup.network.inference import prepare_for_inference

MODELS = Path(__file__).parents[1] / "models"
LARGEST_DIFFERENCE: dict[Precision, float] = {"float32": 1e-3, "bf16": 2e-2}
RUNS, STEPS = 5, 3
PARITY_SIZE = 416


def on_board() -> dict[str, ContextualNet]:
    networks = {}
    for folder in sorted(one.parent for one in MODELS.glob("*/config.json")):
        config = NetworkConfig(**json.loads((folder / "config.json").read_text("utf-8"))["network"])
        network = ContextualNet(config)
        state = {key: one.float() for key, one in load_file(folder / "model.safetensors").items()}
        network.load_state_dict(state)
        networks[folder.name] = network.eval().requires_grad_(False)
    return networks


def papers_network() -> ContextualNet:
    """Random weights, with statistics of the batch normalisation that keep activations in range."""
    torch.manual_seed(0)
    network = ContextualNet(PRESETS["contextual-net"]).eval().requires_grad_(False)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean, std=0.1)
            nn.init.constant_(norm.running_var, 0.1)
    return network


def probabilities(network: ContextualNet, device: str, precision: Precision, size: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    channels = getattr(network.config, "in_channels", 1)
    blurred = torch.rand(1, channels, size // 16, size // 16, generator=generator)
    image = 2 * nn.functional.interpolate(blurred, size=(size, size), mode="bilinear") - 1
    text = network.config.text_dim
    tokens = () if text is None else (torch.randn(1, TOKENS, text, generator=generator).to(device),)
    network = network.to(device, memory_format=torch.channels_last)
    with torch.inference_mode(), autocast(device, precision):
        return network(image.to(device), *tokens).float().sigmoid().cpu()


def parity(device: str, size: int) -> dict[str, dict[str, float | bool]]:
    found: dict[str, dict[str, float | bool]] = {}
    for name, network in {**on_board(), "contextual-net": papers_network()}.items():
        expected = probabilities(network, "cpu", "float32", min(size, PARITY_SIZE))
        row: dict[str, float | bool] = {}
        for precision, limit in LARGEST_DIFFERENCE.items():
            answer = probabilities(network, device, precision, min(size, PARITY_SIZE))
            row[precision] = float((answer - expected).abs().max())
            row[f"{precision}_within_{limit:g}"] = row[precision] <= limit
        found[name] = row
    return found


def forward(device: str, size: int, form: str) -> dict[str, float]:
    network = papers_network()
    naive = form == "naive"
    image, text, mask = inputs(size, PADDED if naive else TOKENS)
    precision: Precision = "float32" if naive or device == "cpu" else "bf16"
    if naive:
        for level in network.decoder:
            level.attention = NaiveAttention(level.attention)
        network = network.to(device)
    else:
        prepare_for_inference(network, precision)
        network = network.to(device, memory_format=torch.channels_last)
    arguments = [one.to(device) for one in (image, text, mask)]
    with torch.inference_mode(), autocast(device, precision):
        return timed(lambda: network(*arguments), device)


def batch_rate(device: str, size: int, batch: int) -> float:
    precision: Precision = "float32" if device == "cpu" else "bf16"
    network = papers_network()
    prepare_for_inference(network, precision)
    network = network.to(device, memory_format=torch.channels_last)
    image, text, mask = (one.to(device).repeat_interleave(batch, 0) for one in inputs(size, TOKENS))
    with torch.inference_mode(), autocast(device, precision):
        return batch / timed(lambda: network(image, text, mask), device)["seconds"]


def timed(run: Callable[[], object], device: str) -> dict[str, float]:
    """Median seconds after a first run, and peak memory of the device in GiB."""
    run()
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    seconds = []
    for _ in range(RUNS):
        started = _now(device)
        run()
        seconds.append(_now(device) - started)
    figures = {"seconds": statistics.median(seconds)}
    if device != "cpu":
        figures["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    return figures


def if_it_fits(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except torch.OutOfMemoryError:
        return None
    finally:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=8, help="of the training step, and most of the sweep")
    parser.add_argument("--layers", type=int, default=24, help="of the language model in the authors' step")
    options = parser.parse_args()
    device, size, batch = options.device, options.size, options.batch
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    sweep = [one for one in (1, 2, 4, 8, 16, 32) if one <= 2 * batch]
    ways = ("authors", "here-bf16") if device != "cpu" else ("authors", "here")
    document = {
        "machine": "CPU" if device == "cpu" else torch.cuda.get_device_name(device),
        "torch": torch.__version__,
        "size": size,
        "batch": batch,
        "parity": parity(device, size),
        "forward": {
            form: if_it_fits(lambda form=form: forward(device, size, form)) for form in ("naive", "ours")
        },
        "training": {
            way: if_it_fits(lambda way=way: measure(way, size, batch, STEPS, device, options.layers))
            for way in ways
        },
        "batches": {one: if_it_fits(lambda one=one: batch_rate(device, size, one)) for one in sweep},
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
