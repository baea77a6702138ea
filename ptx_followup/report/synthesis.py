"""Chest radiograph reports written from a mask, for training where radiographs come without reports.

What a report says of the pneumothorax (side, zones, size, width) is what the mask shows; everything else in it
is chance. `describe` turns a mask into facts, `synthesise` turns facts into a report.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ptx_followup.report.description import SideDescription, describe, perturb, size_class
from ptx_followup.report.grammar import Grammar, Phrasing, as_sentence
from ptx_followup.report.phrases import CHANGE, EXTENT, NEGATIVE, PNEUMOTHORAX, POSITIVE, SIDES, ZONES
from ptx_followup.report.phrases_other import FRAMES, OTHER
from ptx_followup.report.terms import Size, Zone

__all__ = ["Detail", "SideDescription", "describe", "perturb", "synthesise"]

Detail = Literal["report", "finding"]

_RULES = {**PNEUMOTHORAX, **SIDES, **ZONES, **EXTENT, **CHANGE, **POSITIVE, **NEGATIVE, **OTHER, **FRAMES}

_SIZE_MISSING = 0.15
_ZONE_MISSING = 0.2
_SIDE_MISSING = 0.02
_FIGURE = 0.2
_SIZE_WORD_SPREAD = 0.15
_MISSPELT = 0.02
_MISSPELLINGS = ("pneumothroax", "pnuemothorax", "pneumothorx", "pneumothoax")


@dataclass(frozen=True)
class _Statement:
    """What a report chooses to say of one side, the same in every section."""

    source: SideDescription
    size: Size | None
    zones: tuple[Zone, ...]
    side_given: bool
    figure: str


def synthesise(
    descriptions: Sequence[SideDescription],
    rng: np.random.Generator,
    phrasing: Phrasing = "train",
    detail: Detail = "report",
) -> str:
    """Write a report of what `descriptions` say.

    Args:
        descriptions: One a side, from `describe`; empty for a report that denies a pneumothorax.
        rng: Source of chance; the report follows from it and the other arguments alone.
        phrasing: Which half of the templates and synonyms is used, see `docs/synthesis.md`.
        detail: "report" for a whole report; "finding" for the statements about the described sides alone,
            without other findings and without a word on a side that is not described.

    Returns:
        The report. Lines are separated by a newline.
    """
    grammar = Grammar(_RULES, phrasing)
    writer = _Writer(grammar, rng, [_statement(one, len(descriptions), grammar, rng) for one in descriptions])
    text = writer.finding() if detail == "finding" else writer.report()
    return _quirks(text, rng)


def _statement(one: SideDescription, sides: int, grammar: Grammar, rng: np.random.Generator) -> _Statement:
    return _Statement(
        source=one,
        size=None if rng.random() < _SIZE_MISSING else _size_word_class(one, rng),
        zones=() if rng.random() < _ZONE_MISSING else one.zones,
        side_given=sides > 1 or rng.random() >= _SIDE_MISSING,
        figure=_figure(one, grammar, rng),
    )


def _size_word_class(one: SideDescription, rng: np.random.Generator) -> Size:
    """The size class, blurred near its borders as readers blur it."""
    if one.hemithorax_percent is None:
        return one.size
    return size_class(one.hemithorax_percent * math.exp(rng.normal(0.0, _SIZE_WORD_SPREAD)))


def _figure(one: SideDescription, grammar: Grammar, rng: np.random.Generator) -> str:
    if rng.random() >= _FIGURE:
        return ""
    if one.rim_mm is not None:
        millimetres = max(1, round(one.rim_mm))
        extent = (
            f"{millimetres} mm" if millimetres < 10 or rng.random() < 0.5 else f"{one.rim_mm / 10:.1f} cm"
        )
        return grammar.expand("extent clause", {"extent": extent}, rng)
    if one.hemithorax_percent is not None and one.hemithorax_percent >= 10:
        return grammar.expand("percent clause", {"percent": str(5 * round(one.hemithorax_percent / 5))}, rng)
    return ""


@dataclass(frozen=True)
class _Writer:
    grammar: Grammar
    rng: np.random.Generator
    statements: list[_Statement]

    def report(self) -> str:
        """A whole report in one of the frames."""
        slots = {"findings": self._findings(), "impression": " ".join(self._pneumothorax("finding"))}
        return self.grammar.expand("frame", slots, self.rng)

    def finding(self) -> str:
        """The statements alone."""
        return " ".join(self._pneumothorax("finding" if self.rng.random() < 0.5 else "telegraphic"))

    def _findings(self) -> str:
        others = [self._sentence("other", {}) for _ in range(int(self.rng.integers(0, 7)))]
        at = int(self.rng.integers(len(others) + 1))
        others = list(dict.fromkeys(others))
        own = self._pneumothorax("finding")
        if len(self.statements) == 1:
            if self.statements[0].side_given and self.rng.random() < 0.3:
                side = self.statements[0].source.side
                own.append(
                    self._sentence("contralateral", {"other side": "left" if side == "right" else "right"})
                )
            if self.rng.random() < 0.2:
                own.append(self._sentence("shift", {}))
        return " ".join(others[:at] + own + others[at:])

    def _pneumothorax(self, rule: str) -> list[str]:
        if not self.statements:
            return [self._sentence("denial", {})]
        if len(self.statements) == 2 and self.rng.random() < 0.4:
            return [self._both()]
        return [self._sentence(rule, self._slots(one)) for one in self.statements]

    def _both(self) -> str:
        right, left = self.statements
        if right.size == left.size:
            shared = tuple(zone for zone in right.zones if zone in left.zones)
            return self._sentence(
                "both", self._size_slots(right.size) | self._zone_slots(shared) | {"change": ""}
            )
        if right.size is None or left.size is None:
            return self._sentence("both", self._size_slots(None) | self._zone_slots(()) | {"change": ""})
        sizes = {"right": self.grammar.expand(right.size, {}, self.rng)}
        sizes["left"] = self.grammar.expand(left.size, {}, self.rng)
        return self._sentence("both unlike", sizes)

    def _slots(self, one: _Statement) -> dict[str, str]:
        side = {"side": "", "side place": ""}
        if one.side_given:
            letter = self.rng.random() < 0.07
            side["side"] = self._phrase(f"side {'letter' if letter else 'adjective'} {one.source.side}")
            side["side place"] = self._phrase(f"side place {one.source.side}")
        change = self._phrase("change clause") if self.rng.random() < 0.2 else ""
        figure = {"figure": f" {one.figure}", "change": f" {change}"}
        return side | figure | self._size_slots(one.size) | self._zone_slots(one.zones)

    def _size_slots(self, size: Size | None) -> dict[str, str]:
        if size is None:
            return {"size": ""}
        word = self._phrase(size)
        return {"size": word, "size word": word}

    def _zone_slots(self, zones: tuple[Zone, ...]) -> dict[str, str]:
        if not zones:
            return {"zone": "", "at zone": ""}
        compound = f"zone {' '.join(zones)}"
        if compound in _RULES:
            word = self._phrase(compound)
        else:
            word = _listed([self._phrase(f"zone {zone}") for zone in zones])
        place = _listed([self._phrase(f"place {zone}") for zone in zones])
        return {"zone": word, "zone noun": word, "at zone": place}

    def _phrase(self, rule: str) -> str:
        return self.grammar.expand(rule, {}, self.rng)

    def _sentence(self, rule: str, slots: dict[str, str]) -> str:
        return as_sentence(self.grammar.expand(rule, slots, self.rng))


def _listed(words: Sequence[str]) -> str:
    """Words joined as prose does: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _quirks(text: str, rng: np.random.Generator) -> str:
    """Typing errors and capitals, at the rate at which dictation has them."""
    if rng.random() < _MISSPELT:
        text = re.sub("pneumothorax", str(rng.choice(_MISSPELLINGS)), text, count=1)
    chance = rng.random()
    if chance < 0.05:
        return text.upper()
    return text.lower() if chance < 0.08 else text
