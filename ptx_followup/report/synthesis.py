"""Chest radiograph reports written from a mask, for training where radiographs come without reports.

What a report says of the pneumothorax (side, zones, size, width) is what the mask shows; everything else in
it is chance. `describe` turns a mask into facts, `synthesise` facts into a report. See docs/synthesis.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ptx_followup.report.description import SideDescription, describe, perturb, size_class
from ptx_followup.report.grammar import Grammar, Phrasing
from ptx_followup.report.phrases import RULES
from ptx_followup.report.terms import Change, Size, Zone
from ptx_followup.report.writer import ReportWriter, Statement

__all__ = ["Detail", "Phrasing", "SideDescription", "describe", "perturb", "synthesise"]

Detail = Literal["report", "finding"]

# How often a report leaves something out or adds it. The rates are choices, not measurements.
_SIZE_MISSING = 0.15
_ZONES_MISSING = 0.2
_SECOND_ZONE_MISSING = 0.2
_SIDE_MISSING = 0.02
_MEASURED = 0.2
_HEDGED = 0.06
_CHANGES: dict[Change | None, float] = {
    None: 0.55,
    "stable": 0.18,
    "larger": 0.07,
    "smaller": 0.1,
    "new": 0.1,
}

# Spread of the size word, as the standard deviation of the logarithm of the area: readers blur the borders.
_SIZE_WORD_SPREAD = 0.15

_MISSPELT = 0.03
_MISSPELLINGS = (
    "pneumothroax",
    "pnuemothorax",
    "pneumothorx",
    "pneumothoax",
    "pneumothoraxx",
    "pneumothorac",
)
_CAPITALS = 0.05
_LOWER_CASE = 0.04


def synthesise(
    descriptions: Sequence[SideDescription],
    rng: np.random.Generator,
    phrasing: Phrasing = "train",
    detail: Detail = "report",
) -> str:
    """Write a report of what `descriptions` say.

    Args:
        descriptions: At most one a side, from `describe`; empty for a report that denies a pneumothorax.
        rng: Source of chance; the report follows from it and the other arguments alone.
        phrasing: Which half of the templates and synonyms is used; see docs/synthesis.md.
        detail: "report" for a whole report; "finding" for the statements about the described sides alone,
            without other findings and without a word on a side that is not described.

    Returns:
        The report, its lines separated by newlines.
    """
    statements = [_statement(one, len(descriptions), rng) for one in descriptions]
    writer = ReportWriter(Grammar(RULES, phrasing), statements, rng)
    return _quirks(writer.pneumothorax() if detail == "finding" else writer.report(), rng)


def _statement(one: SideDescription, sides: int, rng: np.random.Generator) -> Statement:
    size = None if rng.random() < _SIZE_MISSING else _size_word_class(one, rng)
    return Statement(
        side=one.side,
        side_given=sides > 1 or rng.random() >= _SIDE_MISSING,
        size=size,
        zones=_zones_named(one.zones, rng),
        change=list(_CHANGES)[int(rng.choice(len(_CHANGES), p=list(_CHANGES.values())))],
        hedged=one.size in ("tiny", "small") and rng.random() < _HEDGED,
        length=_length(one, rng),
        percent=_percent(one, rng),
    )


def _size_word_class(one: SideDescription, rng: np.random.Generator) -> Size:
    if one.hemithorax_percent is None:
        return one.size
    return size_class(one.hemithorax_percent * math.exp(rng.normal(0.0, _SIZE_WORD_SPREAD)))


def _zones_named(zones: tuple[Zone, ...], rng: np.random.Generator) -> tuple[Zone, ...]:
    if rng.random() < _ZONES_MISSING:
        return ()
    return zones[:1] if rng.random() < _SECOND_ZONE_MISSING else zones


def _length(one: SideDescription, rng: np.random.Generator) -> str | None:
    if one.rim_mm is None or rng.random() >= _MEASURED:
        return None
    millimetres = max(1, round(one.rim_mm))
    space = " " if rng.random() < 0.9 else ""
    return (
        f"{one.rim_mm / 10:.1f}{space}cm"
        if millimetres >= 8 and rng.random() < 0.5
        else f"{millimetres}{space}mm"
    )


def _percent(one: SideDescription, rng: np.random.Generator) -> str | None:
    """The share of the hemithorax to the nearest 5 %, where it is large enough for anyone to state it."""
    if one.hemithorax_percent is None or one.hemithorax_percent < 10 or rng.random() >= _MEASURED:
        return None
    return str(5 * round(one.hemithorax_percent / 5))


def _quirks(text: str, rng: np.random.Generator) -> str:
    """A typing error, or a report in one case."""
    if rng.random() < _MISSPELT:
        text = re.sub(r"\bpneumothorax\b", str(rng.choice(_MISSPELLINGS)), text, count=1)
    chance = rng.random()
    if chance < _CAPITALS:
        return text.upper()
    return text.lower() if chance < _CAPITALS + _LOWER_CASE else text
