"""`ptx eval`: how good is a model on a data set?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ptx_followup.cli.options import JsonOption, ModelOption, QuietOption
from ptx_followup.cli.output import Output


def evaluate(
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the data set; its validation part is used.")
    ],
    model: ModelOption = "contextual-lite",
    seed: Annotated[int, typer.Option(min=0, help="Of the synthesised reports and the bootstrap.")] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Evaluate a model under matching, empty, side-swapped and size-swapped reports.

    Reports are synthesised from the expert masks, in phrasings that training never uses. Figures are means
    with 95 % bootstrap intervals, at the model's own image size.
    """
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("evaluating"):
        from ptx_followup.data.layout import open_data_set
        from ptx_followup.training.run import evaluate_model

        figures = evaluate_model(model, open_data_set(data), seed)
    output.result(figures, _table(figures))


def _table(figures: dict[str, Any]) -> str:
    rows = [f"{figures['model']} on {figures['positives']} positives, mean Dice (95 % interval)"]
    for group, title in (
        ("dice", ""),
        ("dice_one_sided", ", one-sided"),
        ("dice_by_size", ", by expert size"),
    ):
        for name, (mean, low, high) in figures[group].items():
            rows.append(f"  {name + title:28} {mean:.3f}  ({low:.3f} to {high:.3f})")
    area = figures["area"]
    rows.append(
        f"  area: intraclass correlation {area['intraclass_correlation']:.3f}, bias {area['bias']:+.1%}"
    )
    for name, shares in figures.get("negatives", {}).items():
        if name != "number":
            rows.append(
                f"  negatives, {name + ' report':24} empty {shares['empty']:.1%}, "
                f"below 0.2 % of the image {shares['nearly_empty']:.1%}"
            )
    return "\n".join(rows)
