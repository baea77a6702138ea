"""Everything that a run on one hemithorax at a time needs before its first step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import InputError
from ptx_followup.network.language import TextEncoder
from ptx_followup.training.batches import BatchSource
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.devices import Accelerator
from ptx_followup.training.record import Log
from ptx_followup.training.side_examples import films
from ptx_followup.training.side_validation import SideValidation
from ptx_followup.training.sides import SideBatches, sides_of
from ptx_followup.training.train import Validate

#: The configuration in steps, the batches, the validation, facts for the record.
Prepared = tuple[TrainingConfig, BatchSource, Validate, dict[str, Any]]
Item = TypeVar("Item")


def prepare_sides(
    config: TrainingConfig,
    data: DataSet,
    cases: tuple[list[Case], list[Case]],
    encoder: TextEncoder | None,
    accelerator: Accelerator,
    out: Path,
    log: Log,
) -> Prepared:
    """Decode the films of a data set, find their hemithoraces, and divide them into sides.

    Raises:
        InputError: A file cannot be read, or there is no positive to train or to validate on.
    """
    training, validation = cases
    finder = LungFinder()
    needed = [case for case in training if case.positive or config.positives < 1]
    positives, negatives = sides_of(films(data, needed, config, finder.find))
    watched = [
        *spread([one for one in validation if one.positive and one.for_figures], config.validation_cases),
        *spread([one for one in validation if not one.positive], config.validation_cases // 2),
    ]
    held_out, clean = sides_of(films(data, watched, config, finder.find))
    if not positives or not held_out:
        purpose = "validate" if positives else "train"
        raise InputError(f"{data.root.name} has no positive to {purpose} on", "use another data set or split")
    config = config.in_steps(len(positives), accelerator.num_processes)
    facts = {"positives": len(positives), "negatives": len(negatives)}
    log({"note": f"{len(positives)} sides with a pneumothorax, {len(negatives)} without"})
    batches = config.in_batches(accelerator.num_processes * config.accumulate)
    watch = SideValidation(
        spread(held_out, config.validation_cases),
        spread(clean, config.validation_cases),
        encoder,
        config.stages[-1].rows_columns,
        accelerator.device.type,
        config.precision,
        out / "overlays",
    )
    return config, SideBatches(positives, negatives, batches), watch, facts


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """So many at most, evenly over the list, as neighbours are exams of one patient; 0 for all."""
    if not 0 < count < len(items):
        return list(items)
    return [items[place * len(items) // count] for place in range(count)]
