"""Groups of cases that a model may do better or worse in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ptx_followup.evaluation.scoring import Row

#: Lower ends of the age groups, in years, after the youngest.
AGES = (18, 40, 65)
TERCILES = ("small", "middle", "large")


def strata(rows: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    """Divide positives by what is known of them.

    Args:
        rows: One a case.

    Returns:
        Name of the division, then of the group; a division with fewer than two groups is left out. "size" is
        in terciles of the expert's mask as a share of the image.
    """
    limits = np.quantile([row.expert_share for row in rows] or [0.0], [1 / 3, 2 / 3])
    divisions: dict[str, tuple[Callable[[Row], str | None], tuple[str, ...]]] = {
        "size": (
            lambda row: TERCILES[int(np.searchsorted(limits, row.expert_share, side="right"))],
            TERCILES,
        ),
        "side": (lambda row: row.side, ("right", "left", "bilateral")),
        "view": (lambda row: None if row.view == "unknown" else row.view, ("PA", "AP")),
        "chest_tube": (
            lambda row: None if row.chest_tube is None else _yes_no(row.chest_tube),
            ("no", "yes"),
        ),
        "sex": (lambda row: row.sex, ()),
        "age": (lambda row: None if row.age is None else _age_group(row.age), _AGE_GROUPS),
        "source": (lambda row: row.source, ()),
        "report": (lambda row: row.report, ("own", "synthesised")),
    }
    divided = {name: _grouped(rows, of, order) for name, (of, order) in divisions.items()}
    return {name: groups for name, groups in divided.items() if len(groups) > 1}


def _grouped(
    rows: Sequence[Row], of: Callable[[Row], str | None], order: Sequence[str]
) -> dict[str, list[Row]]:
    """Rows by group, known groups in their order and others by name; rows of no group are left out."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        label = of(row)
        if label is not None:
            groups.setdefault(label, []).append(row)
    known = [label for label in order if label in groups]
    return {label: groups[label] for label in (*known, *sorted(groups.keys() - set(order)))}


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


_AGE_GROUPS = (
    f"under {AGES[0]}",
    *(f"{low} to {high - 1}" for low, high in pairwise(AGES)),
    f"from {AGES[-1]}",
)


def _age_group(age: float) -> str:
    return _AGE_GROUPS[int(np.searchsorted(AGES, age, side="right"))]
