"""What the network is told of one hemithorax while it learns: often less than the truth, or something else.

A size word that is always right is worth more than the picture, and a network that is given one stops
measuring; one that is sometimes wrong, and often missing, leaves the size to the picture.
"""

from __future__ import annotations

import math

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ptx_followup.report.description import SideDescription, perturb, size_class
from ptx_followup.report.side_statement import NOT_MENTIONED, PHRASINGS, side_statement
from ptx_followup.report.terms import SIZES, Size, Zone

#: Share of the texts in the phrasing that is in use.
IN_USE = 0.6
#: Of false reports: those without size and zones, and those with zones alone.
FALSE_PLAIN, FALSE_ZONES = 0.25, 0.15
#: Spread of the size word, as the standard deviation of the logarithm of the percentage: readers blur the
#: borders of the classes.
SIZE_WORD_SPREAD = 0.15


class SideTexts(BaseModel):
    """What is told of a side, as shares.

    Attributes:
        empty, plain, zones, size_by_chance, zones_by_chance, passed_over: Of the sides with a pneumothorax:
            nothing; that there is one; its zones; a size word drawn at random, half of the time with the
            zones; zones drawn as those of a false report, half of the time with the right size; that the
            report does not mention it. The rest is told the right size and zones.
        false_positive, not_mentioned: Of the sides without: a pneumothorax that is not there; that the
            report does not mention one, as it does where it speaks of the other side only. The rest is told
            nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    empty: float = Field(default=0.3, ge=0, le=1)
    plain: float = Field(default=0.15, ge=0, le=1)
    zones: float = Field(default=0.12, ge=0, le=1)
    size_by_chance: float = Field(default=0.16, ge=0, le=1)
    zones_by_chance: float = Field(default=0.0, ge=0, le=1)
    passed_over: float = Field(default=0.05, ge=0, le=1)
    false_positive: float = Field(default=0.5, ge=0, le=1)
    not_mentioned: float = Field(default=0.25, ge=0, le=1)


def tell_side(description: SideDescription | None, texts: SideTexts, rng: np.random.Generator) -> str:
    """The text for one side.

    Args:
        description: What its mask shows; None where it shows nothing.
        texts: Shares.
        rng: Source of chance.
    """
    chance = rng.random()
    if description is None:
        if chance < texts.false_positive:
            return _false(rng)
        return NOT_MENTIONED if chance < texts.false_positive + texts.not_mentioned else ""
    if chance < texts.empty:
        return ""
    chance -= texts.empty
    if chance < texts.plain:
        return _said(None, (), rng)
    chance -= texts.plain
    if chance < texts.zones:
        return _said(None, description.zones, rng)
    chance -= texts.zones
    if chance < texts.passed_over:
        return NOT_MENTIONED
    chance -= texts.passed_over
    if chance < texts.zones_by_chance:
        (invented,) = perturb((), rng, kind="false_positive")
        return _said(size_word(description, rng) if rng.random() < 0.5 else None, invented.zones, rng)
    if chance - texts.zones_by_chance < texts.size_by_chance:
        zones = description.zones if rng.random() < 0.5 else ()
        return _said(SIZES[int(rng.integers(len(SIZES)))], zones, rng)
    return _said(size_word(description, rng), description.zones, rng)


def size_word(description: SideDescription, rng: np.random.Generator) -> Size:
    """The size class, blurred at its borders."""
    if description.hemithorax_percent is None:
        return description.size
    return size_class(description.hemithorax_percent * math.exp(rng.normal(0, SIZE_WORD_SPREAD)))


def _false(rng: np.random.Generator) -> str:
    (invented,) = perturb((), rng, kind="false_positive")
    chance = rng.random()
    if chance < FALSE_PLAIN:
        return _said(None, (), rng)
    size = None if chance < FALSE_PLAIN + FALSE_ZONES else invented.size
    return _said(size, invented.zones, rng)


def _said(size: Size | None, zones: tuple[Zone, ...], rng: np.random.Generator) -> str:
    phrasing = PHRASINGS[0] if rng.random() < IN_USE else PHRASINGS[int(rng.integers(len(PHRASINGS)))]
    return side_statement(size, zones, phrasing)
