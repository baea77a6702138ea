"""Runs that are killed, starved or poisoned: one clear line, the last good checkpoint, the same end."""

import errno
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
import pytest
import torch
from safetensors import safe_open
from toy_runs import UNREAD, toy_config, toy_examples

from ptx_followup.errors import InputError
from ptx_followup.training import checkpoint
from ptx_followup.training import train as training
from ptx_followup.training.batches import Batch, BatchSource, PneumothoraxBatches
from ptx_followup.training.checkpoint import BEST, FILE
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.record import METRICS
from ptx_followup.training.train import Surroundings, train

CONFIG = toy_config(
    network=UNREAD,
    text_encoder=None,
    stages=[{"image_size": 32, "steps": 5, "batch_size": 2}],
    checkpoint_steps=2,
    keep="best",
)
#: Dice that a validation would find at each checkpoint: the middle one is the best.
DICE = {2: 0.2, 4: 0.6, 5: 0.4}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """PyTorch's threads do not survive a fork."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def validate(network: object, step: int) -> dict[str, float]:
    del network
    return {"dice": DICE[step]}


@pytest.fixture(scope="module")
def batches() -> BatchSource:
    return PneumothoraxBatches(*toy_examples(), CONFIG)


def weights(network: torch.nn.Module) -> bytes:
    return b"".join(value.numpy().tobytes() for value in network.state_dict().values())


@pytest.fixture(scope="module")
def unbroken(batches: BatchSource, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    out = tmp_path_factory.mktemp("unbroken")
    return out, weights(train(CONFIG, batches, out, validate=validate, surroundings=Surroundings(workers=0)))


def content(path: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """Of a safetensors file, whose header is in no fixed order."""
    with safe_open(path, framework="np") as file:
        tensors = {key: file.get_tensor(key).tobytes() for key in file.keys()}  # noqa: SIM118 - no mapping
        return file.metadata() or {}, tensors


def kill_at(target: Callable[[], object]) -> None:
    """Run in a process of its own, which is to end by SIGKILL."""
    process = multiprocessing.get_context("fork").Process(target=target, daemon=True)
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def steps_of(out: Path) -> list[int]:
    lines = (out / METRICS).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["step"] for line in lines]


def resumed_like(unbroken: tuple[Path, bytes], batches: BatchSource, out: Path) -> None:
    end = train(CONFIG, batches, out, validate=validate, resume=True, surroundings=Surroundings(workers=0))
    whole, expected = unbroken
    assert weights(end) == expected
    for name in (FILE, BEST):
        assert content(out / name) == content(whole / name)
    assert steps_of(out) == steps_of(whole) == [2, 4, 5]


def test_a_run_killed_between_checkpoints_ends_like_an_unbroken_one(
    unbroken: tuple[Path, bytes], batches: BatchSource, tmp_path: Path
) -> None:
    def watch(step: int, total: int, loss: float, images_per_s: float) -> None:
        del total, loss, images_per_s
        if step == 3:
            with (tmp_path / METRICS).open("a") as file:
                file.write('{"step": 3, "lo')  # half of a line reached the disk
            die()

    kill_at(
        lambda: train(
            CONFIG, batches, tmp_path, validate=validate, surroundings=Surroundings(workers=0, watch=watch)
        )
    )
    resumed_like(unbroken, batches, tmp_path)


def test_a_run_killed_while_a_checkpoint_is_written_ends_like_an_unbroken_one(
    unbroken: tuple[Path, bytes], batches: BatchSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
        if (tmp_path / FILE).is_file() and path.name == FILE:

            class Half:
                def write(self, data: bytes) -> None:
                    (path.parent / ".half.part").write_bytes(data[: len(data) // 2])
                    die()

            write(Half())  # type: ignore[arg-type]
        original(path, write)

    original = checkpoint.write_atomically
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_atomically", write_half)
        kill_at(
            lambda: train(CONFIG, batches, tmp_path, validate=validate, surroundings=Surroundings(workers=0))
        )
    assert (tmp_path / ".half.part").is_file()
    resumed_like(unbroken, batches, tmp_path)


def test_the_best_checkpoint_becomes_the_model(unbroken: tuple[Path, bytes], batches: BatchSource) -> None:
    out, best = unbroken
    last = train(
        CONFIG.model_copy(update={"keep": "last"}),
        batches,
        out,
        resume=True,
        surroundings=Surroundings(workers=0),
    )
    assert weights(last) != best


def test_a_run_without_a_better_dice_ends_early(batches: BatchSource, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"patience": 1, "checkpoint_steps": 1})
    falling = iter([0.5, 0.4, 0.3, 0.2, 0.1])
    train(
        config,
        batches,
        tmp_path,
        validate=lambda network, step: {"dice": next(falling)},
        surroundings=Surroundings(workers=0),
    )
    assert steps_of(tmp_path) == [1, 2]


class Poisoned:
    """Good batches, but for one number."""

    def __init__(self, batches: BatchSource, number: int, poison: Callable[[Batch], Batch]) -> None:
        self.batches, self.number, self.poison = batches, number, poison

    def batch(self, step: int) -> Batch:
        batch = self.batches.batch(step)
        return self.poison(batch) if step == self.number else batch


def stops(config: TrainingConfig, batches: BatchSource, out: Path, message: str, workers: int = 0) -> None:
    with pytest.raises(InputError, match=message) as caught:
        train(config, batches, out, validate=validate, surroundings=Surroundings(workers=workers))
    assert "\n" not in str(caught.value)
    assert "resume" in caught.value.hint


def test_a_loss_that_is_not_finite_leaves_the_last_good_checkpoint(
    unbroken: tuple[Path, bytes], batches: BatchSource, tmp_path: Path
) -> None:
    nan = Poisoned(batches, 2, lambda batch: Batch(batch.images * np.nan, batch.targets, batch.texts))
    stops(CONFIG, nan, tmp_path, "the loss is not finite at step 3")
    resumed_like(unbroken, batches, tmp_path)


def test_a_worker_that_is_killed_is_told_in_one_line(
    unbroken: tuple[Path, bytes], batches: BatchSource, tmp_path: Path
) -> None:
    stops(CONFIG, Poisoned(batches, 4, lambda batch: die()), tmp_path, "prepares batches was killed", 1)
    if (tmp_path / FILE).is_file():  # the worker runs ahead, and may die before the first checkpoint
        resumed_like(unbroken, batches, tmp_path)


def test_a_full_disk_leaves_the_last_good_checkpoint(
    unbroken: tuple[Path, bytes], batches: BatchSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, *rest: Any) -> None:
        if (folder / FILE).is_file():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(folder, *rest)

    original = training.save_checkpoint
    with monkeypatch.context() as patch:
        patch.setattr(training, "save_checkpoint", full)
        stops(CONFIG, batches, tmp_path, r"cannot be written at step 4 \(No space left on device\)")
    resumed_like(unbroken, batches, tmp_path)
