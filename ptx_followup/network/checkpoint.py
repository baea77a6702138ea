"""Models on disk: a folder with config.json, model.safetensors and a model card (README.md).

Weights are safetensors, named by their SHA-256 in the configuration and checked before use. Nothing in a
model folder is ever executed.
"""

from __future__ import annotations

import bisect
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ptx_followup.errors import ModelError
from ptx_followup.files.storage import (
    MODEL_CONFIG,
    models_folder,
    names_on_board,
    sha256_of_file,
    write_atomically,
)
from ptx_followup.network.change_error import ChangeError
from ptx_followup.network.config import NetworkConfig, TextEncoderReference
from ptx_followup.network.graphs import Graphs, remove_graphs, verify_graphs
from ptx_followup.network.preprocessing import Preprocessing

if TYPE_CHECKING:
    import torch

    from ptx_followup.network.contextual import ContextualNet

WEIGHTS = "model.safetensors"

Task = Literal["pneumothorax", "lungs"]


class Postprocessing(BaseModel):
    """From probability to mask.

    Attributes:
        threshold: Pixels at or above it belong to the mask.
        smallest_component: Smallest connected part kept, as a fraction of the image.
        touches_hemithorax: Drop parts that touch neither hemithorax.
        temperature: Logits are divided by it before the sigmoid.
        mirrored: Read each image as its mirror image too, and average the probabilities.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(default=0.5, gt=0, lt=1)
    smallest_component: float = Field(default=0.0, ge=0, lt=1)
    touches_hemithorax: bool = False
    temperature: float = Field(default=1.0, gt=0)
    mirrored: bool = False


class Calibration(BaseModel):
    """Temperatures that make the stated probabilities true; the mask is decided before and stays the same.

    Small masks tend to be stated too boldly or too timidly in another way than large ones, so the temperature
    may depend on the size of the model's own mask. The default changes nothing.

    Attributes:
        area_limits: Ends of the size classes but the last, rising: area of the mask as a share of the image.
            A mask belongs to the first class whose end is above its area.
        temperatures: Of each class; logits are divided by it before the sigmoid.
        source: What they were fitted on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    area_limits: tuple[float, ...] = ()
    temperatures: tuple[Annotated[float, Field(gt=0)], ...] = (1.0,)
    source: str = "default: the network's own probabilities; not calibrated"

    @model_validator(mode="after")
    def _one_more_temperature_than_limits(self) -> Self:
        rising = all(a < b for a, b in itertools.pairwise((0.0, *self.area_limits, 1.0)))
        if not rising or len(self.temperatures) != len(self.area_limits) + 1:
            raise ValueError("expected rising area_limits between 0 and 1, and one temperature more")
        return self

    def temperature(self, area_share: float) -> float:
        """The temperature for a mask of this area, as a share of the image."""
        return self.temperatures[bisect.bisect_right(self.area_limits, area_share)]


class ModelConfig(BaseModel):
    """Everything needed to rebuild a model's preprocessing, network and postprocessing.

    Attributes:
        name, version: Of the model, as written to every result.
        task: What its logits mean: one channel of pneumothorax, or the patient's right and left lung.
        weights_sha256: Hash of model.safetensors.
        graphs: Hashes of the graphs that ONNX Runtime runs on a CPU; None for a model that PyTorch runs.
        calibration: Of the stated probabilities.
        error: Of the percentage of the hemithorax and its change.
        training: How the weights came to be, for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["ptx-model/1"] = "ptx-model/1"
    name: str
    version: str
    task: Task
    network: NetworkConfig
    preprocessing: Preprocessing
    text_encoder: TextEncoderReference | None = None
    postprocessing: Postprocessing = Postprocessing()
    calibration: Calibration = Calibration()
    error: ChangeError = ChangeError()
    weights_sha256: str = ""
    graphs: Graphs | None = None
    training: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _network_of_the_view(self) -> Self:
        most = 2 if self.preprocessing.view == "hemithorax" and self.task == "pneumothorax" else 1
        if self.network.in_channels > most:
            raise ValueError("preprocessing.view does not suit network.in_channels or the task")
        return self


@dataclass(frozen=True)
class Model:
    """A network in eval mode with its configuration."""

    network: ContextualNet
    config: ModelConfig


def find_model(name: str) -> Path:
    """Folder of a model given by its name on board or by its path.

    Raises:
        ModelError: There is none.
    """
    for folder in (models_folder() / name, Path(name)):
        if (folder / MODEL_CONFIG).is_file():
            return folder
    on_board = ", ".join(names_on_board()) or "none"
    raise ModelError(
        f"there is no model {name!r}",
        f"give a folder that holds {MODEL_CONFIG}, or one on board ({on_board})",
    )


def load_config(folder: Path) -> ModelConfig:
    """Read and check config.json.

    Raises:
        ModelError: It is missing, malformed, or has unknown fields.
    """
    try:
        return ModelConfig.model_validate_json((folder / MODEL_CONFIG).read_bytes())
    except OSError:
        raise ModelError(f"{folder.name}/{MODEL_CONFIG} cannot be read", "give a model folder") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ModelError(
            f"{folder.name}/{MODEL_CONFIG} is not a model configuration ({field}: {first['msg']})",
            "take the model from where it came once more",
        ) from None


def verify(folder: Path) -> ModelConfig:
    """Check that weights and graphs are those that the configuration names.

    Raises:
        ModelError: A file is missing or altered.
    """
    config = load_config(folder)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelError(f"{folder.name}/{WEIGHTS} is missing", "take the model from where it came once more")
    if sha256_of_file(weights) != config.weights_sha256:
        raise ModelError(
            f"{folder.name}/{WEIGHTS} does not have the SHA-256 that {MODEL_CONFIG} names",
            "the file is altered or damaged: take the model from where it came once more",
        )
    verify_graphs(folder, config.graphs)
    return config


def load_model(name: str, device: str = "cpu") -> Model:
    """Load a verified model in eval mode, in float32 and channels_last.

    Args:
        name: Name on board, or a model folder.
        device: Torch device.

    Raises:
        ModelError: It is missing, altered, or its weights do not fit its configuration.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from ptx_followup.network.contextual import ContextualNet

    folder = find_model(name)
    config = verify(folder)
    with torch.device("meta"):
        network = ContextualNet(config.network)
    try:
        weights = load_file(folder / WEIGHTS, device=device)
        full = {key: one.float() if one.is_floating_point() else one for key, one in weights.items()}
        network.load_state_dict(full, assign=True)  # stored in half precision
    except (SafetensorError, RuntimeError):
        raise ModelError(
            f"the weights of {folder.name} do not fit its {MODEL_CONFIG}",
            "they belong to another architecture",
        ) from None
    network.requires_grad_(False)
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Model(network.eval(), config)


def store_config(folder: Path, config: ModelConfig) -> None:
    """Write config.json; the weights beside it must be those that it names."""
    text = json.dumps(config.model_dump(mode="json"), indent=2) + "\n"
    write_atomically(folder / MODEL_CONFIG, lambda file: file.write(text.encode()))


def save_model(folder: Path, state: dict[str, torch.Tensor], config: ModelConfig, card: str) -> ModelConfig:
    """Write a model folder; each file is whole or absent, and config.json comes last.

    Args:
        folder: Made if missing; an existing model there is replaced.
        state: State dict of a `ContextualNet`; matrices are stored in half precision, not the few vectors.
        config: Its `weights_sha256` is filled in; `ptx model export` adds graphs.
        card: Text of the model card.

    Returns:
        The configuration as written.
    """
    from safetensors.torch import save

    half = {key: (one.half() if one.ndim > 1 else one).cpu().contiguous() for key, one in state.items()}
    # Weights of another configuration must never be found beside an old one.
    (folder / MODEL_CONFIG).unlink(missing_ok=True)
    remove_graphs(folder)
    write_atomically(folder / WEIGHTS, lambda file: file.write(save(half, metadata={"format": "pt"})))
    written = config.model_copy(update={"weights_sha256": sha256_of_file(folder / WEIGHTS), "graphs": None})
    write_atomically(folder / "README.md", lambda file: file.write(card.encode()))
    store_config(folder, written)
    return written
