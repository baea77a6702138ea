"""Losses of the segmentation networks."""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

Loss = Literal["bce", "bce+dice", "bce+dice+area"]

#: Added to both parts of the Dice ratio, as a fraction of the image, so that an empty target rewards an
#: empty mask smoothly instead of jumping.
DICE_SMOOTHING = 1e-3
#: Weight of the area term; and what is added to areas in percent of the image before their roots are taken,
#: as the root's slope at 0 has no end.
AREA_WEIGHT, AREA_OFFSET_PERCENT = 0.5, 0.02


def segmentation_loss(logits: Tensor, target: Tensor, kind: Loss, weights: Tensor | None = None) -> Tensor:
    """Mean loss of a batch.

    Args:
        logits: B x N x H x W, any floating dtype; computed in float32.
        target: B x N x H x W, 0..1.
        kind: "bce" is the paper's; "bce+dice" adds the soft Dice loss of each image and channel;
            "bce+dice+area" the error of the area as well, see `area_losses`.
        weights: B; None where all images count the same.

    Returns:
        A scalar.
    """
    logits = logits.float()
    losses = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean((1, 2, 3))
    if kind != "bce":
        losses = losses + soft_dice_losses(logits, target)
    if kind == "bce+dice+area":
        losses = losses + AREA_WEIGHT * area_losses(logits, target)
    return losses.mean() if weights is None else (weights * losses).sum() / weights.sum()


def soft_dice_losses(logits: Tensor, target: Tensor) -> Tensor:
    """1 - (2 |A B| + s) / (|A| + |B| + s) of each image, mean over channels (Milletari et al., 3DV 2016)."""
    probability = logits.sigmoid()
    smoothing = DICE_SMOOTHING * logits.shape[-1] * logits.shape[-2]
    overlap = (probability * target).sum((-2, -1))
    total = (probability + target).sum((-2, -1))
    return (1 - (2 * overlap + smoothing) / (total + smoothing)).mean(1)


def area_losses(logits: Tensor, target: Tensor) -> Tensor:
    """Smooth L1 distance of the roots of found and true area, of each image, mean over channels.

    Areas are in percent of the image; the found one is the sum of the probabilities. On their roots the
    errors of small and of large pneumothoraces have about one width.
    """
    found, true = (
        (100 * values.mean((-2, -1)) + AREA_OFFSET_PERCENT).sqrt() for values in (logits.sigmoid(), target)
    )
    return F.smooth_l1_loss(found, true, reduction="none").mean(1)
