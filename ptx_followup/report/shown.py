"""A report, sentence by sentence, with what was taken from each: for the terminal, a page and the review."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ptx_followup.report.sections import Sentence, split_sentences
from ptx_followup.report.terms import Finding, Report

#: How a conflict names a sentence.
_NUMBERED = re.compile(r"sentence (\d+) \(")

Tone = Literal["present", "absent", "doubt", "past", "unread", "none"]


@dataclass(frozen=True)
class ShownSentence:
    """A sentence and what was taken from it.

    Attributes:
        number: From 1, as conflicts name it.
        section: Where it stands.
        text: As written.
        taken: What it says of a pneumothorax, one phrase a statement; empty where it says nothing of one.
        tone: How it is to be coloured: by its first statement, or "unread" where it was not understood.
    """

    number: int
    section: str
    text: str
    taken: tuple[str, ...]
    tone: Tone


def shown_sentences(report: Report) -> list[ShownSentence]:
    """The sentences of a report; none of one without its text (de-identified)."""
    sentences = list(split_sentences(report.text))
    starts = [sentence.start for sentence in sentences]
    findings: list[list[Finding]] = [[] for _ in sentences]
    for one in report.findings:  # the text of one may run over several sentences
        for place in range(bisect_left(starts, one.span[0]), bisect_left(starts, one.span[1])):
            findings[place].append(one)
    unread = {int(match[1]) for line in report.conflicts if (match := _NUMBERED.match(line))}
    return [
        _shown(number, sentence, own, unread=number in unread)
        for number, (sentence, own) in enumerate(zip(sentences, findings, strict=True), start=1)
    ]


def _shown(number: int, sentence: Sentence, own: list[Finding], *, unread: bool) -> ShownSentence:
    taken = tuple(phrase(one) for one in own if one.span[0] == sentence.start)
    if own and not taken:
        taken = ("goes on about it",)
    if unread:
        taken = (*taken, "not understood")
    tone: Tone = "unread" if unread else tone_of(own[0]) if own else "none"
    return ShownSentence(number, sentence.section, sentence.text, taken, tone)


def tone_of(finding: Finding) -> Tone:
    """The colour of a statement."""
    if finding.certainty == "historical":
        return "past"
    if finding.certainty != "certain":
        return "doubt"
    return "present" if finding.present else "absent"


def phrase(finding: Finding) -> str:
    """A statement in a few words: "present, left, small, apical, 12 mm at the apex, smaller"."""
    extent = f"{finding.extent_mm:g} mm" if finding.extent_mm is not None else None
    words = [
        _status(finding),
        finding.side,
        finding.size,
        *finding.zones,
        " ".join(word for word in (extent, finding.extent_of) if word) if extent else None,
        f"{finding.percent:g} %" if finding.percent is not None else None,
        finding.change,
        finding.fluid,
        "tension" if finding.tension else None,
        "tube" if finding.chest_tube else None,
    ]
    return ", ".join(word for word in words if word)


def _status(finding: Finding) -> str:
    if finding.present is None or finding.certainty == "historical":
        return finding.certainty
    return f"{'present' if finding.present else 'absent'}{'?' if finding.certainty == 'uncertain' else ''}"


def summary(report: Report) -> str:
    """What the report says as a whole, in one line."""
    if report.present is None:
        return "Pneumothorax: left open" if report.conflicts else "Pneumothorax: not stated"
    if not report.present:
        return "Pneumothorax: no"
    words = [report.size, report.side, *report.zones]
    return "Pneumothorax: yes" + "".join(f", {word}" for word in words if word)


def report_piece(report: Report) -> str:
    """The sentences of a report as a piece of HTML, everything in it escaped; without scripts and links.

    Args:
        report: As understood.
    """
    return _render("report_piece.html", report, {})


def report_page(report: Report, prompts: Mapping[Any, str]) -> str:
    """A page of its own around `report_piece`; it loads nothing.

    Args:
        report: As understood.
        prompts: What the network is told, by mode.
    """
    return _render("report_page.html", report, prompts)


def _render(name: str, report: Report, prompts: Mapping[Any, str]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ptx_followup.report", "pages"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(name).render(
        summary=summary(report),
        sentences=shown_sentences(report),
        findings=[phrase(finding) for finding in report.findings],
        conflicts=report.conflicts,
        prompts=prompts,
    )
