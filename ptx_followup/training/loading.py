"""Batches on their way from the worker processes that make them to the device that trains on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ptx_followup.training.batches import Batch, BatchSource

#: Batches that each worker makes ahead.
AHEAD = 4


@dataclass(frozen=True)
class Loaded:
    """A batch on the training device, as `Batch`; `images` in channels_last."""

    images: Tensor
    targets: Tensor
    texts: list[str]
    weights: Tensor | None = None


def load(
    source: BatchSource, numbers: Sequence[int], device: torch.device, workers: int = 1
) -> Iterator[Loaded]:
    """Batches in the order of their numbers, made ahead by worker processes.

    Args:
        source: Makes them.
        numbers: Which.
        device: Where they go; to a GPU through pinned memory, while it computes.
        workers: Processes; 0 for none but this one. The batches are the same with any number.

    Raises:
        RuntimeError: A worker was killed; see `tells_of_a_killed_worker`.
    """
    if not numbers:
        return
    pinned = device.type == "cuda"
    loader = DataLoader(
        _Numbered(source, numbers),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=AHEAD if workers else None,
        collate_fn=_cross,
        pin_memory=pinned,
    )
    for crossing in loader:
        images, targets = (torch.as_tensor(one) for one in (crossing.images, crossing.targets))
        yield Loaded(
            images.to(device, non_blocking=pinned).to(memory_format=torch.channels_last),
            targets.to(device, non_blocking=pinned),
            crossing.texts,
            None if crossing.weights is None else torch.as_tensor(crossing.weights).to(device),
        )


def tells_of_a_killed_worker(error: RuntimeError) -> bool:
    """Whether PyTorch says that a worker did not end by itself; it may say so at any moment of a step."""
    return "DataLoader worker" in str(error)


class _Numbered(Dataset[Batch]):
    def __init__(self, source: BatchSource, numbers: Sequence[int]) -> None:
        self.source, self.numbers = source, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> Batch:
        return self.source.batch(self.numbers[index])


def _cross(batch: Any) -> _Crossing:
    return _Crossing(batch)


class _Crossing:
    """A batch between processes: arrays through a pipe, as shared memory is small in many containers."""

    def __init__(self, batch: Batch) -> None:
        self.images: Any = batch.images
        self.targets: Any = batch.targets
        self.texts = batch.texts
        self.weights: Any = batch.weights

    def pin_memory(self) -> _Crossing:
        """Called by the loader's own thread, where a GPU is the destination."""
        self.images = torch.from_numpy(self.images).pin_memory()
        self.targets = torch.from_numpy(self.targets).pin_memory()
        return self
