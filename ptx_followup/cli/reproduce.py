"""`ptx reproduce`: run the experiments of the ConTEXTual Net paper again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import DeviceOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from rich.console import RenderableType

reproduce = typer.Typer(name="reproduce", no_args_is_help=True, help="Run the paper's experiments again.")


@reproduce.callback()
def _group() -> None:
    """Run the experiments of the ConTEXTual Net paper again."""


@reproduce.command("table1")
def table1(
    data: Annotated[Path, typer.Option("--data", help="Folder of CANDID-PTX, or of a data set like it.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of all runs; a second call goes on there.")
    ] = Path("table1"),
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="Row by its key; repeat for more; all unless given.")
    ] = None,
    folds: Annotated[int, typer.Option(min=1, max=5, help="So many of the paper's five folds.")] = 5,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training part.")] = 100,
    config: Annotated[
        str,
        typer.Option(
            help="Network, optimiser, image and batch size: a TOML file, contextual-net (the paper's) or "
            "contextual-lite."
        ),
    ] = "contextual-net",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run, and for how long, from a few batches.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processes that prepare batches.")] = 1,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train and test every configuration of the paper's Table 1.

    Stopped at any moment, the same call goes on where it was.
    """
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("opening"):
        from ptx_followup.data.layout import open_data_set
        from ptx_followup.reproduction.table1 import choose_rows
        from ptx_followup.reproduction.table1_run import plan, run_all
        from ptx_followup.training.config import find_training_config, load_training_config

        chosen = choose_rows(rows or [])
        base = load_training_config(find_training_config(config))
        data_set = open_data_set(data)
        runs = plan(data_set, chosen, base, folds, epochs)
    for warning in runs.warnings:
        output.warn(warning)
    if dry_run:
        with output.working("measuring"):
            from ptx_followup.network.device import choose_device
            from ptx_followup.reproduction.table1_run import estimate

            estimates = estimate(runs, choose_device(device))
        output.result(estimates, _estimate_table(estimates))
        return

    def log(line: dict[str, Any]) -> None:
        if line.get("warning") not in runs.warnings:  # else it was said before the first run
            output.hint(str(line["note"]) if "note" in line else _line(line))

    result = run_all(runs, data_set, out, device=device, workers=workers, log=log)
    output.result(result, _result_table(result))


def _line(figures: dict[str, Any]) -> str:
    parts = (
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in figures.items()
    )
    return "  ".join(parts)


def _result_table(result: dict[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table("", "paper", "here", "folds", box=None, padding=(0, 2, 0, 0))
    for row in result["rows"]:
        here = "–" if row["dice"] is None else _mean_and_deviation(row["dice"], row["deviation"])
        table.add_row(row["title"], _mean_and_deviation(*row["paper"]), here, str(len(row["folds"])))
    return table


def _mean_and_deviation(mean: float, deviation: float | None) -> str:
    return f"{mean:.3f}" if deviation is None else f"{mean:.3f} ± {deviation:.3f}"


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= 0.1 else f"{hours:.3f}"


def _estimate_table(estimates: dict[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    table = Table("", "key", "batches", "s / batch", "hours", "needs", box=None, padding=(0, 2, 0, 0))
    for row in estimates["rows"]:
        needs = ", ".join(row["needs"])
        figures = (str(row["batches"]), f"{row['seconds_per_batch']:.2f}", _hours(row["hours"]))
        table.add_row(row["title"], row["key"], *figures, needs)
    return Group(
        table, f"{_hours(estimates['hours'])} hours in all on {estimates['device']}, one run after another"
    )
