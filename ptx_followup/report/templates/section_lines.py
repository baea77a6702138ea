"""Lines of a section, and what template lines among them say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ptx_followup.report.templates.boxes import has_boxes, is_filled_in, ticked, with_blanks_as_boxes

#: Lines that a label or a denial may reach.
_REACH = 40
#: "PTX_R".
_JOINED_NAMES = re.compile(r"(?<=[A-Za-z])_(?=[A-Za-z])(?![xX]_)")


@dataclass(frozen=True)
class Statement:
    """A template line between two offsets, and what it says in the words of a sentence."""

    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Line:
    """A line of a section between two offsets of the report."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether nothing is written in it."""
        return not self.text.strip()


@dataclass
class Lines:
    """The lines of a section, read from the first to the last.

    Attributes:
        text: The report.
        lines: Of the section.
        index: Of the line that is read.
    """

    text: str
    lines: list[Line]
    index: int = 0

    @property
    def current(self) -> Line:
        """The line that is read."""
        return self.lines[self.index]

    @cached_property
    def is_filled_in(self) -> bool:
        """Whether the boxes of the section were filled in."""
        return is_filled_in("\n".join(line.text for line in self.lines))

    def ahead(self) -> Iterator[tuple[int, Line]]:
        """Lines behind the one that is read, with their places."""
        stop = min(len(self.lines), self.index + 1 + _REACH)
        return ((index, self.lines[index]) for index in range(self.index + 1, stop))

    def near(self) -> list[Line]:
        """The line that is read and its neighbours."""
        return self.lines[max(0, self.index - 1) : self.index + 2]

    def resolved(self, line: Line) -> str:
        """A line with what was ticked in its boxes."""
        return ticked(line.text, filled_in=self.is_filled_in) if has_boxes(line.text) else line.text


def lines_between(text: str, start: int, end: int) -> Lines:
    """The lines of a report between two offsets."""
    own = with_blanks_as_boxes(text[start:end])
    lines = []
    for line in own.split("\n"):
        lines.append(Line(start, start + len(line), _JOINED_NAMES.sub(" ", line)))
        start += len(line) + 1
    return Lines(text, lines)


def stated(first: Line, last: Line, said: str) -> Statement:
    """What the lines from one to another say."""
    start = first.start + len(first.text) - len(first.text.lstrip())
    return Statement(start, last.start + len(last.text.rstrip()), said)
