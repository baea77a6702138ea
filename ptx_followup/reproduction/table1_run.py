"""All rows of the table on all folds: planned, estimated, run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.data.dataset import DataSet
from ptx_followup.data.splits import PAPER_SEEDS, split_by_image
from ptx_followup.errors import InputError, ModelError
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.reproduction.estimate import seconds_per_batch
from ptx_followup.reproduction.folds import Fold, run_fold, write_json
from ptx_followup.reproduction.table1 import PHYSICIAN, ROWS, Row, row_config
from ptx_followup.training.config import TrainingConfig

SCHEMA = "ptx-table1/1"
#: Fewer positives leave a part of the folds empty.
LEAST_POSITIVES = 3


@dataclass(frozen=True)
class Plan:
    """What is to be run.

    Attributes:
        rows: Of the table.
        folds: Of the data set.
        configs: One for each row and fold.
        warnings: What the user should know before hours are spent.
    """

    rows: tuple[Row, ...]
    folds: tuple[Fold, ...]
    configs: dict[tuple[str, int], TrainingConfig]
    warnings: tuple[str, ...]


def plan(data: DataSet, rows: Sequence[Row], base: TrainingConfig, folds: int, epochs: int) -> Plan:
    """Divide the positives of a data set as the paper did, and configure every run.

    Args:
        data: The data set.
        rows: Of the table.
        base: See `row_config`.
        folds: So many of the paper's five.
        epochs: Of every run.

    Raises:
        InputError: The data set has too few positives.
    """
    positives = sum(case.positive is True for case in data)
    if data.lung_labels or positives < LEAST_POSITIVES:
        raise InputError(
            f"{data.root.name} has {positives} radiographs with a pneumothorax",
            f"use a data set with at least {LEAST_POSITIVES}",
        )
    drawn = tuple(Fold(seed, split_by_image(data, seed)) for seed in PAPER_SEEDS[:folds])
    configs = {
        (row.key, fold.seed): row_config(row, base, epochs, fold.seed) for row in rows for fold in drawn
    }
    warnings = list(dict.fromkeys(one for fold in drawn for one in fold.split.warnings))[:1]
    written = sum(case.positive is True and data.load_report(case) is None for case in data)
    if written:
        warnings.append(f"{written} positives have no report: theirs are written from the masks")
    return Plan(tuple(rows), drawn, configs, tuple(warnings))


def run_all(
    runs: Plan,
    data: DataSet,
    out: Path,
    *,
    device: str = "auto",
    workers: int = 1,
    log: Callable[[dict[str, Any]], None] = lambda line: None,
) -> dict[str, Any]:
    """Run, or go on with, every row on every fold, fold by fold so that all rows grow together.

    Args:
        runs: From `plan`.
        data: The data set.
        out: Folder of all runs.
        device: "auto", "cpu", "cuda" or "cuda:N".
        workers: Processes that prepare batches.
        log: Receives each line of the training logs, and one before each run.

    Returns:
        The table as written to table1.json after each run.

    Raises:
        ModelError: A text encoder is missing.
        UsageError: `out` holds runs with other settings.
    """
    for row in runs.rows:
        encoder = runs.configs[row.key, runs.folds[0].seed].text_encoder
        if encoder is not None:
            find_encoder(encoder)  # a missing one is found before hours of other rows
    dice: dict[str, dict[int, float]] = {}
    for fold in runs.folds:
        for row in runs.rows:
            folder = out / row.key / f"fold-{fold.seed}"
            log({"row": row.key, "fold": fold.seed})
            dice.setdefault(row.key, {})[fold.seed] = run_fold(
                runs.configs[row.key, fold.seed],
                data,
                fold,
                folder,
                reports=row.reports,
                device=device,
                workers=workers,
                log=log,
            )
            write_json(out / "table1.json", table(dice))
    return table(dice)


def table(dice: dict[str, dict[int, float]]) -> dict[str, Any]:
    """The table beside the paper's.

    Args:
        dice: Mean test Dice by row and fold.

    Returns:
        "rows", each with "paper" (mean, standard deviation), "dice", "deviation" (over the folds, with n - 1;
        None for a single one) and "folds"; "dice" is None for rows that were not run.
    """
    title, published = PHYSICIAN
    rows: list[dict[str, Any]] = [
        {"key": "physician", "title": title, "paper": published, "dice": None, "deviation": None, "folds": {}}
    ]
    for row in ROWS:
        folds = dice.get(row.key, {})
        values = np.array(list(folds.values()))
        rows.append(
            {
                "key": row.key,
                "title": row.title,
                "paper": row.dice,
                "dice": float(values.mean()) if len(values) else None,
                "deviation": float(values.std(ddof=1)) if len(values) > 1 else None,
                "folds": {str(seed): value for seed, value in folds.items()},
            }
        )
    return {"schema": SCHEMA, "rows": rows}


def estimate(runs: Plan, device: str) -> dict[str, Any]:
    """Hours that the runs would take on this machine, and what they lack.

    Args:
        runs: From `plan`.
        device: Torch device.
    """
    measured: dict[str, float] = {}
    rows = []
    for row in runs.rows:
        config = runs.configs[row.key, runs.folds[0].seed]
        network = config.network.model_dump_json()
        if network not in measured:
            measured[network] = seconds_per_batch(config, device)
        batches = sum(
            runs.configs[row.key, fold.seed].in_steps(fold.training_images, 1).total_steps
            for fold in runs.folds
        )
        batches *= config.accumulate
        rows.append(
            {
                "key": row.key,
                "title": row.title,
                "folds": len(runs.folds),
                "batches": batches,
                "seconds_per_batch": measured[network],
                "hours": batches * measured[network] / 3600,
                "needs": _needs(config),
            }
        )
    return {"schema": SCHEMA, "device": device, "rows": rows, "hours": sum(row["hours"] for row in rows)}


def _needs(config: TrainingConfig) -> list[str]:
    if config.text_encoder is None:
        return []
    try:
        find_encoder(config.text_encoder)
    except ModelError:
        return [f"ptx model fetch {config.text_encoder}"]
    return []
