"""Which cases of a data set are evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import UsageError

Chosen = Literal["train", "validation", "test", "all"]


def choose_cases(
    data: DataSet, part: Chosen, split: Path | None = None, limit: int | None = None, seed: int = 0
) -> Sequence[Case]:
    """The cases of one part.

    Args:
        data: The data set.
        part: Which part; "all" for every case.
        split: A split file; without it the data set's own division counts, as it does in training.
        limit: So many of them at most, drawn at random.
        seed: Of that draw.

    Raises:
        InputError: The split file is none, or of another data set.
        UsageError: There is no case in that part.
    """
    if part == "all":
        cases: Sequence[Case] = data.cases
    else:
        from ptx_followup.training.division import divide

        cases = divide(data, split).cases(data, part)
    if not cases:
        raise UsageError(
            f"{data.root.name} has no case in the part {part}", "name another --part, or a --split"
        )
    if limit is None or limit >= len(cases):
        return cases
    drawn = np.random.default_rng(seed).choice(len(cases), size=limit, replace=False)
    return [cases[place] for place in sorted(drawn)]
