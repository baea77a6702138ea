"""`ptx calibrate`: how far does what a model says of a change lie from an expert's?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import (
    DeviceOption,
    JsonOption,
    ModelOption,
    OutOption,
    OverwriteOption,
    QuietOption,
)
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from rich.console import RenderableType


def calibrate(
    pairs: Annotated[
        Path,
        typer.Option(
            "--pairs",
            help="CSV of pairs of films: patient, prior, followup, gap, split; read_by, if films were read "
            "by others than an expert.",
        ),
    ],
    model: ModelOption = "contextual-lite",
    sizes: Annotated[
        list[Path] | None,
        typer.Option(
            "--sizes",
            help="CSV of sizes, one row a film and side: film, patient, side, view, expert_percent, "
            "images_1 to images_n, words; one for each fold, if there are several. Measured with the model "
            "unless given.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Data set that holds the films; the folder of --pairs unless given."),
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Only pairs of this part, as the column split says.")
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option("--held-out", help="split.json of a training run: only films that it held out."),
    ] = None,
    as_stored: Annotated[
        bool,
        typer.Option("--as-stored", help="Judge the coefficients that the model has; fit none."),
    ] = False,
    source: Annotated[
        str | None, typer.Option("--source", help="What the pairs are, kept with the coefficients.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of written reports and simulated readers.")] = 0,
    out: OutOption = Path("ptx-calibration"),
    overwrite: OverwriteOption = False,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find what a model's sizes are worth against experts' masks.

    Its verdicts are judged out of fold, or with --as-stored as they are. Use patients that the model was not
    trained on. At most 12 pairs of a patient count. Writes config.json (the model's, with the coefficients:
    copy it over the model's own), sizes.csv, reliability.png and result.json into OUT. Needs the extra train.
    """
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("opening"):
        from ptx_followup.calibration.measuring import measure_films
        from ptx_followup.calibration.output import FILES, write_calibration
        from ptx_followup.calibration.rows import pair_rows
        from ptx_followup.calibration.run import STEPS
        from ptx_followup.calibration.run import calibrate as run
        from ptx_followup.calibration.sizes import read_sizes
        from ptx_followup.data.layout import open_data_set
        from ptx_followup.data.pairs import at_most, read_pairs
        from ptx_followup.data.splits import load_split
        from ptx_followup.files.output_folder import prepare_folder
        from ptx_followup.network.checkpoint import find_model, verify

        config = verify(find_model(model))
        chosen = [one for one in read_pairs(pairs) if one.for_figures and split in (None, one.split)]
        measured = [row for table in sizes for row in read_sizes(table)] if sizes else None
        data_set = None if measured is not None else open_data_set(data or pairs.parent)
        if held_out is not None and data_set is not None:
            kept = set(load_split(held_out, data_set).members["validation"])
            chosen = [one for one in chosen if {one.prior, one.followup} <= kept]
        prepare_folder(out, FILES, overwrite=overwrite)
    if measured is None and data_set is not None:
        from ptx_followup.segmentation.segmenter import Segmenter

        chosen = at_most(chosen)
        films = {name for one in chosen for name in (one.prior, one.followup)}
        segmenter = Segmenter(model, device)
        with output.progress("measuring", len(films)) as advance:
            measured = list(measure_films(data_set, chosen, segmenter, seed, advance))
    rows = pair_rows(measured or [], chosen)
    with output.progress("fitting", STEPS) as advance:
        stored = config.error if as_stored else None
        calibrated = run(rows, source or f"ptx calibrate on {pairs.name}", seed, advance, stored)
    with output.working("writing"):
        document = write_calibration(calibrated, config, measured or [], out)
    output.result(document, _tables(document, out))
    output.hint(document["disclaimer"])


def _tables(document: dict[str, Any], out: Path) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    from ptx_followup.evaluation.output import estimate

    columns = {**document["routes"], **document["beside"]}
    table = Table("", *columns, box=None, padding=(0, 2, 0, 0))
    for name, of in _ROWS.items():
        table.add_row(name, *(of(one) for one in columns.values()))
    detectable = Table("prior, %", "route", "probable below / above, %", "stated below / above, %", box=None)
    for one in document["detectable"]:
        ends = [
            " / ".join("-" if end is None else f"{end:g}" for end in one[name].values())
            for name in ("probable", "stated")
        ]
        detectable.add_row(str(one["prior"]), one["route"], *ends)
    images = estimate(document["routes"]["images"]["log_loss"])
    return Group(
        f"{document['pairs']} pairs of {document['patients']} patients; log-loss of the images {images}",
        table,
        "",
        detectable,
        f"See {out / document['outputs']['result']}; the coefficients are in {out / 'config.json'}",
    )


def _figure(figures: dict[str, Any], *place: str) -> str:
    found: Any = figures
    for name in place:
        found = found.get(name) if found is not None else None
    value = found["value"] if isinstance(found, dict) else found
    return "" if value is None else f"{value:.3g}"


def _shares(figures: dict[str, Any], level: str, *names: str) -> str:
    return " / ".join(f"{100 * (figures[level][name]['value'] or 0):.1f}" for name in names)


def _coverage(figures: dict[str, Any]) -> str:
    if "interval" not in figures:
        return ""
    held = figures["interval"]["coverage"]
    return f"{100 * held['value']:.1f} ({100 * held['low']:.1f})"


def _by_group(figures: dict[str, Any]) -> str:
    if "interval" not in figures:
        return ""
    found = figures["interval"]
    groups = [*found["coverage_by_measured_size"], *found["coverage_by_view"].values()]
    return " ".join("-" if one["value"] is None else f"{100 * one['value']:.0f}" for one in groups)


#: Rows of the table on the terminal, and what each shows of a route's figures.
_ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "log-loss": lambda one: _figure(one, "log_loss"),
    "SD of the error of roots": lambda one: _figure(one, "sd_root_error"),
    "80 %: given of x2 / wrong / beyond x1.5, %": lambda one: _shares(
        one, "leaning", "given_of_doubled_or_halved", "wrong_of_all", "contradicted_beyond_1_5_of_all"
    ),
    "95 %: given of x2 / right, %": lambda one: _shares(
        one, "stated", "given_of_doubled_or_halved", "right_of_given"
    ),
    "AUC of x2": lambda one: _figure(one, "auc_doubled_or_halved"),
    "macro-accuracy": lambda one: _figure(one, "macro_accuracy"),
    "interval: mean": lambda one: _figure(one, "interval", "width_mean"),
    "interval: median": lambda one: _figure(one, "interval", "width_median"),
    "interval: score": lambda one: _figure(one, "interval", "score"),
    "coverage (at least), %": _coverage,
    "coverage by third of size, AP, PA, %": _by_group,
    "calibration slope": lambda one: _figure(one, "calibration_slope"),
    "ECE": lambda one: _figure(one, "ece"),
}
