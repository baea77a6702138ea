"""Denials that do not count: what of them was not understood, or what they leave of a known pneumothorax."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from ptx_followup.report.headings import ASIDE, BODY
from ptx_followup.report.reading import Reader
from ptx_followup.report.sections import Sentence
from ptx_followup.report.terms import Finding, Report
from ptx_followup.report.unread import unread
from ptx_followup.report.unseen_side import sides_unseen

#: A denial that leaves the one that is known: "no new or enlarging pneumothorax".
_BESIDE_THE_KNOWN = re.compile(
    r"\b(?:no|nil|without|not any) (?:\w+ ){0,2}?(?:new|fresh|enlarg\w+|larger|increas\w+|additional|other"
    r"|further|second|worsening|progress\w+)\b",
    re.IGNORECASE,
)
#: Longer sentences are not searched for it, in characters.
_LONGEST = 600


def without_doubtful_denial(
    report: Report,
    sentences: Sequence[Sentence],
    reader: Reader,
    overtaken: frozenset[int],
    unnamed: frozenset[Finding],
) -> Report:
    """The report, its presence left open where it denies what was not all understood."""
    if report.present is None:
        asides = [one for one in report.findings if one.section in ASIDE and one.certainty != "historical"]
        names = named(sentences, [one.span[0] for one in asides])
        lines = [f"{name} speaks of a pneumothorax, and no description does" for name in names]
        lines.extend(_contradictions(report.findings, sentences))
        return replace(report, conflicts=(*report.conflicts, *dict.fromkeys(lines)))
    if report.present:
        return report
    corrected = any(one.section == "addendum" and one.present is False for one in report.findings)
    overruled = frozenset({"findings", "impression"}) if corrected else frozenset[str]()
    denying = frozenset(one.span[0] for one in report.findings if one in unnamed)
    joined = {one.span[0]: one.sentence for one in report.findings if one.change == "resolved"}
    doubtful = [
        sentences[index].start
        for index in unread(sentences, reader, overruled, denying, joined)
        if sentences[index].start not in overtaken
    ] or _beside_the_known(report.findings)
    doubtful = doubtful or sides_unseen(sentences, report.findings)
    if not doubtful:
        return report
    lines = [f"{name} may state a pneumothorax" for name in named(sentences, doubtful)]
    lines.extend(_contradictions(report.findings, sentences))
    return replace(report, present=None, conflicts=(*report.conflicts, *lines))


def _contradictions(findings: Sequence[Finding], sentences: Sequence[Sentence]) -> list[str]:
    """Which sentence states what which other one denies, of a report that is left open."""
    body = [one for one in findings if one.section in BODY]
    stated = [one for one in body if one.present and one.certainty == "certain"]
    denied = [
        one
        for one in body
        if one.present is False and (one.certainty == "certain" or one.change == "resolved")
    ]
    if not stated or not denied:
        return []
    says, denies = named(sentences, [stated[-1].span[0], denied[-1].span[0]])
    return [f"{says} states a pneumothorax, {denies} denies one"]


def _beside_the_known(findings: Sequence[Finding]) -> list[int]:
    """Where the denials begin that only deny another one than that which is known from an earlier exam."""
    denials = [one for one in findings if one.section in BODY and one.present is False]
    today = [one for one in denials if one.certainty != "historical" or one.change == "resolved"]
    known = any(one.present is False and one.certainty == "historical" and not one.change for one in findings)
    narrow = [one.span[0] for one in today if one.certainty == "uncertain" and _is_beside(one)]
    return narrow if known and len(narrow) == len(today) else []


def _is_beside(finding: Finding) -> bool:
    return len(finding.sentence) <= _LONGEST and _BESIDE_THE_KNOWN.search(finding.sentence) is not None


def named(sentences: Sequence[Sentence], starts: Sequence[int]) -> list[str]:
    """What sentences are called in a line that quotes nothing of the report.

    Args:
        sentences: Of the report, in order.
        starts: Places in the text, each in one of them.
    """
    first = [sentence.start for sentence in sentences]
    places = [bisect_right(first, start) - 1 for start in starts]
    return [f"sentence {place + 1} ({sentences[place].section})" for place in places]
