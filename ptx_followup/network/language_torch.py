"""Language models in PyTorch, through transformers: GPUs, and every model without a graph."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError
from ptx_followup.network.tokens import MAX_TOKENS


class TransformersModel:
    """A `tokens.LanguageModel` in the transformers layout.

    Args:
        folder: Its files.
        name: For messages.
        layers: Hidden layers whose outputs are joined; None for the last alone.
        device: Torch device.

    Raises:
        ModelError: It cannot be opened.
    """

    def __init__(self, folder: Path, name: str, layers: tuple[int, ...] | None, device: str) -> None:
        self._folder, self._name, self._layers, self._device = folder, name, layers, device
        self.engine = f"torch {version('torch')}"
        model, self._tokenizer = load(folder, name)
        self._model = model.to(device)  # None while it is not needed
        self.layers_and_width = int(model.config.num_hidden_layers), int(model.config.hidden_size)

    @property
    def is_open(self) -> bool:
        """Whether the weights are in memory."""
        return self._model is not None

    def embed(self, text: str) -> NDArray[np.float32]:
        """As `tokens.LanguageModel`."""
        import torch

        if self._model is None:
            self._model = load(self._folder, self._name)[0].to(self._device)
        inputs = self._tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        with torch.inference_mode():
            output = self._model(
                input_ids=inputs["input_ids"].to(self._device),
                attention_mask=inputs["attention_mask"].to(self._device),
                output_hidden_states=self._layers is not None,
            )
            hidden = (
                output.last_hidden_state
                if self._layers is None
                else torch.cat([output.hidden_states[layer] for layer in self._layers], dim=-1)
            )
        return np.asarray(hidden[0].float().cpu().numpy())

    def is_cut(self, text: str) -> bool:
        """As `tokens.LanguageModel`."""
        return len(self._tokenizer(text, truncation=False, verbose=False)["input_ids"]) > MAX_TOKENS

    def close(self) -> None:
        """As `tokens.LanguageModel`."""
        self._model = None


def load(folder: Path, name: str) -> tuple[Any, Any]:
    """Open model and tokenizer with transformers: local files, safetensors, no code from the folder."""
    # Importing TensorFlow or JAX, where they happen to be installed, costs seconds and brings nothing.
    os.environ.setdefault("USE_TF", "0")
    os.environ.setdefault("USE_FLAX", "0")
    from safetensors import SafetensorError
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would print on the user's terminal
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
        options = {"local_files_only": True, "trust_remote_code": False}
        model = _model_class(kind).from_pretrained(folder, use_safetensors=True, **options)
        tokenizer = _tokenizer(folder, options)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"text encoder {name!r} cannot be opened ({type(error).__name__})",
            "give a folder with config.json, model.safetensors and the tokenizer's files",
        ) from None
    model.eval().requires_grad_(False)
    return model, tokenizer


def _model_class(kind: str) -> Any:
    if kind == "bert":
        from transformers.models.bert.modeling_bert import BertModel

        return BertModel
    if kind == "t5":
        from transformers.models.t5.modeling_t5 import T5EncoderModel

        return T5EncoderModel
    from transformers import AutoModel

    return AutoModel


def _tokenizer(folder: Path, options: dict[str, bool]) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, **options)
