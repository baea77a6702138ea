"""`ptx train`: train a network on a data set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import DeviceOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def train(
    config: Annotated[
        str,
        typer.Argument(help="Training configuration: a TOML file, contextual-net, contextual-lite or lungs."),
    ],
    data: Annotated[Path, typer.Option("--data", help="Folder of the data set.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; the model lands in OUT/model.")
    ],
    split: Annotated[
        Path | None, typer.Option("--split", help="Split file; the data set's own division unless given.")
    ] = None,
    fold: Annotated[
        str | None,
        typer.Option("--fold", help="K/N: hold fold K (from 0) of N out, by patient, of what trains."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Fine-tune this model: a name on board, or a model folder.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in OUT.")] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processes that prepare batches.")] = 1,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to torch.")] = 0,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train a network; see docs/training.md."""
    import torch

    from ptx_followup.data.division import divide
    from ptx_followup.data.folds import fold_of, parse_fold
    from ptx_followup.data.layout import open_data_set
    from ptx_followup.training.config import find_training_config, load_training_config
    from ptx_followup.training.run import run

    first = os.environ.get("RANK", "0") == "0"  # of several processes, one speaks
    output = Output(as_json=as_json, quiet=quiet or not first)
    if threads:
        torch.set_num_threads(threads)
    settings = load_training_config(find_training_config(config))
    data_set = open_data_set(data)
    if split is not None and fold is not None:
        raise UsageError("--split and --fold exclude one another", "give one of them")
    division = divide(data_set, split) if fold is None else fold_of(data_set, *parse_fold(fold))
    with output.live("training") as show:
        display = _Display(output, show)
        folder = run(
            settings,
            data_set,
            out,
            resume=resume,
            log=display.line,
            split=division,
            start=start,
            device=device,
            workers=workers,
            watch=display.step,
        )
    if first:
        output.result({"model": str(folder)}, f"model written to {folder}")


class _Display:
    """The run as it is seen: a line for each of the log's, and a bar on a terminal."""

    def __init__(self, output: Output, show: Callable[[int, int, str], None] | None) -> None:
        self._output, self._show = output, show
        self._dice = ""

    def line(self, figures: dict[str, Any]) -> None:
        """A line of the log."""
        if "warning" in figures:
            self._output.warn(figures["warning"])
        if "dice" in figures:
            self._dice = f"  Dice {figures['dice']:.3f}"
        # On a terminal the bar says how the steps go.
        if self._show is None or "learning_rate" not in figures:
            self._output.hint(_words(figures))

    def step(self, step: int, total: int, loss: float, images_per_s: float) -> None:
        """A step of the training."""
        if self._show is not None:
            self._show(step, total, f"loss {loss:.3f}{self._dice}  {images_per_s:.1f} images/s")


def _words(figures: dict[str, Any]) -> str:
    if "note" in figures:
        return str(figures["note"])
    parts = (
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in figures.items()
        if key != "warning"
    )
    return "  ".join(parts)
