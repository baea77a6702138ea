"""Puts statements about a pneumothorax into the sentences and frames of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ptx_followup.report.grammar import Grammar, as_sentence, tidy
from ptx_followup.report.terms import Change, Size, Zone
from ptx_followup.sides import Side

_TOPICS = ("heart", "lungs", "effusion", "devices", "bones", "general")
_TOPIC_RATES = {"heart": 0.6, "lungs": 0.6, "effusion": 0.5, "devices": 0.5, "bones": 0.4, "general": 0.1}


@dataclass(frozen=True)
class Statement:
    """What a report says of the pneumothorax on one side, the same in each of its sections.

    Attributes:
        side: Of the patient.
        side_given: Whether the report names it.
        size: Size class, or None where the report leaves it out.
        zones: The zones named.
        change: Since the comparison exam, or None where the report compares nothing.
        hedged: Stated as possible.
        length: A width with its unit ("12 mm"), or None.
        percent: A percentage of the hemithorax in digits, or None.
    """

    side: Side
    side_given: bool
    size: Size | None
    zones: tuple[Zone, ...]
    change: Change | None
    hedged: bool
    length: str | None
    percent: str | None


class ReportWriter:
    """Writes one report: what is drawn once for the report (its other findings, its comparison) is kept here.

    Args:
        grammar: The phrases.
        statements: At most one a side, right first; empty for a report that denies a pneumothorax.
        rng: Source of chance.
    """

    def __init__(self, grammar: Grammar, statements: Sequence[Statement], rng: np.random.Generator) -> None:
        self._grammar = grammar
        self._statements = statements
        self._rng = rng
        changes = {statement.change for statement in statements}
        resolved = not statements and self._chance(0.25)
        prior = resolved or bool(changes & {"stable", "larger", "smaller", "new"}) or self._chance(0.3)
        dry = self._chance(0.5)
        clear = dry and self._chance(0.6)
        self._conditions = {
            "prior" if prior else "no prior": "",
            "clear" if clear else "opaque": "",
            **({"dry": ""} if dry else {"wet": ""}),
            **({"resolved": ""} if resolved else {}),
        }
        self._others = {topic: self._sentence(topic, self._conditions) for topic in _TOPICS}

    def report(self) -> str:
        """A whole report in one of the frames."""
        slots = {f"{topic} sentence": sentence for topic, sentence in self._others.items()}
        findings = self._findings()
        impression = self._impression()
        slots["findings"] = " ".join(findings)
        slots["bullets"] = "\n- ".join(findings)
        slots["impression"] = " ".join(impression)
        slots["list"] = self._listed(impression)
        slots["pneumothorax sentences"] = self.pneumothorax()
        slots["answer sentence"] = self._answer()
        slots["telegram"] = self._telegram()
        return self._expand("frame", slots | self._conditions)

    def pneumothorax(self) -> str:
        """The statements alone, in sentences."""
        return " ".join(self._pneumothorax())

    def _findings(self) -> list[str]:
        own = self._pneumothorax()
        if len(self._statements) == 1:
            own += self._other_side() + self._no_tension()
        others = self._chosen_others()
        at = int(self._rng.integers(len(others) + 1))
        return others[:at] + own + others[at:]

    def _chosen_others(self) -> list[str]:
        """Some of the other findings, with up to two more devices, by topic or in any order."""
        chosen = [self._others[topic] for topic in _TOPICS if self._chance(_TOPIC_RATES[topic])]
        chosen += [
            self._sentence("devices", {}) for _ in range(int(self._rng.choice(3, p=[0.6, 0.25, 0.15])))
        ]
        if self._chance(0.5):
            chosen = [chosen[i] for i in self._rng.permutation(len(chosen))]
        return list(dict.fromkeys(chosen))

    def _other_side(self) -> list[str]:
        only = self._statements[0]
        if not only.side_given or not self._chance(0.25):
            return []
        other: Side = "left" if only.side == "right" else "right"
        return [self._sentence("other side", {"other side": other})]

    def _no_tension(self) -> list[str]:
        return [self._sentence("no tension", {})] if self._chance(0.15) else []

    def _impression(self) -> list[str]:
        if not self._statements and self._chance(0.35):
            return [self._sentence("unremarkable", {})]
        extra = [self._others[topic] for topic in _TOPICS if self._chance(0.2)]
        own = self._pneumothorax()
        return own + extra if self._chance(0.7) else extra + own

    def _listed(self, sentences: Sequence[str]) -> str:
        mark: Callable[[int], str] = [
            lambda number: f"{number}. ",
            lambda number: f"{number}) ",
            lambda _: "- ",
            lambda _: "",
        ][int(self._rng.integers(4))]
        return "\n".join(mark(number) + sentence for number, sentence in enumerate(sentences, 1))

    def _telegram(self) -> str:
        if self._statements:
            own = [self._sentence("telegraphic finding", self._slots(one)) for one in self._statements]
        else:
            own = [self._sentence("telegraphic denial", self._conditions)]
        others = [self._others[topic] for topic in _TOPICS if self._chance(0.2)]
        return " ".join(own + others)

    def _answer(self) -> str:
        if not self._statements:
            return self._sentence("no", {})
        if len(self._statements) == 2:
            return self.pneumothorax()
        return self._sentence("answer", self._slots(self._statements[0]))

    def _pneumothorax(self) -> list[str]:
        if not self._statements:
            return [self._sentence("denial", self._conditions)]
        if len(self._statements) == 2 and self._chance(0.45):
            return [self._both()]
        order = self._rng.permutation(len(self._statements))
        return [self._sentence("finding", self._slots(self._statements[i])) for i in order]

    def _both(self) -> str:
        """One sentence for both sides, saying of each no more than is true of it."""
        first, second = self._statements
        if first.size != second.size and first.size is not None and second.size is not None:
            sizes: dict[str, str] = {one.side: self._expand(f"size {one.size}") for one in self._statements}
            return self._sentence("unlike", sizes)
        change = first.change if first.change == second.change else None
        size = first.size if first.size == second.size else None
        zones = first.zones if first.zones == second.zones else ()
        return self._sentence("alike", self._size(size) | self._zone(zones, "") | self._change(change))

    def _slots(self, one: Statement) -> dict[str, str]:
        slots = self._side(one) | self._size(one.size) | self._change(one.change) | self._extent(one)
        slots |= self._zone(one.zones, one.side if one.side_given else "")
        if not one.zones:
            slots["where"] = slots["on side"]
        hedge = {"hedge": self._expand("hedge")} if one.hedged else {"hedge": "", "certain": ""}
        return slots | hedge

    def _side(self, one: Statement) -> dict[str, str]:
        if not one.side_given:
            return {"side": "", "bare side": "", "letter": "", "on side": ""}
        return {
            "bare side": one.side,
            "side": self._expand(f"adjective {one.side}"),
            "letter": self._expand(f"letter {one.side}" if self._chance(0.7) else f"adjective {one.side}"),
            "on side": self._expand("on side", {"bare side": one.side}),
        }

    def _size(self, size: Size | None) -> dict[str, str]:
        if size is None:
            return {"size": ""}
        word = self._expand(f"size {size}")
        return {"size": word, "size word": word, size: ""}

    def _zone(self, zones: tuple[Zone, ...], side: str) -> dict[str, str]:
        if not zones:
            return {"zone": "", "at zone": "", "at bare zone": "", "where": ""}
        word = (
            self._expand(f"zone {' '.join(zones)}")
            if f"zone {' '.join(zones)}" in self._grammar.rules
            else None
        )
        word = word or _series([self._expand(f"zone {zone}") for zone in zones])
        bare = _series([self._expand(f"at {zone}", {"bare side": ""}) for zone in zones])
        sided = _series([self._expand(f"at {zone}", {"bare side": side}) for zone in zones])
        return {"zone": word, "zone word": word, "at zone": bare, "at bare zone": bare, "where": sided}

    def _change(self, change: Change | None) -> dict[str, str]:
        if change is None:
            return {"change": "", "fresh": ""}
        clause = f" {self._expand(f'change {change}')}" if self._chance(0.6) else ""
        return {"change": clause, "new" if change == "new" else "prior": ""}

    def _extent(self, one: Statement) -> dict[str, str]:
        if one.length is not None:
            slots = {"length": one.length} | ({"apical only": ""} if one.zones == ("apical",) else {})
            return {"extent": f" {self._expand('extent', slots)}"}
        if one.percent is not None:
            return {"extent": f" {self._expand('share', {'percent': one.percent})}"}
        return {"extent": ""}

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def _expand(self, rule: str, slots: dict[str, str] | None = None) -> str:
        return self._grammar.expand(rule, slots or {}, self._rng)

    def _sentence(self, rule: str, slots: dict[str, str]) -> str:
        return as_sentence(tidy(self._expand(rule, slots)))


def _series(words: Sequence[str]) -> str:
    """Words joined as prose does: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
