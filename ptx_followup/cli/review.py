"""`ptx review`: look at results on a page of this machine, correct them, and save them as a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ptx_followup.cli.options import DeviceOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.errors import UsageError


def review(
    results: Annotated[
        Path,
        typer.Argument(help="Folder of ptx compare, segment, timeline or batch.", show_default=False),
    ],
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder of the films, where they no longer are where they were."),
    ] = None,
    reader: Annotated[
        str | None, typer.Option("--reader", help="Name or code of the reader; asked on the page otherwise.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Model that segments again; that of the results otherwise.")
    ] = None,
    device: DeviceOption = "auto",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any that is free.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open no browser.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Look at results on a page of this machine, correct masks, and save them as a reader.

    The page is served on the loopback interface alone, at an address that no one else can guess; it asks
    nothing of any other host. Saving writes a new folder beside the old result, never over it. Ends with
    Ctrl-C.
    """
    from ptx_followup.files import contained

    _require_extra()
    contained.start("ptx_followup.radiograph.read")
    output = Output(quiet=quiet)
    with output.working("reading"):
        from ptx_followup.review.server import Server
        from ptx_followup.review.setup import Choices, make_session, new_token

        session = make_session(results, Choices(images, reader, model, device))
        server = Server(session, new_token(), port)
    output.result({"address": server.address}, server.address)
    output.hint("Ctrl-C ends it")
    if not no_browser:
        import webbrowser

        webbrowser.open(server.address)
    try:
        server.run()
    except KeyboardInterrupt:
        output.hint("ended")


def _require_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise UsageError(f"ptx review needs {' and '.join(missing)}", "pip install 'ptx-followup[review]'")
