"""`ptx review`: look at results on a page of this machine, correct them, and save them as a reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ptx_followup.cli.options import DeviceOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import ConfigOption, connected
from ptx_followup.cli.review_agreement import tell_agreement
from ptx_followup.errors import UsageError

if TYPE_CHECKING:
    from ptx_followup.review.worklist import CentralRead


def review(
    results: Annotated[
        Path | None,
        typer.Argument(help="Folder of ptx compare, segment, timeline or batch.", show_default=False),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder of the films, where they are no longer where they were."),
    ] = None,
    reader: Annotated[
        str | None, typer.Option("--reader", help="Name or code of the reader; asked on the page otherwise.")
    ] = None,
    central: Annotated[
        bool, typer.Option("--central", help="Read as in a trial: shuffled, blind to other readers.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Of the order of a central read, or of the bootstrap of --agreement."),
    ] = None,
    time_points: Annotated[
        Literal["hidden", "shown"],
        typer.Option(
            "--time-points", help="Each film alone without date and report, or all exams of a case."
        ),
    ] = "shown",
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="Read as the third what two readers differ in.")
    ] = False,
    limit: Annotated[
        float,
        typer.Option("--limit", min=0, max=100, help="Percentage points by which two readers may differ."),
    ] = 5.0,
    agreement: Annotated[
        Path | None,
        typer.Option(
            "--agreement",
            help="Folder in which two readers or more saved: say how well they agree, and open no page.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="With --agreement: JSON file to write, for ptx compare --reader-error."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Model that segments again; that of the results otherwise.")
    ] = None,
    device: DeviceOption = "auto",
    pacs: Annotated[
        str | None,
        typer.Option("--pacs", help="Archive in which films are looked for, and with --send kept."),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Store what is accepted or corrected in the archive.")
    ] = False,
    pacs_config: ConfigOption = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any that is free.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open no browser.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look at results on a page, correct masks, save as a reader.

    The page is served on the loopback interface alone, at an address that no one else can guess, and asks
    nothing of any other host. Saving writes a new folder beside the old result, never over it. Ends with
    Ctrl-C. Exits with 3 where a film is not found by its pixels: give --images or --pacs.
    """
    import tempfile

    from ptx_followup.files import contained

    output = Output(as_json=as_json, quiet=quiet)
    if agreement is not None:
        tell_agreement(output, agreement, out, seed or 0)
        return
    if results is None or out is not None:
        raise UsageError(
            "no results to review" if results is None else "--out is of --agreement", "see ptx review --help"
        )
    _require_extra()
    if send and pacs is None:
        raise UsageError("--send needs an archive", "give --pacs NODE")
    read = _central(central, reader, seed, time_points, adjudicate=adjudicate, limit=limit)
    contained.start("ptx_followup.radiograph.read")
    with tempfile.TemporaryDirectory(prefix="ptx-") as fetched:
        with output.working("reading"):
            from ptx_followup.dicom_objects.observers import reader_name
            from ptx_followup.review.server import Server
            from ptx_followup.review.setup import Choices, make_session, new_token

            choices = Choices(
                images,
                None if reader is None else reader_name(reader),
                model,
                device,
                read,
                None if pacs is None else lambda: connected(pacs, pacs_config),
                send,
            )
            server = Server(make_session(results, choices, Path(fetched)), new_token(), port)
        output.result({"address": server.address}, server.address)
        output.hint("Ctrl-C ends it")
        if not no_browser:
            output.hint("open the address above where no page appears")
            _show(server.address, Path(fetched))
        try:
            server.run()
        except KeyboardInterrupt:
            output.hint("ended")


def _central(
    central: bool,
    reader: str | None,
    seed: int | None,
    time_points: Literal["hidden", "shown"],
    *,
    adjudicate: bool,
    limit: float,
) -> CentralRead | None:
    if not central:
        if seed is not None or adjudicate or time_points == "hidden":
            raise UsageError("--seed, --time-points and --adjudicate are of a central read", "give --central")
        return None
    if reader is None or seed is None:
        raise UsageError("a central read needs its reader and its seed", "give --reader and --seed")
    from ptx_followup.dicom_objects.observers import reader_name
    from ptx_followup.review.worklist import CentralRead

    return CentralRead(reader_name(reader), seed, time_points == "hidden", limit, adjudicate)


def _show(address: str, folder: Path) -> None:
    """Open a browser at a file of the user's alone that leads on.

    Every user of the machine can read what a browser is started with, and the address is secret.
    """
    import webbrowser

    page = folder / "ptx-review.html"
    page.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8")
    webbrowser.open(page.as_uri())


def _require_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise UsageError(f"ptx review needs {' and '.join(missing)}", "pip install 'ptx-followup[review]'")
