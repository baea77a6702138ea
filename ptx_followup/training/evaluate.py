"""How well a report-guided network segments, and what it makes of right, wrong and missing reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

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

Mask = NDArray[np.bool_]

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


def other_size(example: Example, rng: np.random.Generator) -> str:
    """The matching report with each size one class off."""
    return synthesise(perturb(example.descriptions, rng, kind="size"), rng, phrasing="validation")


def false_positive(example: Example, rng: np.random.Generator) -> str:
    """A report of a pneumothorax that is not there, for negatives."""
    return synthesise(perturb(example.descriptions, rng, kind="false_positive"), rng, phrasing="validation")


CONDITIONS: dict[str, Telling] = {
    "matching": matching,
    "empty": empty,
    "other_side": other_side,
    "other_size": other_size,
    "false_positive": false_positive,
}


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


def dice(mask: Mask, truth: Mask) -> float:
    """Dice as the paper's authors compute it: (2 |A B| + 1) / (|A| + |B| + 1), so two empty masks give 1."""
    overlap = int(np.count_nonzero(mask & truth))
    return (2 * overlap + 1) / (int(np.count_nonzero(mask)) + int(np.count_nonzero(truth)) + 1)


def mean_interval(values: NDArray[np.float64], seed: int = 0) -> tuple[float, float, float]:
    """Mean and 95 % bootstrap interval (percentile, 2,000 resamples) as (mean, low, high)."""
    indices = np.random.default_rng(seed).integers(len(values), size=(2000, len(values)))
    low, high = np.percentile(values[indices].mean(axis=1), [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


#: A mask below this share of the image counts as "nearly empty" on a negative.
NEARLY_EMPTY = 0.002


def evaluate(
    network: ContextualNet,
    text_encoder: TextEncoder | None,
    examples: Sequence[Example],
    threshold: float,
    seed: int = 0,
) -> dict[str, Any]:
    """Figures of a network on validation examples, under reports in phrasings that training never used.

    Args:
        network: In eval mode.
        text_encoder: Its language model, or None.
        examples: Positives and negatives.
        threshold: Probability from which a pixel belongs to the mask.
        seed: Of the reports and the bootstrap.

    Returns:
        "dice": (mean, low, high) by condition, over all positives; with "one_sided" only over those with the
        finding on one side; by size tercile under the matching report. "area": intraclass correlation and
        mean relative bias against the expert. "negatives": shares of empty and nearly empty masks.
    """
    positives = [one for one in examples if one.descriptions]
    negatives = [one for one in examples if not one.label.any()]
    truths = [one.label > 0 for one in positives]
    one_sided = [len(one.descriptions) == 1 for one in positives]
    dices: dict[str, NDArray[np.float64]] = {}
    areas: NDArray[np.float64] = np.zeros(0)
    for name in ("matching", "empty", "other_side", "other_size"):
        masks = predict(network, text_encoder, positives, CONDITIONS[name], seed) >= threshold
        dices[name] = np.array([dice(mask, truth) for mask, truth in zip(masks, truths, strict=True)])
        if name == "matching":
            areas = masks.sum(axis=(1, 2)).astype(np.float64)
    expert = np.array([truth.sum() for truth in truths], np.float64)
    terciles = np.digitize(expert, np.quantile(expert, [1 / 3, 2 / 3]))
    figures: dict[str, Any] = {
        "positives": len(positives),
        "dice": {name: mean_interval(values, seed) for name, values in dices.items()},
        "dice_one_sided": {name: mean_interval(values[one_sided], seed) for name, values in dices.items()},
        "dice_by_size": {
            name: mean_interval(dices["matching"][terciles == i], seed)
            for i, name in enumerate(("small", "middle", "large"))
        },
        "area": {
            "intraclass_correlation": intraclass_correlation(areas, expert),
            "bias": float((areas.sum() - expert.sum()) / expert.sum()),
        },
    }
    if negatives:
        figures["negatives"] = {"number": len(negatives)} | {
            name: _emptiness(predict(network, text_encoder, negatives, CONDITIONS[name], seed) >= threshold)
            for name in ("matching", "empty", "false_positive")
        }
    return figures


def intraclass_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """ICC(2,1): two-way random effects, absolute agreement, single measurement (Shrout and Fleiss, 1979)."""
    table = np.stack([a, b], axis=1)
    n, k = table.shape
    mean = table.mean()
    between = k * ((table.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    raters = n * ((table.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0, keepdims=True) + mean
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    return float((between - error) / (between + (k - 1) * error + k * (raters - error) / n))


def _emptiness(masks: Mask) -> dict[str, float]:
    shares = masks.mean(axis=(1, 2))
    return {"empty": float(np.mean(shares == 0)), "nearly_empty": float(np.mean(shares < NEARLY_EMPTY))}
