"""`ptx eval`: how good is a model on a data set?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ptx_followup.cli.options import (
    DeidentifyOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    OutOption,
    OverwriteOption,
    PrecisionOption,
    QuietOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.cli.segment import Prompt
from ptx_followup.errors import BatchError

if TYPE_CHECKING:
    from rich.console import RenderableType


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="Folder of the data set.")],
    model: ModelOption = "contextual-lite",
    part: Annotated[
        Literal["train", "validation", "test", "all"], typer.Option(help="Part of the data set.")
    ] = "validation",
    split: Annotated[
        Path | None, typer.Option("--split", help="Split file; the data set's own division unless given.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many cases at most, drawn at random.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Model, or the table or folder of an earlier evaluation, for paired tests."),
    ] = None,
    readings: Annotated[
        Path | None,
        typer.Option("--readings", help="What ptx data readings wrote: the model is set beside the readers."),
    ] = None,
    prompt: Annotated[
        Prompt, typer.Option("--prompt", help="What the network is told of a report, as in ptx segment.")
    ] = Prompt.FOCUSED,
    seed: Annotated[
        int, typer.Option(min=0, help="Of synthesised and shuffled reports and the bootstrap.")
    ] = 0,
    out: OutOption = Path("ptx-eval"),
    overwrite: OverwriteOption = False,
    deidentify: DeidentifyOption = False,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Evaluate a model: overlap, distances, empty masks, groups.

    The data set's own reports are used where it has them, others are written from the expert's masks in
    phrasings that training never uses. Writes summary.html, result.json, cases.csv, cases.parquet,
    calibration.json and the figures into OUT; with --deidentify cases have numbers there. Exits with 7 where
    cases cannot be read.
    """
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("opening"):
        from ptx_followup.data.anonymous import ROOT
        from ptx_followup.data.layout import open_data_set
        from ptx_followup.dicom.basic_profile import deidentifying
        from ptx_followup.evaluation.choice import choose_cases
        from ptx_followup.evaluation.output import FILES, without_identity, write_evaluation
        from ptx_followup.evaluation.run import evaluate as run
        from ptx_followup.evaluation.tables import is_table
        from ptx_followup.files.output_folder import prepare_folder

        data_set = open_data_set(data, tolerant=True)
        choice = choose_cases(data_set, part, split, limit, seed)
        prepare_folder(out, FILES, overwrite=overwrite)
        if deidentify:
            data_set = replace(data_set, root=ROOT)
    models = 2 if against is not None and not is_table(Path(against)) else 1
    with output.progress("evaluating", models * len(choice.cases)) as advance, deidentifying(deidentify):
        evaluation = run(
            model,
            data_set,
            choice,
            device=device,
            precision=precision,
            mode=prompt.value,
            seed=seed,
            against=against,
            readings=readings,
            advance=advance,
        )
    if deidentify:
        evaluation = without_identity(evaluation, data_set)
    with output.working("writing"):
        document = write_evaluation(evaluation, out)
    for warning in document["warnings"]:
        output.warn(warning)
    output.result(document, _table(document, out))
    if evaluation.left_out:
        raise BatchError(
            f"{len(evaluation.left_out)} of {len(choice.cases)} cases cannot be read",
            f"{out / document['outputs']['result']} names them; ptx data check says more",
        )


def _table(document: dict[str, Any], out: Path) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    from ptx_followup.evaluation.output import estimate, percent

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("report", "n", "Dice (95 % interval)", "to the own report", "empty masks, %"):
        table.add_column(name)
    positives = document["cases"]["positives"]
    for name, one in document["conditions"].items():
        detected = document["detection"][name]["sensitivity"]
        missed = {"value": 1 - detected["value"], "low": 1 - detected["high"], "high": 1 - detected["low"]}
        table.add_row(
            name.replace("_", " "),
            str(one["dice"]["n"]),
            estimate(one["dice"]),
            estimate(one.get("difference")),
            percent(missed),
        )
    for name, one in document["detection"].items():
        if one["specificity"]["n"]:
            specificity = one["specificity"]
            table.add_row(
                f"{name.replace('_', ' ')}, negatives", str(specificity["n"]), "", "", percent(specificity)
            )
    model, page = document["model"]["name"], out / document["outputs"]["page"]
    title = f"{model} on {document['data']['name']}, {positives} positives"
    return Group(title, table, *_readers(document), *_comparison(document), f"See {page}")


def _readers(document: dict[str, Any]) -> list[str]:
    from ptx_followup.evaluation.output import estimate, percent

    readings, ratio = document["readings"], document["area_ratio"]
    if readings is None or not ratio:
        return []
    return [
        f"Two readers: Dice {estimate(readings['dice'])}; areas more than a factor of 2 apart: "
        f"{percent(readings['ratio']['factor_2'])} %, the model's and the expert's "
        f"{percent(ratio['factor_2'])} %"
    ]


def _comparison(document: dict[str, Any]) -> list[str]:
    from ptx_followup.evaluation.output import estimate

    comparison = document["comparison"]
    if comparison is None or "dice" not in comparison:
        return []
    dice = comparison["dice"]
    difference = estimate(dice["difference"])
    return [
        f"Dice against {comparison['against']}: {difference} over {comparison['cases']} cases, "
        f"p = {dice['p_bootstrap']} (bootstrap), {dice['p_wilcoxon']} (Wilcoxon)"
    ]
