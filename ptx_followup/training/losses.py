"""Losses of the segmentation networks."""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

Loss = Literal["bce", "bce+dice"]

#: Added to both parts of the Dice ratio, as a fraction of the image, so that an empty target rewards an
#: empty mask smoothly instead of jumping.
DICE_SMOOTHING = 1e-3


def segmentation_loss(logits: Tensor, target: Tensor, kind: Loss) -> Tensor:
    """Mean loss of a batch.

    Args:
        logits: B x N x H x W, any floating dtype; computed in float32.
        target: B x N x H x W, 0..1.
        kind: "bce" is the paper's; "bce+dice" adds the soft Dice loss of each image and channel.

    Returns:
        A scalar.
    """
    logits = logits.float()
    loss = F.binary_cross_entropy_with_logits(logits, target)
    return loss if kind == "bce" else loss + soft_dice_loss(logits, target)


def soft_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """1 - (2 |A B| + s) / (|A| + |B| + s), mean over images and channels (Milletari et al., 3DV 2016)."""
    probability = logits.sigmoid()
    smoothing = DICE_SMOOTHING * logits.shape[-1] * logits.shape[-2]
    overlap = (probability * target).sum((-2, -1))
    total = (probability + target).sum((-2, -1))
    return (1 - (2 * overlap + smoothing) / (total + smoothing)).mean()
