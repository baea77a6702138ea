"""`ptx train`: train a network on a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ptx_followup.cli.options import QuietOption
from ptx_followup.cli.output import Output


def train(
    config: Annotated[Path, typer.Argument(help="Training configuration, a TOML file.")],
    data: Annotated[Path, typer.Option("--data", help="Folder of the data set.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; the model lands in OUT/model.")
    ],
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in OUT.")] = False,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to torch.")] = 0,
    quiet: QuietOption = False,
) -> None:
    """Train a network; see docs/training.md for the configuration."""
    import torch

    from ptx_followup.data.layout import open_data_set
    from ptx_followup.training.config import load_training_config
    from ptx_followup.training.run import run

    output = Output(quiet=quiet)
    if threads:
        torch.set_num_threads(threads)
    settings = load_training_config(config)
    folder = run(settings, open_data_set(data), out, resume=resume, log=lambda line: output.hint(_line(line)))
    output.result({"model": str(folder)}, f"model written to {folder}")


def _line(figures: dict[str, Any]) -> str:
    parts = (
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in figures.items()
    )
    return "  ".join(parts)
