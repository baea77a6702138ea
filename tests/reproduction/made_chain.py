"""A configuration so small that a run takes seconds."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ptx_followup.training.config import TrainingConfig

TOY = """
name = "toy"
task = "pneumothorax"
text_encoder = "minilm-l6"
precision = "float32"
warmup_steps = 1
checkpoint_steps = 2

[network]
encoder = "efficientnet-lite0"
decoder_channels = [16, 16, 8, 8]
text_dim = 384
gate = "1+tanh"
normalise = true
position = true

[[stages]]
image_size = 64
steps = 2
batch_size = 4
"""


def write_toy(folder: Path) -> Path:
    """The configuration as a file."""
    file = folder / "toy.toml"
    file.write_text(TOY, encoding="utf-8")
    return file


def toy_base() -> TrainingConfig:
    """The configuration as an object."""
    return TrainingConfig.model_validate(tomllib.loads(TOY))
