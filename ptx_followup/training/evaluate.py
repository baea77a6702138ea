"""What a network makes of right, wrong and missing reports while it trains; see `evaluation` for more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.preprocessing import PERCENTILES, normalise
from ptx_followup.report.description import perturb
from ptx_followup.report.synthesis import synthesise
from ptx_followup.training.augment import unit
from ptx_followup.training.batches import Example

if TYPE_CHECKING:
    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.language import TextEncoder

BATCH = 8

#: Writes the report of an example; reports of one example and seed stay the same between runs.
Telling = Callable[[Example, np.random.Generator], str]


def matching(example: Example, rng: np.random.Generator) -> str:
    """A report of what the mask shows, in phrasings that training never used."""
    return synthesise(example.descriptions, rng, phrasing="validation")


def empty(example: Example, rng: np.random.Generator) -> str:
    """No report: the paper's "without reports"."""
    del example, rng
    return ""


def other_side(example: Example, rng: np.random.Generator) -> str:
    """The matching report with left for right."""
    return synthesise(perturb(example.descriptions, rng, kind="swap_side"), rng, phrasing="validation")


def false_positive(example: Example, rng: np.random.Generator) -> str:
    """A report of a pneumothorax that is not there, for negatives."""
    return synthesise(perturb(example.descriptions, rng, kind="false_positive"), rng, phrasing="validation")


def predict(
    network: ContextualNet,
    text_encoder: TextEncoder | None,
    examples: Sequence[Example],
    tell: Telling,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Probabilities of a pneumothorax, N x S x S float32, under the reports that `tell` writes."""
    import torch

    probabilities = []
    for start in range(0, len(examples), BATCH):
        chunk = examples[start : start + BATCH]
        texts = [tell(one, np.random.default_rng([seed, start + i])) for i, one in enumerate(chunk)]
        images = np.stack([normalise(unit(one.image), PERCENTILES)[None] for one in chunk])
        tokens = text_encoder.encode(texts) if text_encoder is not None else None
        with torch.inference_mode():
            text = (tokens.embeddings, tokens.mask) if tokens is not None else ()
            logits = network(torch.from_numpy(images).to(memory_format=torch.channels_last), *text)
            probabilities.append(logits[:, 0].float().sigmoid().numpy())
    return np.concatenate(probabilities)
