"""The training loop."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from ptx_followup.errors import InputError
from ptx_followup.network.attention import GateWatch
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.encoders import EfficientNetLite0, load_imagenet_weights
from ptx_followup.network.language import TextEncoder
from ptx_followup.training.batches import Batch, BatchSource
from ptx_followup.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.losses import segmentation_loss

#: The learning rate ends at this fraction of its peak.
FINAL_RATE = 0.01
#: Batches whose reports give the mean token.
CENTRING_BATCHES = 40
#: Steps between lines of the log.
LOG_STEPS = 20
#: Mean change of probability, between a report and none, below which the report has no effect.
NO_EFFECT = 1e-4

#: Called now and then with the averaged network; returns figures for the log.
Validate = Callable[[ContextualNet], dict[str, float]]
#: Receives a line of the log as it is written to metrics.jsonl.
Log = Callable[[dict[str, Any]], None]


def train(
    config: TrainingConfig,
    batches: BatchSource,
    out: Path,
    *,
    text_encoder: TextEncoder | None = None,
    validate: Validate | None = None,
    log: Log = lambda line: None,
    resume: bool = False,
) -> ContextualNet:
    """Train a network and return it with its averaged weights, in eval mode.

    Args:
        config: The run.
        batches: Where the batches come from.
        out: Folder of the run: metrics.jsonl and the checkpoint.
        text_encoder: The frozen language model, for a network that reads reports.
        validate: Figures to log at each checkpoint.
        log: Receives each line of the log.
        resume: Go on from the checkpoint in `out`.

    Raises:
        InputError: `resume` without a fitting checkpoint, or the loss is no longer finite.
    """
    torch.manual_seed(config.seed)
    network = build(config)
    if text_encoder is not None and config.network.normalise and not resume:
        centre_tokens(network, batches, text_encoder)
    state = TrainingState(network, _copy(network), _optimiser(network, config))
    if resume:
        load_checkpoint(out, state, config)
    network.train()
    out.mkdir(parents=True, exist_ok=True)
    with (out / "metrics.jsonl").open("a", encoding="utf-8") as file:

        def record(line: dict[str, Any]) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()
            log(line)

        started, first = time.monotonic(), state.step
        for batch in _batches(batches, state.step, config.total_steps):
            loss = _step(state, batch, text_encoder, config)
            if not math.isfinite(loss):
                raise InputError(
                    f"the loss is not finite at step {state.step}",
                    "lower learning_rate and resume from the last checkpoint",
                )
            if state.step % LOG_STEPS == 0:
                per_second = (state.step - first) / (time.monotonic() - started)
                rate = state.optimiser.param_groups[0]["lr"]
                record({"step": state.step, "loss": loss, "learning_rate": rate, "steps_per_s": per_second})
            if state.step % config.checkpoint_steps == 0 or state.step == config.total_steps:
                save_checkpoint(out, state, config)
                averaged = _averaged(state, config)
                line: dict[str, Any] = {"step": state.step}
                if text_encoder is not None:
                    line |= text_effect(averaged, batch, text_encoder)
                record(line | (validate(averaged) if validate else {}))
    return _averaged(state, config)


def build(config: TrainingConfig) -> ContextualNet:
    """The network of a run, its compact encoder filled with ImageNet weights."""
    network = ContextualNet(config.network)
    if isinstance(network.encoder, EfficientNetLite0):
        load_imagenet_weights(network.encoder)
        if config.freeze_slow_kernels:
            network.encoder.freeze_slow_kernels()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def centre_tokens(network: ContextualNet, batches: BatchSource, text_encoder: TextEncoder) -> None:
    """Start each projection of the tokens with a bias that takes their mean away.

    Tokens of a language model share a large common part: of the mean tokens of two reports that differ in
    "left" and "right" the cosine is 0.97 as they are and 0.66 without it. Normalised as they are, every
    report looks the same to a young network, and it stops listening.
    """
    texts = {text for step in range(CENTRING_BATCHES) for text in batches.batch(step).texts}
    tokens = text_encoder.encode(sorted(texts))
    mean = tokens.embeddings[tokens.mask].mean(dim=0)
    with torch.no_grad():
        for attention in network.attentions():
            attention.project.bias.copy_(-(attention.project.weight @ mean))


def text_effect(network: ContextualNet, batch: Batch, text_encoder: TextEncoder) -> dict[str, Any]:
    """How much the reports change the output, and how many gates are stuck.

    A text path can die silently: every gate at +-1 and no report changing anything.

    Returns:
        "text_effect": mean |probability with report - without|; "saturated_gates": share per level, coarsest
        first; "warning" where the text has no effect.
    """
    images = torch.from_numpy(batch.images)
    watches = [GateWatch() for _ in network.attentions()]
    for attention, watch in zip(network.attentions(), watches, strict=True):
        attention.watch = watch
    with torch.inference_mode():
        probabilities = []
        for texts in ([""] * len(batch.texts), batch.texts):
            tokens = text_encoder.encode(texts)
            probabilities.append(network(images, tokens.embeddings, tokens.mask).sigmoid())
    for attention in network.attentions():
        attention.watch = None
    effect = float((probabilities[1] - probabilities[0]).abs().mean())
    figures: dict[str, Any] = {
        "text_effect": effect,
        "saturated_gates": [round(watch.saturated, 4) for watch in watches],
    }
    if effect < NO_EFFECT:
        figures["warning"] = "the report has no effect on the output"
    return figures


def learning_rate_factor(step: int, config: TrainingConfig) -> float:
    """Linear warm-up, then half a cosine to `FINAL_RATE`; of the peak rate, at a step (0-based)."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps) / max(1, config.total_steps - config.warmup_steps)
    return FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def _step(
    state: TrainingState, batch: Batch, text_encoder: TextEncoder | None, config: TrainingConfig
) -> float:
    factor = learning_rate_factor(state.step, config)
    for group, scale in zip(state.optimiser.param_groups, (1.0, config.encoder_rate), strict=True):
        group["lr"] = config.learning_rate * scale * factor
    images = torch.from_numpy(batch.images).to(memory_format=torch.channels_last)
    tokens = text_encoder.encode(batch.texts) if text_encoder is not None else None
    with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bf16"):
        logits = state.network(images, *((tokens.embeddings, tokens.mask) if tokens else ()))
    loss = segmentation_loss(logits, torch.from_numpy(batch.targets), config.loss)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(state.network.parameters(), config.gradient_clip)
    state.optimiser.step()
    state.step += 1
    _update_average(state, config.ema_decay)
    return float(loss.detach())


def _optimiser(network: ContextualNet, config: TrainingConfig) -> torch.optim.AdamW:
    encoder = {id(parameter) for parameter in network.encoder.parameters()}
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [parameter for parameter in trained if id(parameter) not in encoder]},
            {"params": [parameter for parameter in trained if id(parameter) in encoder]},
        ],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in network.state_dict().items()}


def _update_average(state: TrainingState, decay: float) -> None:
    """Move the average towards the network; young runs forget faster, so that it is useful from the start."""
    decay = min(decay, (1 + state.step) / (10 + state.step))
    for key, value in state.network.state_dict().items():
        if value.is_floating_point():
            state.average[key].lerp_(value.detach(), 1 - decay)
        else:
            state.average[key].copy_(value)


def _averaged(state: TrainingState, config: TrainingConfig) -> ContextualNet:
    network = ContextualNet(config.network)
    network.load_state_dict(state.average)
    network.requires_grad_(False)
    return network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]


class _Steps(Dataset[Batch]):
    def __init__(self, source: BatchSource, start: int, stop: int) -> None:
        self.source, self.start, self.stop = source, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> Batch:
        return self.source.batch(self.start + index)


def _batches(source: BatchSource, start: int, stop: int) -> Iterator[Batch]:
    """Batches made by one worker process, in order."""
    if start >= stop:
        return
    yield from DataLoader(
        _Steps(source, start, stop), batch_size=None, num_workers=1, prefetch_factor=4, collate_fn=_same
    )


def _same(batch: Any) -> Any:
    return batch
