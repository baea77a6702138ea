"""The `ptx` application: assembles the commands and turns errors into exit codes."""

from __future__ import annotations

import io
import os
import sys
import traceback
from contextlib import suppress
from typing import Annotated

import typer
from typer.exceptions import Abort, Exit, TyperException

from ptx_followup import __version__
from ptx_followup.cli.batch import batch
from ptx_followup.cli.calibrate import calibrate
from ptx_followup.cli.compare import compare
from ptx_followup.cli.data import data
from ptx_followup.cli.evaluate import evaluate
from ptx_followup.cli.explain import explain
from ptx_followup.cli.info import info
from ptx_followup.cli.listen import listen
from ptx_followup.cli.model import model
from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import pacs
from ptx_followup.cli.process import protect
from ptx_followup.cli.report import report
from ptx_followup.cli.reproduce import reproduce
from ptx_followup.cli.review import review
from ptx_followup.cli.segment import segment
from ptx_followup.cli.timeline import timeline
from ptx_followup.cli.train import train
from ptx_followup.errors import ExitCode, InputError, PtxError, UsageError, system_reason
from ptx_followup.files.memory import share_pool

#: As shells report a program ended by Ctrl-C, and one whose reader has left (`ptx ... | head`).
INTERRUPTED, BROKEN_PIPE = 130, 141

#: Commands that read films, in a child process.
_READING = frozenset({"compare", "explain", "segment", "timeline"})

app = typer.Typer(
    name="ptx",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help in plain text: Rich takes a third of the time that it needs
    help="Follow a pneumothorax over time on chest radiographs, guided by the report. Research use only.",
)
app.command("segment")(segment)
app.command("compare")(compare)
app.command("timeline")(timeline)
app.command("batch")(batch)
app.command("review")(review)
app.command("report")(report)
app.command("explain")(explain)
app.command("listen")(listen)
app.command("train")(train)
app.command("eval")(evaluate)
app.command("calibrate")(calibrate)
app.command("info")(info)
app.add_typer(data, name="data")
app.add_typer(reproduce, name="reproduce")
app.add_typer(model, name="model")
app.add_typer(pacs, name="pacs")


def _show_version(asked: bool) -> None:
    if asked:
        Output().result({"version": __version__}, f"ptx {__version__}")
        raise Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Follow a pneumothorax over time on chest radiographs, guided by the report. Research use only."""


def main() -> None:
    """Run the command line and exit with a documented code."""
    protect()
    share_pool()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without the characters of a path or of "cm²" is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    _start_reader(sys.argv[1:])
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        # It was told already; Python would try again on its way out and print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _start_reader(arguments: list[str]) -> None:
    """Let the child that reads films get ready while the command line is understood."""
    if _READING & set(arguments[:1]) and "--help" not in arguments:
        from ptx_followup.files import contained

        with suppress(PtxError):  # the command tells it, once it wants a film
            contained.start("ptx_followup.radiograph.read")


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments`; return the exit code (see `ExitCode`)."""
    try:
        outcome = app(args=arguments, prog_name="ptx", standalone_mode=False)
    except PtxError as error:
        return _fail(error)
    except TyperException as error:
        problem = error.format_message().rstrip(".")
        if problem.startswith("Usage: "):  # the help, where no command was named
            typer.echo(problem, err=True)
            return ExitCode.USAGE
        return _fail(UsageError(problem, "see ptx --help"))
    except (Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:
        reason = system_reason(error)
        return _fail(
            InputError(f"a file cannot be read or written ({reason})", "check the paths and the free space")
        )
    except Exception as error:  # noqa: BLE001 - the last resort, so that no traceback reaches a user
        # The message of a foreign exception may quote the input: name the type only.
        unexpected = PtxError(
            f"unexpected {type(error).__name__}", "run again with PTX_DEBUG=1, and report what it prints"
        )
        return _fail(unexpected)
    return int(outcome) if isinstance(outcome, int) else ExitCode.DONE


def _fail(error: PtxError) -> int:
    if os.environ.get("PTX_DEBUG") == "1":
        traceback.print_exc()
    Output().error(error)
    return error.exit_code
