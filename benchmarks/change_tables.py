"""What change_on_pairs.py has measured, and its tables."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TypeVar

import numpy as np
from ptx_followup.training.measurement_error import (
    Judgement,
    MeasuredPair,
    fit_error,
    judge,
    judgement,
    out_of_fold,
)
from scipy.stats import spearmanr

from ptx_followup.measurement.change import Change
from ptx_followup.network.checkpoint import MeasurementError

#: Added to sizes before their ratio is taken, so that an empty mask has one: percentage points, and pixels.
SMALL_PERCENT, SMALL_PX = 0.5, 100
#: Resamples of the patients: of figures that take milliseconds each.
RESAMPLES = 1000


@dataclass(frozen=True)
class Row:
    """One pair, on the side that leads (`followup.leading_change`).

    `percent` is of the measured route, `expert` of the expert masks, both over the hemithoraces that the tool
    found; `naive` pixels without text on either side.
    """

    model_sha256: str
    patient: str
    prior: str
    followup: str
    views: str
    gap: int
    doubt: str
    percent_prior: float
    percent_followup: float
    expert_prior: float
    expert_followup: float
    naive_prior: int
    naive_followup: int
    expert_px_prior: int
    expert_px_followup: int


#: What figures are made of: measured pairs, or judged ones.
Item = TypeVar("Item", Row, tuple[MeasuredPair, Change])


def read_table(table: Path) -> list[Row]:
    """Rows that `measure` wrote."""
    kinds = {"int": int, "float": float, "str": str}
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Row(**{one.name: kinds[str(one.type)](row[one.name]) for one in fields(Row)})
            for row in csv.DictReader(file)
        ]


def pairs_of(rows: list[Row]) -> list[MeasuredPair]:
    """Pairs as the fit takes them; without those of which a hemithorax was not found."""
    pairs = [
        MeasuredPair(
            row.patient,
            row.percent_prior,
            row.percent_followup,
            row.expert_prior,
            row.expert_followup,
            row.doubt or None,
        )
        for row in rows
    ]
    return [one for one in pairs if np.isfinite([one.prior, one.followup, one.expert_prior]).all()]


def source_of(rows: list[Row]) -> str:
    """Where a fit on these rows comes from, for the configuration."""
    patients = len({row.patient for row in rows})
    return (
        f"fitted to {len(rows)} pairs of {patients} validation patients (NIH ChestX-ray14, SIIM-ACR masks; "
        "reports synthesised from the prior's mask)"
    )


def judge_all(rows: list[Row]) -> None:
    """Print the tables."""
    doubts = [row.doubt for row in rows]
    print(
        f"{len(rows)} pairs of {len({row.patient for row in rows})} patients; no direction because of ",
        end="",
    )
    print(f"hemithoraces: {doubts.count('hemithoraces')}, registration: {doubts.count('registration')}")
    pairs = pairs_of(rows)
    folded = out_of_fold(pairs)
    wrong = {
        "naive": by_patient(rows, lambda some: mean(naive_is_wrong(row) for row in some), "{:.1%}"),
        "as measured": by_patient(folded, lambda some: judgement(some).wrong, "{:.1%}"),
    }
    both = [row for row in rows if row.expert_px_prior and row.expert_px_followup]
    print(f"\n| route | Spearman, both positive (n = {len(both)}) | Spearman, all | wrong direction |")
    print("|---|---|---|---|")
    for name, route, truth in (
        ("naive", ("naive", SMALL_PX), ("expert_px", SMALL_PX)),
        ("as measured", ("percent", SMALL_PERCENT), ("expert", SMALL_PERCENT)),
    ):
        ranks = [
            by_patient(some, partial(spearman, route=route, truth=truth), "{:.2f}") for some in (both, rows)
        ]
        print(f"| {name} | {' | '.join(ranks)} | {wrong[name]} |")
    head = "pairs", "coverage", "of exams", "width", "direction", "wrong", "doubled", "direction"
    print(f"\n| intervals of `percent` | {' | '.join(head)} |\n" + "|---" * 9 + "|")
    fitted = fit_error(pairs, source_of(rows))
    print_judgement("five folds of patients", judgement(folded))
    print_judgement("fitted to all", judge(pairs, fitted))
    print_judgement("not measured (default)", judge(pairs, MeasurementError()))
    coverage = by_patient(folded, lambda some: judgement(some).coverage, "{:.1%}")
    width = by_patient(folded, lambda some: judgement(some).width, "{:.1f}")
    print(f"\nfive folds of patients: coverage {coverage}, width {width}")
    print(f"\n{fitted.model_dump(exclude={'source'})}")


def by_patient(items: Sequence[Item], figure: Callable[[list[Item]], float], form: str) -> str:
    """A figure of pairs with its 95 % percentile interval over resampled patients."""
    of_patient: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        of_patient[item.patient if isinstance(item, Row) else item[0].patient].append(item)
    groups = list(of_patient.values())
    rng = np.random.default_rng(0)
    draws = rng.integers(len(groups), size=(RESAMPLES, len(groups)))
    found = [figure([item for place in draw for item in groups[place]]) for draw in draws]
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return f"{form.format(figure(list(items)))} ({form.format(low)} to {form.format(high)})"


def print_judgement(name: str, outcome: Judgement) -> None:
    """One row of the table of intervals."""
    shares = [f"{share:.1%}" for share in (outcome.directions, outcome.wrong, outcome.doubled_directions)]
    cells = [name, str(outcome.pairs), f"{outcome.coverage:.1%}", f"{outcome.exam_coverage:.1%}"]
    cells += [f"{outcome.width:.1f}", *shares[:2], str(outcome.doubled), shares[2]]
    print(f"| {' | '.join(cells)} |")


def spearman(rows: Sequence[Row], route: tuple[str, float], truth: tuple[str, float]) -> float:
    """Rank correlation of the logarithms of follow-up over prior."""
    ratios = []
    for name, small in (route, truth):
        sizes = np.array([[getattr(row, f"{name}_{exam}") for exam in ("prior", "followup")] for row in rows])
        # Rounded, so that equal sizes have equal ranks.
        ratios.append(np.round(np.log((sizes[:, 1] + small) / (sizes[:, 0] + small)), 9))
    return float(spearmanr(*ratios).statistic)


def naive_is_wrong(row: Row) -> bool:
    """The difference of pixel counts points another way than the expert's."""
    found = np.sign(row.naive_followup - row.naive_prior)
    return bool(found != 0 and found != np.sign(row.expert_px_followup - row.expert_px_prior))
