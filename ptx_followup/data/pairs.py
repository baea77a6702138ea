"""Pairs of exams of one patient."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

from ptx_followup.data.dataset import Case


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
