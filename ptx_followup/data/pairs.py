"""Pairs of exams of one patient: neighbours in a data set, and those that a table `pairs.csv` lists."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case
from ptx_followup.data.tables import Row, read_table
from ptx_followup.errors import InputError

#: Pairs of one patient that count in a figure: n exams give n (n - 1) / 2 pairs, so that without a limit a
#: few patients who were imaged often decide it.
MOST_PAIRS = 12


@dataclass(frozen=True)
class FilmPair:
    """One row of a table of pairs.

    Attributes:
        patient: Whose.
        prior: Name of the earlier film.
        followup: Name of the later film.
        gap: Exams from the one to the other; 1 for neighbours.
        views: Projections of both ("PA", "AP"); empty where they are not stated.
        split: As written; no patient is in two.
        for_figures: Both films were read by an expert, by the column `read_by`, if there is one.
    """

    patient: str
    prior: str
    followup: str
    gap: int
    views: tuple[str, str]
    split: str
    for_figures: bool


def read_pairs(table: Path) -> list[FilmPair]:
    """Read a table of pairs: `patient`, `prior`, `followup`, `gap`, `split`, and views and `read_by` if any.

    Raises:
        InputError: It cannot be read, lacks a column, or a gap is no number above 0.
    """
    rows = read_table(table)
    for column in ("patient", "prior", "followup", "gap", "split"):
        rows.require(column)
    return [_pair(row) for row in rows.rows]


def _pair(row: Row) -> FilmPair:
    values = row.values
    if not values["gap"].isdecimal() or int(values["gap"]) < 1:
        raise InputError(f"{row.where('gap')}: not a number above 0", "expected the exams between, plus 1")
    return FilmPair(
        patient=values["patient"],
        prior=values["prior"],
        followup=values["followup"],
        gap=int(values["gap"]),
        views=(values.get("prior_view", ""), values.get("followup_view", "")),
        split=values["split"],
        for_figures=values.get("read_by", "expert") == "expert",
    )


def at_most(pairs: Iterable[FilmPair], most: int = MOST_PAIRS) -> list[FilmPair]:
    """Of each patient so many pairs at most, by chance but always the same, patients in order."""
    by_patient: defaultdict[str, list[FilmPair]] = defaultdict(list)
    for pair in pairs:
        by_patient[pair.patient].append(pair)
    chosen = []
    for patient, own in sorted(by_patient.items()):
        order = np.random.default_rng(list(patient.encode())).permutation(len(own))
        chosen += [own[place] for place in sorted(order[:most])]
    return chosen


def pair_weights(patients: Sequence[str], most: int = MOST_PAIRS) -> NDArray[np.float64]:
    """Weights of pairs in a figure over all of them, so that no patient counts for more than `most`.

    Args:
        patients: Of each of N pairs.
        most: The limit.

    Returns:
        float64, N: min(1, `most` / pairs of the patient).

    >>> pair_weights(["a"] * 24 + ["b"])[[0, -1]].tolist()
    [0.5, 1.0]
    """
    _, of_pair, counts = np.unique(np.asarray(patients, str), return_inverse=True, return_counts=True)
    return np.minimum(1.0, most / counts[of_pair])


def follow_up_pairs(cases: Iterable[Case]) -> list[tuple[Case, Case]]:
    """Pairs of neighbouring exams (prior, follow-up) of one patient, where their order is known."""
    sequences: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.patient is not None and case.order is not None:
            sequences[case.patient].append(case)
    pairs = []
    for sequence in sequences.values():
        sequence.sort(key=lambda case: case.order or 0)
        neighbours = itertools.pairwise(sequence)
        pairs += [(prior, followup) for prior, followup in neighbours if prior.order != followup.order]
    return pairs
