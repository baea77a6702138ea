"""A side that cannot be assessed beside a denial of the other side: that report denies nothing as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import normalise
from ptx_followup.report.sections import Sentence
from ptx_followup.report.terms import Finding
from ptx_followup.sides import SIDES

#: Longer sentences are not looked at, in characters.
_LONGEST = 300
_PART = r"(?:side|lung|apex|hemithorax|half(?: of the (?:chest|thorax))?|chest|upper zone|pleural space)"
_UNSEEN = (
    r"(?:(?:cannot|can not|could not|may not)(?: \w+ly)? be (?:\w+ )?(?:assessed|evaluated|judged|seen"
    r"|commented on|examined|interpreted|visuali[sz]ed|excluded)"
    r"|(?:is|was|are|were) (?:\w+ly )?(?:not|un|non) ?(?:fully |completely |wholly |adequately |well )?"
    r"(?:included|covered"
    r"|imaged|shown|visuali[sz]ed|assessable|evaluable|assessed|evaluated)"
    r"|(?:is|was|are|were) (?:\w+ly )?(?:obscured|hidden|covered|cut off|off the film"
    r"|outside the (?:film|field)|excluded from"
    r"|unassessable|indeterminate|missed off|coned off)"
    r"|(?:not|un) ?(?:assessable|assessed|included|evaluable)|cannot assess)"
)
_SIDE_UNSEEN = re.compile(
    rf"\b(left|right)(?: {_PART})? (?::? ?){_UNSEEN}\b"
    rf"|\b{_UNSEEN} (?:on|in|at) the (left|right)(?: {_PART})?(?= ?[.;,]|$)"
)


def sides_unseen(sentences: Sequence[Sentence], findings: Sequence[Finding]) -> list[int]:
    """Where it is said that a side cannot be assessed of which nothing is denied.

    Args:
        sentences: Of the report.
        findings: Of a report that states no pneumothorax today.

    Returns:
        Places in the text where the sentences begin, none if a denial covers both sides.
    """
    denied = {
        one.side
        for one in findings
        if one.section in BODY
        and one.present is False
        and (one.certainty != "historical" or one.change == "resolved")
    }
    open_sides = set(SIDES) - denied
    if None in denied or not denied or not open_sides:
        return []
    return [
        one.start
        for one in sentences
        if one.section in BODY and len(one.wording) <= _LONGEST and open_sides & _unseen(one.wording)
    ]


def _unseen(wording: str) -> set[str]:
    return {side for match in _SIDE_UNSEEN.finditer(normalise(wording)) for side in match.groups() if side}
