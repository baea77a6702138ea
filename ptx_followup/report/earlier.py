"""What a description says of earlier films and of other readers, which today's statement overtakes.

"1 h film: ... 4 h film: ..." names its films; "the resident raised ...", "CT of 3 March showed ...", "there
had been ... which was drained" tell of another time or of another's eyes. Such a statement is history where
a later one covers its side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ptx_followup.report.headings import BODY
from ptx_followup.report.terms import Finding
from ptx_followup.report.wording import DATE, MONTH

_FILM = (
    r"(?:(?:\w+ ){0,2}(?:film|read|image|radiograph|ct|cxr|x-?ray|study|report|view|scan|opinion|exam"
    r"|interpretation))"
)
_EARLIER = re.compile(
    rf"(?:(?:the |our |my )?(?:outside|previous|prior|first|initial|earlier|ed|er|registrar|resident|junior"
    rf"|ward|on-?call|overnight|preliminary|prelim|admission|pre-?drain|comparison|old|last)s?(?: {_FILM})?"
    r"|version 1|then|before(?: \w+){0,2}|previously|yesterday|earlier|pre"
    rf"|(?:post-?\w+[ ,]{{1,2}})?(?:\d{{1,2}} ?-?(?:h|hr|hrs|hour|hours|min|mins|minutes))(?: post[ -]?\w+)?"
    rf"(?: {_FILM})?)"
    r"(?: ?\([^()]{0,30}\))?(?:[ ]?[:\u2013=-]| (?:showed|had shown|demonstrated)\b)",
    re.IGNORECASE,
)
_CURRENT = re.compile(
    r"\b(?:current|this (?:film|study|image|exam\w*|radiograph|ct)|today|now|present (?:film|study))\b",
    re.IGNORECASE,
)
#: So much of a sentence may be its label, in characters.
_LABEL = 60
_READER = (
    r"(?:resident|registrar|junior|house(?:man| officer)|intern|overnight|tele ?radiolog\w+|preliminary"
    r"|prelim"
    r"|initial (?:read|report|concern|interpretation|impression)|first (?:read|report|reader)|ward"
    r"|emergency \w+|ed|er|outside|ambulance|crew|paramedics?|referr\w+|reader [1-9a-c]|ai|algorithm"
    r"|software|e-?fast|fast|ultrasound|sonograph\w*|clinicians?|team|doctor|gp)"
)
_SAYS = (
    r"(?:thought|suspected|raised|describ\w+|report\w*|said|says|suggest\w+|called|read|reads|flag\w+"
    r"|quer(?:y|ied|ies)|mention\w+|stat\w+|diagnos\w+|concern\w*|considered|noted|questioned|saw|found"
    r"|showed)"
)
_OTHER_FILM = (
    r"(?:previous|prior|earlier|first|initial|admission|last|supine|preceding|old|outside|baseline|pre-?\w+"
    r"|immediate|overnight)"
)
#: Another time, or another's eyes: what such a sentence states need not be so today.
_TOLD = re.compile(
    rf"\b{_READER}\b[^.;]{{0,60}}\b{_SAYS}\b|^\W*reader [1-9a-c]\b"
    rf"|\b{_SAYS} (?:by|on|in|at) the (?:\w+ )?{_READER}\b"
    rf"|\b(?:on|in|at|by) (?:the )?(?:{_OTHER_FILM} )+(?:trauma |portable |chest )*(?:film|ct|radiograph"
    r"|study"
    r"|image|exam\w*|view|x-?ray|cxr|scan)s?\b"
    rf"|\b(?:ct|film|radiograph|x-?ray|cxr|exam\w*|study|scan|image)s? (?:of|from|on|dated|at) (?:the )?"
    rf"(?:{DATE}|yesterday|last|\d{{1,2}}[:.]\d\d)"
    rf"|\b(?:supine|first|initial|admission|earlier|previous|outside)(?: \w+){{0,2}} (?:film|ct|radiograph"
    r"|image"
    rf"|x-?ray)s? (?:\w+ )?{_SAYS}"
    rf"|\b(?:on|of|from) {DATE}(?:'?s)? (?:film |there )?|\b(?:at|on) \d{{1,2}}[:.]?\d\d\b"
    r"|\b(?:yesterday|last (?:night|week|month|year|\w+day)|earlier (?:today|this)|this morning"
    rf"|(?:\d+|two|three|four|some|a few) (?:hours?|days?|weeks?|months?|years?) (?:ago|earlier|before))\b"
    rf"|\bin (?:19|20)\d\d\b|\bin {MONTH}|\baged? \d|\bat (?:the )?age\b"
    r"|\b(?:there )?had (?:been|an?|a small|suspected|raised)\b|\bprevious reports?\b"
    r"|\b(?:complicated by|which was (?:drained|aspirated|treated|decompressed)|that was (?:drained|treated)"
    r"|(?:was|were) (?:drained|aspirated|treated) (?:at|in|by|on)|drained (?:at|there|elsewhere)|treated"
    r" with|sustained|declares|known [^.;]{0,40} at the referring)\b"
    r"|^when compared\b|\bin comparison (?:to|with) (?:the )?\d|^compared (?:to|with) [^.;:]{0,20}\("
    r"|\b(?:was|had been) (?:suspected|queried|questioned|raised|suggested|feared)\b"
    r"|\b(?:initial|first|clinical) concern\b",
    re.IGNORECASE,
)
#: It is spoken of as of today's, or is agreed with.
_STILL = re.compile(
    r"\b(?:persist\w*|remain\w*|still|unchanged|again|stable|smaller|larger|increas\w+|decreas\w+|reduc\w+"
    r"|enlarg\w+|improv\w+|confirm\w*|agree|concur|correct(?:ly)?|since|no longer|as before|progress\w*"
    r"|residual|similar|same|not|(?:is|are) (?:seen|visible|present|noted|evident)|there (?:is|are)"
    r"|no (?:evidence of |signs? of )?(?:resol\w+|change|interval|clearing)|today|now|currently|visible"
    r" on this|redemonstrat\w+|retrospect|wors\w+|recur\w*)\b",
    re.IGNORECASE,
)
#: A denial of one side or place, or beside a known one.
_NARROW = re.compile(
    r"\b(?:left|right|lt|rt|l|r|contra ?lateral|opposite|other|second|additional|further|elsewhere"
    r"|there(?! (?:is|are|was|were|has|remains))|(?:that|this) side|apical|basal|lateral|anterior|medial"
    r"|component|bases?|ap(?:ex|ices))\b",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\b(?:but|although|though|however|insensitiv\w+|supine|exclude\w*|missed|limited)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[;.]\s+")
_DENIES = re.compile(r"\b(?:no|not|none|nil|without|absent|resolved|gone|cleared|free)\b", re.IGNORECASE)
#: Longer sentences are not searched for what they tell of, in characters.
_LONGEST = 600
#: A film of a series, named by its hour; the last of them is today's.
_HOUR = re.compile(r"(?:post-?\w+[ ,]{1,2})?\d{1,2} ?-?(?:h|hr|hour|min)", re.IGNORECASE)


def without_earlier(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which those of an earlier film or reader are history where a later statement covers them.

    What is only told of another time or by somebody else gives way to a plain denial alone; a question in the
    description ("?pneumothorax") likewise.

    Args:
        findings: Of a report, in the order of the text. A later statement about the other side covers
            nothing: the earlier one stands. Time is linear in their number.
    """
    result = list(findings)
    labelled = _Cover()
    plain = _Cover()
    stated = _Cover()
    for index in range(len(findings) - 1, -1, -1):
        finding = findings[index]
        if finding.section not in BODY or finding.present is None:
            continue
        earlier = is_earlier(finding.sentence)
        told = finding.present and not earlier and is_told(finding)
        overtaken = (earlier and finding.present and labelled.covers(finding, loosely=True)) or (
            told and plain.covers(finding) and not stated.covers(finding, loosely=True)
        )
        if overtaken:
            result[index] = replace(finding, present=False, certainty="historical", size=None, extent_mm=None)
        if not earlier or _HOUR.match(finding.sentence):
            labelled.add(finding)
        if not earlier:
            if finding.present and not told:
                stated.add(finding)
            if _denies_today(finding):
                plain.add(finding)
    return result


class _Cover:
    """The sides that the statements read so far speak of."""

    def __init__(self) -> None:
        self._sides: set[str | None] = set()

    def add(self, finding: Finding) -> None:
        self._sides.add(finding.side)

    def covers(self, finding: Finding, *, loosely: bool = False) -> bool:
        """Whether they speak of the side of a finding; loosely: any side of one without a side."""
        if finding.side is None:
            return None in self._sides or (bool(self._sides) if loosely else {"left", "right"} <= self._sides)
        return None in self._sides or finding.side in self._sides


def _denies_today(finding: Finding) -> bool:
    """Whether a finding denies without reserve, of today's film, and of both sides where it names none."""
    if finding.present is not False or len(finding.sentence) > _LONGEST:
        return False
    plain = finding.certainty == "certain" or (
        finding.certainty == "historical" and finding.change == "resolved"
    )
    clause = next(filter(_DENIES.search, reversed(_CLAUSE.split(finding.sentence))), finding.sentence)
    narrow = finding.side is None and _NARROW.search(clause) is not None
    told = _TOLD.search(clause) is not None and _CURRENT.search(clause) is None
    return (
        plain
        and not narrow
        and not _RESERVED.search(finding.sentence)
        and not (told and finding.certainty == "certain")
    )


def is_told(finding: Finding) -> bool:
    """Whether a finding is only told of another time or reader, or asked."""
    if len(finding.sentence) > _LONGEST:
        return False
    if finding.certainty == "uncertain" and "?" in finding.sentence:
        return True
    return _TOLD.search(finding.sentence) is not None and _STILL.search(finding.sentence) is None


def is_earlier(sentence: str) -> bool:
    """Whether a sentence begins with the label of an earlier film or a first reader."""
    label = sentence[:_LABEL]
    match = _EARLIER.match(label)
    return match is not None and not _CURRENT.search(match.group(0))
