"""Rows of tables: cells that signs or the places of their columns set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_RULE = re.compile(r"[\s|:+=_-]+$")

#: What was left to be filled in: "(which side: ____)".
_BLANK = re.compile(r"\([^()\n]{0,60}_{2,}[^()\n]{0,20}\)")


@dataclass(frozen=True)
class Row:
    """Cells of a line, each with the column that it begins in; columns count where spaces set cells apart."""

    cells: tuple[str, ...]
    starts: tuple[int, ...]
    by_place: bool

    @property
    def is_one(self) -> bool:
        """Whether the line is no row of a table."""
        return len(self.cells) < 2


def row_of(line: str) -> Row:
    """The cells of a line; one where it is no row."""
    line = _BLANK.sub(lambda blank: " " * len(blank.group(0)), line)
    stripped = line.strip()
    if "|" in stripped:
        framed = stripped.endswith("|") and len(stripped) > 1
        return _split(r"\|", stripped[:-1].removeprefix("|") if framed else stripped)
    if "\t" in stripped:
        return _split(r"\t+", stripped)
    found = list(re.finditer(r"\S+(?: \S+)*", line.rstrip()))
    if len(found) > 1 or line.startswith("   "):
        return Row(tuple(one.group(0) for one in found), tuple(one.start() for one in found), True)
    if stripped.count(";") in (1, 2, 3) and not re.search(r"[.:=]", stripped):
        return _split(";", stripped)
    return Row((stripped,), (0,), False)


def _split(sign: str, line: str) -> Row:
    cells = tuple(cell.strip() for cell in re.split(sign, line))
    return Row(cells, tuple(range(len(cells))), False)


def is_rule(line: str) -> bool:
    """Whether a line only draws a rule."""
    return bool(line.strip()) and bool(_RULE.match(line)) and "-" in line


def with_label(row: Row) -> Row:
    """A row whose name stands in its first cell: "R PTX: 13 mm | none"."""
    label, colon, value = row.cells[0].partition(":")
    if row.by_place or not colon or not value.strip():
        return row
    cells = (label.strip(), value.strip(), *row.cells[1:])
    return Row(cells, tuple(range(len(cells))), False)


def aligned(head: Row, rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and for every row a cell under each."""
    names = list(head.cells)
    starts = list(head.starts)
    longest = max(len(row.cells) for row in rows)
    unnamed = head.by_place and starts[0] >= 3 and all(row.starts[0] < starts[0] for row in rows)
    if unnamed or (not head.by_place and longest > len(names)):
        names, starts = ["", *names], [0, *starts]
    return names, [_cells_under(names, starts, row) for row in rows]


def _cells_under(names: list[str], starts: list[int], row: Row) -> list[str]:
    if not row.by_place or len(row.cells) == len(names):
        cells = list(row.cells[: len(names)])
        cells[-1:] = [", ".join([*cells[-1:], *row.cells[len(names) :]])]
        return cells + [""] * (len(names) - len(cells))
    found: list[list[str]] = [[] for _ in names]
    for text, start in zip(row.cells, row.starts, strict=True):
        for piece, place in _pieces(text, start, starts):
            column = min(range(len(starts)), key=lambda index: abs(starts[index] - place))
            found[column].append(piece)
    return [", ".join(pieces) for pieces in found]


def _pieces(text: str, start: int, columns: Sequence[int]) -> list[tuple[str, int]]:
    """A cell, parted before a word that stands where a column begins: "small none"."""
    cuts = [
        column - start
        for column in columns
        if start < column < start + len(text) and text[column - start - 1] == " "
    ]
    bounds = [0, *cuts, len(text)]
    return [(text[a:b].strip(), start + a) for a, b in pairwise(bounds)]
