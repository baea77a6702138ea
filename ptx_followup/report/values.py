"""What the words of the lexicon are worth: sides, zones, sizes, changes, millimetres and percentages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from ptx_followup.report.lexicon import Mark, scan
from ptx_followup.report.terms import ZONES, Change, Size, Zone
from ptx_followup.sides import SIDES, Side

_MILLIMETRES = {"c": 10.0, "m": 1.0, "i": 25.4}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TINY = ("tiny", "trace", "minimal", "minute", "minis", "minus", "sliver", "subtle", "bit")
_SMALL = ("small", "mild", "slight", "little", "shallow", "sm")
_MODERATE = ("moderate", "medium", "mod")
_CHANGES: tuple[tuple[str, Change], ...] = (
    ("resolved", "resolved"),
    ("stable", "stable"),
    ("partly resolved", "smaller"),
    ("smaller", "smaller"),
    ("larger", "larger"),
    ("new", "new"),
    ("unresolved", "stable"),
    ("persistent", "stable"),
)
_ZONE_STEMS: dict[Zone, re.Pattern[str]] = {
    "apical": re.compile(r"api|apex|\bap$|supero|upper|[rl]ul"),
    "lateral": re.compile(r"(?<!bi)lat"),
    "basal": re.compile(r"^bas|o ?bas|infero|costophrenic|lower|[rl]ll|bibas"),
    "subpulmonic": re.compile(r"pulm"),
    "anterior": re.compile(r"ant|ventro"),
    "medial": re.compile(r"medial|mediastinal"),
    "circumferential": re.compile(r"circumferential|surrounding"),
}


def sides_of(modifiers: Iterable[Mark]) -> tuple[Side, ...]:
    """Sides among the modifiers, in the order of `SIDES`."""
    found = {side for mark in modifiers for side in sides_in(mark)}
    return tuple(side for side in SIDES if side in found)


def sides_in(mark: Mark) -> tuple[Side, ...]:
    """The sides that one mark names."""
    if mark.kind == "unequal":
        return SIDES
    if mark.kind != "side":
        return ()
    if mark.text.startswith(("left", "lt", "lul", "lll", "ling", "sinist")) or mark.text == "l":
        return ("left",)
    if mark.text.startswith(("right", "rt", "rul", "rml", "rll", "dext")) or mark.text == "r":
        return ("right",)
    return SIDES


def zones_of(modifiers: Iterable[Mark]) -> tuple[Zone, ...]:
    """Zones among the modifiers, in the order of `ZONES`."""
    texts = [
        mark.text
        for mark in modifiers
        if mark.kind in ("zone", "side") and not mark.text.startswith("bilateral")
    ]
    return tuple(zone for zone in ZONES if any(_ZONE_STEMS[zone].search(text) for text in texts))


def size_of(modifiers: Iterable[Mark]) -> Size | None:
    """The size word in four classes, of today's exam; of a range ("small to moderate") the larger."""
    former = False
    subtle: Size | None = None
    for mark in modifiers:
        passed_over, former = former, mark.kind == "formerly"
        if mark.text == "subtle":
            subtle = "tiny"  # unless a word of size follows
            continue
        if mark.kind != "size" or mark.text.startswith("significant") or passed_over:
            continue
        word = re.split(r" (?:to|-) ", mark.text)[-1].removeprefix("very ")
        if word.startswith(_TINY) or mark.text == "very small":
            return "tiny"
        if word.startswith(_SMALL):
            return "small"
        return "moderate" if word.startswith(_MODERATE) and not word.endswith("large") else "large"
    return subtle


def size_of_words(words: str) -> Size | None:
    """The size of a pneumothorax that words before its name give: "very small"."""
    return size_of(scan(f"{words} pneumothorax"))


def change_of(modifiers: Iterable[Mark], cues: Set[str]) -> Change | None:
    """The stated change; a direction outweighs "persistent"."""
    for kinds in ({mark.kind for mark in modifiers}, cues):
        change = next((change for kind, change in _CHANGES if kind in kinds), None)
        if change:
            return change
    return None


def measures_of(modifiers: Iterable[Mark]) -> tuple[tuple[float, Mark] | None, float | None]:
    """The measured extent in millimetres with its mark, and the percentage, of today's exam.

    Of a range the middle is taken; of "3 x 2 cm" the first. A value that the sentence calls earlier
    ("previously 3 cm", "from 3 to ...") is passed over.
    """
    extent: tuple[float, Mark] | None = None
    percent: float | None = None
    former = False
    for mark in modifiers:
        if mark.kind == "measure" and not former:
            value = _value(mark.text)
            unit = mark.text.lstrip("0123456789.-xto ")[:1]
            if unit in ("%", "p"):
                percent = value if percent is None and value <= 100 else percent
            elif extent is None:
                extent = value * _MILLIMETRES[unit], mark
        former = mark.kind == "formerly"
    return extent, percent


def _value(text: str) -> float:
    numbers = [float(number) for number in _NUMBER.findall(text)]
    return numbers[0] if "x" in text or len(numbers) == 1 else sum(numbers[:2]) / 2


_PLACE_AFTER = re.compile(
    r"[ ,]{0,3}((?:at|in|from|along|between|over|above|near|of)"
    r"(?: (?!and\b|which\b|with\b|is\b|was\b|on\b)[a-z]+){1,6})"
)
_PLACE_BEFORE = re.compile(
    r"((?:[a-z]+ ){0,2}(?:rim|separation|distance|depth|gap|thickness|width|displacement|component))"
    r"(?: [a-z]+){0,4} ?$"
)


def measured_place(normalised: str, measure: Mark) -> str | None:
    """What a measure was taken of, in the report's words: "at the apex", "interpleural distance"."""
    after = _PLACE_AFTER.match(normalised[measure.end : measure.end + 80])
    if after:
        return after.group(1)
    before = _PLACE_BEFORE.search(normalised[max(0, measure.start - 60) : measure.start])
    return before.group(1) if before else None
