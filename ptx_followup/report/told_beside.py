"""Zones and sizes of a pneumothorax that stand beside the sentence that names it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from ptx_followup.report.fields import fields_after
from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import normalise, scan
from ptx_followup.report.places import SOMETHING_ELSE, zones_described
from ptx_followup.report.sections import REDACTION, Sentence
from ptx_followup.report.terms import Finding, Size, Zone
from ptx_followup.report.values import sides_of, size_of, size_of_words
from ptx_followup.sides import Side

#: Sentences behind and before that are looked at, the nearest first.
_NEAR = (0, 1, -1, 2)
#: Sentences that a form is looked at for.
_FORM = 9
#: Longer sentences are not looked at, in characters.
_LONG = 400
_GOES_ON = re.compile(
    r"^(?:(?:and|although|but|now|overall|so|therefore|still) )*(?:it s|it|this|each|its (?:size"
    r"|volume|extent)"
    r"|the (?:air|amount|size|volume|latter|air (?:component|part))|(?:id|i|we) (?:\w+ ){0,3}(?:call"
    r"|class|grade|consider|judge)"
    r"|(?:in )?total|taken together|overall"
    r"|(?:the )?(?:left |right )?(?:sided )?pneumothorax (?:is|remains|has become))\b"
)
_SIZE_ALONE = re.compile(
    r"^(?:(?:very|overall) )?\w+(?: (?:and (?:apical|basal|lateral)|(?:in )?(?:size|volume|extent)d?"
    r"|overall))? ?\.?$"
)
_FORMER = re.compile(r"\b(?:was|were|previous\w*|yesterday|before|no longer|not|than|from|if)\b")
_DENIED = re.compile(r"\b(?:no|without)\b")
_TODAY = re.compile(r"\b(?:now|today|currently)\b")
_CLAUSE = re.compile(r" (?:[.;!()]|but|,(?: and)?|and (?=(?:is|remains|i|we|now)\b))(?: |$)")
#: Without these no sentence tells of a lung that has collapsed whole; a quick test before reading.
_QUICK = re.compile(r"collaps|gross", re.IGNORECASE)
_COLLAPSED = re.compile(
    r"\b(?:complete|total|near total|subtotal) (?:lung )?collapse (?:of )?(?:the )?(?:entire "
    r"|whole )?(?:left |right )?lung\b"
    r"|\b(?:left |right )?lung (?:is |has )?(?:completely|totally) collapsed\b"
    r"|\bgross (?:left |right )?(?:sided )?pneumothorax"
)
_TRACE = re.compile(
    r"\b(?:sliver|trace|bit) of (?:\w+ ){0,2}(?:air|gas)\b|\btiny (?:\w+ ){0,2}(?:air )?(?:pocket|gap)\b"
)
#: A size of today beside one of an earlier film: "was small, now moderate".
_NOW = re.compile(
    r"\b(?:now|today|currently)(?: (?:it|is|a|an|only|has become|measures))* "
    r"(?P<size>(?:very )?(?:tiny|trace|minimal|small|moderate|medium|large|massive))\b(?! (?:left "
    r"|right )?(?:pleural )?effusion)"
)


def with_told_beside(findings: Sequence[Finding], sentences: Sequence[Sentence]) -> list[Finding]:
    """Give present findings the zones and the size that the sentences around them tell.

    Args:
        findings: Of the report. Nothing is added where a finding of the same side has it already.
        sentences: Of the report.
    """
    body = [one for one in sentences if one.section in BODY]
    starts = [one.start for one in body]
    stated = [one for one in findings if one.present and one.section in BODY]
    sides = {one.side for one in stated}
    zoned = {one.side for one in stated if one.zones}
    sized = {one.side for one in stated if one.size or one.percent is not None}
    collapsed = [clause for one in body for clause in _collapses(one)]
    result = []
    for finding in findings:
        if not finding.present or finding.section not in BODY:
            result.append(finding)
            continue
        place = bisect_right(starts, finding.span[0]) - 1
        fields = fields_after(body[place : place + _FORM]) if len(sides) == 1 else ((), None)
        zones, size = finding.zones, finding.size
        if not _covers(zoned, finding.side):
            zones = fields[0] or _zones_around(finding, place, body)
        if not _covers(sized, finding.side) and len(sides) == 1:
            size = fields[1] or _size_around(finding, place, body)
            if size is None and any(_is_on(clause, finding.side) for clause in collapsed):
                size = "large"
        result.append(replace(finding, zones=zones, size=_size_now(finding, size)))
    return result


def _covers(told: Set[Side | None], side: Side | None) -> bool:
    """Whether it is told of a side, or of a pneumothorax that may lie there."""
    return side in told or None in told or (side is None and bool(told))


def _size_now(finding: Finding, size: Size | None) -> Size | None:
    """The size that a sentence about one side calls today's, else the one that was read."""
    plain = normalise(finding.sentence[:_LONG])
    now = _NOW.search(plain)
    if now is None or SOMETHING_ELSE.search(plain) or len(sides_of(scan(plain))) > 1:
        return size
    return size_of_words(now["size"])


def _around(finding: Finding, place: int, body: Sequence[Sentence]) -> list[tuple[int, Sentence]]:
    """The sentences around a finding in its section, with the steps that lead to them."""
    near = []
    for step in _NEAR:
        if not 0 <= place + step < len(body):
            continue
        one = body[place + step]
        if one.section == finding.section and len(one.wording) <= _LONG and not REDACTION.search(one.wording):
            near.append((step, one))
    return near


def _zones_around(finding: Finding, place: int, body: Sequence[Sentence]) -> tuple[Zone, ...]:
    for step, one in _around(finding, place, body):
        zones = zones_described(one.wording, finding.side, follows=step > 0)
        if zones:
            return zones
    return ()


def _size_around(finding: Finding, place: int, body: Sequence[Sentence]) -> Size | None:
    """The size in the sentence that names a pneumothorax, or in one that goes on about it."""
    for step, one in _around(finding, place, body):
        plain = normalise(one.wording)
        if step == 0 and _TRACE.search(plain) and not _FORMER.search(plain):
            return "tiny"
        size = _size_said(plain, finding.side) if step >= 0 else None
        if size:
            return size
    return None


def _collapses(sentence: Sentence) -> Iterator[str]:
    """The words that say of today that a lung has collapsed whole."""
    if len(sentence.wording) > _LONG or not _QUICK.search(sentence.wording):
        return
    plain = normalise(sentence.wording)
    collapse = _COLLAPSED.search(plain)
    if collapse and not _FORMER.search(plain) and not _DENIED.search(plain[: collapse.start()]):
        yield collapse.group(0)


def _size_said(plain: str, side: Side | None) -> Size | None:
    """The size in a clause whose subject is the pneumothorax that was named: "It is moderate."."""
    turn = SOMETHING_ELSE.search(plain)
    for clause in _CLAUSE.split(plain):
        clause = clause.strip()
        size = size_of(mark for mark in scan(clause) if mark.kind == "size")
        former = _FORMER.search(clause)
        if not size or SOMETHING_ELSE.search(clause) or not _is_on(clause, side):
            continue
        if former and not _TODAY.search(clause[former.end() :]):
            continue
        if (
            (_SIZE_ALONE.match(clause) and turn is None)
            or _GOES_ON.match(clause)
            or clause.startswith(("still ", "now "))
        ):
            return size
    return None


def _is_on(plain: str, side: Side | None) -> bool:
    sides = sides_of(scan(plain))
    return not sides or sides == (side,)
