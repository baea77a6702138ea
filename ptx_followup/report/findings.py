"""Understanding a report: every statement that it makes about a pneumothorax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ptx_followup.report.assertion import DENIALS, Entity
from ptx_followup.report.attributes import modifiers_on
from ptx_followup.report.certainty import certainty_of
from ptx_followup.report.companions import with_companions
from ptx_followup.report.earlier import without_earlier
from ptx_followup.report.headings import ASIDE, BODY
from ptx_followup.report.left_open import without_doubtful_denial
from ptx_followup.report.look_alikes import without_look_alikes
from ptx_followup.report.places import zones_told
from ptx_followup.report.questions import with_answers
from ptx_followup.report.reading import (
    Reader,
    Reading,
    continues,
    may_name,
    may_refer,
    may_stand_alone,
    names_another,
    side_of_anchor,
    sides_around,
)
from ptx_followup.report.sections import Sentence, split_sentences, with_only_read
from ptx_followup.report.side_of_context import with_side_of_context
from ptx_followup.report.summary import summarise
from ptx_followup.report.terms import Certainty, Finding, Report
from ptx_followup.report.told_beside import with_told_beside
from ptx_followup.report.unnamed import unnamed_denials, without_needless
from ptx_followup.report.values import change_of, measured_place, measures_of, sides_of, size_of
from ptx_followup.sides import Side

#: Cues of what a denial may have missed.
_MISSABLE = frozenset({"cannot exclude", "not excluded", "unassessable", "cannot assess"})
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
    sentences = with_answers(with_only_read(split_sentences(report_text)))
    reader = Reader()
    findings: list[Finding] = []
    mentioned = joined = False
    for index, sentence in enumerate(sentences):
        if joined:  # read with the sentence before it
            joined = False
            continue
        mentioned = mentioned and _goes_on(sentences[index - 1], sentence)
        if not (may_name(sentence.wording) or (mentioned and may_refer(sentence.wording))):
            mentioned = mentioned and not names_another(reader(sentence.wording))
            continue
        read = reader(sentence.wording, after_mention=mentioned)
        following = sentences[index + 1] if index + 1 < len(sentences) else None
        if (
            following
            and _adjoin(report_text, sentence, following)
            and continues(sentence, read, following, reader)
        ):
            joined = not may_name(following.wording)
            sentence = _joined(report_text, sentence, following)
            read = reader(sentence.wording, after_mention=mentioned)
        around = [sentences[other] for other in (index - 1, index + 1) if 0 <= other < len(sentences)]
        findings.extend(_state(sentence, read, around, reader))
        mentioned = any(entity.is_pneumothorax for entity in read.entities)
    stated = with_side_of_context(_refer_back(findings), sentences, reader)
    unnamed = unnamed_denials(report_text, sentences, stated)
    stated = sorted([*stated, *unnamed], key=lambda one: one.span[0])
    findings = without_earlier(without_look_alikes(report_text, stated))
    overtaken = frozenset(
        one.span[0] for one, kept in zip(stated, findings, strict=True) if one != kept and not kept.present
    )
    findings = with_companions(without_needless(findings, unnamed), sentences, reader)
    findings = with_told_beside(findings, sentences)
    report = summarise(report_text, tuple(dict.fromkeys(findings)))
    return without_doubtful_denial(report, sentences, reader, overtaken, frozenset(unnamed))


def _goes_on(before: Sentence, sentence: Sentence) -> bool:
    """Whether what a sentence named may be left out in the next: in its section, or in the answer to it."""
    answers = before.section in ("indication", "comparison") and may_stand_alone(sentence.wording)
    return before.section == sentence.section or answers


def _adjoin(report_text: str, sentence: Sentence, following: Sentence) -> bool:
    """Whether no label of another finding stands between: "PNEUMOTHORAX: BILATERAL", "EFFUSION: LEFT"."""
    between = report_text[sentence.end : following.start].lower()
    return "site" in between or not any(sign.isalpha() for sign in between)


def _joined(report_text: str, sentence: Sentence, following: Sentence) -> Sentence:
    """A sentence with the one that goes on about it."""
    said = None
    if sentence.said is not None or following.said is not None:
        said = f"{sentence.wording.rstrip(' .')}. {following.wording}"
    text = report_text[sentence.start : following.end]
    return replace(sentence, text=text, end=following.end, said=said)


def _state(sentence: Sentence, read: Reading, around: Sequence[Sentence], reader: Reader) -> list[Finding]:
    """The statements of one sentence."""
    mentions = [entity for entity in read.entities if entity.is_pneumothorax]
    findings: list[Finding] = []
    before: list[Finding] = []
    for entity in mentions:
        statement = _assertion(entity, sentence, read, others=len(mentions) > 1)
        if statement is None:
            continue
        sides: tuple[Side | None, ...] = sides_of(entity.modifiers)
        rest: list[Finding] = []
        if entity.refers and before:
            if _is_caveat(entity, before, sides):
                findings[-len(before) :] = [replace(one, certainty="uncertain") for one in before]
                continue
            if statement[0]:
                sides = sides or _sides_left(before)
                rest = [one for one in before if _is_rest_of(one, sides)]
                findings = [one for one in findings if one not in rest]
        if not sides and statement[0]:
            sides = (
                read.one_side
                or sides_around(sentence, around, reader)
                or side_of_anchor(read, around, reader)
            )
        before = [_finding(entity, statement, side, sentence, read) for side in sides or (None,)]
        before = [_as_rest(one, rest) for one in before]
        findings.extend(before)
    return findings


def _sides_left(before: Sequence[Finding]) -> tuple[Side | None, ...]:
    """The sides of the pneumothorax of which something is left: not of one that is plainly denied."""
    return tuple(one.side for one in before if one.side and (one.present or one.certainty != "certain"))


def _is_caveat(entity: Entity, before: Sequence[Finding], sides: Sequence[Side | None]) -> bool:
    """Whether a mention only says what a denial may have missed."""
    denied = all(one.present is False for one in before)
    return denied and not sides and bool(entity.cues & _MISSABLE)


def _is_rest_of(finding: Finding, sides: Sequence[Side | None]) -> bool:
    """Whether a rest on these sides is a rest of a finding, which then has not gone."""
    if sides and finding.side is not None and finding.side not in sides:
        return False
    return finding.present is True or finding.certainty != "certain" or bool(sides)


def _as_rest(finding: Finding, of: Sequence[Finding]) -> Finding:
    """A rest with the place and the change of what it is left of."""
    if not of:
        return finding
    last = of[-1]
    smaller = last.change in ("smaller", "resolved")
    return replace(
        finding,
        zones=finding.zones or last.zones,
        size=finding.size or (None if smaller else last.size),
        change="smaller" if smaller else finding.change or last.change,
    )


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
        zones=zones_told(read.normalised, read.marks, modifiers) if present is not None else (),
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
    if statement is None or sentence.section in BODY | ASIDE:
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
        elif finding.side is not None and (finding.present or finding.change == "resolved"):
            last[finding.section] = finding.side
        result.append(finding)
    return result
