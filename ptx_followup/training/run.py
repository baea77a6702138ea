"""A whole run: from a data set and a configuration to a model folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ptx_followup import __version__
from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.division import divide, keep_split, parts
from ptx_followup.data.splits import Split
from ptx_followup.errors import InputError, ModelError, UsageError
from ptx_followup.files.storage import write_atomically
from ptx_followup.network.checkpoint import (
    Model,
    ModelConfig,
    load_model,
    save_model,
)
from ptx_followup.network.config import TextEncoderReference
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.preprocessing import Preprocessing
from ptx_followup.training.batches import LungBatches, PneumothoraxBatches
from ptx_followup.training.checkpoint import FILE
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.devices import Accelerator, open_accelerator
from ptx_followup.training.examples import ReportCount, lung_examples, pneumothorax_examples
from ptx_followup.training.prepare_sides import Prepared, prepare_sides, spread
from ptx_followup.training.record import Log
from ptx_followup.training.train import Surroundings, Watch, train
from ptx_followup.training.validation import Validation

__all__ = ["parts", "run"]

#: Facts of a run, and the pictures of its checkpoints.
FACTS, OVERLAYS = "run.json", "overlays"


def run(
    config: TrainingConfig,
    data: DataSet,
    out: Path,
    *,
    resume: bool,
    log: Log,
    split: Split | None = None,
    start: str | None = None,
    device: str = "auto",
    workers: int = 1,
    watch: Watch | None = None,
) -> Path:
    """Train on one part of a data set, watch another, write `out`/model.

    Args:
        config: The run.
        data: An open data set.
        out: Folder of the run.
        resume: Go on from the checkpoint in `out`.
        log: Receives each line of the log.
        split: Which cases train and validate; as the data set states unless given (see `division.divide`).
        start: Model on board or model folder whose weights the run starts from.
        device: "auto", "cpu", "cuda" or "cuda:N".
        workers: Processes that prepare batches.
        watch: Sees every step.

    Returns:
        The model folder.

    Raises:
        InputError: The data set does not suit the task, a file of it cannot be read, or training ends early
            (see `train`).
        UsageError: `out` holds a run, and `resume` is not asked for; the device is not there.
        ModelError: The lung model, the text encoder or the model to start from is missing or does not fit.
    """
    if data.lung_labels != (config.task == "lungs"):
        raise InputError(
            f"{data.root.name} does not hold masks of the {config.task}", "use a fitting data set"
        )
    if not resume and (out / FILE).is_file():
        raise UsageError(f"{out} holds a run already", "go on with --resume, or name another --out")
    accelerator = open_accelerator(device)
    if not accelerator.is_main_process:
        log = _silent
    encoder = _text_encoder(config, str(accelerator.device))
    model = _model_to_start_from(start, config, encoder) if start is not None and not resume else None
    division = split or divide(data)
    if accelerator.is_main_process:
        keep_split(division, out, resume=resume)
    for warning in division.warnings:
        log({"warning": warning})
    cases = parts(data, division)
    config, batches, validation, facts = _prepare(config, data, cases, encoder, accelerator, out, log)
    facts |= {
        "version": __version__,
        "torch": torch.__version__,
        "data": {"name": data.root.name, "layout": data.layout, "fingerprint": data.fingerprint},
        "split": {"sha256": division.sha256, "method": division.method, "seed": division.seed},
        "started_from": None if model is None else model.config.weights_sha256,
        "processes": accelerator.num_processes,
        "device": str(accelerator.device.type),
    }
    if accelerator.is_main_process and not resume:
        _write_facts(out, facts)
    surroundings = Surroundings(accelerator, workers, None if model is None else _weights(model), log)
    network = train(
        config,
        batches,
        out,
        text_encoder=encoder,
        validate=validation,
        resume=resume,
        surroundings=surroundings if watch is None else replace(surroundings, watch=watch),
    )
    if accelerator.is_main_process:
        _write_model(network, config, encoder, facts, out)
    return out / "model"


def _silent(line: dict[str, Any]) -> None:
    """The log of all processes but the first."""


def _text_encoder(config: TrainingConfig, device: str) -> TextEncoder | None:
    if config.text_encoder is None:
        return None
    encoder = TextEncoder(config.text_encoder, layers=config.text_layers, device=device, disk_cache=False)
    if encoder.dim != config.network.text_dim:
        raise InputError(
            f"network.text_dim is {config.network.text_dim}, but {encoder.name} gives {encoder.dim}",
            f"set text_dim = {encoder.dim}, or choose other text_layers",
        )
    return encoder


def _model_to_start_from(name: str, config: TrainingConfig, encoder: TextEncoder | None) -> Model:
    model = load_model(name)
    reference = model.config.text_encoder
    own = None if encoder is None else TextEncoderReference.of(encoder)
    same_language = (reference and (reference.sha256, reference.layers)) == (own and (own.sha256, own.layers))
    if model.config.network != config.network or model.config.task != config.task or not same_language:
        raise ModelError(
            f"{model.config.name} is of another architecture, task or text encoder than {config.name}",
            "take over its [network], text_encoder and text_layers",
        )
    return model


def _weights(model: Model) -> dict[str, torch.Tensor]:
    return model.network.state_dict()


def _prepare(
    config: TrainingConfig,
    data: DataSet,
    cases: tuple[list[Case], list[Case]],
    encoder: TextEncoder | None,
    accelerator: Accelerator,
    out: Path,
    log: Log,
) -> Prepared:
    """Decode the data set; the configuration in steps, the batches, the validation, facts for the record."""
    if config.view == "hemithorax":
        return prepare_sides(config, data, cases, encoder, accelerator, out, log)
    training, validation = cases
    size = max(stage.square_size for stage in config.stages)
    processes = accelerator.num_processes
    mode = "full" if config.text.full == 1 else "focused"
    watched: dict[str, Any] = {
        "encoder": encoder,
        "mode": mode,
        "device": accelerator.device.type,
        "precision": config.precision,
        "folder": out / OVERLAYS,
    }
    if config.task == "lungs":
        examples = lung_examples(data, training, size)
        config = config.in_steps(len(examples), processes)
        held_out = lung_examples(data, validation, size)
        batches = LungBatches(examples, config.in_batches(processes * config.accumulate))
        return config, batches, Validation(held_out, lungs=True, **watched), {"images": len(examples)}
    finder, count = LungFinder(), ReportCount()
    needed = [case for case in training if case.positive or config.positives < 1]
    examples = pneumothorax_examples(data, needed, size, finder.find, config.reports, count=count)
    positives = [one for one in examples if one.descriptions]
    negatives = [one for one in examples if not one.label.any()]
    if not positives:
        raise InputError(f"{data.root.name} has no positive to train on", "use a data set with masks")
    log({"note": str(count)})
    watched_over = [case for case in validation if case.positive and case.for_figures]
    looked_at = spread(watched_over, config.validation_cases)
    if not looked_at:
        raise InputError(f"{data.root.name} has no positive to validate on", "give another split")
    held_out = pneumothorax_examples(data, looked_at, size, finder.find, config.reports, "validation")
    config = config.in_steps(len(positives), processes)
    facts = {"positives": len(positives), "negatives": len(negatives), "reports": vars(count)}
    source = PneumothoraxBatches(positives, negatives, config.in_batches(processes * config.accumulate))
    watch = Validation(held_out, **watched)
    texts = None if encoder is None else source.texts()
    if encoder is not None and texts is not None and encoder.encode_ahead([*sorted(texts), *watch.texts()]):
        log({"note": f"{len(texts)} texts encoded ahead; the language model is no longer in memory"})
    return config, source, watch, facts


def _write_facts(out: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, indent=1) + "\n"
    write_atomically(out / FACTS, lambda file: file.write(text.encode()))


def _write_model(
    network: ContextualNet,
    config: TrainingConfig,
    encoder: TextEncoder | None,
    facts: dict[str, Any],
    out: Path,
) -> None:
    model = ModelConfig(
        name=config.name,
        version="0.1.0",
        task=config.task,
        network=config.network,
        preprocessing=Preprocessing(view=config.view, image_size=config.stages[-1].image_size),
        text_encoder=TextEncoderReference.of(encoder) if encoder else None,
        training=config.model_dump(mode="json") | {"run": facts},
    )
    card = f"# {config.name}\n\nTrained on `{facts['data']['name']}`. Research use only.\n"
    save_model(out / "model", network.state_dict(), model, card)
