"""The training configuration: a TOML file whose every key is known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ptx_followup.errors import InputError
from ptx_followup.network.checkpoint import Task
from ptx_followup.network.contextual import NetworkConfig
from ptx_followup.training.augment import Augmentation
from ptx_followup.training.losses import Loss


class Stage(BaseModel):
    """A stretch of training at one image size.

    Attributes:
        image_size: Side of the square input in pixels.
        steps: Optimiser steps.
        batch_size: Images a step.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    image_size: int = Field(multiple_of=32, ge=32)
    steps: int = Field(gt=0)
    batch_size: int = Field(gt=0)


class TextMix(BaseModel):
    """What the network is told during training, as shares of the images.

    Attributes:
        empty: Of all images: no report at all.
        full, matched: Of the reports: given as written, or as side and zones alone; the rest as the sentences
            that carry the finding (see `report.prompts`).
        size_off: Of the positives: a size word one class off, so that the image keeps its say.
        other_side: Of the one-sided positives: the report names the other side, where nothing is; the
            target is then empty, as the mask asked for is that of the finding the report names.
        false_positive: Of the negatives: a report of a pneumothorax that is not there.
        shuffled: Of the data set's own reports: with their sentences in another order.
        synonyms: In the data set's own reports: probability of each word that has a synonym to be replaced
            (0.15 in the paper).
        radlex: The user's RadLex download (CSV or OWL), for more synonyms than the project's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    empty: float = Field(default=0.1, ge=0, le=1)
    full: float = Field(default=0.15, ge=0, le=1)
    matched: float = Field(default=0.3, ge=0, le=1)
    size_off: float = Field(default=0.05, ge=0, le=1)
    other_side: float = Field(default=0.08, ge=0, le=1)
    false_positive: float = Field(default=0.4, ge=0, le=1)
    shuffled: float = Field(default=0.5, ge=0, le=1)
    synonyms: float = Field(default=0.15, ge=0, le=1)
    radlex: str | None = None


class TrainingConfig(BaseModel):
    """One training run.

    Attributes:
        name: Name of the resulting model.
        task: "pneumothorax" or "lungs".
        network: The architecture.
        text_encoder: Name or folder of the language model, or None for a network without language.
        text_layers: Which of its layers are joined; see `TextEncoder`.
        stages: Image sizes and steps, in order; the last size is the model's.
        positives: Share of positives in a batch (pneumothorax only).
        halves_mixed: Share of images joined from the halves of two radiographs, which teaches that the
            report decides the side (pneumothorax only).
        mirrored: Share of images mirrored, with the sides swapped in report and label.
        augmentation: Of the images; see `training.augment`.
        reports: "own": the data set's, where it has them, and written from the mask where it has none;
            "synthesised": always written from the mask (pneumothorax only).
        learning_rate: Peak, for the decoder; the pretrained encoder gets `encoder_rate` times as much.
        warmup_steps: Linear warm-up; then a cosine to a hundredth.
        ema_decay: Of the averaged weights that become the model.
        freeze_slow_kernels: See `EfficientNetLite0.freeze_slow_kernels`.
        seed: Of initialisation, order, augmentation and reports.
        checkpoint_steps: Steps between checkpoints and log lines of validation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: Task
    network: NetworkConfig
    text_encoder: str | None = None
    text_layers: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = Field(min_length=1)
    positives: float = Field(default=0.75, ge=0, le=1)
    halves_mixed: float = Field(default=0.25, ge=0, le=1)
    mirrored: float = Field(default=0.5, ge=0, le=1)
    augmentation: Augmentation = "film"
    reports: Literal["own", "synthesised"] = "own"
    text: TextMix = TextMix()
    loss: Loss = "bce+dice"
    learning_rate: float = Field(default=1e-3, gt=0)
    encoder_rate: float = Field(default=0.3, ge=0)
    weight_decay: float = Field(default=1e-2, ge=0)
    warmup_steps: int = Field(default=100, ge=0)
    gradient_clip: float = Field(default=1.0, gt=0)
    ema_decay: float = Field(default=0.998, ge=0, lt=1)
    freeze_slow_kernels: bool = True
    precision: Literal["float32", "bf16"] = "bf16"
    seed: int = 0
    checkpoint_steps: int = Field(default=100, gt=0)

    @property
    def total_steps(self) -> int:
        """Optimiser steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def stage_at(self, step: int) -> Stage:
        """The stage that a step (0-based) belongs to."""
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        return self.stages[-1]


def load_training_config(path: Path) -> TrainingConfig:
    """Read a TOML training configuration.

    Raises:
        InputError: The file is missing, is not TOML, or has an unknown or invalid key.
    """
    try:
        return TrainingConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path.name} cannot be read", "give a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not TOML ({error})", "correct the file") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: {key}: {first['msg']}", "see docs/training.md for the keys") from None
