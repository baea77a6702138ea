"""A small grammar of phrases: rules with alternatives, written the way the sentences read.

In a phrase, `{name}` is replaced by the slot or rule of that name, `[...]` is kept half of the time and
`<a|b|c>` becomes one of its parts. Brackets nest. A phrase with a name outside brackets that is neither a
slot nor a rule is not used, so that a slot without text is a condition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

Phrasing = Literal["train", "validation"]

_NAME = re.compile(r"\{([^{}]+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]<>]*)\]")
_CHOICE = re.compile(r"<([^\[\]<>]*)>")


@dataclass(frozen=True)
class Rule:
    """The alternatives of a rule: those of both phrasings and those of one only."""

    shared: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()

    def of(self, phrasing: Phrasing) -> tuple[str, ...]:
        """The alternatives that a phrasing may use."""
        return self.shared + (self.train if phrasing == "train" else self.validation)


@dataclass(frozen=True)
class Grammar:
    """Expands rules by chance.

    Attributes:
        rules: By name.
        phrasing: Which alternatives are used.
    """

    rules: Mapping[str, Rule]
    phrasing: Phrasing

    def expand(self, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
        """One phrase of the rule `name`, single-spaced, with `slots` filled in.

        Raises:
            KeyError: No rule has that name, or none of its phrases can be used with these slots.
        """
        return tidy(self._rule(name, slots, rng))

    def _rule(self, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
        phrases = [
            phrase
            for phrase in self.rules[name].of(self.phrasing)
            if all(needed in slots or needed in self.rules for needed in _obligatory(phrase))
        ]
        if not phrases:
            raise KeyError(name)
        return self._fill(phrases[int(rng.integers(len(phrases)))], slots, rng)

    def _fill(self, phrase: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
        while match := _OPTIONAL.search(phrase) or _CHOICE.search(phrase):
            phrase = phrase[: match.start()] + self._resolve(match, slots, rng) + phrase[match.end() :]
        return _NAME.sub(lambda match: self._name(match[1], slots, rng), phrase)

    def _resolve(self, match: re.Match[str], slots: Mapping[str, str], rng: np.random.Generator) -> str:
        parts = match[1].split("|") if match[0].startswith("<") else [match[1], ""]
        usable = [part for part in parts if self._possible(part, slots)]
        return usable[int(rng.integers(len(usable)))] if usable else ""

    def _possible(self, part: str, slots: Mapping[str, str]) -> bool:
        return all(name in slots or name in self.rules for name in _NAME.findall(part))

    def _name(self, name: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
        return slots[name] if name in slots else self._rule(name, slots, rng)


@cache
def _obligatory(phrase: str) -> tuple[str, ...]:
    """Names outside every bracket."""
    while match := _OPTIONAL.search(phrase) or _CHOICE.search(phrase):
        phrase = phrase[: match.start()] + phrase[match.end() :]
    return tuple(_NAME.findall(phrase))


def tidy(text: str) -> str:
    """Set spaces, articles and punctuation right after slots were filled or left empty."""
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ([,.;:)])", r"\1", text)
    text = re.sub(r"([,;])(?=[.;])", "", text)
    text = re.sub(r"\b([Aa]) (?=[aeiouAEIOU])", r"\1n ", text)
    text = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W])", r"\1 ", text)
    return "\n".join(line.strip() for line in text.splitlines()).strip()


def as_sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", ":")) else ".")
