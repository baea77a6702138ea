"""The training configuration: a TOML file whose every key is known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ptx_followup.errors import InputError
from ptx_followup.files.storage import models_folder
from ptx_followup.network.checkpoint import Task
from ptx_followup.network.config import NetworkConfig
from ptx_followup.network.preprocessing import Length, View
from ptx_followup.training.augment import Augmentation
from ptx_followup.training.losses import Loss
from ptx_followup.training.side_telling import SideTexts


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


class Stage(BaseModel):
    """A stretch of training at one image size.

    Attributes:
        image_size: Side of the square input in pixels; rows and columns for a view of one hemithorax.
        steps: Optimiser steps; or instead
        epochs: rounds through the positives (through all images, for lungs).
        batch_size: Images of one batch; a step has as many batches as there are processes, times
            `TrainingConfig.accumulate`.
        halves_mixed, text: In place of those of `TrainingConfig`, in this stretch.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    image_size: Length | tuple[Length, Length]
    steps: int = Field(default=0, ge=0)
    epochs: int = Field(default=0, ge=0)
    batch_size: int = Field(gt=0)
    halves_mixed: float | None = Field(default=None, ge=0, le=1)
    text: TextMix | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.steps > 0) == (self.epochs > 0):
            raise ValueError("give either steps or epochs")
        return self

    @property
    def rows_columns(self) -> tuple[int, int]:
        """Height and width of the input."""
        return (self.image_size, self.image_size) if isinstance(self.image_size, int) else self.image_size

    @property
    def square_size(self) -> int:
        """Side of the square input of whole films."""
        return max(self.rows_columns)


class TrainingConfig(BaseModel):
    """One training run.

    Attributes:
        name: Name of the resulting model.
        task: "pneumothorax" or "lungs".
        network: The architecture.
        view: What the network looks at: the whole "film", or one "hemithorax" at a time, in a network of one
            channel or of two, the second being the other side (pneumothorax only). The view of a hemithorax
            knows neither `halves_mixed`, `mirrored`, `flipped` nor `text` and own reports.
        film_size: Longest side, in pixels, at which films are held for the view of a hemithorax.
        text_encoder: Name or folder of the language model, or None for a network without language.
        text_layers: Which of its layers are joined; see `TextEncoder`.
        stages: Image sizes and steps, in order; the last size is the model's.
        positives: Share of positives in a batch (pneumothorax only).
        halves_mixed: Share of images joined from the halves of two radiographs, which teaches that the
            report decides the side (pneumothorax only).
        mirrored: Share of images mirrored, with the sides swapped in report and label.
        flipped: Share of images mirrored with the report left as it is, which makes it untrue: the paper's
            ablation, for nothing else.
        augmentation: Of the images; see `training.augment`.
        reports: "own": the data set's, where it has them, and written from the mask where it has none;
            "synthesised": always written from the mask (pneumothorax only).
        side_texts: What is told of a hemithorax.
        learning_rate: Peak, for the decoder; the pretrained encoder gets `encoder_rate` times as much.
        warmup_steps: Linear warm-up.
        schedule: What follows it: a cosine to a hundredth, or the same rate to the end (the paper).
        gradient_clip: Largest norm of the gradient; 0 for no limit.
        accumulate: Batches of each process that make up one step.
        ema_decay: Of the averaged weights that become the model; 0 for the weights themselves.
        keep: Which weights become the model: the last, or those with the best Dice in validation.
        patience: Checkpoints without a better Dice after which the run ends; 0 for never.
        freeze_slow_kernels: See `EfficientNetLite0.freeze_slow_kernels`.
        checkpoint_activations: Compute the two finest levels again in the backward pass instead of keeping
            them; see `ContextualNet.recompute_finest_levels`. The result is the same.
        compile: Let torch.compile make kernels for this network (minutes at the start).
        seed: Of initialisation, order, augmentation and reports.
        checkpoint_steps: Steps between checkpoints with their validation; 0 for once an epoch, where the
            stages are given in epochs.
        validation_cases: Validation positives looked at while training, evenly over the part; 0 for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: Task
    network: NetworkConfig
    view: View = "film"
    film_size: int = Field(default=640, ge=64, le=4096)
    text_encoder: str | None = None
    text_layers: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = Field(min_length=1)
    positives: float = Field(default=0.75, ge=0, le=1)
    halves_mixed: float = Field(default=0.25, ge=0, le=1)
    mirrored: float = Field(default=0.5, ge=0, le=1)
    flipped: float = Field(default=0.0, ge=0, le=1)
    augmentation: Augmentation = "film"
    reports: Literal["own", "synthesised"] = "own"
    text: TextMix = TextMix()
    side_texts: SideTexts = SideTexts()
    loss: Loss = "bce+dice"
    learning_rate: float = Field(default=1e-3, gt=0)
    encoder_rate: float = Field(default=0.3, ge=0)
    weight_decay: float = Field(default=1e-2, ge=0)
    warmup_steps: int = Field(default=100, ge=0)
    schedule: Literal["cosine", "constant"] = "cosine"
    gradient_clip: float = Field(default=1.0, ge=0)
    accumulate: int = Field(default=1, gt=0)
    ema_decay: float = Field(default=0.998, ge=0, lt=1)
    keep: Literal["last", "best"] = "last"
    patience: int = Field(default=0, ge=0)
    freeze_slow_kernels: bool = True
    precision: Literal["float32", "bf16"] = "bf16"
    checkpoint_activations: bool = False
    compile: bool = False
    seed: int = 0
    checkpoint_steps: int = Field(default=100, ge=0)
    validation_cases: int = Field(default=48, ge=0)

    @model_validator(mode="after")
    def _checkpoints_have_a_distance(self) -> Self:
        if not self.checkpoint_steps and not self.stages[-1].epochs:
            raise ValueError("checkpoint_steps = 0 needs stages in epochs")
        return self

    @model_validator(mode="after")
    def _form_of_the_view(self) -> Self:
        hemithorax = self.view == "hemithorax"
        if hemithorax and self.task != "pneumothorax":
            raise ValueError("view = hemithorax is for the task pneumothorax")
        if self.network.in_channels > (2 if hemithorax else 1):
            raise ValueError("in_channels is 1 for the film, and 1 or 2 for a hemithorax")
        if any(isinstance(stage.image_size, int) == hemithorax for stage in self.stages):
            raise ValueError("image_size is one side for the film, and rows and columns for a hemithorax")
        return self

    @model_validator(mode="after")
    def _compiled_or_recomputed(self) -> Self:
        if self.compile and self.checkpoint_activations:
            raise ValueError("compile and checkpoint_activations do not go together: choose one")
        return self

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

    def during(self, stage: Stage) -> TrainingConfig:
        """The same run with what a stage has in place of its values."""
        instead = {"halves_mixed": stage.halves_mixed, "text": stage.text}
        return self.model_copy(update={key: value for key, value in instead.items() if value is not None})

    def in_steps(self, images: int, processes: int) -> TrainingConfig:
        """The same run with every length in steps.

        Args:
            images: Positives for training (all images, for lungs): what an epoch goes through.
            processes: That train together.
        """
        stages = tuple(
            stage.model_copy(
                update={
                    "steps": stage.steps or stage.epochs * self._steps_of_epoch(stage, images, processes),
                    "epochs": 0,
                }
            )
            for stage in self.stages
        )
        every = self.checkpoint_steps or self._steps_of_epoch(self.stages[-1], images, processes)
        return self.model_copy(update={"stages": stages, "checkpoint_steps": every})

    def _steps_of_epoch(self, stage: Stage, images: int, processes: int) -> int:
        share = self.positives if self.task == "pneumothorax" else 1.0
        in_batch = max(1, round(stage.batch_size * share))
        return -(-images // (in_batch * processes * self.accumulate))

    def in_batches(self, batches_a_step: int) -> TrainingConfig:
        """The same run with the lengths of its stages in batches, for whoever makes them."""
        stages = tuple(
            stage.model_copy(update={"steps": stage.steps * batches_a_step}) for stage in self.stages
        )
        return self.model_copy(update={"stages": stages})


PRESETS = Path(__file__).parent / "presets"


def find_training_config(name: str) -> Path:
    """The configuration given as a file, or by the name of a preset or of a model on board.

    Raises:
        InputError: There is none.
    """
    recipes = {path.parent.name: path for path in models_folder().glob("*/training.toml")}
    recipes |= {path.stem: path for path in PRESETS.glob("*.toml")}
    if name in recipes:
        return recipes[name]
    if Path(name).is_file():
        return Path(name)
    raise InputError(
        f"there is no training configuration {name!r}",
        f"give a TOML file, or one of {', '.join(sorted(recipes))}",
    )


def load_training_config(path: Path) -> TrainingConfig:
    """Read a TOML training configuration.

    Raises:
        InputError: The file is missing, is not TOML, or has an unknown or invalid key.
    """
    try:
        return TrainingConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, RecursionError):  # brackets without end
        raise InputError(f"{path.name} cannot be read", "give a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not TOML ({error})", "correct the file") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: {key}: {first['msg']}", "see docs/training.md for the keys") from None
