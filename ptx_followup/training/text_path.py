"""Keeping the text path alive: a start from which the network listens, and figures of whether it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ptx_followup.network.attention import GateWatch
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.language import TextEncoder
from ptx_followup.training.batches import BatchSource

#: Batches whose reports give the mean token.
CENTRING_BATCHES = 40
#: Mean change of probability, between a report and none, below which the report has no effect.
NO_EFFECT = 1e-4


def centre_tokens(network: ContextualNet, batches: BatchSource, text_encoder: TextEncoder) -> None:
    """Start each projection of the tokens with a bias that takes their mean away.

    Tokens of a language model share a large common part: of the mean tokens of two reports that differ in
    "left" and "right" the cosine is 0.97 as they are and 0.66 without it. Normalised as they are, every
    report looks the same to a young network, and it stops listening.
    """
    texts = {text for number in range(CENTRING_BATCHES) for text in batches.batch(number).texts}
    tokens = text_encoder.encode(sorted(texts))
    mean = torch.from_numpy(tokens.embeddings[tokens.mask].mean(axis=0))
    with torch.no_grad():
        for attention in network.attentions():
            attention.project.bias.copy_(-(attention.project.weight @ mean.to(attention.project.weight)))


def text_effect(
    network: ContextualNet, images: Tensor, texts: Sequence[str], text_encoder: TextEncoder
) -> dict[str, Any]:
    """How much the reports change the output, and how many gates are stuck.

    A text path can die silently: every gate at +-1 and no report changing anything.

    Args:
        network: In eval mode.
        images: B x 1 x S x S.
        texts: Of each image.
        text_encoder: The frozen language model.

    Returns:
        "text_effect": mean |probability with report - without|; "saturated_gates": share per level, coarsest
        first; "warning" where the text has no effect.
    """
    watches = [GateWatch() for _ in network.attentions()]
    for attention, watch in zip(network.attentions(), watches, strict=True):
        attention.watch = watch
    with torch.inference_mode():
        probabilities = []
        for told in ([""] * len(texts), texts):
            text = text_encoder.encode(told).to(images.device)
            probabilities.append(network(images, *text).sigmoid())
    for attention in network.attentions():
        attention.watch = None
    effect = float((probabilities[1] - probabilities[0]).abs().mean())
    figures: dict[str, Any] = {
        "text_effect": effect,
        "saturated_gates": [round(watch.saturated, 4) for watch in watches],
    }
    if effect < NO_EFFECT:
        figures["warning"] = "the report has no effect on the output"
    return figures
