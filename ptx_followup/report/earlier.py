"""Of several films or readers in one description, those that came before: "1 h film: ... 4 h film: ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ptx_followup.report.headings import BODY
from ptx_followup.report.terms import Finding

_FILM = r"(?:(?:\w+ ){0,2}(?:film|read|image|radiograph|ct|cxr|x-?ray|study|report|view|scan|opinion))"
_EARLIER = re.compile(
    rf"(?:(?:the |our |my )?(?:outside|previous|prior|first|initial|earlier|ed|er|registrar|resident|junior"
    rf"|ward|on-?call|overnight|preliminary|prelim|admission|pre-?drain|comparison|old|last)s?(?: {_FILM})?"
    r"|version 1|then|before(?: \w+){0,2}|previously|yesterday|earlier|pre"
    rf"|(?:\d{{1,2}} ?-?(?:h|hr|hrs|hour|hours|min|mins|minutes))(?: {_FILM})?)"
    r"(?: ?\([^()]{0,30}\))?(?:[ ]?[:\u2013=-]| (?:showed|had shown|demonstrated)\b)",
    re.IGNORECASE,
)
_CURRENT = re.compile(r"\b(?:current|this (?:film|study|image)|today|now)\b", re.IGNORECASE)
#: So much of a sentence may be its label, in characters.
_LABEL = 60


def without_earlier(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which those of an earlier film or reader are history where a later statement covers them.

    Args:
        findings: Of a report, in the order of the text. A later statement about the other side covers
            nothing: the earlier one stands.
    """
    result = list(findings)
    for index, finding in enumerate(findings):
        if finding.section not in BODY or not finding.present or not is_earlier(finding.sentence):
            continue
        later = (
            one
            for one in findings[index + 1 :]
            if one.section in BODY and one.present is not None and not is_earlier(one.sentence)
        )
        if any(one.side in (None, finding.side) or finding.side is None for one in later):
            result[index] = replace(finding, present=False, certainty="historical", size=None, extent_mm=None)
    return result


def is_earlier(sentence: str) -> bool:
    """Whether a sentence begins with the label of an earlier film or a first reader."""
    label = sentence[:_LABEL]
    match = _EARLIER.match(label)
    return match is not None and not _CURRENT.search(match.group(0))
