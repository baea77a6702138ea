"""What at first looks like a pneumothorax, is explained as something else, and then denied."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import normalise
from ptx_followup.report.terms import Finding
from ptx_followup.report.wording import NAME
from ptx_followup.sides import SIDES, Side

_LIKE = re.compile(
    r"\b(?:(?:which|that) )?(?:(?:at first (?:sight|glance|look)|superficially|initially|somewhat|closely) )?"
    rf"(?:resembl(?:es|ed|ing)|looks? like|looked like|imitat(?:es|ed|ing)) (?=an? (?:\w+ ){{0,2}}{NAME})"
)
_ALIKE = (
    r"(?:skin|folds?|skin ?folds?|scapula\w*|ribs?|companion|clothing|sheets?|bedding|tubing|artefacts?"
    r"|artifacts?"
    r"|hair|bullae?|dressings?)"
)
#: What the line or shadow turns out to be.
_EXPLAINED = re.compile(
    r"\b(?:it|this|that|the (?:line|shadow|edge|lucency|appearance|finding)|which|these|they) (?:is|are"
    r"|was|were"
    r"|represents?|reflects?|corresponds? to|proved to be|turned out to be|is due to|is caused by) "
    rf"(?:(?:in fact|only|merely|clearly|an?|the|that of|medial|overlying|lateral|border|edge|margin|of)"
    rf" )*{_ALIKE}\b"
)
#: Between the likeness and its denial, in characters.
_FAR = 800


def likened(normalised: str) -> str:
    """A normalised sentence in which a likeness to a pneumothorax is put as a doubt.

    >>> likened("a line which at first sight resembles a pneumothorax .")
    'a line suggesting a pneumothorax .'
    """
    return _LIKE.sub("suggesting ", normalised)


def without_look_alikes(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which those in doubt are denied that are explained and then plainly denied.

    Args:
        text: The report.
        findings: Of it, in the order of the text. Time is linear in their number.
    """
    result = list(findings)
    denied: dict[Side | None, int] = {}
    for index in range(len(findings) - 1, -1, -1):
        one = findings[index]
        if one.section not in BODY:
            continue
        explained = one.present is False and _explains(one.sentence)
        if explained and (one.side in denied or None in denied):
            result[index] = replace(one, certainty="historical")
        elif one.present is False and one.certainty == "certain":
            denied[one.side] = one.span[0]
        elif one.present and one.certainty == "certain":
            denied.clear()
        elif one.present and _is_explained(text, one, denied):
            result[index] = replace(one, present=False, certainty="historical", size=None, extent_mm=None)
    return result


def _is_explained(text: str, one: Finding, denied: Mapping[Side | None, int]) -> bool:
    """Whether something else is named between a doubtful finding and the denial of its side."""
    sides = SIDES if one.side is None else (one.side,)
    ends = [denied.get(side, denied.get(None)) for side in sides]
    if any(end is None for end in ends):
        return False
    end = max(end for end in ends if end is not None)
    return end - one.span[0] <= _FAR and _explains(text[one.span[0] : end])


def _explains(text: str) -> bool:
    """Whether a text names what the line or shadow is; longer texts are not looked at."""
    return len(text) <= _FAR and _EXPLAINED.search(normalise(text)) is not None
