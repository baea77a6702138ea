"""Running text and template lines of a section, set apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ptx_followup.report.sentences import spans
from ptx_followup.report.templates import tables
from ptx_followup.report.templates.answers import answered, joined, part_of, sides_in
from ptx_followup.report.templates.boxes import has_boxes, ticked
from ptx_followup.report.templates.lists import (
    BULLET,
    denial_over_list,
    denied_item,
    is_plain_item,
    without_bullet,
)
from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject

#: Lines longer than this are running text, in characters.
_LONG = 300
#: Lines that a label or a denial may reach.
_REACH = 40
#: What a form calls the field that a finding is put in.
_NAMED_AS = re.compile(
    r"^(?:critical )?(?:finding|dx|obs|diagnosis|abnormality|what|type|pathology|result|entity)"
    r"(?: (?:code|type|name))?"
    r"[ \t]*[:?=][ \t]*",
    re.IGNORECASE,
)
#: "PTX_R".
_JOINED_NAMES = re.compile(r"(?<=[A-Za-z])_(?=[A-Za-z])")
_SIDE_LABEL = re.compile(
    r"(?:(?<=[.;|])[ \t]+|^[ \t]*)(?:on the )?(?P<side>right|left|[rl])"
    r"(?:[ -]?(?:side|lung|hemi-?thorax|chest|pleura|pleural space))?[ \t]*(?::|\uff1a|[ \t][-\u2013](?=["
    r" \t]))[ \t]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Prose:
    """Running text between two offsets."""

    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """A template line between two offsets, and what it says in the words of a sentence."""

    start: int
    end: int
    said: str


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


@dataclass
class _Lines:
    """The lines of a section, read from the first to the last."""

    lines: list[_Line]
    index: int = 0
    head: list[str] = field(default_factory=list)

    def ahead(self, start: int) -> Iterator[tuple[int, _Line]]:
        stop = min(len(self.lines), start + _REACH)
        return ((index, self.lines[index]) for index in range(start, stop))


def blocks(text: str, start: int, end: int) -> Iterator[Prose | Statement]:
    """The running text and the template lines between two offsets, in order; time is linear.

    Args:
        text: The report.
        start: Offset of the section's first character.
        end: Offset after its last.
    """
    lines = _Lines(list(_lines(text, start, end)))
    prose: int | None = None
    while lines.index < len(lines.lines):
        line = lines.lines[lines.index]
        found = None if line.blank or len(line.text) > _LONG else _template(text, lines)
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


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield _Line(start, stop, _JOINED_NAMES.sub(" ", text[start:stop]))
        start = stop + 1


def _template(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    """The statements that begin at the current line, with the number of lines they take."""
    for read in (_list, _table, _topic, _boxes, _sides, _answer):
        found = read(text, lines)
        if found is not None:
            return found
    return None


def _statement(first: _Line, last: _Line, said: str) -> Statement:
    start = first.start + len(first.text) - len(first.text.lstrip())
    return Statement(start, last.start + len(last.text.rstrip()), said)


def _list(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    """A denial over a list, or before one on its line."""
    line = lines.lines[lines.index]
    denial = denial_over_list(line.text)
    if denial is None:
        return None
    colon, rest = denial
    if rest:
        end = rest.find(". ")
        if end >= 0 or not PNEUMOTHORAX.search(rest):
            return None
        return [_statement(line, line, denied_item(rest))], 1
    items: list[_Line] = []
    last = lines.index
    for index, item in lines.ahead(lines.index + 1):
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
    said = [_statement(line, line, "")]
    said += [_statement(item, item, denied_item(item.text.rstrip(" ,;"))) for item in items]
    return said, last - lines.index + 1


def _table(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    """A table under the names of its columns."""
    line = lines.lines[lines.index]
    head = tables.cells_of(line.text)
    read = _reader_of_rows(head, lines)
    if read is None:
        return None
    statements: list[Statement] = []
    last = lines.index
    for index, row in lines.ahead(lines.index + 1):
        cells = tables.cells_of(row.text)
        if tables.is_rule(row.text):
            continue
        if len(cells) < 2:
            break
        names = head if len(head) >= len(cells) else ["", *head]
        statements.append(_statement(row, row, read(names, cells) or ""))
        last = index
    return (statements, last - lines.index + 1) if statements else None


def _reader_of_rows(head: list[str], lines: _Lines) -> Callable[[list[str], list[str]], str | None] | None:
    """How the rows under a head are read; None where it is none."""
    if tables.is_head(head):
        return tables.row
    rows = (row for _, row in lines.ahead(lines.index + 1) if not tables.is_rule(row.text))
    first = next(rows, None)
    is_sided = first is not None and tables.is_head_of_sides(head, tables.cells_of(first.text))
    return tables.row_of_side if is_sided else None


def _topic(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    """A label of a pneumothorax on a line of its own, or answered, with its parts on the lines below."""
    line = lines.lines[lines.index]
    about = without_bullet(_resolved(line))
    said = _label(about) or _opened(about)
    if said is None:
        return None
    last = lines.index
    sided: list[str] = []
    for index, part_line in lines.ahead(lines.index + 1):
        part_text = without_bullet(_resolved(part_line))
        if part_line.blank or PNEUMOTHORAX.search(part_text):
            break
        by_side = sides_in(part_text)
        part = part_of(part_text)
        if by_side:
            sided += [statement(subject(about), value, side_of(side)) for side, value in by_side]
        elif part is None:
            break
        else:
            said = joined(said, part)
        last = index
    if last == lines.index:
        return None
    if sided:
        said = "; ".join(one for one in sided if one)
    return [_statement(line, lines.lines[last], said)], last - lines.index + 1


def _label(line: str) -> str | None:
    """The subject of a label without an answer."""
    bare = _NAMED_AS.sub("", without_bullet(line)).strip(" \t:*#-.\uff1a")
    name = PNEUMOTHORAX.search(bare)
    return bare if name and bare == name.group(0) else None


def _opened(line: str) -> str | None:
    """What an answered label says, where parts may follow: "Pneumothorax: Yes"."""
    said = answered(line)
    if said is None and PNEUMOTHORAX.fullmatch(line.strip(" \t.")):
        return line.strip(" \t.")
    return said if said and not said.startswith("no ") and ". " not in said else None


def _resolved(line: _Line) -> str:
    """A line with what was ticked in its boxes."""
    return ticked(line.text) if has_boxes(line.text) else line.text


def _boxes(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    line = lines.lines[lines.index]
    if not has_boxes(line.text):
        return None
    chosen = ticked(line.text)
    return [_statement(line, line, answered(chosen) or chosen if PNEUMOTHORAX.search(chosen) else chosen)], 1


def _answer(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    line = lines.lines[lines.index]
    if not PNEUMOTHORAX.search(line.text):
        return None
    cells = tables.cells_of(line.text)
    if "|" in line.text and len(cells) > 1 and PNEUMOTHORAX.search(cells[0]):
        return [_statement(line, line, tables.row(["", *[""] * len(cells)], cells) or "")], 1
    said = answered(without_bullet(line.text))
    return None if said is None else ([_statement(line, line, said)], 1)


def _under_side(text: str, lines: _Lines, side: str) -> tuple[list[Statement], int] | None:
    """Lines under the name of a side, to the next one or to a blank line."""
    statements: list[Statement] = []
    last = lines.index
    for index, line in lines.ahead(lines.index + 1):
        if line.blank or SIDE.fullmatch(line.text.strip(" \t:*#-")):
            break
        for start, end in spans(text, line.start, line.end):
            sentence = text[start:end]
            said = sentence if SIDE.search(sentence) else f"on the {side}, {sentence}"
            statements.append(Statement(start, end, said))
        last = index
    names = any(PNEUMOTHORAX.search(one.said) for one in statements)
    return (statements, last - lines.index + 1) if names else None


def _sides(text: str, lines: _Lines) -> tuple[list[Statement], int] | None:
    """Sentences under the label of a side: "Right: no pneumothorax. Left: apical pneumothorax."."""
    line = lines.lines[lines.index]
    alone = SIDE.fullmatch(line.text.strip(" \t:*#-"))
    if alone and not line.text.strip().islower() and not line.text.strip().endswith("ided"):
        return _under_side(text, lines, side_of(alone["side"]))
    labels = list(_SIDE_LABEL.finditer(line.text))
    if not labels or line.text[: labels[0].start()].strip() or not PNEUMOTHORAX.search(line.text):
        return None
    statements = []
    for number, label in enumerate(labels):
        stop = labels[number + 1].start() if number + 1 < len(labels) else len(line.text)
        for start, end in spans(text, line.start + label.end(), line.start + stop):
            sentence = text[start:end]
            own = SIDE.search(sentence)
            empty = kind_of(sentence) in ("none", "open")
            said = "" if empty else sentence if own else f"on the {side_of(label['side'])}, {sentence}"
            statements.append(Statement(start, end, said))
    return statements, 1
