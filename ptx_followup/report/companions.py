"""What comes with a pneumothorax: a chest tube on its side, and the mediastinum pushed to the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ptx_followup.report.assertion import DENIALS
from ptx_followup.report.headings import BODY
from ptx_followup.report.reading import Reader
from ptx_followup.report.sections import Sentence
from ptx_followup.report.terms import Finding
from ptx_followup.report.values import sides_of
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


def with_companions(
    findings: Sequence[Finding], sentences: Sequence[Sentence], reader: Reader
) -> list[Finding]:
    """Mark findings on whose side a chest tube lies, or that push the mediastinum to the other side."""
    if not findings:
        return []
    tubes: set[Side | None] = set()
    shifts: set[Side | None] = set()
    for sentence in sentences:
        lowered = sentence.wording.lower()
        if sentence.section not in BODY or not any(word in lowered for word in _TUBE_OR_SHIFT):
            continue
        read = reader(sentence.wording)
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
