"""What a network that looks at one hemithorax is told: a finding's size and zones, never its side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ptx_followup.report.terms import ZONES, Report, Size, Zone
from ptx_followup.report.told_size import largest_size
from ptx_followup.sides import SIDES, Side

#: Ways to say it; the first is the one in use, the others teach that the words count and not their order.
#: "{what}" is "small apical pneumothorax", "{size}" and "{zones}" its parts with a comma before them.
PHRASINGS = (
    "{what}.",
    "There is a {what}.",
    "Pneumothorax{size}{zones}.",
    "{sized}{zones}.",
)
#: Ways that training never uses, for the evaluation.
HELD_OUT_PHRASINGS = (
    "A {what} is seen.",
    "Finding: pneumothorax{zones}{size}.",
    "Evidence of a {what} on this side.",
)
#: What a side is told where the report speaks of a pneumothorax on the other side only: seldom is there one.
NOT_MENTIONED = "Not mentioned."


def side_statement(size: Size | None, zones: Sequence[Zone], phrasing: str = PHRASINGS[0]) -> str:
    """State the pneumothorax of one side: "Small apical pneumothorax.".

    Args:
        size: None to leave it out.
        zones: Empty to leave them out.
        phrasing: One of `PHRASINGS` or `HELD_OUT_PHRASINGS`.
    """
    named = [zone for zone in ZONES if zone in zones]
    listed = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)
    text = phrasing.format(
        what=" ".join(word for word in (size, listed, "pneumothorax") if word),
        sized=" ".join(word for word in (size, "pneumothorax") if word),
        size=f", {size}" if size else "",
        zones=f", {listed}" if listed else "",
    )
    return text[0].upper() + text[1:]


def told_of_sides(report: Report | None, *, sizes: bool = True) -> Mapping[Side, str | None]:
    """What the network is told of each side: its own findings, without a side word.

    Args:
        report: As understood; None where there is none.
        sizes: Whether size words are given; without, two exams can be measured under the same words.

    Returns:
        For each side a statement; `NOT_MENTIONED` where the report speaks of the other side only; "" where it
        speaks of none; None where it denies a pneumothorax there, so that nobody need look. A finding without
        a side is told of both.
    """
    return {side: _told_of(report, side, sizes=sizes) for side in SIDES}


def _told_of(report: Report | None, side: Side, *, sizes: bool) -> str | None:
    if report is None:
        return ""
    findings = [one for one in report.binding if one.side in (side, None)]
    if findings:
        zones = [zone for one in findings for zone in one.zones]
        return side_statement(largest_size(findings) if sizes else None, zones)
    if report.present is False or _denied(report, side):
        return None
    return NOT_MENTIONED if report.binding else ""


def _denied(report: Report, side: Side) -> bool:
    """Whether the report denies a pneumothorax of this very side, and nowhere else leaves it open."""
    named = [one.present for one in report.findings if one.side == side]
    return bool(named) and all(present is False for present in named)
