"""The side of a pneumothorax that is told elsewhere: by a field of a form, a drain, what lies beside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ptx_followup.report.assertion import DENIALS
from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.reading import Reader
from ptx_followup.report.sections import REDACTION, Sentence
from ptx_followup.report.terms import Finding
from ptx_followup.report.values import sides_in, sides_of
from ptx_followup.sides import SIDES, Side

_FIELD = re.compile(
    r"(?:^|[.;,?|(]\s?|\s{2})(?:(?:on )?which |what |affected )?"
    r"(?:sides?|laterality|left ?/ ?right|r ?/ ?l|l ?/ ?r)\b[^\w]{1,8}"
    r"(?P<side>left|right|lt|rt|l|r|both|bilateral)\b",
    re.IGNORECASE,
)
#: Longer sentences are not looked at, in characters.
_LONG = 400
#: Sentences before and behind that are looked at.
_NEAR = (0, -1, 1, -2, 2)
_ENDS_ITEM = frozenset({"boundary", "list", "colon", "with"})
#: Concepts under which a side is one of which nothing is wrong.
_WELL = frozenset(
    {"normal", "negation", "none", "not seen", "resolved", "likely none", "history", "previous"}
)

_CONTRARY = re.compile(r"\b(?:contralateral|opposite|other side)\b", re.IGNORECASE)
#: Findings and devices that lie on either side, whatever the side of the pneumothorax.
_OF_ITS_OWN = re.compile(
    r"effusion|(?:pleural )?fluid|emphysema|lines?$|catheter|picc|port$|pacemaker|leads?$|wires?$|opaci"
    r"|consolid|infiltr|atelecta|nodule|mass|o?edema|pneumonia|granuloma|scarr|thicken|fibro|heart|hern"
)


def with_side_of_context(
    findings: Sequence[Finding], sentences: Sequence[Sentence], reader: Reader
) -> list[Finding]:
    """Give present findings without a side the one that the rest of the description tells.

    Args:
        findings: Of the report; they are returned as they are where one that is present has a side.
        sentences: Of the report.
        reader: Of its sentences.
    """
    if not any(_is_open(one) for one in findings) or any(
        one.present and one.side and one.section in BODY for one in findings
    ):
        return list(findings)
    body = [one for one in sentences if one.section in BODY and _is_whole(one)]
    absent = [one for one in findings if one.present is False and one.certainty == "certain"]
    denied = {one.side for one in absent if one.side}
    told = _in_field(body) or _of_tubes(body, reader)
    starts = [one.start for one in body]
    result = []
    for finding in findings:
        sides: tuple[Side, ...] = ()
        if _is_open(finding):
            sides = told or _around(bisect_left(starts, finding.span[0]), body, reader)
            if _CONTRARY.search(finding.sentence, 0, _LONG) and len(sides) == 1:
                sides = tuple(side for side in SIDES if side not in sides)
            sides = tuple(side for side in sides if side not in denied)
            if not sides and len(denied) == 1:
                sides = tuple(side for side in SIDES if side not in denied)
        result += [replace(finding, side=side) for side in sides] or [finding]
    return result


def _is_open(finding: Finding) -> bool:
    return finding.present is True and finding.side is None and finding.section in BODY


def _is_whole(sentence: Sentence) -> bool:
    """Whether no word was removed from a sentence of usual length."""
    return len(sentence.wording) <= _LONG and not REDACTION.search(sentence.wording)


def _in_field(body: Sequence[Sentence]) -> tuple[Side, ...]:
    """The side in a field of a form: "Side: L"."""
    field = next((match for one in body for match in _FIELD.finditer(one.wording)), None)
    letter = field["side"][0].lower() if field else ""
    return SIDES if letter == "b" else tuple(side for side in SIDES if side[0] == letter)


def _of_tubes(body: Sequence[Sentence], reader: Reader) -> tuple[Side, ...]:
    """The side of the drains, where all lie on one."""
    sides = {
        side
        for one in body
        for entity in reader(one.wording).entities
        if entity.mark.kind == "tube" and not entity.cues & DENIALS
        for side in sides_of(entity.modifiers)
    }
    return tuple(sides) if len(sides) == 1 else ()


def _around(place: int, body: Sequence[Sentence], reader: Reader) -> tuple[Side, ...]:
    """The one side of which the sentence or its nearest neighbour says that something is amiss."""
    for step in _NEAR:
        if 0 <= place + step < len(body):
            marks = reader(body[place + step].wording).marks
            sides = {side for item in _items(marks) for mark in item for side in sides_in(mark)}
            if sides:
                return tuple(sides) if len(sides) == 1 else ()
    return ()


def _items(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """Clauses and list items of which it is not said that they are well."""
    item: list[Mark] = []
    for mark in (*marks, None):
        if mark is None or mark.kind in _ENDS_ITEM:
            if not any(one.kind in _WELL or _OF_ITS_OWN.match(one.text) for one in item):
                yield item
            item = []
        else:
            item.append(mark)
