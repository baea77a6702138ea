"""Contradictions that nothing in the report resolves: the same side stated and denied, of the same film."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ptx_followup.report.earlier import is_earlier, is_told
from ptx_followup.report.lexicon import normalise
from ptx_followup.report.terms import Finding
from ptx_followup.sides import SIDES, Side

#: Longer sentences are not looked at, in characters.
_LONGEST = 300
#: Words that set a statement apart from another one: a turn, a correction, a change since then, a place.
_APART = re.compile(
    r"\b(?:but|however|although|though|apart|except|other|review\w*|retrospect|actually|wrong|incorrect|error"
    r"|amend\w*|correct\w*|addend\w*|supersed\w*|now|today|after|post|since|until|new\w*|recur\w*|returned"
    r"|back|developed|less|component|contralateral|opposite|elsewhere|tension|follow ?up|resolution|supine"
    r"|erect"
    r"|expirat\w+|inspirat\w+|ct|ultrasound|lateral view|if|neither|nor the|that|which|for|resident"
    r"|registrar|reader|overnight|final|loculated|less)\b"
)
#: A place: a denial of it leaves the others.
_PLACED = re.compile(
    r"\b(?:apic\w+|apex|apices|bas(?:al|es|e|ilar)|lateral|anterior|medial|subpulmonic|upper|lower)\b"
)
#: And of a denial: another time or film.
_THEN = re.compile(
    r"\b(?:then|before|pre|again|later|earlier|previous\w*|prior|yesterday|initial\w*|at \d+|first|second"
    r"|hours?|minutes?|days?|film \w|image \w|once|known|there$)\b"
    r"|\bthe (?:\w+ ){0,4}pneumo\w+ (?:is|was|can) ?not\b|\bthe (?:\w+ ){0,4}pneumo\w+ cannot\b"
)
#: A change since then is one of what is there.
_CHANGED_SINCE = re.compile(
    r"\b(?:(?:in|de)creased|larger|smaller|unchanged|stable|enlarged|improved|bigger) since [^.;,]{0,40}"
)
_SIDE = re.compile(r"\b(?:left|right|lt|rt|l|r|sides?|bilateral\w*|both)\b")
_BOTH = re.compile(r"\b(?:either|both|bilateral\w*)\b")
#: A denial of both sides in a sentence of its own.
_BARE = re.compile(
    r"^(?:(?:lungs?|pleurae?|pleural|spaces?|edges|heart|mediastinum|chest|clear|normal|and|[,:]|are|is|with"
    r"|(?:well |fully )?expanded|there is|i see) )*"
    r"(?:no|nil|without|negative for)\b (?:\w+ ){0,6}?(?:[,/&] (?:\w+ ){0,4}?)*pneumo ?thora\w+"
    r"(?: (?:is|are|seen|identified|visible|present|evident|noted|demonstrated|detected|appreciated))*"
    r"(?: ?[,/] [\w ,/]+| (?:or|and) [\w ]+)? ?[.;]?$"
    r"|^pneumo ?thorax [:,] (?:none|no|nil|absent) ?[.;]?$"
)
#: What a sentence is the value of: "left lung: no pneumothorax".
_LABEL = re.compile(r"(?:[:=|\t]|\.{3}|\u2026)[ \t]*\Z")
_HEADING = re.compile(
    r"\b(?:findings?|impression|conclusion|opinion|report|result)s?[ \t]*[:=][ \t]*\Z", re.IGNORECASE
)
#: Somebody else has yet to decide.
_PENDING = re.compile(
    r"\b(?:consensus|arbitration|adjudication|third read(?:er|ing)?)(?: is| still)* (?:pending|awaited|to"
    r" follow)\b"
    r"|\bawait\w* (?:\w+ )?(?:consensus|arbitration|adjudication|third read\w*)\b|\bplease disregard\b",
    re.IGNORECASE,
)


def disputed(text: str, findings: Sequence[Finding]) -> frozenset[Side]:
    """The sides that a report states and denies, where nothing sets the two apart.

    Args:
        text: The report.
        findings: Of parts of it that bind alike, in the order of the text. Time is linear in their number.
    """
    denials = [one for one in findings if one.present is False and one.certainty != "uncertain"]
    if not denials or not any(one.present for one in findings):
        return frozenset()
    if _PENDING.search(text):
        return frozenset(SIDES)
    stated = [one for one in findings if one.present and one.certainty == "certain" and _is_plain(one)]
    places = {one.span for one in stated}
    said = {one.side for one in stated if one.side in _sides_said(one)}
    found: set[Side] = set()
    for one in denials:
        if one.span in places or not _denies(one):
            continue
        # In one part "no pneumothorax" may be of the side or place before; across parts it is of the film.
        across = any(other.section != one.section or not _is_placed(other) for other in stated)
        if across and one.side is None and _is_bare(text, one):
            return frozenset(SIDES)
        if one.side is not None and one.side in said & _sides_said(one):
            found.add(one.side)
    return frozenset(found)


def _denies(finding: Finding) -> bool:
    """Whether a finding denies, of today's film and without a turn."""
    plain = finding.certainty == "certain" or finding.change == "resolved"
    return (
        plain
        and _is_plain(finding)
        and not _is_placed(finding)
        and not _THEN.search(normalise(finding.sentence))
    )


def _is_plain(finding: Finding) -> bool:
    """Whether nothing sets a statement apart from others: it is one of today's film, without a turn."""
    if len(finding.sentence) > _LONGEST or is_earlier(finding.sentence) or is_told(finding):
        return False
    return _APART.search(_CHANGED_SINCE.sub("", normalise(finding.sentence))) is None


def _is_placed(finding: Finding) -> bool:
    return _PLACED.search(normalise(finding.sentence)) is not None


def _sides_said(finding: Finding) -> set[Side]:
    """The sides that a sentence names itself, where it names one or speaks of both."""
    plain = normalise(finding.sentence)
    if _BOTH.search(plain):
        return set(SIDES)
    said = {side for side in SIDES if re.search(rf"\b{side}\b", plain)}
    return said if len(said) == 1 else set()


def _is_bare(text: str, denial: Finding) -> bool:
    """Whether a denial names no side, and is not the value of a label."""
    plain = normalise(denial.sentence)
    before = text[max(0, denial.span[0] - 40) : denial.span[0]]
    labelled = _LABEL.search(before) is not None and not _HEADING.search(before)
    return not labelled and _BARE.match(plain) is not None and not _SIDE.search(plain)
