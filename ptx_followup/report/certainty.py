"""From the cues on a mention to what it states, and how certainly."""

from __future__ import annotations

from ptx_followup.report.assertion import CHANGES, DENIABLE_SIZES, DENIALS, Entity
from ptx_followup.report.terms import Certainty

_DOUBTS = frozenset({"hedge", "likely none", "limited", "cannot exclude", "not excluded", "not clearly seen"})
_QUALIFIERS = frozenset({"hedge", "larger", "measure", "tension"})


def certainty_of(entity: Entity) -> tuple[bool | None, Certainty] | None:
    """Presence and certainty of a mention, or None where it states nothing (a question, a label alone)."""
    cues = entity.cues
    denied = bool(cues & DENIALS)
    # "No pneumothorax, though a small one may go unnoticed" stays a denial.
    missable = "unassessable" in cues and "negation" in cues
    qualified = (
        missable
        or bool(cues & (_DOUBTS | {"unlikely"}))
        or any(
            mark.kind in _QUALIFIERS
            or (mark.kind == "new" and mark.text.startswith("new"))
            or (mark.kind == "size" and mark.text.startswith(DENIABLE_SIZES))
            for mark in entity.modifiers
        )
    )
    if (cues & {"cannot assess", "unassessable"} and not missable) or ("query" in cues and "limited" in cues):
        return None, "not assessable"
    if "resolved" in cues or (denied and cues & {"history", "previous"}):
        again = any(mark.kind == "new" and mark.text.startswith("re") for mark in entity.modifiers)
        has_recurred = ("new" in cues or again) and not denied
        return (True, "certain") if has_recurred else (False, "historical")
    if entity.definite and cues & DENIALS == {"not clearly seen"}:
        return True, "uncertain"
    if denied:
        return False, "uncertain" if qualified else "certain"
    if cues & {"cannot exclude", "not excluded"}:
        return True, "uncertain"
    if "unlikely" in cues:
        return False, "uncertain"
    if "query" in cues:
        return None
    if cues & {"history", "previous", "status post"} and not cues & (CHANGES | {"seen"}):
        return False, "historical"
    if entity.alternative and not cues and not entity.modifiers:
        return None  # "Effusion or pneumothorax.": what was said of them has been lost
    return True, "uncertain" if "uncertain" in cues else "certain"
