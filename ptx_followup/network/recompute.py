"""Training in less memory: parts of a network that are run again when the gradient needs what is inside.

A U-Net keeps most of its activations at the two finest resolutions, where little of its arithmetic is: each
level costs about the same, and each holds twice what the next one does (Chen et al., arXiv:1604.06174, call
the trade gradient checkpointing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recomputed(part: Callable[..., Tensor], owner: nn.Module, *inputs: Tensor | None) -> Tensor:
    """Run a part of a network and keep its inputs and its result, nothing between.

    The backward pass runs it again: same values, same gradients. The running statistics of the batch
    normalisations in `owner` move once.

    Args:
        part: What to run; without random numbers, as they would not be the same again.
        owner: The module whose layers it uses.
        inputs: Of the part.
    """

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _statistics_as_they_are(owner)

    result: Tensor = checkpoint(
        part, *inputs, use_reentrant=False, context_fn=contexts, preserve_rng_state=False
    )
    return result


@contextmanager
def _statistics_as_they_are(owner: nn.Module) -> Iterator[None]:
    """Batch normalisation by the batch, as in training, without moving the running statistics."""
    norms = [module for module in owner.modules() if isinstance(module, _BatchNorm)]
    held = [(norm.momentum, norm.num_batches_tracked) for norm in norms]
    for norm in norms:
        # The running statistics must be given, as they are among the tensors kept for the gradient.
        norm.momentum, norm.num_batches_tracked = 0.0, None
    try:
        yield
    finally:
        for norm, (momentum, counter) in zip(norms, held, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, counter
