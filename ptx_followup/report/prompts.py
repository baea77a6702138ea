"""The sentences that the network is given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, assert_never, get_args

from ptx_followup.report.sections import without_redaction
from ptx_followup.report.terms import ZONES, Finding, Report
from ptx_followup.sides import SIDES, ReportSide

PromptMode = Literal["full", "focused", "matched"]
MODES: tuple[PromptMode, ...] = get_args(PromptMode)


def prompt(report: Report, mode: PromptMode) -> str:
    """The text for the network.

    Args:
        report: The report as understood.
        mode: `full`, the report as written; `focused`, only the sentences that carry the finding (or deny it,
            where the report denies it); `matched`, side and zones alone, without size and time, so that two
            exams can be measured under the same words.

    Returns:
        White space is collapsed and redaction marks are removed. Empty where the report has nothing to say.
    """
    if mode == "full":
        return without_redaction(report.text)
    if mode == "focused":
        return _focused(report)
    if mode == "matched":
        return _matched(report)
    assert_never(mode)


def shared_prompt(reports: Iterable[Report]) -> str:
    """One `matched` text for several exams, so that their measured sizes differ by the images alone.

    Args:
        reports: Of each exam that has one.

    Returns:
        Sides and zones that any of them states; empty where none states a pneumothorax.
    """
    positive = [report for report in reports if report.present]
    if not positive:
        return ""
    sides = {side for report in positive for side in SIDES if report.side in (side, "bilateral")}
    findings = tuple(finding for report in positive for finding in _deciding(report))
    side: ReportSide | None = "bilateral" if len(sides) == 2 else next(iter(sides), None)
    return _matched(Report(text="", present=True, side=side, binding=findings))


def _focused(report: Report) -> str:
    spans = sorted({finding.span for finding in _deciding(report)})
    return without_redaction(" ".join(_as_sentence(report.text[start:end]) for start, end in spans))


def _deciding(report: Report) -> list[Finding]:
    """Findings that agree with what the report says as a whole."""
    if report.present:
        return list(report.binding)
    return [
        finding
        for finding in report.findings
        if finding.present == report.present and finding.section in ("findings", "impression", "addendum")
    ]


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text.rstrip(',;:')}."


def _matched(report: Report) -> str:
    if report.present is None:
        return ""
    if not report.present:
        return "No pneumothorax."
    findings = _deciding(report)
    sides = [side for side in SIDES if report.side in (side, "bilateral")]
    if not sides:
        return _statement("", findings)
    return " ".join(
        _statement(side, [finding for finding in findings if finding.side in (side, None)]) for side in sides
    )


def _statement(side: str, findings: list[Finding]) -> str:
    zones = [zone for zone in ZONES if any(zone in finding.zones for finding in findings)]
    listed = f"{', '.join(zones[:-1])} and {zones[-1]}" if len(zones) > 1 else "".join(zones)
    return f"{' '.join(word for word in (side, listed, 'pneumothorax') if word)}.".capitalize()
