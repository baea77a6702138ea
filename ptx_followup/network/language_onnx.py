"""MiniLM in ONNX Runtime, with its tokenizer alone: no PyTorch, no transformers."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError
from ptx_followup.network.onnx_session import ENGINE, open_session, run
from ptx_followup.network.tokens import MAX_TOKENS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer


class OnnxLanguageModel:
    """A `tokens.LanguageModel` of the BERT family whose graph a model on board carries.

    Args:
        folder: Weights and tokenizer, in the transformers layout.
        graph: Verified; it joins the layers that its model was trained with.

    Raises:
        ModelError: The folder is incomplete.
    """

    engine = ENGINE

    def __init__(self, folder: Path, graph: bytes) -> None:
        self._folder, self._graph = folder, graph
        self._session: InferenceSession | None = None
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.layers_and_width = int(config["num_hidden_layers"]), int(config["hidden_size"])
        except (OSError, ValueError, KeyError):
            raise ModelError(
                f"the text encoder {folder.name} has no usable config.json", "reinstall its package"
            ) from None

    @property
    def is_open(self) -> bool:
        """Whether the weights are in memory."""
        return self._session is not None

    def embed(self, text: str) -> NDArray[np.float32]:
        """As `tokens.LanguageModel`."""
        if self._session is None:
            self._session = open_session(self._graph, self._folder)
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        (embeddings,) = run(self._session, {"ids": ids})
        return np.asarray(embeddings[0])

    def is_cut(self, text: str) -> bool:
        """As `tokens.LanguageModel`."""
        return bool(self._tokenizer.encode(text).overflowing)

    def close(self) -> None:
        """As `tokens.LanguageModel`."""
        self._session = None

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_str((self._folder / "tokenizer.json").read_text(encoding="utf-8"))
        except OSError:
            raise ModelError(
                f"the text encoder {self._folder.name} has no tokenizer.json", "reinstall its package"
            ) from None
        tokenizer.no_padding()  # the file asks for that of a sentence model
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer
