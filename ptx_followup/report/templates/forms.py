"""Labels with their parts on other lines, boxes, answers, and sentences under the label of a side."""

from __future__ import annotations

import re

from ptx_followup.report.sentences import spans
from ptx_followup.report.templates import tables
from ptx_followup.report.templates.answers import (
    NAMED_AS,
    answered,
    joined,
    part_of,
    sentence_spans,
    sides_in,
)
from ptx_followup.report.templates.boxes import has_boxes
from ptx_followup.report.templates.lists import without_bullet
from ptx_followup.report.templates.rows import row_of
from ptx_followup.report.templates.section_lines import Lines, Statement, stated
from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject

_SIDE_LABEL = re.compile(
    r"(?:(?<=[.;|])[ \t]+|^[ \t]*)(?:on the )?(?P<side>right|left|rt|lt|[rl])"
    r"(?:[ -]?(?:side|lung|hemi-?thorax|chest|pleura|pleural space))?[ \t]*(?::|\uff1a|[ \t][-\u2013](?=["
    r" \t]))[ \t]*",
    re.IGNORECASE,
)

#: What is said of a side on which there is nothing to tell.
_WELL = re.compile(
    r"(?:nad|nil|clear|clr|normal|ok(?:ay)?|unremarkable|nothing(?: \w+)?|satisfactory|fine|well)[ .]*$",
    re.IGNORECASE,
)

Found = tuple[list[Statement], int] | None


def topic(lines: Lines) -> Found:
    """A label of a pneumothorax on a line of its own, or answered, with its parts on the lines below."""
    line = lines.current
    about = without_bullet(lines.resolved(line))
    said = _label(about) or _opened(about)
    is_empty_box = has_boxes(line.text) and about.startswith("no ")
    if said is None and not is_empty_box:
        return None
    said = said or about
    last = lines.index
    sided: list[str] = []
    for index, below in lines.ahead():
        text = without_bullet(lines.resolved(below))
        if below.blank or PNEUMOTHORAX.search(text):
            break
        by_side = sides_in(text)
        part = "" if has_boxes(below.text) and not text else part_of(text)
        if by_side:
            sided += [statement(subject(about), value, side_of(side)) for side, value in by_side]
        elif part is None:
            break
        elif is_empty_box and part:
            said = f"{about.removeprefix('no ')} cannot be assessed"  # its side is ticked, and it is not
        else:
            said = joined(said, part)
        last = index
    if last == lines.index:
        return None
    if sided:
        said = "; ".join(one for one in sided if one)
    return [stated(line, lines.lines[last], said)], last - lines.index + 1


def _label(line: str) -> str | None:
    """The subject of a label without an answer."""
    bare = NAMED_AS.sub("", without_bullet(line)).strip(" \t:*#-.\uff1a")
    name = PNEUMOTHORAX.search(bare)
    return bare if name and bare == name.group(0) else None


def _opened(line: str) -> str | None:
    """What an answered label says, where parts may follow: "Pneumothorax: Yes"."""
    said = answered(line)
    if said is None and PNEUMOTHORAX.fullmatch(line.strip(" \t.")):
        return line.strip(" \t.")
    return said if said and not said.startswith("no ") and ". " not in said else None


def box_line(lines: Lines) -> Found:
    """A line with boxes."""
    line = lines.current
    if not has_boxes(line.text):
        return None
    chosen = lines.resolved(line)
    said = answered(chosen) or chosen if PNEUMOTHORAX.search(chosen) else chosen
    return [stated(line, line, said)], 1


def answer(lines: Lines) -> Found:
    """A label with its answer."""
    line = lines.current
    if not PNEUMOTHORAX.search(line.text):
        return None
    row = row_of(line.text)
    if "|" in line.text and len(row.cells) > 1 and PNEUMOTHORAX.search(row.cells[0]):
        return [stated(line, line, tables.single_row(row))], 1
    pieces = [(start, end, line.text[start:end]) for start, end in sentence_spans(line.text)]
    said = [answered(without_bullet(piece)) for _, _, piece in pieces]
    if all(one is None for one in said):
        return None
    statements: list[Statement] = []
    for (start, end, piece), one in zip(pieces, said, strict=True):
        if one is not None:
            statements.append(Statement(line.start + start, line.start + start + len(piece.rstrip()), one))
        else:
            statements += as_written(lines, line.start + start, line.start + end)
    return statements, 1


def as_written(lines: Lines, start: int, end: int) -> list[Statement]:
    """Sentences that stand in a template line and say themselves what they say."""
    return [Statement(first, last, lines.text[first:last]) for first, last in spans(lines.text, start, end)]


def side_label(lines: Lines) -> Found:
    """Sentences under the label of a side: "Right: no pneumothorax. Left: apical pneumothorax."."""
    line = lines.current
    alone = SIDE.fullmatch(line.text.strip(" \t:*#-"))
    if alone and not line.text.strip().islower() and not line.text.strip().endswith("ided"):
        return _under_side(lines, side_of(alone["side"]))
    labels = list(_SIDE_LABEL.finditer(line.text))
    if not labels or line.text[: labels[0].start()].strip():
        return None
    if not any(PNEUMOTHORAX.search(other.text) and _SIDE_LABEL.match(other.text) for other in lines.near()):
        return None
    statements: list[Statement] = []
    for number, label in enumerate(labels):
        stop = labels[number + 1].start() if number + 1 < len(labels) else len(line.text)
        span = line.start + label.end(), line.start + stop
        statements += _on_side(lines, span, side_of(label["side"]))
    return statements, 1


def _under_side(lines: Lines, side: str) -> Found:
    """Lines under the name of a side, to the next one or to a blank line."""
    statements: list[Statement] = []
    last = lines.index
    for index, line in lines.ahead():
        if line.blank or SIDE.fullmatch(line.text.strip(" \t:*#-")):
            break
        if has_boxes(line.text):
            said = lines.resolved(line)
            statements.append(stated(line, line, f"on the {side}, {said}" if said else ""))
        else:
            statements += _on_side(lines, (line.start, line.end), side)
        last = index
    names = any(PNEUMOTHORAX.search(one.said) for one in statements)
    return (statements, last - lines.index + 1) if names else None


def _on_side(lines: Lines, span: tuple[int, int], side: str) -> list[Statement]:
    """Sentences that speak of a side which stands before them."""
    statements = []
    for start, end in spans(lines.text, *span):
        sentence = lines.text[start:end]
        empty = kind_of(sentence) in ("none", "open") or _WELL.match(sentence)
        said = "" if empty else sentence if SIDE.search(sentence) else f"on the {side}, {sentence}"
        statements.append(Statement(start, end, said))
    return statements
