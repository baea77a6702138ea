"""Which side, zone, size and change belongs to which finding of a sentence, and what the words are worth.

A sentence falls into clauses, and a clause into list items. Modifiers belong to the finding of their item; an
item without a finding belongs to the finding before it ("pneumothorax, small, on the left"), or, at the
start of its clause, to the one after it ("in the right apex, a pneumothorax"). A bare noun in a list shares the
side of the noun before it ("left pleural effusion and pneumothorax").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from ptx_followup.report.assertion import Entity
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.terms import SIDES, ZONES, Change, Side, Size, Zone

MODIFIERS = frozenset(
    {
        "side", "unequal", "zone", "measure", "formerly", "size", "larger", "smaller", "stable", "new", "persistent",
        "partly resolved", "unresolved", "tension", "normal",
    }
)  # fmt: skip
_SEPARATORS = frozenset({"list", "with", "colon", "boundary", "negation"})
#: Findings that a pneumothorax shares its side with when they are named together.
_SAME_SIDE = re.compile(
    r"effusion|fluid|collaps|pleural|lucen|opaci|consolid|infiltr|atelecta|fracture|rib|contusion|emphysema"
    r"|thorac|thora|thickening|volume loss|air space|chest tube|pigtail|drain|biopsy|resection|lobectomy|lung"
    r"|hemithorax|chest|side"
)
_SITE_VERBS = frozenset({"verb", "normal", "persistent", "remaining"})

_MILLIMETRES = {"c": 10.0, "m": 1.0, "i": 25.4}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TINY = ("tiny", "trace", "minimal", "minute", "minis", "minus", "sliver", "very small", "subtle")
_SMALL = ("small", "mild", "slight", "little", "tiny to", "tiny -")
_MODERATE = ("moderate", "medium")


def attach_modifiers(marks: Sequence[Mark], entities: Sequence[Entity]) -> None:
    """Give every modifier of a sentence to the entity that it belongs to.

    Args:
        marks: Marks of the sentence, from left to right.
        entities: Its entities; their `modifiers` are filled.
    """
    by_index = {entity.index: entity for entity in entities}
    holders: list[Entity] = []
    waiting: list[Mark] = []
    last: Entity | None = None
    for item in _items(marks):
        inside = _holders(marks, item, by_index)
        new_clause = item.start > 0 and marks[item.start - 1].kind == "boundary"
        if new_clause:
            last = next((entity for entity in reversed(holders[-8:]) if entity.is_pneumothorax), last)
        if inside:
            if not any(mark.kind == "normal" for mark in waiting):
                inside[0].modifiers.extend(waiting)
            waiting = []
            _attach_in_item(marks, item, inside)
            holders.extend(inside)
            last = inside[-1]
            continue
        loose = [marks[index] for index in item if marks[index].kind in MODIFIERS]
        if last is None or waiting or (new_clause and marks[item.start].kind == "preposition"):
            waiting.extend(loose)
        else:
            last.modifiers.extend(loose)
    if last is not None:
        last.modifiers.extend(waiting)
    _share_sides(marks, holders)


def _items(marks: Sequence[Mark]) -> list[range]:
    """List items as ranges of mark indices, separators left out."""
    cuts = [-1, *(index for index, mark in enumerate(marks) if mark.kind in _SEPARATORS), len(marks)]
    return [range(start + 1, stop) for start, stop in pairwise(cuts) if stop - start > 1]


def _holders(marks: Sequence[Mark], item: range, entities: Mapping[int, Entity]) -> list[Entity]:
    """The entities of an item, and a lung that is its subject ("the left lung is clear")."""
    inside = [entities[index] for index in item if index in entities]
    if inside or not any(marks[index].kind in _SITE_VERBS for index in item):
        return inside
    for index in item:
        if marks[index].kind == "site":
            before = {marks[other].kind for other in range(max(item.start, index - 3), index)}
            return [] if "preposition" in before else [Entity(marks[index], index)]
    return []


def _attach_in_item(marks: Sequence[Mark], item: range, inside: Sequence[Entity]) -> None:
    """Share out the modifiers of one list item among its entities."""
    bounds = [item.start]
    for before, after in pairwise(inside):
        # Words directly before a noun describe it; the others belong to the noun behind them.
        index = after.index
        while index - 1 > before.index and _adjoins(marks, index - 1):
            index -= 1
        bounds.append(index)
    bounds.append(item.stop)
    for entity, (start, stop) in zip(inside, pairwise(bounds), strict=True):
        entity.modifiers.extend(
            marks[index] for index in range(start, stop) if marks[index].kind in MODIFIERS
        )


def _adjoins(marks: Sequence[Mark], index: int) -> bool:
    """Whether a mark is a modifier that stands directly before the next mark."""
    return marks[index].kind in MODIFIERS | {"article", "site"} and (
        marks[index + 1].start - marks[index].end <= len(" associated ")
    )


def _share_sides(marks: Sequence[Mark], holders: Sequence[Entity]) -> None:
    """Let a bare noun of a list take side and stability from the noun before it, or the place after it."""
    for before, after in pairwise(holders):
        between = [marks[index] for index in range(before.index + 1, after.index)]
        joined = any(mark.kind in ("list", "with") for mark in between)
        apart = any(mark.kind in ("boundary", "negation", "colon") for mark in between)
        if apart or not joined:
            continue
        if after.is_pneumothorax and not sides_of(after) and _SAME_SIDE.search(before.mark.text):
            if not any(mark.kind == "normal" for mark in before.modifiers):
                after.modifiers.extend(mark for mark in before.modifiers if mark.kind in ("side", "unequal"))
            if not after.modifiers or all(mark.kind == "side" for mark in after.modifiers):
                after.modifiers.extend(mark for mark in before.modifiers if mark.kind == "stable")
        elif before.is_pneumothorax and not sides_of(before) and any(mark.text == "and" for mark in between):
            before.modifiers.extend(
                mark for mark in after.modifiers if mark.kind == "side" and mark.start > after.mark.end
            )


def sides_of(entity: Entity) -> tuple[Side, ...]:
    """Sides of an entity, in the order of `SIDES`."""
    found = {side for mark in entity.modifiers for side in _sides_in(mark)}
    return tuple(side for side in SIDES if side in found)


def _sides_in(mark: Mark) -> tuple[Side, ...]:
    if mark.kind == "unequal":
        return SIDES
    if mark.kind != "side":
        return ()
    text = mark.text
    if text.startswith(("left", "lt", "lul", "lll", "ling")) or text == "l":
        return ("left",)
    if text.startswith(("right", "rt", "rul", "rml", "rll")) or text == "r":
        return ("right",)
    return SIDES


def zones_of(entity: Entity) -> tuple[Zone, ...]:
    """Zones of an entity, in the order of `ZONES`."""
    found = {zone for mark in entity.modifiers for zone in _zones_in(mark)}
    return tuple(zone for zone in ZONES if zone in found)


_ZONE_STEMS: dict[Zone, re.Pattern[str]] = {
    "apical": re.compile(r"api|apex|supero|upper|[rl]ul"),
    "lateral": re.compile(r"lateral"),
    "basal": re.compile(r"^bas|infero|costophrenic|lower|[rl]ll|bibas"),
    "subpulmonic": re.compile(r"pulmon"),
    "anterior": re.compile(r"antero|anterior"),
    "medial": re.compile(r"medial|mediastinal"),
    "circumferential": re.compile(r"circumferential|surrounding"),
}


def _zones_in(mark: Mark) -> Iterable[Zone]:
    if mark.kind in ("zone", "side") and not mark.text.startswith("bilateral"):
        yield from (zone for zone, stem in _ZONE_STEMS.items() if stem.search(mark.text))


def size_of(entity: Entity) -> Size | None:
    """The size word of an entity in four classes; of a range ("small to moderate") the larger."""
    for mark in entity.modifiers:
        if mark.kind != "size" or mark.text.startswith("significant"):
            continue
        word = re.split(r" (?:to|-) ", mark.text)[-1]
        if word.startswith(_TINY):
            return "tiny"
        if word.startswith(_SMALL):
            return "small"
        return "moderate" if word.startswith(_MODERATE) and not word.endswith("large") else "large"
    return None


def change_of(entity: Entity) -> Change | None:
    """The stated change; a direction outweighs "persistent"."""
    kinds = {mark.kind for mark in entity.modifiers} | entity.cues
    order: tuple[tuple[str, Change], ...] = (
        ("resolved", "resolved"),
        ("stable", "stable"),
        ("partly resolved", "smaller"),
        ("smaller", "smaller"),
        ("larger", "larger"),
        ("new", "new"),
        ("unresolved", "stable"),
        ("persistent", "stable"),
    )
    return next((change for kind, change in order if kind in kinds), None)


def measures_of(entity: Entity) -> tuple[tuple[float, Mark] | None, float | None]:
    """The measured extent in millimetres with its mark, and the percentage, of today's exam.

    Of a range the middle is taken; of "3 x 2 cm" the first. A value that the sentence calls earlier
    ("previously 3 cm", "from 3 to ...") is passed over.
    """
    extent: tuple[float, Mark] | None = None
    percent: float | None = None
    former = False
    for mark in entity.modifiers:
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
    r"[ ,]{0,3}((?:at|in|from|along|between|over|above|near|of)(?: (?!and\b|which\b|with\b|is\b|was\b|on\b)[a-z]+){1,6})"
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
