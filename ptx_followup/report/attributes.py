"""Which side, zone, size and change belongs to which finding of a sentence.

A sentence falls into clauses, and a clause into list items. Modifiers belong to the finding of their item.
An item without a finding belongs to the finding before it ("pneumothorax, small, on the left") or, at the
start of its clause, to the one after it ("in the right apex, a pneumothorax"). A bare noun in a list shares
the side of the noun before it ("left pleural effusion and pneumothorax").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ptx_followup.report.assertion import Entity
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.values import sides_in, sides_of
from ptx_followup.report.vocabulary import FILLERS

MODIFIERS = frozenset(
    [
        *("side", "unequal", "zone", "measure", "formerly", "size", "tension", "normal"),
        *("larger", "smaller", "stable", "new", "persistent", "partly resolved", "unresolved"),
    ]
)
_SEPARATORS = frozenset({"list", "with", "colon", "boundary", "negation"})
#: Findings that a pneumothorax shares its side with when they are named together.
_SAME_SIDE = re.compile(
    r"effusion|fluid|collaps|pleural|lucen|opaci|consolid|infiltr|atelecta|fracture|rib|contusion|emphysema"
    r"|thorac|thora|thickening|volume loss|air space|chest tube|pigtail|drain|biopsy|resection|lobectomy|lung"
    r"|hemithorax|chest|side"
)
#: Signs of a pneumothorax, which lie where it lies.
_SIGN = re.compile(r"lucen|pleural (?:line|edge|reflection)|lung edge|markings|deep sulcus|collaps")
_APART = frozenset({"boundary", "negation", "colon"})
_CAUSE = ("due to", "because of", "secondary to")
_TOGETHER = ("and", "&", "but also", "versus", "vs")
#: Modifiers passed on from one noun to the next; time stays linear in whatever is given.
_MOST_SHARED = 6
#: What is said of a pneumothorax and of little else.
_OF_FINDINGS = frozenset({"measure", "size", "seen", "uncertain"})
_SITE_VERBS = frozenset({"verb", "normal", "persistent", "remaining", "seen"})


def attach_modifiers(marks: Sequence[Mark], entities: Sequence[Entity], normalised: str) -> None:
    """Give every modifier of a sentence to the entity that it belongs to.

    Args:
        marks: Marks of the sentence, from left to right.
        entities: Its entities; their `groups` are filled.
        normalised: The sentence.
    """
    by_index = {entity.index: entity for entity in entities}
    holders: list[Entity] = []
    waiting: list[range] = []
    last: Entity | None = None
    for item in _items(marks):
        separator = marks[item.start - 1].kind if item.start else "boundary"
        inside = _holders(marks, item, by_index)
        if separator == "boundary":
            last = next((entity for entity in reversed(holders[-8:]) if entity.is_pneumothorax), last)
        if inside:
            inside[0].groups.extend(_brought_forward(marks, waiting, denied=separator == "negation"))
            waiting = []
            _attach_in_item(marks, item, inside)
            holders.extend(inside)
            last = inside[-1]
        elif separator == "negation" or _is_well(marks, item) or _labels_well(marks, item, separator):
            continue  # "on the right, not the left"
        elif last is not None and _names_unknown(marks, item, last, normalised):
            continue  # "left pneumothorax smaller, RLL PNA unch"
        elif last is None or waiting or _leads_in(marks, item, separator):
            waiting.append(item)
        else:
            last.groups.append(_modifiers(marks, item))
    if last is not None:
        last.groups.extend(_modifiers(marks, item) for item in waiting)
    _share(marks, holders)


def _brought_forward(marks: Sequence[Mark], waiting: Sequence[range], *, denied: bool) -> list[list[Mark]]:
    """Modifiers of the items before the first entity of a clause that belong to it.

    Of a denied entity only a place does ("in the right apex, no ..."): in "right lung expanded, without ..."
    the lung is another matter.
    """
    groups = [_modifiers(marks, item) for item in waiting if not denied or _opens_with_place(marks, item)]
    normal = any(mark.kind == "normal" for group in groups for mark in group)
    return [] if normal else groups


def _modifiers(marks: Sequence[Mark], item: range) -> list[Mark]:
    return [marks[index] for index in item if marks[index].kind in MODIFIERS]


def _leads_in(marks: Sequence[Mark], item: range, separator: str) -> bool:
    """Whether a place belongs to what follows it: "...; on the left ...", "..., on the left there is ..."."""
    before_there = item.stop < len(marks) and marks[item.stop].text.startswith("there")
    return _opens_with_place(marks, item) and (separator == "boundary" or before_there)


def _names_unknown(marks: Sequence[Mark], item: range, last: Entity, normalised: str) -> bool:
    """Whether an item on the other side holds words that are not known: they may name something else."""
    sides = {side for index in item for side in sides_in(marks[index])}
    if (
        not last.is_pneumothorax
        or len(sides) != 1
        or not has_side(last)
        or sides & set(sides_of(last.modifiers))
    ):
        return False
    if any(marks[index].kind in _OF_FINDINGS for index in item):
        return False
    edges = [*range(item.start - 1, item.stop + 1)]
    places = [marks[index].end if index >= 0 else 0 for index in edges[:-1]]
    following = [marks[index].start if index < len(marks) else len(normalised) for index in edges[1:]]
    words = (
        word for end, start in zip(places, following, strict=True) for word in normalised[end:start].split()
    )
    return any(word.isalpha() and word not in FILLERS for word in words)


def _is_well(marks: Sequence[Mark], item: range) -> bool:
    """Whether an item says of a side that it is well: ", right clear"."""
    return {"side", "normal"} <= {marks[index].kind for index in item}


def _labels_well(marks: Sequence[Mark], item: range, separator: str) -> bool:
    """Whether a side is the label of one that is well: "...; right: clear"."""
    behind = [mark.kind for mark in marks[item.stop : item.stop + 3]]
    is_label = separator == "boundary" and behind[:1] == ["colon"] and len(item) == 1
    return is_label and bool({"normal", "none", "negation"} & set(behind[1:]))


def _opens_with_place(marks: Sequence[Mark], item: range) -> bool:
    return marks[item.start].kind == "preposition"


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
        entity.groups.append(_modifiers(marks, range(start, stop)))


def _adjoins(marks: Sequence[Mark], index: int) -> bool:
    """Whether a mark is a modifier that stands directly before the next mark."""
    return marks[index].kind in MODIFIERS | {"article", "site"} and (
        marks[index + 1].start - marks[index].end <= len(" associated ")
    )


def _share(marks: Sequence[Mark], holders: Sequence[Entity]) -> None:
    """Let a mention without a side take it from what it is named together with."""
    for before, after in pairwise(holders):
        between = marks[before.index + 1 : after.index]
        if before.mark.kind == "site" and after.is_pneumothorax and _only_denied(between):
            _share_lung(before, after)
        if any(mark.kind in _APART and not mark.text.startswith(_CAUSE) for mark in between):
            continue
        joined = any(mark.kind in ("list", "with") for mark in between)
        linked = not joined or any(mark.kind in ("supports", "uncertain") for mark in between)
        if after.is_pneumothorax and linked and _SIGN.search(before.mark.text):
            _take(after, before, ("side", "zone"))
        elif joined and before.is_pneumothorax and _SIGN.search(after.mark.text):
            _take(before, after, ("measure",))
        elif joined and after.is_pneumothorax and _SAME_SIDE.search(before.mark.text):
            _share_in_list(before, after)
        elif before.is_pneumothorax and any(mark.text in _TOGETHER for mark in between):
            behind = [mark for mark in after.modifiers if mark.kind == "side" and mark.start > after.mark.end]
            if not has_side(before):
                before.groups.append(behind)


def _only_denied(between: Sequence[Mark]) -> bool:
    kinds = {mark.kind for mark in between}
    return "negation" in kinds and not kinds & {"boundary", "colon"}


def _share_lung(lung: Entity, denied: Entity) -> None:
    """Let "the left lung is clear without pneumothorax" deny it on the left alone."""
    if len(sides_of(lung.modifiers)) == 1:
        _take(denied, lung, ("side",))


def _share_in_list(before: Entity, after: Entity) -> None:
    """Let a bare noun take side and stability from the noun before it."""
    bare = not after.modifiers
    if not has_side(after) and not any(mark.kind == "normal" for mark in before.modifiers):
        _take(after, before, ("side", "unequal"))
    if bare:
        _take(after, before, ("stable",))


def _take(entity: Entity, other: Entity, kinds: tuple[str, ...]) -> None:
    if "side" not in kinds or not has_side(entity):
        shared = [mark for mark in other.modifiers if mark.kind in kinds]
        entity.groups.append(shared[:_MOST_SHARED])


def has_side(entity: Entity) -> bool:
    """Whether a side was given to the entity."""
    return any(sides_in(mark) for mark in entity.modifiers)


def modifiers_on(entity: Entity, side: str | None) -> list[Mark]:
    """The modifiers that speak of one side: "2 cm on the right and 1 cm on the left" falls into two groups.

    Args:
        entity: With sides in one or more of its groups.
        side: One of its sides, or None for all modifiers.
    """
    speaking = (group for group in entity.groups if side is None or _speaks_of(group, side))
    return [mark for group in speaking for mark in group]


def _speaks_of(group: Sequence[Mark], side: str) -> bool:
    named = {found for mark in group for found in sides_in(mark)}
    return not named or side in named
