"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ptx_followup.errors import InputError, system_reason
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.device import autocast, denormal_numbers_flushed
from ptx_followup.network.encoders import EfficientNetLite0, load_imagenet_weights
from ptx_followup.network.language import TextEncoder
from ptx_followup.training.batches import BatchSource
from ptx_followup.training.checkpoint import (
    TrainingState,
    load_best,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.devices import Accelerator, distributed, open_accelerator
from ptx_followup.training.loading import Loaded, load, tells_of_a_killed_worker
from ptx_followup.training.losses import segmentation_loss
from ptx_followup.training.optimise import (
    copy_of_weights,
    network_with,
    optimiser_of,
    set_learning_rate,
    update_average,
)
from ptx_followup.training.record import Log, Record
from ptx_followup.training.text_path import centre_tokens, text_effect

#: Log-odds of 1 %, about the share of pixels that a pneumothorax covers: where the head starts.
RARE = -4.6
#: Steps between lines of the log.
LOG_STEPS = 20

#: Called at each checkpoint with the averaged network and the step; returns figures for the log. "dice"
#: among them decides which weights are the best.
Validate = Callable[[ContextualNet, int], dict[str, float]]


class Watch(Protocol):
    """Sees every step, for a display that is alive."""

    def __call__(self, step: int, total: int, loss: float, images_per_s: float) -> None:
        """After a step: its number (from 1), all steps of the run, its loss, and the speed so far."""


@dataclass(frozen=True)
class Surroundings:
    """Where and how a run takes place; nothing here changes its result on one device.

    Attributes:
        accelerator: The processes that train together; None for this one on the CPU.
        workers: Processes that prepare batches.
        start: Weights to start from instead of new ones.
        log: Receives each line of the log.
        watch: Sees every step.
    """

    accelerator: Accelerator | None = None
    workers: int = 1
    start: dict[str, Tensor] | None = None
    log: Log = lambda line: None
    watch: Watch = lambda step, total, loss, images_per_s: None


@denormal_numbers_flushed()
def train(
    config: TrainingConfig,
    batches: BatchSource,
    out: Path,
    *,
    text_encoder: TextEncoder | None = None,
    validate: Validate | None = None,
    resume: bool = False,
    surroundings: Surroundings | None = None,
) -> ContextualNet:
    """Train a network and return it with its averaged weights, in eval mode.

    Of n processes the r-th takes the batches r, r + n, r + 2n, ...; the first one writes.

    Args:
        config: The run, its lengths in steps.
        batches: Where the batches come from.
        out: Folder of the run: the log, and the checkpoint.
        text_encoder: The frozen language model, for a network that reads reports.
        validate: Figures to log at each checkpoint.
        resume: Go on from the checkpoint in `out`.
        surroundings: Where it takes place.

    Raises:
        InputError: `resume` without a fitting checkpoint, the loss is no longer finite, the folder cannot be
            written, or a process that prepares batches was killed.
    """
    surroundings = surroundings or Surroundings()
    accelerator = surroundings.accelerator or open_accelerator("cpu")
    torch.manual_seed(config.seed)
    network = build(config).to(accelerator.device)
    if surroundings.start is not None:
        network.load_state_dict(surroundings.start)
    elif text_encoder is not None and config.network.normalise and not resume:
        centre_tokens(network, batches, text_encoder)
    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
    state = TrainingState(network, copy_of_weights(network), optimiser_of(network, config))
    if resume:
        load_checkpoint(out, state, config)
    trained = distributed(network.train(), accelerator, compiled=config.compile)
    try:
        _Run(config, state, trained, out, text_encoder, validate, surroundings, accelerator).go(batches)
    except OSError as error:
        raise InputError(
            f"{out.name} cannot be written at step {state.step} ({system_reason(error)})",
            "make room, and go on from the last checkpoint with --resume",
        ) from None
    except RuntimeError as error:
        if not tells_of_a_killed_worker(error):
            raise
        raise InputError(
            f"a process that prepares batches was killed at step {state.step}",
            "the machine may lack memory: take fewer --workers, and go on with --resume",
        ) from None
    best = config.keep == "best" and state.best_step > 0
    return network_with(load_best(out) if best else state.average, config, accelerator.device)


def build(config: TrainingConfig) -> ContextualNet:
    """The network of a run as it is trained, its compact encoder filled with ImageNet weights."""
    network = ContextualNet(config.network)
    if config.checkpoint_activations:
        network.recompute_finest_levels()
    if isinstance(network.encoder, EfficientNetLite0):
        load_imagenet_weights(network.encoder)
        if config.freeze_slow_kernels:
            network.encoder.freeze_slow_kernels()
        if config.task == "pneumothorax":
            # Else the first steps only push every weight of the head below zero, to empty the picture, and
            # no pixel can ever be more likely than not (Lin et al., ICCV 2017, section 3.3).
            network.head.conv.bias.data.fill_(RARE)  # type: ignore[union-attr]
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@dataclass
class _Run:
    config: TrainingConfig
    state: TrainingState
    trained: nn.Module  # the network of `state`, as it is called: synchronised, compiled
    out: Path
    text_encoder: TextEncoder | None
    validate: Validate | None
    surroundings: Surroundings
    accelerator: Accelerator

    def go(self, batches: BatchSource) -> None:
        """Take the steps from the present one to the last."""
        config, state = self.config, self.state
        loaded = load(batches, self._numbers(), self.accelerator.device, self.surroundings.workers)
        main = self.accelerator.is_main_process
        with Record(self.out, state.step, self.surroundings.log) if main else nullcontext() as record:
            clock = _Clock()
            while state.step < config.total_steps and not self._stale():
                group = list(islice(loaded, config.accumulate))
                loss = self._step(group)
                clock.count(sum(len(one.images) for one in group) * self.accelerator.num_processes)
                if not math.isfinite(loss):
                    raise InputError(
                        f"the loss is not finite at step {state.step}",
                        "lower learning_rate and resume from the last checkpoint",
                    )
                if record is not None:
                    self._tell(record, loss, clock)
                if state.step % config.checkpoint_steps == 0 or state.step == config.total_steps:
                    self._checkpoint(record, group[-1])

    def _numbers(self) -> list[int]:
        """The batches that this process takes."""
        processes, rank = self.accelerator.num_processes, self.accelerator.process_index
        first, last = (step * self.config.accumulate for step in (self.state.step, self.config.total_steps))
        return [number * processes + rank for number in range(first, last)]

    def _stale(self) -> bool:
        return 0 < self.config.patience <= self.state.stale

    def _step(self, group: list[Loaded]) -> float:
        """One optimiser step over the batches of all processes; their mean loss."""
        state, config = self.state, self.config
        set_learning_rate(state.optimiser, state.step, config)
        state.optimiser.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.accelerator.device)
        for batch in group:
            with self._synchronised(batch is group[-1]):
                loss = self._loss(batch) / len(group)
                loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        if config.gradient_clip:
            nn.utils.clip_grad_norm_(state.network.parameters(), config.gradient_clip)
        state.optimiser.step()
        state.step += 1
        update_average(state.average, state.network, state.step, config.ema_decay)
        return float(self.accelerator.reduce(total, "mean"))

    def _synchronised(self, last: bool) -> AbstractContextManager[Any]:
        """Gradients go between processes with the last batch of a step only."""
        if last or self.accelerator.num_processes == 1:
            return nullcontext()
        return self.accelerator.no_sync(self.trained)  # type: ignore[no-any-return]

    def _loss(self, batch: Loaded) -> Tensor:
        encoder = self.text_encoder
        text = () if encoder is None else encoder.encode(batch.texts).to(self.accelerator.device)
        with autocast(self.accelerator.device.type, self.config.precision):
            logits = self.trained(batch.images, *text)
        return segmentation_loss(logits, batch.targets, self.config.loss, batch.weights)

    def _tell(self, record: Log, loss: float, clock: _Clock) -> None:
        step, total = self.state.step, self.config.total_steps
        self.surroundings.watch(step, total, loss, clock.images_per_s)
        if step % LOG_STEPS == 0:
            rate = self.state.optimiser.param_groups[0]["lr"]
            record({"step": step, "loss": loss, "learning_rate": rate, **clock.figures()})

    def _checkpoint(self, record: Log | None, batch: Loaded) -> None:
        """Validate, keep, and write; the other processes wait and learn how it stands."""
        if record is not None:
            line: dict[str, Any] = {"step": self.state.step}
            averaged = network_with(self.state.average, self.config, self.accelerator.device)
            if self.text_encoder is not None:
                line |= text_effect(averaged, batch.images, batch.texts, self.text_encoder)
            if self.validate is not None:
                line |= self.validate(averaged, self.state.step)
            # The best weights come before the checkpoint that knows of them: a run killed between the two
            # repeats both.
            if "dice" in line and self.state.judge(line["dice"]) and self.config.keep == "best":
                save_best(self.out, self.state.average)
            save_checkpoint(self.out, self.state, self.config)
            record(line)
        if self.accelerator.num_processes > 1:
            from accelerate.utils import broadcast_object_list

            (self.state.stale,) = broadcast_object_list([self.state.stale])


class _Clock:
    """Speed since the start, or since the run went on."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._images = self._steps = 0

    def count(self, images: int) -> None:
        """Take note of a step."""
        self._images += images
        self._steps += 1

    @property
    def images_per_s(self) -> float:
        return self._images / (time.monotonic() - self._started)

    def figures(self) -> dict[str, float]:
        """For the log."""
        return {
            "steps_per_s": self._steps / (time.monotonic() - self._started),
            "images_per_s": self.images_per_s,
        }
