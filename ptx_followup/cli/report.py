"""`ptx report`: what a report says about a pneumothorax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.options import DeidentifyOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType
    from rich.text import Text

    from ptx_followup.report.prompts import PromptMode
    from ptx_followup.report.terms import Finding, Report

_COLOURS = {"certain": "green", "uncertain": "yellow", "historical": "blue", "not assessable": "magenta"}


def report(
    file: Annotated[
        str,
        typer.Argument(help="The report: a text file, a DICOM report, or - for stdin.", show_default=False),
    ],
    deidentify: DeidentifyOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what was understood of a report, where it was read, and what the network will be told.

    With --deidentify no word of the report is shown: neither its text nor what is told in its words.
    """
    output = Output(as_json=as_json, quiet=quiet)
    from ptx_followup.dicom.basic_profile import deidentifying
    from ptx_followup.report.findings import understand
    from ptx_followup.report.prompts import MODES, prompt
    from ptx_followup.report.text import load_report
    from ptx_followup.results.identity import shown

    understood = understand(load_report(file))
    told: tuple[PromptMode, ...] = ("matched",) if deidentify else MODES
    prompts = {mode: prompt(understood, mode) for mode in told}
    with deidentifying(deidentify):
        understood = shown(understood)
    for conflict in understood.conflicts:
        output.warn(conflict)
    output.result({**understood.to_json(), "prompts": prompts}, _page(understood, prompts))
    if not understood.findings:
        output.hint("The report makes no statement about a pneumothorax.")


def _page(understood: Report, prompts: Mapping[PromptMode, str]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    statements = Table("statement", "side", "zones", "size", "extent", "change", "section", box=None)
    for finding in understood.findings:
        statements.add_row(*_row(finding))
    told = Table.grid(padding=(0, 2))
    for mode, text in prompts.items():
        told.add_row(Text(mode, style="bold"), Text(text or "(nothing)"))
    quoted = [Text(), _highlighted(understood)] if understood.text else []
    return Group(
        Text(_summary(understood), style="bold"),
        *quoted,
        Text(),
        statements,
        Text(),
        Text("What the network is told", style="bold"),
        told,
    )


def _summary(understood: Report) -> str:
    if understood.present is None:
        return "Pneumothorax: not stated"
    if not understood.present:
        return "Pneumothorax: no"
    words = [understood.size, understood.side, *understood.zones]
    return "Pneumothorax: yes" + "".join(f", {word}" for word in words if word)


def _row(finding: Finding) -> tuple[str, ...]:
    extent = [
        f"{finding.extent_mm:g} mm" if finding.extent_mm is not None else "",
        finding.extent_of or "",
        f"{finding.percent:g} %" if finding.percent is not None else "",
    ]
    marks = [finding.fluid or "", "tension" if finding.tension else "", "tube" if finding.chest_tube else ""]
    return (
        " ".join(word for word in (_status(finding), *marks) if word),
        finding.side or "-",
        ", ".join(finding.zones) or "-",
        finding.size or "-",
        " ".join(word for word in extent if word) or "-",
        finding.change or "-",
        finding.section,
    )


def _status(finding: Finding) -> str:
    if finding.present is None or finding.certainty == "historical":
        return finding.certainty
    return f"{'present' if finding.present else 'absent'}{'?' if finding.certainty == 'uncertain' else ''}"


def _highlighted(understood: Report) -> Text:
    """The report with its statements coloured: green present, red absent, and the rest by certainty."""
    from rich.text import Text

    text = Text(understood.text.strip("\n"))
    offset = len(understood.text) - len(understood.text.lstrip("\n"))
    for finding in understood.findings:
        colour = "red" if finding.present is False else "green"
        if finding.certainty != "certain":
            colour = _COLOURS[finding.certainty]
        text.stylize(f"bold {colour}", finding.span[0] - offset, finding.span[1] - offset)
    return text
