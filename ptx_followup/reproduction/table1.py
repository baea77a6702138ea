"""Table 1 of the ConTEXTual Net paper: its rows, its figures, and what each changes in a training run.

Huemann Z, Tie X, Hu J, Bradshaw TJ. J Imaging Inform Med 2024;37(4):1652-1663. Dice, mean and standard
deviation over five Monte Carlo folds of the 3,196 positives of CANDID-PTX.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ptx_followup.errors import UsageError
from ptx_followup.training.config import TrainingConfig


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        key: Its name on the command line.
        title: As the paper names it.
        dice: The paper's mean and standard deviation.
        changes: Keys of the training configuration that differ from the full ConTEXTual Net.
        reports: The network is given reports, in training and in the test.
    """

    key: str
    title: str
    dice: tuple[float, float]
    changes: Mapping[str, Any] = field(default_factory=dict)
    reports: bool = True


_WITHOUT_LANGUAGE = {"text_encoder": None, "network": {"text_dim": None}}

#: Rows that are trained. Three rows of the paper's table are one configuration ("visual augmentation", "T5"
#: and "no text augmentation", all 0.716), which stands here once.
ROWS = (
    Row(
        "unet-plain",
        "U-Net, no visual augmentation",
        (0.649, 0.014),
        {**_WITHOUT_LANGUAGE, "augmentation": "none"},
        reports=False,
    ),
    Row(
        "contextual-plain",
        "ConTEXTual Net, no visual augmentation",
        (0.668, 0.010),
        {"augmentation": "none"},
    ),
    Row("unet", "U-Net, visual augmentation", (0.687, 0.014), _WITHOUT_LANGUAGE, reports=False),
    Row("contextual", "ConTEXTual Net, visual augmentation (T5, no text augmentation)", (0.716, 0.016)),
    Row("contextual-flipped", "ConTEXTual Net, with flipping", (0.675, 0.016), {"flipped": 0.5}),
    Row(
        "contextual-empty",
        "ConTEXTual Net, without reports",
        (0.671, 0.019),
        {"text": {"empty": 1.0}},
        reports=False,
    ),
    Row(
        "roberta",
        "ConTEXTual Net, RoBERTa",
        (0.713, 0.010),
        {"text_encoder": "roberta-base", "text_layers": None, "network": {"text_dim": 768}},
    ),
    Row("synonyms", "ConTEXTual Net, synonym replacement", (0.705, 0.008), {"text": {"synonyms": 0.15}}),
    Row("shuffle", "ConTEXTual Net, sentence shuffle", (0.713, 0.023), {"text": {"shuffled": 1.0}}),
    Row(
        "synonyms-shuffle",
        "ConTEXTual Net, synonym replacement and sentence shuffle",
        (0.714, 0.014),
        {"text": {"synonyms": 0.15, "shuffled": 1.0}},
    ),
)

#: The row that no network fills: the physician who drew most masks against the five others.
PHYSICIAN = ("Primary annotator against the others", (0.712, 0.044))


def choose_rows(keys: Sequence[str]) -> tuple[Row, ...]:
    """Rows by their keys, in the order of the table; all where none is named.

    Raises:
        UsageError: There is no such row.
    """
    unknown = [key for key in keys if key not in {row.key for row in ROWS}]
    if unknown:
        raise UsageError(
            f"there is no row {unknown[0]!r}", f"choose from {', '.join(row.key for row in ROWS)}"
        )
    return tuple(row for row in ROWS if not keys or row.key in keys)


#: What a base configuration cannot decide: everything that the rows must share, or differ in.
_EXPERIMENT: Mapping[str, Any] = {
    "task": "pneumothorax",
    "positives": 1.0,
    "halves_mixed": 0.0,
    "mirrored": 0.0,
    "flipped": 0.0,
    "augmentation": "paper",
    "reports": "own",
    "text": {
        "empty": 0.0,
        "full": 1.0,
        "matched": 0.0,
        "size_off": 0.0,
        "other_side": 0.0,
        "false_positive": 0.0,
        "shuffled": 0.0,
        "synonyms": 0.0,
    },
    "keep": "best",
    "patience": 0,
    "checkpoint_steps": 0,  # once an epoch
    "validation_cases": 0,  # all
}


def row_config(row: Row, base: TrainingConfig, epochs: int, seed: int) -> TrainingConfig:
    """The training configuration of one row on one fold.

    Args:
        row: What it changes.
        base: Network, text encoder, optimiser, and of its last stage the image and batch size.
        epochs: Passes over the training part.
        seed: Of the fold.
    """
    stage = base.stages[-1]
    keys = _merged(_merged(base.model_dump(mode="json"), _EXPERIMENT), row.changes)
    keys |= {
        "name": f"table1-{row.key}",
        "seed": seed,
        "stages": [{"image_size": stage.image_size, "batch_size": stage.batch_size, "epochs": epochs}],
    }
    return TrainingConfig.model_validate(keys)


def _merged(keys: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(keys)
    for key, value in changes.items():
        inside = merged.get(key)
        nested = isinstance(value, Mapping) and isinstance(inside, Mapping)
        merged[key] = _merged(inside, value) if nested and isinstance(inside, Mapping) else value
    return merged
