"""How long a training run would take, from a few measured batches."""

from __future__ import annotations

import time

from ptx_followup.training.config import TrainingConfig

#: Batches before and while the clock runs.
WARM_UP, MEASURED = 1, 3
#: Tokens of a report that stand for all; reports of CANDID-PTX have about so many.
TOKENS = 128


def seconds_per_batch(config: TrainingConfig, device: str) -> float:
    """Time training on batches of random images; reading is not in it, as workers read ahead.

    Args:
        config: Of the run; its text encoder is not needed, as reports are embedded once.
        device: "cpu", "cuda" or "cuda:N".
    """
    import torch

    from ptx_followup.network.device import autocast
    from ptx_followup.training.losses import segmentation_loss
    from ptx_followup.training.train import build

    stage = config.stages[-1]
    network = build(config).to(device)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=config.learning_rate)
    images = torch.randn(stage.batch_size, 1, *stage.rows_columns, device=device)
    targets = (images > 2).float()
    text: tuple[torch.Tensor, ...] = ()
    if config.network.text_dim is not None:
        text = (torch.randn(stage.batch_size, TOKENS, config.network.text_dim, device=device),)
    started = 0.0
    for step in range(WARM_UP + MEASURED):
        if step == WARM_UP:
            started = _now(device)
        with autocast(device, config.precision):
            logits = network(images.to(memory_format=torch.channels_last), *text)
        loss = segmentation_loss(logits, targets, config.loss)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return (_now(device) - started) / MEASURED


def _now(device: str) -> float:
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter()
