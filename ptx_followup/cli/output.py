"""The only place that prints. Data goes to stdout; progress, warnings and hints to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ptx_followup.errors import PtxError

if TYPE_CHECKING:  # Rich is imported where it prints: a help page does without it
    from rich.console import Console, RenderableType

#: Columns of a file or a pipe: lines there are broken by whoever shows them, not here.
_UNBROKEN = 100_000


class Output:
    """Where a command's words go: human, JSON or quiet.

    Args:
        as_json: Print one JSON object on stdout and nothing else there.
        quiet: No progress and no hints on stderr; warnings and errors stay.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self._stderr = _console(stderr=True)

    def result(self, data: Mapping[str, Any], human: RenderableType) -> None:
        """Print the result once: `data` in JSON mode, `human` otherwise."""
        if self.as_json:
            # Pure ASCII, so that the object is the same whatever the encoding of stdout.
            sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")
        else:
            _console().print(human)
        sys.stdout.flush()  # a full disk or a closed pipe shows here, where it can still be told

    def warn(self, message: str) -> None:
        """Print a warning on stderr, on one line."""
        from rich.text import Text

        self._stderr.print(Text.assemble(("warning:", "yellow"), " ", _one_line(message)))

    def hint(self, message: str) -> None:
        """Print a hint on stderr unless quiet."""
        if not self.quiet:
            self._stderr.print(_one_line(message), style="dim")

    def error(self, error: PtxError) -> None:
        """Print an error on stderr: one line, with what to do."""
        from rich.text import Text

        message = _one_line(f"{error.problem}: {error.hint}")
        self._stderr.print(Text.assemble(("error:", "bold red"), " ", message))

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
        from rich.progress import MofNCompleteColumn, Progress

        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        with Progress(*columns, console=self._stderr, transient=True) as bar:
            task = bar.add_task(message, total=total)
            yield lambda: bar.advance(task)

    @contextmanager
    def live(self, message: str) -> Iterator[Callable[[int, int, str], None] | None]:
        """Show a bar with changing words on a terminal's stderr, for work of unknown length until it starts.

        What is yielded takes the steps done, all steps, and the words; it is None where nothing is shown.
        """
        if self.quiet or not self._stderr.is_terminal:
            yield None
            return
        from rich.progress import Progress, TextColumn

        columns = (*Progress.get_default_columns(), TextColumn("{task.fields[words]}", markup=False))
        with Progress(*columns, console=self._stderr, transient=True) as bar:
            task = bar.add_task(message, total=None, words="")
            yield lambda done, total, words: bar.update(task, completed=done, total=total, words=words)


def _console(*, stderr: bool = False) -> Console:
    """A console that prints words as they are: brackets in a path or a report are no markup."""
    from rich.console import Console

    class Unending(Console):
        def on_broken_pipe(self) -> None:
            """Leave the exit code to the application; Rich would exit here."""
            raise BrokenPipeError

    console = Unending(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _UNBROKEN
    return console


def _one_line(message: str) -> str:
    """A message on one line, without characters that could drive a terminal (a path may hold them)."""
    words = " ".join(message.split())
    return "".join(character if character.isprintable() else "?" for character in words)
