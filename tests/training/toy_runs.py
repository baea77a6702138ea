"""The smallest run that is one: a compact network at 64 x 64 on a handful of phantoms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ptx_followup.network.config import NetworkConfig
from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, render
from ptx_followup.report.description import describe
from ptx_followup.sides import LUNG_LABEL, Side
from ptx_followup.training.batches import Example, prepare
from ptx_followup.training.config import TrainingConfig

NETWORK = NetworkConfig(
    encoder="efficientnet-lite0",
    decoder_channels=(16, 16, 8, 8),
    text_dim=384,
    gate="1+tanh",
    normalise=True,
    position=True,
)
#: The same without language: no text encoder has to be opened.
UNREAD = NetworkConfig(encoder="efficientnet-lite0", decoder_channels=(16, 16, 8, 8))
SIDES: tuple[Side, ...] = ("right", "left", "right", "left")


def toy_config(**changes: Any) -> TrainingConfig:
    """A valid configuration with some keys changed."""
    settings = {
        "name": "toy",
        "task": "pneumothorax",
        "network": NETWORK,
        "text_encoder": "minilm-l6",
        "stages": [{"image_size": 64, "steps": 6, "batch_size": 4}],
        "checkpoint_steps": 3,
        "warmup_steps": 1,
        "precision": "float32",
    }
    return TrainingConfig.model_validate(settings | changes)


def toy_examples() -> tuple[list[Example], list[Example]]:
    """Four positives and a negative, 96 x 96."""
    positives = []
    for seed, side in enumerate(SIDES):
        phantom = render(
            PhantomPatient(seed), pneumothoraces=[PhantomPneumothorax(side, percent=25)], rows=96, columns=96
        )
        label = phantom.pneumothorax_mask.astype(np.uint8) * LUNG_LABEL[side]
        example = prepare(phantom.pixels, label, 96)
        descriptions = describe(phantom.pneumothorax_mask, phantom.lungs)
        positives.append(Example(example.image, example.label, descriptions))
    negative = render(PhantomPatient(9), rows=96, columns=96)
    return positives, [prepare(negative.pixels, np.zeros((96, 96), np.uint8), 96)]
