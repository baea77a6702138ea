"""A training run on disk: safetensors, written whole or not at all.

Batches are pure functions of their number, so the step is all the random and sampler state there is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ptx_followup.errors import InputError
from ptx_followup.files.storage import write_atomically
from ptx_followup.training.config import TrainingConfig

FILE = "checkpoint.safetensors"
#: The averaged weights of the checkpoint with the best Dice.
BEST = "best.safetensors"


@dataclass
class TrainingState:
    """What a run goes on from.

    Attributes:
        network: As trained.
        average: Running average of its weights.
        optimiser: With its moments.
        step: The next one, from 0.
        best: The highest Dice in validation so far, and
        best_step: the checkpoint that it belongs to.
        stale: Checkpoints since then.
    """

    network: nn.Module
    average: dict[str, Tensor]
    optimiser: torch.optim.AdamW
    step: int = 0
    best: float = -1.0
    best_step: int = 0
    stale: int = 0

    def judge(self, dice: float) -> bool:
        """Take note of a checkpoint's Dice; tell whether it is the best."""
        if dice > self.best:
            self.best, self.best_step, self.stale = dice, self.step, 0
            return True
        self.stale += 1
        return False


def save_checkpoint(folder: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Write the state under `folder`, replacing the previous one."""
    from safetensors.torch import save

    tensors = {f"network.{key}": value for key, value in state.network.state_dict().items()}
    tensors |= {f"average.{key}": value for key, value in state.average.items()}
    for index, moments in state.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{key}": value for key, value in moments.items()}
    progress = {"best": state.best, "best_step": state.best_step, "stale": state.stale}
    metadata = {
        "step": str(state.step),
        "config": config.model_dump_json(),
        "progress": json.dumps(progress),
    }
    data = save({key: value.detach().cpu().contiguous() for key, value in tensors.items()}, metadata)
    write_atomically(folder / FILE, lambda file: file.write(data))


def save_best(folder: Path, average: dict[str, Tensor]) -> None:
    """Write the averaged weights under `folder` as the best so far."""
    from safetensors.torch import save

    data = save({key: value.detach().cpu().contiguous() for key, value in average.items()})
    write_atomically(folder / BEST, lambda file: file.write(data))


def load_best(folder: Path) -> dict[str, Tensor]:
    """The best averaged weights under `folder`."""
    from safetensors.torch import load_file

    return load_file(folder / BEST)


def load_checkpoint(folder: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Fill `state` from the checkpoint under `folder`.

    Raises:
        InputError: There is none, it is damaged, or it belongs to another architecture.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / FILE, framework="pt") as file:
            metadata = file.metadata()
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
    except FileNotFoundError:
        raise InputError(f"{folder.name} holds no {FILE}", "start the run without --resume") from None
    except (OSError, SafetensorError):
        raise InputError(f"{folder.name}/{FILE} is damaged", "start the run without --resume") from None
    # Only these: the rest of the configuration may change from one stretch of a run to the next.
    stored = json.loads(metadata["config"])
    if stored["network"] != config.network.model_dump(mode="json") or stored["task"] != config.task:
        raise InputError(f"{folder.name}/{FILE} belongs to another architecture", "use its own configuration")
    state.network.load_state_dict(_part(tensors, "network."))
    for key, value in _part(tensors, "average.").items():
        state.average[key].copy_(value)
    optimiser = state.optimiser.state_dict()
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in _part(tensors, "optimiser.").items():
        index, _, name = key.partition(".")
        moments.setdefault(int(index), {})[name] = value
    optimiser["state"] = moments
    state.optimiser.load_state_dict(optimiser)
    state.step = int(metadata["step"])
    for key, value in json.loads(metadata.get("progress", "{}")).items():
        setattr(state, key, value)


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
