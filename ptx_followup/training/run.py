"""A whole run: from a data set and a configuration to a model folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ptx_followup.anatomy import LungFinder
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import InputError
from ptx_followup.evaluation.metrics import dice
from ptx_followup.network.checkpoint import ModelConfig, TextEncoderReference, save_model
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.preprocessing import PERCENTILES, Preprocessing, normalise
from ptx_followup.training.augment import unit
from ptx_followup.training.batches import BatchSource, Example, LungBatches, PneumothoraxBatches
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.evaluate import empty, matching, other_side, predict
from ptx_followup.training.examples import ReportCount, lung_examples, pneumothorax_examples
from ptx_followup.training.train import Log, Validate, train

#: Validation cases looked at while training; the whole part is for `ptx eval`.
QUICK_CASES = 48


def run(config: TrainingConfig, data: DataSet, out: Path, *, resume: bool, log: Log) -> Path:
    """Train on the data set's own "train" part, watch its "validation" part, write `out`/model.

    Args:
        config: The run.
        data: An open data set whose cases state their part.
        out: Folder of the run.
        resume: Go on from the checkpoint in `out`.
        log: Receives each line of the log.

    Returns:
        The model folder.

    Raises:
        InputError: The data set does not suit the task, or states no parts.
        ModelError: The lung model or the text encoder is missing.
    """
    if data.lung_labels != (config.task == "lungs"):
        raise InputError(
            f"{data.root.name} does not hold masks of the {config.task}", "use a fitting data set"
        )
    training, validation = parts(data)
    encoder = _text_encoder(config)
    if config.task == "lungs":
        batches, validate = _lungs(config, data, training, validation)
    else:
        batches, validate = _pneumothorax(config, data, training, validation, encoder, log)
    network = train(config, batches, out, text_encoder=encoder, validate=validate, log=log, resume=resume)
    model = ModelConfig(
        name=config.name,
        version="0.1.0",
        task=config.task,
        network=config.network,
        preprocessing=Preprocessing(image_size=config.stages[-1].image_size),
        text_encoder=TextEncoderReference.of(encoder) if encoder else None,
        training=config.model_dump(mode="json"),
    )
    card = f"# {config.name}\n\nTrained on `{data.root.name}`. Research use only.\n"
    save_model(out / "model", network.state_dict(), model, card)
    return out / "model"


def _text_encoder(config: TrainingConfig) -> TextEncoder | None:
    if config.text_encoder is None:
        return None
    encoder = TextEncoder(config.text_encoder, layers=config.text_layers, disk_cache=False)
    if encoder.dim != config.network.text_dim:
        raise InputError(
            f"network.text_dim is {config.network.text_dim}, but {encoder.name} gives {encoder.dim}",
            f"set text_dim = {encoder.dim}, or choose other text_layers",
        )
    return encoder


def parts(data: DataSet) -> tuple[list[Case], list[Case]]:
    """Training and validation cases as the data set states them; every fifth case validates otherwise."""
    training = [case for case in data if case.part == "train"]
    validation = [case for case in data if case.part == "validation"]
    if training and validation:
        return training, validation
    cases = list(data)
    return [case for i, case in enumerate(cases) if i % 5], cases[::5]


def _lungs(
    config: TrainingConfig, data: DataSet, training: list[Case], validation: list[Case]
) -> tuple[BatchSource, Validate]:
    size = config.stages[-1].image_size
    held_out = lung_examples(data, validation, size)

    def validate(network: ContextualNet) -> dict[str, float]:
        return lung_dice(network, held_out)

    return LungBatches(lung_examples(data, training, size), config), validate


def lung_dice(network: ContextualNet, examples: list[Example]) -> dict[str, float]:
    """Mean Dice of the right and of the left lung."""
    import torch

    values = []
    for example in examples:
        image = normalise(unit(example.image), PERCENTILES)
        with torch.inference_mode():
            found = network(torch.from_numpy(image)[None, None])[0].numpy() > 0
        values.append([dice(found[channel], example.label == channel + 1) for channel in (0, 1)])
    right, left = np.mean(values, axis=0)
    return {"right": float(right), "left": float(left)}


def _pneumothorax(
    config: TrainingConfig,
    data: DataSet,
    training: list[Case],
    validation: list[Case],
    encoder: TextEncoder | None,
    log: Log,
) -> tuple[BatchSource, Validate]:
    size = max(stage.image_size for stage in config.stages)
    finder = LungFinder()
    count = ReportCount()
    examples = pneumothorax_examples(data, training, size, finder.find, config.reports, count)
    log({"note": str(count)})
    positives = [one for one in examples if one.descriptions]
    negatives = [one for one in examples if not one.label.any()]
    watched = [case for case in validation if case.positive][:QUICK_CASES]
    held_out = pneumothorax_examples(data, watched, size, finder.find)

    def validate(network: ContextualNet) -> dict[str, float]:
        tellings = {"dice_matching": matching, "dice_empty": empty, "dice_other_side": other_side}
        figures = {}
        for name, tell in tellings.items():
            found = predict(network, encoder, held_out, tell) >= 0.5
            figures[name] = float(
                np.mean([dice(a, b.label > 0) for a, b in zip(found, held_out, strict=True)])
            )
        return figures

    return PneumothoraxBatches(positives, negatives, config), validate
