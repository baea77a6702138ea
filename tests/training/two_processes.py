"""A run of a few steps, started once or by torchrun: python two_processes.py OUT BATCH_SIZE ACCUMULATE."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from toy_runs import UNREAD, toy_config, toy_examples

from ptx_followup.network.contextual import ContextualNet
from ptx_followup.training.batches import Batch, Example, random_view
from ptx_followup.training.devices import open_accelerator
from ptx_followup.training.train import Surroundings, train
from ptx_followup.training.validation import Validation

STEPS = 8


class Images:
    """Batch i of size b holds the images b i, ..., b i + b - 1 of one endless series."""

    def __init__(self, examples: list[Example], size: int) -> None:
        self.examples, self.size = examples, size

    def batch(self, step: int) -> Batch:
        views = []
        for number in range(step * self.size, (step + 1) * self.size):
            example = self.examples[number % len(self.examples)]
            views.append(random_view(example, 32, toy_config(), np.random.default_rng(number)))
        images = np.stack([2 * view.image[None] - 1 for view in views])
        return Batch(images, np.stack([view.sides.max(axis=0)[None] for view in views]), [])


def main(out: Path, batch_size: int, accumulate: int) -> None:
    torch.set_num_threads(1)
    positives, _ = toy_examples()
    config = toy_config(
        network=UNREAD,
        text_encoder=None,
        stages=[{"image_size": 32, "steps": STEPS, "batch_size": batch_size}],
        checkpoint_steps=STEPS,
        accumulate=accumulate,
    )
    accelerator = open_accelerator("cpu")
    losses = []

    def watch(step: int, total: int, loss: float, images_per_s: float) -> None:
        del step, total, images_per_s
        losses.append(loss)

    small = [random_view(one, 32, toy_config(mirrored=0), np.random.default_rng(0)) for one in positives]
    held_out = [
        Example((view.image * 255).astype(np.uint8), (view.sides.max(axis=0) > 0.5).astype(np.uint8))
        for view in small
    ]
    validation = Validation(held_out, None, "full", "cpu", "float32", out / "overlays")
    figures = {}

    def validate(network: ContextualNet, step: int) -> dict[str, float]:
        # The statistics of batch normalisation are those of the first process; the weights are everyone's.
        figures.update(validation(network, step))
        return figures

    surroundings = Surroundings(accelerator, workers=0, watch=watch)
    train(config, Images(positives, batch_size), out, validate=validate, surroundings=surroundings)
    if accelerator.is_main_process:
        result = {"processes": accelerator.num_processes, "losses": losses, "dice": figures["dice"]}
        (out / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
