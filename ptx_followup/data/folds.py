"""Cross-validation: the patients of the development part, in folds of which each is held out once."""

from __future__ import annotations

import numpy as np

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.splits import Split, split_of, strata
from ptx_followup.errors import UsageError

#: Of the draw. Fixed, so that the folds of several runs belong together.
SEED = 0


def fold_of(data_set: DataSet, fold: int, folds: int, seed: int = SEED) -> Split:
    """Hold one fold out: it becomes the validation part, the other folds train.

    Only cases of the data set's own training part are used (all, where it states no parts): what it holds
    back for validation and test stays outside. All exams of a patient are in one fold; patients are drawn
    within strata of size, as in `split_by_patient`.

    Args:
        data_set: The data set.
        fold: Which is held out, from 0.
        folds: Their number.
        seed: Of the draw.

    Raises:
        InputError: A mask cannot be read.
        UsageError: There are no such folds, or too few patients for them.
    """
    if folds < 2 or not 0 <= fold < folds:
        raise UsageError(f"there is no fold {fold} of {folds}", f"give 0/{folds} to {folds - 1}/{folds}")
    stated = any(case.part is not None for case in data_set)
    cases = [case for case in data_set if not stated or case.part == "train"]
    held: list[list[Case]] = [[] for _ in range(folds)]
    draw = np.random.default_rng(seed)
    for stratum in strata(data_set, cases):
        for patient in (stratum[place] for place in draw.permutation(len(stratum))):
            min(held, key=len).extend(patient)
    if not all(held):
        raise UsageError(f"{data_set.root.name} has too few patients for {folds} folds", "take fewer folds")
    members = {
        "train": [case.id for place, cases in enumerate(held) if place != fold for case in cases],
        "validation": [case.id for case in held[fold]],
        "test": [],
    }
    return split_of(data_set, "fold", seed, members)  # type: ignore[arg-type]


def parse_fold(text: str) -> tuple[int, int]:
    """Read "0/5": fold 0 of 5.

    Raises:
        UsageError: It is something else.
    """
    fold, slash, folds = text.partition("/")
    if not (slash and fold.isdecimal() and folds.isdecimal()):
        raise UsageError(f"{text!r} is no fold", "give for example 0/5, the first of five")
    return int(fold), int(folds)
