"""Training and testing one row of the table on one fold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.splits import Split
from ptx_followup.errors import InputError, UsageError
from ptx_followup.evaluation.subjects import Subject, subjects
from ptx_followup.files.storage import write_atomically
from ptx_followup.measurement.overlap import dice
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import prompt
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.training.config import TrainingConfig

#: What a fold's folder is made from, and the result that ends it.
PLAN, RESULT = "plan.json", "test.json"


@dataclass(frozen=True)
class Fold:
    """One of the Monte Carlo folds.

    Attributes:
        seed: Of its draw.
        split: Its parts.
    """

    seed: int
    split: Split

    @property
    def training_images(self) -> int:
        """Images of the training part."""
        return len(self.split.members["train"])


def run_fold(
    config: TrainingConfig,
    data: DataSet,
    fold: Fold,
    out: Path,
    *,
    reports: bool,
    device: str = "auto",
    workers: int = 1,
    log: Callable[[dict[str, Any]], None] = lambda line: None,
) -> float:
    """Train and test, or take up where an earlier call ended.

    Args:
        config: Of the row, on this fold.
        data: The whole data set.
        fold: Which fold.
        out: Folder of this row and fold.
        reports: The network is given the test images' reports, as written; else nothing.
        device: "auto", "cpu", "cuda" or "cuda:N".
        workers: Processes that prepare batches.
        log: Receives each line of the training log.

    Returns:
        Mean Dice over the test part.

    Raises:
        UsageError: The folder holds a run with other settings.
        InputError: The data set cannot be trained on.
    """
    from ptx_followup.training.checkpoint import FILE
    from ptx_followup.training.run import run

    plan = {"config": config.model_dump(mode="json"), "split": fold.split.sha256}
    _keep_plan(out, plan)
    if (out / RESULT).is_file():
        return float(json.loads((out / RESULT).read_text(encoding="utf-8"))["dice"])
    model = run(
        config,
        data,
        out,
        resume=(out / FILE).is_file(),
        log=log,
        split=fold.split,
        device=device,
        workers=workers,
    )
    tested = test_dice(str(model), data, fold.split.cases(data, "test"), reports, device)
    write_json(out / RESULT, {"dice": float(np.mean(list(tested.values()))), "cases": tested})
    return float(np.mean(list(tested.values())))


def test_dice(
    model: str, data: DataSet, cases: Sequence[Case], reports: bool, device: str
) -> dict[str, float]:
    """Dice of each case; the network is run whatever the report says, as in the paper.

    Raises:
        InputError: A case cannot be read.
    """
    segmenter = Segmenter(model, device)
    values: dict[str, float] = {}
    for group in subjects(data, cases, segmenter.lung_finder.find, seed=0):
        present = [one for one in group if isinstance(one, Subject)]
        if len(present) < len(group):
            raise InputError(
                f"a test case of {data.root.name} cannot be read", f"run ptx data check {data.root}"
            )
        texts = [prompt(understand(one.report), "full") if reports else "" for one in present]
        pixels, hemithoraces = zip(
            *((one.radiograph.pixels, one.hemithoraces) for one in present), strict=True
        )
        maps = segmenter.probabilities(pixels, texts, hemithoraces)
        for one, probability in zip(present, maps, strict=True):
            values[one.case.id] = dice(segmenter.binary(probability), one.truth)
    return values


def _keep_plan(out: Path, plan: dict[str, Any]) -> None:
    file = out / PLAN
    if not file.is_file():
        write_json(file, plan)
    elif json.loads(file.read_text(encoding="utf-8")) != plan:
        raise UsageError(
            f"{out} holds a run with other settings or on another data set", "give another folder with --out"
        )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file, at once or not at all."""
    text = json.dumps(content, indent=1) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))
