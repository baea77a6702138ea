"""Tables: one finding a row, one side or one answer a column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject

_RULE = re.compile(r"[\s|:+=-]+$")
_HEAD_WORDS = re.compile(
    r"(?:findings?|status|results?|comments?|size|side|laterality|zone|location|present|absent|yes|no"
    r"|value|parameter"
    r"|item|right|left|r|l|observation|y|n|y/n|description|seen|not seen|change|structure|region"
    r"|today|yesterday|prior|previous|current|now|(?:before|after) \w+|\d{1,2}:\d{2}(?:\(now\))?|)$",
    re.IGNORECASE,
)
_TICK = re.compile(r"(?:x|\u2713|\u2714|\u2022|\*|\u2611|\u2612|\[x\]|\(x\)|1|yes|y|\+)$", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|current|now|this (?:study|film|exam))\b|^after\b", re.IGNORECASE)
_ANSWER_HEADS = re.compile(
    r"(?:yes|no|y|n|present|absent|seen|not seen|none|positive|negative)$", re.IGNORECASE
)


def cells_of(line: str) -> list[str]:
    """The cells of a row; one where the line is no row."""
    line = line.strip()
    if "|" in line:
        framed = line.startswith("|") and line.endswith("|") and len(line) > 1
        return [cell.strip() for cell in (line[1:-1] if framed else line).split("|")]
    if "\t" in line:
        return [cell.strip() for cell in re.split(r"\t+", line)]
    if re.search(r"\S[ ]{2,}\S", line):
        return re.split(r"[ ]{2,}", line)
    if line.count(";") in (1, 2, 3) and not re.search(r"[.:=]", line):
        return [cell.strip() for cell in line.split(";")]
    return [line]


def is_rule(line: str) -> bool:
    """Whether a line only draws a rule."""
    return bool(line.strip()) and bool(_RULE.match(line)) and "-" in line


def is_head(cells: Sequence[str]) -> bool:
    """Whether cells are the names of columns."""
    named = [cell.strip(" *") for cell in cells]
    known = all(_HEAD_WORDS.match(cell) for cell in named[1:]) and any(named[1:])
    is_label = named[0].endswith(":")
    return (
        len(named) > 1
        and known
        and not is_label
        and len(named[0].split()) <= 3
        and not PNEUMOTHORAX.search(named[0])
    )


def is_head_of_sides(head: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether cells are the names of findings, over rows that are sides."""
    named = any(PNEUMOTHORAX.search(cell) for cell in head[1:])
    return named and len(head) == len(cells) and SIDE.fullmatch(cells[0].strip(" *")) is not None


def row_of_side(head: Sequence[str], cells: Sequence[str]) -> str:
    """What the row of one side says of a pneumothorax.

    >>> row_of_side(["Side", "Pneumothorax"], ["Left", "small"])
    'small left Pneumothorax'
    """
    said = [
        statement(subject(name), cell, side_of(cells[0]))
        for name, cell in zip(head[1:], cells[1:], strict=False)
        if PNEUMOTHORAX.search(name) and cell
    ]
    return "; ".join(one for one in said if one)


def row(head: Sequence[str], cells: Sequence[str]) -> str | None:
    """What a row says of a pneumothorax; None where it names none.

    >>> row(["Finding", "Right", "Left"], ["Pneumothorax", "none", "small"])
    'no right Pneumothorax; small left Pneumothorax'
    """
    columns = _of_today(list(zip(head[1:], cells[1:], strict=False)))
    if not PNEUMOTHORAX.search(cells[0]):
        return _in_cells(columns)
    about = subject(cells[0])
    sided = [(side["side"], cell) for name, cell in columns if (side := SIDE.fullmatch(name.strip(" *")))]
    if sided:
        said = (statement(about, cell, side_of(side)) for side, cell in sided if cell)
        return "; ".join(one for one in said if one)
    is_ticked = len(columns) > 1 or (bool(columns) and columns[0][1].strip().lower() == "x")
    if is_ticked and all(_ANSWER_HEADS.match(name.strip()) for name, _ in columns):
        chosen = [name for name, cell in columns if _TICK.match(cell.strip())]
        return statement(about, chosen[0]) if len(chosen) == 1 else ""
    return _answered(about, [cell for _, cell in columns if cell])


def _of_today(columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of columns of which some are of today, these."""
    today = [column for column in columns if _TODAY.search(column[0])]
    return today if today and len(today) < len(columns) else columns


def _answered(about: str, values: Sequence[str]) -> str:
    if values and kind_of(values[0]) is None:
        return statement(about, "yes, " + " ".join(values))
    return statement(about, ", ".join(values))


def _in_cells(columns: Sequence[tuple[str, str]]) -> str | None:
    """The cells that name a pneumothorax, each on the side of its column."""
    said = []
    for name, cell in columns:
        if PNEUMOTHORAX.search(cell):
            side = SIDE.fullmatch(name.strip(" *"))
            said.append(f"on the {side_of(side['side'])}, {cell}" if side else cell)
    return ". ".join(said) if said else None
