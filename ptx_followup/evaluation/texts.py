"""What the network is told of a case in each condition of an evaluation."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ptx_followup.evaluation.altered import SizeChange, other_size, other_zone
from ptx_followup.report.description import SideDescription, perturb
from ptx_followup.report.findings import understand
from ptx_followup.report.mirror import swap_sides
from ptx_followup.report.prompts import PromptMode, prompt
from ptx_followup.report.synthesis import synthesise
from ptx_followup.report.terms import Report
from ptx_followup.sides import ReportSide

Condition = Literal[
    "matching",
    "empty",
    "shuffled",
    "side_swapped",
    "size_swapped",
    "zone_swapped",
    "denied",
    "false_positive",
]
#: What each condition means, for people.
CONDITIONS: dict[Condition, str] = {
    "matching": "the case's own report, used as ptx segment uses it",
    "empty": "no report",
    "shuffled": "the report of another patient with a pneumothorax",
    "side_swapped": "the own report with left for right",
    "size_swapped": "the own report with large for small",
    "zone_swapped": "the own report with base for apex",
    "denied": "the own report denies a pneumothorax, but the network is run",
    "false_positive": "a report of a pneumothorax that is not there",
}


@dataclass(frozen=True)
class Guidance:
    """What the network is told in one condition.

    Attributes:
        condition: Which.
        text: For the network; None for an empty mask without running it (the report denies).
        side: That the report names.
        size_change: Which way the size in the report was changed.
    """

    condition: Condition
    text: str | None
    side: ReportSide | None = None
    size_change: SizeChange | None = None


def random_for(case_id: str, seed: int, purpose: str) -> np.random.Generator:
    """Chance that depends on the case alone, so that the choice of cases does not change its reports."""
    return np.random.default_rng([seed, zlib.crc32(case_id.encode()), zlib.crc32(purpose.encode())])


def synthesised(descriptions: Sequence[SideDescription], case_id: str, seed: int) -> str:
    """A true report, in phrasings that training never uses; without descriptions it denies."""
    return synthesise(descriptions, random_for(case_id, seed, "report"), phrasing="validation")


def guide_positive(report_text: str, other: str | None, mode: PromptMode) -> list[Guidance]:
    """All conditions of a case with a pneumothorax; those that would change nothing are left out.

    Args:
        report_text: Its report.
        other: The report of another patient with a pneumothorax, if there is one.
        mode: What the network is told of a report.
    """
    report = understand(report_text)
    guidances = [_as_used("matching", report, mode), Guidance("empty", "")]
    if other is not None:
        guidances.append(_as_used("shuffled", understand(other), mode))
    mirrored = swap_sides(report_text)
    if report.side in ("left", "right") and mirrored != report_text:
        guidances.append(_as_used("side_swapped", understand(mirrored), mode))
    resized = other_size(report)
    if resized is not None:
        changed = understand(resized[0])
        guidances.append(
            Guidance("size_swapped", prompt(changed, mode), changed.side, size_change=resized[1])
        )
    rezoned = other_zone(report)
    if rezoned is not None:
        guidances.append(_as_used("zone_swapped", understand(rezoned), mode))
    return [one for one in guidances if one.condition == "matching" or one.text != guidances[0].text]


def guide_negative(report_text: str, case_id: str, seed: int, mode: PromptMode) -> list[Guidance]:
    """All conditions of a case without a pneumothorax."""
    report = understand(report_text)
    rng = random_for(case_id, seed, "false positive")
    false = understand(synthesise(perturb((), rng, kind="false_positive"), rng, phrasing="validation"))
    guidances = [
        _as_used("matching", report, mode),
        Guidance("empty", ""),
        Guidance("false_positive", prompt(false, mode), false.side),
    ]
    if report.present is False:
        guidances.append(Guidance("denied", prompt(report, mode)))
    return guidances


def _as_used(condition: Condition, report: Report, mode: PromptMode) -> Guidance:
    """As `ptx segment` uses a report: one that denies a pneumothorax gives an empty mask."""
    text = None if report.present is False else prompt(report, mode)
    return Guidance(condition, text, report.side)
