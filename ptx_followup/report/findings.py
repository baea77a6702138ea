"""Understanding a report: every statement that it makes about a pneumothorax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ptx_followup.report.assertion import Entity, certainty_of, find_entities
from ptx_followup.report.attributes import (
    attach_modifiers,
    change_of,
    measured_place,
    measures_of,
    sides_of,
    size_of,
    zones_of,
)
from ptx_followup.report.lexicon import Mark, normalise, scan
from ptx_followup.report.sections import BODY, Sentence, split_sentences
from ptx_followup.report.summary import summarise
from ptx_followup.report.terms import SIDES, Certainty, Change, Finding, Report, Side

_NAMES = re.compile(
    r"thor|thro|ptx|pnx|pntx|pneumo|pnuemo|pleural|collections? of|air collection", re.IGNORECASE
)
#: Words that make "pneumo" short for pneumonia.
_PNEUMONIA = re.compile(
    r"\b(?:infiltrat|consolidat|fever|cough|antibiotic|sputum|infect|pneumonia|lobar|aspirat)"
)
_CONTINUES = re.compile(
    r"(?:however ,? ?|and |but |now |also )*(?:(?:this|it|these|they|which|measur\w+|located|size|there has been)\b"
    r"|the (?:finding|collection|abnormality|size|extent|degree|maxim\w+|largest|apical component|air)\b)"
)
_SIDE_HINT = re.compile(r"collaps|lucen|pleural|edge|markings|sulcus", re.IGNORECASE)
_TUBE_OR_SHIFT = re.compile(
    r"tube|pigtail|drain|thoracostomy|catheter|vent|shift|deviat|displac|heimlich|\bicc\b|\bicd\b",
    re.IGNORECASE,
)
_REMOVED = re.compile(r"\b(?:remov(?:ed|al)|withdrawn|discontinued|pulled)\b")
_MEDIASTINUM = re.compile(r"mediast|trache|heart|cardio|midline|shift")
_SHIFT_TO = re.compile(r"to(?:ward|wards)? (?:the )?(?:left|right)|(?:left|right)ward")
#: Longer neighbouring sentences are not looked at for a side or a measure, in characters.
_LONG = 400
#: Share of a fragment ("On the left, about 2 cm.") that the lexicon must know.
_MOSTLY = 0.6


@dataclass(frozen=True)
class _Read:
    """A sentence that was read: its plain form, its marks and what they name."""

    normalised: str
    marks: tuple[Mark, ...]
    entities: tuple[Entity, ...]


def understand(report_text: str) -> Report:
    """Read a report.

    Args:
        report_text: The report as loaded, see `load_report`.

    Returns:
        Every statement about a pneumothorax in the order of the text, and their summary: an addendum outweighs
        the impression, the impression outweighs the findings, and contradictions are listed as conflicts.
        Questions ("rule out pneumothorax") are no statements. Never raises, whatever the text.
    """
    sentences = split_sentences(report_text)
    reader = _Reader()
    findings: list[Finding] = []
    for index, sentence in enumerate(sentences):
        if not _NAMES.search(sentence.text):
            continue
        following = sentences[index + 1] if index + 1 < len(sentences) else None
        if following and _continues(sentence, following, reader):
            sentence = replace(sentence, text=report_text[sentence.start : following.end], end=following.end)
        around = [sentences[other] for other in (index - 1, index + 1) if 0 <= other < len(sentences)]
        findings.extend(_state(sentence, around, reader))
    findings = _refer_back(findings)
    findings = _with_tubes_and_shift(findings, sentences, reader)
    return summarise(report_text, tuple(dict.fromkeys(findings)))


class _Reader:
    """Reads sentences, each distinct text once."""

    def __init__(self) -> None:
        self._known: dict[str, _Read] = {}

    def __call__(self, text: str) -> _Read:
        if text not in self._known:
            self._known[text] = _read(text)
        return self._known[text]


def _read(text: str) -> _Read:
    normalised = normalise(text)
    pleural = "pleura" in normalised
    pneumonia = bool(_PNEUMONIA.search(normalised))
    marks = []
    for mark in scan(normalised):
        if mark.kind == "air":
            mark = replace(mark, kind="pneumothorax" if pleural else "other")
        elif mark.text in ("pneumo", "pneumos") and pneumonia:
            mark = replace(mark, kind="other")
        marks.append(mark)
    entities = find_entities(marks)
    attach_modifiers(marks, entities)
    return _Read(normalised, tuple(marks), tuple(entities))


def _continues(sentence: Sentence, following: Sentence, reader: _Reader) -> bool:
    """Whether a sentence goes on about the finding of the one before it: "It measures 2 cm.", "On the left."."""
    if following.section != sentence.section or _NAMES.search(following.text) or len(following.text) > _LONG:
        return False
    read = reader(following.text)
    if _CONTINUES.match(read.normalised):
        return True
    kinds = {mark.kind for mark in read.marks}
    covered = sum(mark.end - mark.start for mark in read.marks)
    return (
        not read.entities
        and bool(kinds & {"side", "zone", "measure", "size", "stable", "larger", "smaller", "new"})
        and "normal" not in kinds
        and ("site" not in kinds or "preposition" in kinds)
        and covered >= _MOSTLY * len(read.normalised.replace(" ", ""))
    )


def _state(sentence: Sentence, around: Sequence[Sentence], reader: _Reader) -> list[Finding]:
    """The statements of one sentence."""
    read = reader(sentence.text)
    mentions = [entity for entity in read.entities if entity.is_pneumothorax]
    findings: list[Finding] = []
    for entity in mentions:
        statement = _assertion(entity, sentence, read, others=len(mentions) > 1)
        if statement is None:
            continue
        present, certainty = statement
        sides: tuple[Side | None, ...] = sides_of(entity)
        if not sides and present:
            sides = _sides_around(sentence, around, reader)
        extent, percent = measures_of(entity)
        finding = Finding(
            present=present,
            certainty=certainty,
            zones=zones_of(entity),
            size=size_of(entity) if present else None,
            extent_mm=round(extent[0], 3) if extent else None,
            extent_of=measured_place(read.normalised, extent[1]) if extent else None,
            percent=percent,
            change="resolved"
            if certainty == "historical" and _resolved(entity)
            else _change(entity, present),
            tension=bool(present) and _tension(read),
            fluid=_fluid(entity, read),
            section=sentence.section,
            sentence=sentence.text,
            span=(sentence.start, sentence.end),
        )
        findings.extend(replace(finding, side=side) for side in sides or (None,))
    return findings


def _assertion(
    entity: Entity, sentence: Sentence, read: _Read, *, others: bool
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


def _resolved(entity: Entity) -> bool:
    return bool(entity.cues & {"resolved", "negation", "not seen", "none"})


def _change(entity: Entity, present: bool | None) -> Change | None:
    return change_of(entity) if present else None


def _fluid(entity: Entity, read: _Read) -> Literal["hydro", "haemo"] | None:
    if "hem" in entity.mark.text or "haem" in entity.mark.text:
        return "haemo"
    return "hydro" if entity.mark.kind == "fluid level" or "air fluid level" in read.normalised else None


def _tension(read: _Read) -> bool:
    """Whether tension is stated and not denied."""
    denied = False
    for mark in read.marks:
        if mark.kind in ("boundary", "with"):
            denied = False
        elif mark.kind in ("negation", "likely none", "query"):
            denied = True
        elif mark.kind == "tension" and not denied:
            return True
    return False


def _sides_around(sentence: Sentence, around: Sequence[Sentence], reader: _Reader) -> tuple[Side, ...]:
    """The side that the neighbouring sentences give by a collapsed lung, a pleural line or a label."""
    sides: set[Side] = set()
    for other in around:
        if other.section != sentence.section or len(other.text) > _LONG or not _SIDE_HINT.search(other.text):
            continue
        read = reader(other.text)
        for entity in read.entities:
            if entity.mark.kind == "collapse" and not entity.cues & {"negation", "not seen", "none"}:
                sides |= set(sides_of(entity))
    return tuple(side for side in SIDES if side in sides) if len(sides) == 1 else ()


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
    findings: Sequence[Finding], sentences: Sequence[Sentence], reader: _Reader
) -> list[Finding]:
    """Mark findings on whose side a chest tube lies, or that push the mediastinum to the other side."""
    tubes: set[Side | None] = set()
    shifts: set[Side | None] = set()
    for sentence in sentences:
        if not findings or sentence.section not in BODY or not _TUBE_OR_SHIFT.search(sentence.text):
            continue
        read = reader(sentence.text)
        removed = _REMOVED.search(read.normalised)
        for entity in read.entities:
            if entity.cues & {"negation", "not seen", "none", "resolved", "history", "query", "likely none"}:
                continue
            if entity.mark.kind == "tube" and not removed:
                tubes |= set(sides_of(entity)) or {None}
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
