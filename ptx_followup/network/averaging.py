"""The mean of the weights of models that come from one another.

Weights trained on from common ones often lie in one basin of the loss, and their mean then does better than
each (model soups; Wortsman et al., ICML 2022): it is a network of the same size, not an ensemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from ptx_followup.errors import ModelError
from ptx_followup.network.change_error import ChangeError
from ptx_followup.network.checkpoint import (
    Calibration,
    Model,
    ModelConfig,
    find_model,
    load_model,
    save_model,
)


def average_models(names: Sequence[str], share: float, out: Path) -> ModelConfig:
    """Write the model whose weights are a weighted mean.

    Name, version, preprocessing, postprocessing and card are those of the first; calibration and measured
    error are left at their defaults, as they were measured with other weights.

    Args:
        names: Names on board or model folders, two at least.
        share: Of the first, 0..1; the others have equal parts of the rest.
        out: Model folder to write.

    Raises:
        ModelError: A model is missing or altered, or they are not of one network, task and language model.
    """
    models = [load_model(name) for name in names]
    first = models[0].config
    for name, other in zip(names[1:], models[1:], strict=True):
        if _kind(other) != _kind(models[0]):
            raise ModelError(
                f"model {Path(name).name!r} is of another network, task or text encoder than the first",
                "average models that were trained on from one another",
            )
    shares = [share, *[(1 - share) / (len(models) - 1)] * (len(models) - 1)]
    states = [one.network.state_dict() for one in models]
    mean = {
        key: sum((part * state[key] for part, state in zip(shares, states, strict=True)), torch.zeros(()))
        if value.is_floating_point()
        else value
        for key, value in states[0].items()
    }
    parts = {one.config.weights_sha256: part for one, part in zip(models, shares, strict=True)}
    config = first.model_copy(
        update={
            "calibration": Calibration(),
            "error": ChangeError(),
            "training": first.training | {"mean_of": parts},
        }
    )
    return save_model(out, mean, config, (find_model(names[0]) / "README.md").read_text(encoding="utf-8"))


def _kind(model: Model) -> tuple[object, ...]:
    return model.config.network, model.config.task, model.config.text_encoder
