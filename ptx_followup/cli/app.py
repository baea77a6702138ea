"""The `ptx` application: assembles the commands and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
import traceback

import click
import typer

from ptx_followup.cli.data import data
from ptx_followup.cli.output import Output
from ptx_followup.cli.train import train
from ptx_followup.errors import ExitCode, PtxError

app = typer.Typer(
    name="ptx",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Follow a pneumothorax over time on chest radiographs, guided by the report. Research use only.",
)

app.command("train")(train)
app.add_typer(data)


def main() -> None:
    """Run the command line and exit with a documented code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments`; return the exit code (see `ExitCode`)."""
    try:
        outcome = app(args=arguments, prog_name="ptx", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.exceptions.Abort:
        return 130
    except PtxError as error:
        if _debug():
            traceback.print_exc()
        Output().error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort, so that no traceback reaches a user
        if _debug():
            traceback.print_exc()
        # The message of a foreign exception may quote the input: name the type only.
        Output().error(
            PtxError(f"unexpected {type(error).__name__}", "run again with PTX_DEBUG=1 and report it")
        )
        return ExitCode.UNEXPECTED
    return int(outcome) if isinstance(outcome, int) else ExitCode.DONE


def _debug() -> bool:
    return os.environ.get("PTX_DEBUG") == "1"
