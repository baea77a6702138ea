"""A report made untrue in one respect: the size, or the zone (`report.mirror` exchanges the sides).

The ConTEXTual Net paper changed "large" to "small" and "base" to "apical" and watched the mask follow. Only
sentences that state a pneumothorax are changed: the size of an effusion stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from ptx_followup.report.terms import Report

SizeChange = Literal["larger", "smaller"]

_LITTLE = "very small|tiny|trace|minimal|minute|miniscule|minuscule|subtle|slight|mild|small|little"
_MUCH = "very large|moderately large|moderate|medium|large|sizeable|sizable|big|massive|extensive|huge"
_SIZE = re.compile(
    # Of a range the larger counts, as where reports are read. All new words begin with a consonant.
    rf"(?P<article>\ban? )?(?<![\w-])(?:(?:{_LITTLE})(?: to |-to-|-|/))?"
    rf"(?:(?P<much>{_MUCH})|(?P<little>{_LITTLE}))\b"
    r"(?!-bore| bore|-calib| calib)",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[ -]?(?:mm|cm|%|percent))", re.IGNORECASE)
#: A size word one or two classes off goes with figures that differ by about as much.
_FACTOR = 3.0
_MOST_PERCENT = 90.0

_ZONES = {
    "apical": "basal", "apically": "basally", "apico": "baso", "apicolateral": "basolateral",
    "biapical": "bibasal", "apex": "base", "apices": "bases", "upper": "lower",
}  # fmt: skip
_ZONES |= {low: high for high, low in _ZONES.items()} | {"basilar": "apical", "bibasilar": "biapical"}
_ZONE = re.compile(rf"\b(?:{'|'.join(sorted(_ZONES, key=len, reverse=True))})\b", re.IGNORECASE)


def other_size(report: Report) -> tuple[str, SizeChange] | None:
    """Large for small and small for large, with stated figures three times as small or large.

    Returns:
        The report, and which way its size went; None where it states no size in words.
    """
    changes: set[SizeChange] = set()

    def swap(sentence: str) -> str:
        found = _SIZE.search(sentence)
        if found is None:
            return sentence
        change: SizeChange = "smaller" if found["much"] else "larger"
        changes.add(change)
        swapped = _SIZE.sub(lambda match: _in_case(match, "small" if match["much"] else "large"), sentence)
        return _MEASURE.sub(lambda match: _scaled(match, change), swapped)

    text = _in_findings(report, swap)
    # Both ways at once (small on one side, large on the other) has no direction to be judged by.
    return (text, changes.pop()) if len(changes) == 1 else None


def other_zone(report: Report) -> str | None:
    """Apex for base and base for apex; None where the report names neither."""
    text = _in_findings(report, lambda sentence: _ZONE.sub(_other_zone, sentence))
    return None if text == report.text else text


def _in_findings(report: Report, change: Callable[[str], str]) -> str:
    """The report with `change` applied to each sentence that states a pneumothorax."""
    text = report.text
    for start, end in sorted({one.span for one in report.findings if one.present}, reverse=True):
        text = text[:start] + change(text[start:end]) + text[end:]
    return text


def _in_case(match: re.Match[str], word: str) -> str:
    article = match["article"] or ""
    original = match[0][len(article) :]
    article = re.sub("(?i)^(a)n", r"\1", article)
    if original.isupper():
        return article + word.upper()
    return article + (word.capitalize() if original[0].isupper() else word)


def _scaled(match: re.Match[str], change: SizeChange) -> str:
    value = float(match["number"]) * (_FACTOR if change == "larger" else 1 / _FACTOR)
    if match["unit"].strip(" -").lower() in ("%", "percent"):
        value = min(value, _MOST_PERCENT)
    return f"{value:.1f}".removesuffix(".0") + match["unit"]


def _other_zone(match: re.Match[str]) -> str:
    word = _ZONES[match[0].lower()]
    if match[0].isupper():
        return word.upper()
    return word.capitalize() if match[0][0].isupper() else word
