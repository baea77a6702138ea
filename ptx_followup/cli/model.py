"""`ptx model`: list, verify, average, import, export and fetch models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.options import JsonOption
from ptx_followup.cli.output import Output

if TYPE_CHECKING:
    from ptx_followup.network.preprocessing import Preprocessing

model = typer.Typer(
    name="model", no_args_is_help=True, help="List, verify, average, import, export and fetch models."
)


@model.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the models on board."""
    from ptx_followup.files.storage import names_on_board
    from ptx_followup.network.checkpoint import find_model, load_config

    def size(of: Preprocessing) -> str:
        one_side = isinstance(of.image_size, int)
        return str(of.image_size) if one_side else " x ".join(map(str, of.rows_columns))

    configs = [load_config(find_model(name)) for name in names_on_board()]
    lines = [
        f"{one.name:18} {one.version:8} {one.task:13} {size(one.preprocessing)} px  "
        f"text: {one.text_encoder.name if one.text_encoder else 'none'}"
        for one in configs
    ]
    document = {"models": [one.model_dump(mode="json") for one in configs]}
    Output(as_json=as_json).result(document, "\n".join(lines))


@model.command("verify")
def verify_models(
    names: Annotated[list[str] | None, typer.Argument(help="Names or folders; all on board if none.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check weights and graphs by the SHA-256 of their configuration."""
    from ptx_followup.files.storage import names_on_board
    from ptx_followup.network.checkpoint import find_model, verify

    checked = {name: verify(find_model(name)).weights_sha256 for name in names or names_on_board()}
    lines = [f"{name:18} unaltered  {sha256}" for name, sha256 in checked.items()]
    Output(as_json=as_json).result({"verified": checked}, "\n".join(lines))


@model.command("average")
def average(
    names: Annotated[
        list[str], typer.Argument(help="Models, names or folders; the first gives the settings.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write; must not exist.")],
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Of the first; the others have equal parts of the rest.")
    ] = 0.5,
) -> None:
    """Average weights of models that were trained on from one another."""
    from ptx_followup.errors import UsageError
    from ptx_followup.files.storage import require_absent

    if len(names) < 2:
        raise UsageError("one model is given", "name two or more")
    require_absent(out, "give a new folder with --out")
    from ptx_followup.network.averaging import average_models

    config = average_models(names, share, out)
    Output().result({"model": str(out)}, f"{config.name} written to {out}")


@model.command("import")
def import_model(
    weights: Annotated[Path, typer.Argument(help="State dict of the paper's authors (.pt or .safetensors).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write; must not exist.")],
    text_encoder: Annotated[
        str, typer.Option(help="Language model the weights were trained with: a name or a folder.")
    ] = "t5-large",
    image_size: Annotated[
        int, typer.Option(help="Side of the square input, a multiple of 32, at most 4096.")
    ] = 1024,
) -> None:
    """Import weights in the parameter names of the paper's authors.

    The file is opened without executing anything in it.
    """
    from ptx_followup.files.storage import require_absent

    require_absent(out, "give a new folder with --out")
    from ptx_followup.network.importer import import_weights

    config = import_weights(weights, out, text_encoder, image_size)
    Output().result({"model": str(out)}, f"{config.name} written to {out}")


@model.command("export")
def export(
    name: Annotated[
        str, typer.Argument(help="Model on board, or a model folder; its graphs are written there.")
    ],
) -> None:
    """Write the graphs of a model, which ONNX Runtime runs on a CPU.

    The weights stay as they are. Without graphs a model runs in PyTorch, which takes seconds longer to start.
    Weights that change need their graphs made anew.
    """
    from ptx_followup.network.export import export_model

    config = export_model(name)
    graphs = None if config.graphs is None else config.graphs.model_dump(mode="json")
    Output().result({"model": config.name, "graphs": graphs}, f"graphs of {config.name} written")


@model.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="Text encoder to download: t5-large or roberta-base.")],
) -> None:
    """Download a text encoder from the model hub into the cache.

    No other command downloads anything.
    """
    from ptx_followup.network.encoder_files import fetch_encoder

    folder = fetch_encoder(name)
    Output().result({"folder": str(folder)}, f"{name} is in {folder}")
