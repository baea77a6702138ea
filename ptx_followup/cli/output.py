"""The only place that prints. Data goes to stdout; progress, warnings and hints to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import MofNCompleteColumn, Progress

from ptx_followup.errors import PtxError


class Output:
    """Where a command's words go: human, JSON or quiet.

    Args:
        as_json: Print one JSON object on stdout and nothing else there.
        quiet: No progress and no hints on stderr; warnings and errors stay.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self._stderr = Console(stderr=True, highlight=False, soft_wrap=True)

    def result(self, data: Mapping[str, Any], human: RenderableType) -> None:
        """Print the result once: `data` in JSON mode, `human` otherwise."""
        if self.as_json:
            json.dump(data, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
            sys.stdout.write("\n")
        else:
            Console(highlight=False, soft_wrap=True).print(human)

    def warn(self, message: str) -> None:
        """Print a warning on stderr."""
        self._stderr.print("warning:", style="yellow", end=" ")
        self._stderr.print(message, markup=False)

    def hint(self, message: str) -> None:
        """Print a hint on stderr unless quiet."""
        if not self.quiet:
            self._stderr.print(message, markup=False, style="dim")

    def error(self, error: PtxError) -> None:
        """Print an error on stderr: one line, with what to do."""
        self._stderr.print("error:", style="bold red", end=" ")
        self._stderr.print(f"{error.problem}: {error.hint}", markup=False)

    @contextmanager
    def working(self, message: str) -> Iterator[None]:
        """Show a spinner on a terminal's stderr while work goes on; nothing elsewhere."""
        if self.quiet or not self._stderr.is_terminal:
            yield
            return
        with self._stderr.status(message):
            yield

    @contextmanager
    def progress(self, message: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a bar on a terminal's stderr; what is yielded is called after each of `total` steps."""
        if self.quiet or not self._stderr.is_terminal:
            yield lambda: None
            return
        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        with Progress(*columns, console=self._stderr, transient=True) as bar:
            task = bar.add_task(message, total=total)
            yield lambda: bar.advance(task)
