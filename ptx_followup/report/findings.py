"""Understanding a report: every statement that it makes about a pneumothorax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ptx_followup.report.assertion import DENIALS, Entity, certainty_of
from ptx_followup.report.attributes import modifiers_on
from ptx_followup.report.reading import Reader, Reading, continues, may_name, sides_around
from ptx_followup.report.sections import BODY, Sentence, split_sentences
from ptx_followup.report.summary import summarise
from ptx_followup.report.terms import Certainty, Finding, Report
from ptx_followup.report.values import change_of, measured_place, measures_of, sides_of, size_of, zones_of
from ptx_followup.sides import Side

#: Parts of words without which no sentence names a tube or a shift; a quick test before reading.
_TUBE_OR_SHIFT = (
    *("tube", "pigtail", "drain", "thoracostomy", "catheter", "vent", "heimlich", "icc", "icd"),
    *("shift", "deviat", "displac"),
)
_REMOVED = re.compile(r"\b(?:remov(?:ed|al)|withdrawn|discontinued|pulled)\b")
_MEDIASTINUM = re.compile(r"mediast|trache|heart|cardi|midline|shift")
_SHIFT_TO = re.compile(r"to(?:ward|wards)? (?:the )?(?:left|right)|(?:left|right)ward")
#: Cues under which a tube or a shift is not there today.
_NOT_IN_PLACE = DENIALS | {"resolved", "history", "query"}
#: Cues that end a pneumothorax of an earlier exam.
_GONE = DENIALS | {"resolved"}


def understand(report_text: str) -> Report:
    """Read a report.

    Args:
        report_text: The report as loaded, see `load_report`.

    Returns:
        Every statement about a pneumothorax in the order of the text, and their summary: an addendum
        outweighs the impression, the impression outweighs the findings, and contradictions are listed as
        conflicts.
        Questions ("rule out pneumothorax") are no statements. Never raises, whatever the text.
    """
    sentences = split_sentences(report_text)
    reader = Reader()
    findings: list[Finding] = []
    for index, sentence in enumerate(sentences):
        if not may_name(sentence.text):
            continue
        following = sentences[index + 1] if index + 1 < len(sentences) else None
        if following and continues(sentence, following, reader):
            sentence = replace(sentence, text=report_text[sentence.start : following.end], end=following.end)
        around = [sentences[other] for other in (index - 1, index + 1) if 0 <= other < len(sentences)]
        findings.extend(_state(sentence, around, reader))
    findings = _refer_back(findings)
    findings = _with_tubes_and_shift(findings, sentences, reader)
    return summarise(report_text, tuple(dict.fromkeys(findings)))


def _state(sentence: Sentence, around: Sequence[Sentence], reader: Reader) -> list[Finding]:
    """The statements of one sentence."""
    read = reader(sentence.text)
    mentions = [entity for entity in read.entities if entity.is_pneumothorax]
    findings: list[Finding] = []
    for entity in mentions:
        statement = _assertion(entity, sentence, read, others=len(mentions) > 1)
        if statement is None:
            continue
        sides: tuple[Side | None, ...] = sides_of(entity.modifiers)
        if not sides and statement[0]:
            sides = sides_around(sentence, around, reader)
        findings.extend(_finding(entity, statement, side, sentence, read) for side in sides or (None,))
    return findings


def _finding(
    entity: Entity,
    statement: tuple[bool | None, Certainty],
    side: Side | None,
    sentence: Sentence,
    read: Reading,
) -> Finding:
    """One statement about one side."""
    present, certainty = statement
    modifiers = modifiers_on(entity, side)
    extent, percent = measures_of(modifiers)
    if present:
        change = change_of(modifiers, entity.cues)
    else:
        change = "resolved" if certainty == "historical" and entity.cues & _GONE else None
    return Finding(
        present=present,
        certainty=certainty,
        side=side,
        zones=zones_of(modifiers) if present is not None else (),
        size=size_of(modifiers) if present else None,
        extent_mm=round(extent[0], 3) if present and extent else None,
        extent_of=measured_place(read.normalised, extent[1]) if present and extent else None,
        percent=percent if present else None,
        change=change,
        tension=bool(present) and read.tension,
        fluid=_fluid(entity, read),
        section=sentence.section,
        sentence=sentence.text,
        span=(sentence.start, sentence.end),
    )


def _assertion(
    entity: Entity, sentence: Sentence, read: Reading, *, others: bool
) -> tuple[bool | None, Certainty] | None:
    """Presence and certainty of a mention in its section, or None where nothing is stated."""
    if entity.heading:
        if others or not (entity.cues or entity.modifiers):
            return None
        if any(mark.kind == "normal" for mark in entity.modifiers):
            return False, "certain"
    statement = certainty_of(entity)
    if statement is None or sentence.section in BODY:
        return statement
    if sentence.section in ("indication", "comparison") and statement in (
        (True, "certain"),
        (False, "historical"),
    ):
        return False, "historical"
    return None


def _fluid(entity: Entity, read: Reading) -> Literal["hydro", "haemo"] | None:
    if "hem" in entity.mark.text or "haem" in entity.mark.text:
        return "haemo"
    return "hydro" if entity.mark.kind == "fluid level" or read.fluid_level else None


def _refer_back(findings: Sequence[Finding]) -> list[Finding]:
    """Give a present finding without a side the side of the last one in its section."""
    last: dict[str, Side] = {}
    result = []
    for finding in findings:
        if finding.present and finding.side is None and finding.section in last:
            finding = replace(finding, side=last[finding.section])
        elif finding.present and finding.side is not None:
            last[finding.section] = finding.side
        result.append(finding)
    return result


def _with_tubes_and_shift(
    findings: Sequence[Finding], sentences: Sequence[Sentence], reader: Reader
) -> list[Finding]:
    """Mark findings on whose side a chest tube lies, or that push the mediastinum to the other side."""
    if not findings:
        return []
    tubes: set[Side | None] = set()
    shifts: set[Side | None] = set()
    for sentence in sentences:
        lowered = sentence.text.lower()
        if sentence.section not in BODY or not any(word in lowered for word in _TUBE_OR_SHIFT):
            continue
        read = reader(sentence.text)
        removed = _REMOVED.search(read.normalised)
        for entity in read.entities:
            if entity.cues & _NOT_IN_PLACE:
                continue
            if entity.mark.kind == "tube" and not removed:
                tubes |= set(sides_of(entity.modifiers)) or {None}
            elif entity.mark.kind == "shift" and _MEDIASTINUM.search(read.normalised):
                shifts.add(_shift_side(entity.mark.text))
    return [
        replace(
            finding,
            chest_tube=_on_side(finding.side, tubes),
            tension=finding.tension
            or (finding.present is True and any(side is None or side != finding.side for side in shifts)),
        )
        for finding in findings
    ]


def _on_side(side: Side | None, sides: set[Side | None]) -> bool:
    return bool(sides) and (side is None or side in sides or None in sides)


def _shift_side(text: str) -> Side | None:
    """The side that the mediastinum moved to."""
    match = _SHIFT_TO.search(text)
    return None if match is None else "left" if "left" in match.group(0) else "right"
