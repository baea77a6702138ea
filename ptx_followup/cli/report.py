"""`ptx report`: what a report says about a pneumothorax."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.options import DeidentifyOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from ptx_followup.report.prompts import PromptMode
    from ptx_followup.report.terms import Report

_COLOURS = {
    "present": "bold green",
    "absent": "bold red",
    "doubt": "bold yellow",
    "past": "bold blue",
    "unread": "bold magenta",
    "none": "",
}


def report(
    file: Annotated[
        str,
        typer.Argument(
            help="The report: text, HL7, FHIR, CDA, HTML, RTF, a DICOM report, or - for stdin.",
            show_default=False,
        ),
    ],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page of it.", show_default=False),
    ] = None,
    deidentify: DeidentifyOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what was understood of a report, sentence by sentence.

    It ends with what the network will be told. With --deidentify no word of the report is shown: neither its
    text nor what is told in its words.
    """
    output = Output(as_json=as_json, quiet=quiet)
    from ptx_followup.files.storage import require_absent, write_atomically
    from ptx_followup.report.findings import understand
    from ptx_followup.report.prompts import MODES, prompt
    from ptx_followup.report.shown import report_page
    from ptx_followup.report.text import load_report

    if html is not None:
        require_absent(html, "name a new file with --html")
    understood = understand(load_report(file))
    told: tuple[PromptMode, ...] = ("matched",) if deidentify else MODES
    prompts = {mode: prompt(understood, mode) for mode in told}
    if deidentify:
        understood = _without_words(understood)
    for conflict in understood.conflicts:
        output.warn(conflict)
    if html is not None:
        page = report_page(understood, prompts).encode()
        write_atomically(html, lambda stream: stream.write(page))
    output.result({**understood.to_json(), "prompts": prompts}, _page(understood, prompts))
    if not understood.findings:
        output.hint("The report makes no statement about a pneumothorax.")


def _without_words(understood: Report) -> Report:
    """The report without its text and its sentences."""
    from ptx_followup.dicom.basic_profile import deidentifying
    from ptx_followup.results.identity import shown

    with deidentifying(True):
        return shown(understood)


def _page(understood: Report, prompts: Mapping[PromptMode, str]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from ptx_followup.report.shown import phrase, shown_sentences, summary, tone_of

    read = Table("", "section", "sentence", "taken from it", box=None)
    for one in shown_sentences(understood):
        style = _COLOURS[one.tone]
        read.add_row(
            str(one.number), one.section, Text(one.text, style=style), Text("; ".join(one.taken), style=style)
        )
    if not understood.text:  # de-identified: no sentence is shown
        for finding in understood.findings:
            read.add_row("", finding.section, "", Text(phrase(finding), style=_COLOURS[tone_of(finding)]))
    told = Table.grid(padding=(0, 2))
    for mode, text in prompts.items():
        told.add_row(Text(mode, style="bold"), Text(text or "(nothing)"))
    return Group(
        Text(summary(understood), style="bold"),
        Text(),
        read,
        Text(),
        Text("What the network is told", style="bold"),
        told,
    )
