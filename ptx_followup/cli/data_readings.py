"""`ptx data readings`: how well several readers of the same films agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import JsonOption, QuietOption
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from rich.table import Table


def readings(
    source: Annotated[Path, typer.Argument(help="Folder of a CANDID-PTX, SIIM-ACR or plain data set.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="JSON file to write, for ptx eval --readings and ptx compare --reader-error."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say how well several readers of one film agree.

    Their agreement is the ceiling for a network that learns from such masks. Outlines of one film that cover
    one another are of different readers; films where that leaves a doubt are counted and left out. Sizes are
    in percent of the hemithorax that the lung model on board finds.
    """
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("opening"):
        from ptx_followup.anatomy.hemithoraces import LungFinder
        from ptx_followup.data.layout import open_data_set
        from ptx_followup.evaluation.reader_agreement import agreement_of
        from ptx_followup.evaluation.readers import gather_readings
        from ptx_followup.files.storage import require_absent, write_atomically

        if out is not None:
            require_absent(out, "name another file, or remove it first")
        data_set = open_data_set(source)
        finder = LungFinder()
    for note in data_set.notes:
        output.hint(note)
    with output.progress("taking apart", len(data_set)) as advance:
        gathered = gather_readings(data_set, finder.find, advance)
    figures = agreement_of(gathered, data_set, seed)
    if out is not None:
        text = json.dumps(figures, indent=2, allow_nan=False) + "\n"
        write_atomically(out, lambda file: file.write(text.encode()))
    output.result(figures, _table(figures))


def _table(figures: dict[str, Any]) -> Table:
    from rich.table import Table

    from ptx_followup.evaluation.output import estimate, percent

    films, ratio, one = figures["films"], figures["ratio"], figures["one_reader"]
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    rows = {
        "films": f"{films['told_apart']} with readers told apart ({films['of_these_counts_alone']} of them "
        f"from a table of pixel counts), {films['not_told_apart']} not told apart; "
        f"{figures['patients']} patients",
        "Dice": estimate(figures["dice"]),
        "areas a factor apart": f"more than 1.5: {percent(ratio['factor_1_5'])} %; "
        f"more than 2: {percent(ratio['factor_2'])} %",
        "log ratio of areas": f"standard deviation {estimate(ratio['sd_log'], 2)}; "
        f"95 % within a factor of {estimate(ratio['limits'], 2)}",
        "percent of hemithorax": f"95 % within {estimate(figures['percent']['limits_points'], 1)} points "
        f"({figures['percent']['limits_points']['n']} pairs)",
        "one reader": f"standard deviation {estimate(one['sd_log'], 2)} of the logarithm of the area, "
        f"{estimate(one['sd_log1p_percent'])} of log(1 + percent)",
        "union over mean": estimate(figures["union"], 2),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table
