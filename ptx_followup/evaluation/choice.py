"""Which cases of a data set are evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import UsageError

Part = Literal["train", "validation", "test", "all"]


@dataclass(frozen=True)
class Choice:
    """Cases of one part of a data set.

    Attributes:
        cases: In the order of the data set.
        part: "all" for every case.
        split_sha256: Of the split that the part belongs to; None for "all".
        uncertain: Cases of that part that are left out, as their masks may be another film's.
    """

    cases: tuple[Case, ...] = field(repr=False)
    part: Part
    split_sha256: str | None = None
    uncertain: int = 0


def choose_cases(
    data: DataSet, part: Part, split: Path | None = None, limit: int | None = None, seed: int = 0
) -> Choice:
    """The cases of one part whose masks are known to be theirs (`Case.for_figures`).

    Args:
        data: The data set.
        part: Which part; "all" for every case.
        split: A split file; without it the data set's own division counts, as it does in training.
        limit: So many of them at most, drawn at random.
        seed: Of that draw.

    Raises:
        InputError: The split file is none, or of another data set.
        UsageError: There is no such case in that part.
    """
    sha256: str | None = None
    cases = data.cases
    if part != "all":
        from ptx_followup.data.division import divide

        division = divide(data, split)
        cases, sha256 = division.cases(data, part), division.sha256
    if not cases:
        raise UsageError(
            f"{data.root.name} has no case in the part {part}", "name another --part, or a --split"
        )
    sure = tuple(case for case in cases if case.for_figures)
    uncertain = len(cases) - len(sure)
    cases = sure
    if not cases:
        raise UsageError(
            f"the masks of all {uncertain} cases of the part {part} may be another film's",
            "name another --part, or a --split",
        )
    if limit is not None and limit < len(cases):
        drawn = np.random.default_rng(seed).choice(len(cases), size=limit, replace=False)
        cases = tuple(cases[place] for place in sorted(drawn))
    return Choice(cases, part, sha256, uncertain)


def seen_in_training(choice: Choice, data: DataSet, training: dict[str, Any]) -> str | None:
    """A warning where a model may have been trained on the cases that it is judged by.

    Args:
        choice: The cases.
        data: Their data set.
        training: What the model's configuration says of its training.
    """
    run = training.get("run", {})
    if run.get("data", {}).get("fingerprint") != data.fingerprint:
        return None
    if choice.part in ("train", "all"):
        return "the model was trained on some of these cases: the figures flatter it"
    if run.get("split", {}).get("sha256") != choice.split_sha256:
        return "the model was trained on another split of this data set: it may know some of these cases"
    return None
