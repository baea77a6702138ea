"""Running text and template lines of a section, set apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ptx_followup.report.templates import forms, tables
from ptx_followup.report.templates.lists import (
    BULLET,
    denial_over_list,
    denied_item,
    is_plain_item,
    resolved_item,
    resolved_list,
    states_items,
)
from ptx_followup.report.templates.rows import Row, is_rule, row_of
from ptx_followup.report.templates.section_lines import Line, Lines, Statement, lines_between, stated
from ptx_followup.report.templates.words import PNEUMOTHORAX

#: Lines longer than this are running text, in characters.
_LONG = 300


@dataclass(frozen=True)
class Prose:
    """Running text between two offsets."""

    start: int
    end: int


def blocks(text: str, start: int, end: int) -> Iterator[Prose | Statement]:
    """The running text and the template lines between two offsets, in order; time is linear.

    Args:
        text: The report.
        start: Offset of the section's first character.
        end: Offset after its last.
    """
    lines = lines_between(text, start, end)
    prose: int | None = None
    while lines.index < len(lines.lines):
        line = lines.current
        found = None if line.blank or len(line.text) > _LONG else _template(lines)
        if found is None:
            prose = line.start if prose is None else prose
            lines.index += 1
            continue
        statements, taken = found
        if prose is not None:
            yield Prose(prose, line.start)
            prose = None
        yield from statements
        lines.index += taken
    if prose is not None:
        yield Prose(prose, end)


def _template(lines: Lines) -> forms.Found:
    """The statements that begin at the current line, with the number of lines they take."""
    for read in (_list, _table, forms.topic, forms.box_line, forms.side_label, forms.answer):
        found = read(lines)
        if found is not None:
            return found
    return None


def _list(lines: Lines) -> forms.Found:
    """A denial over a list, or before one on its line."""
    line = lines.current
    if states_items(line.text):
        return [stated(line, line, "")], 1
    is_gone = resolved_list(line.text)
    denial = (True, "") if is_gone else denial_over_list(line.text)
    if denial is None:
        return None
    colon, rest = denial
    if rest:
        return _list_in_line(lines, rest)
    items: list[Line] = []
    last = lines.index
    for index, item in lines.ahead():
        if item.blank:
            continue
        bulleted = BULLET.match(item.text) is not None
        if items and bulleted != (BULLET.match(items[0].text) is not None):
            break
        if not bulleted and not (colon and is_plain_item(item.text) and index == last + 1):
            break
        items.append(item)
        last = index
        if not bulleted and item.text.rstrip().endswith("."):
            break
    if not items:
        return None
    said = [stated(line, line, "")]
    said += [
        stated(item, item, (resolved_item if is_gone else denied_item)(item.text.rstrip(" ,;")))
        for item in items
    ]
    return said, last - lines.index + 1


def _list_in_line(lines: Lines, rest: str) -> forms.Found:
    """A denied list on the line of its denial, and the sentences behind it."""
    line = lines.current
    listed, _, more = rest.partition(". ")
    if not PNEUMOTHORAX.search(listed):
        return None
    end = line.start + line.text.index(rest) + len(listed)
    said = [Statement(line.start, end, denied_item(listed))]
    return said + (forms.as_written(lines, end + 2, line.end) if more.strip() else []), 1


def _table(lines: Lines) -> forms.Found:
    """A table under the names of its columns."""
    head = row_of(lines.current.text)
    if head.is_one:
        return None
    rows: list[Row] = []
    own: list[Line] = []
    last = lines.index
    for index, line in lines.ahead():
        if is_rule(line.text):
            continue
        row = row_of(line.text)
        if row.is_one:
            break
        rows.append(row)
        own.append(line)
        last = index
    said = tables.statements(head, rows)
    if said is None:
        return None
    statements = [stated(line, line, one) for line, one in zip(own, said, strict=True)]
    return [stated(lines.current, lines.current, ""), *statements], last - lines.index + 1
