"""Tables: findings, sides, dates or answers in rows and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject

Kind = Literal["finding", "side", "time", "zone", "answer", "plain", "other"]

_RULE = re.compile(r"[\s|:+=_-]+$")
_PLAIN = re.compile(
    r"(?:findings?|status|results?|comments?|size|side|laterality|zone|location|value|parameter|variable"
    r"|items?|observation|y/n|description|change|structure|region|area|notes?|details?|mm|cm|extent)$",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:yes|no|y|n|present|absent|seen|not seen|none|positive|negative|[01+]|-)$", re.IGNORECASE
)
_DATE = (
    r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{4}-\d\d-\d\d|\d{1,2}:\d{2}|(?:day|film|exam|study|d|#) ?\d{1,2}"
    r"|\d{1,2} ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*(?: \d{2,4})?"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}|\d{1,2} ?(?:h|hrs?|hours?|am|pm)"
)
_NOW = (
    r"today|current|now|present (?:film|study|exam)|this (?:film|study|exam|image|time)|(?:<-+|<{2,}|\u2190)"
)
_TIME = re.compile(
    rf"(?:{_DATE}|{_NOW}|yesterday|prior|previous|earlier|last|baseline|admission|old|new"
    rf"|(?:before|after|pre|post)[ -]?\w*)(?:[ ,]+(?:film|study|exam|{_DATE}))?(?: ?\([^()]{{0,20}}\))?$",
    re.IGNORECASE,
)
_TODAY = re.compile(
    rf"\b(?:today|current|now|this (?:film|study|exam|image)|present film)\b|<-|<<|\u2190|^after\b", re.I
)
_TIMES = re.compile(r"(?:dates?|times?|days?|hours?|film|exam|study|when)$", re.IGNORECASE)
_TICK = re.compile(r"(?:x|\u2713|\u2714|\u2022|\*|\u2611|\u2612|\[x\]|\(x\)|1|yes|y|\+)$", re.IGNORECASE)
_ZONE = re.compile(
    r"(?:apex|apical|mid|middle|upper|lower|base|basal|lateral|anterior)(?: (?:zone|third))?$", re.IGNORECASE
)
#: What a region of the chest is called beside its side.
_REGION = re.compile(r"\b(?:pleurae?|pleural space|lungs?|hemi-?thorax|chest|side|space)\b", re.IGNORECASE)
_PLEURA = re.compile(r"\bpleura", re.IGNORECASE)
_AIR = re.compile(r"^(?:free )?(?:air|gas)\b", re.IGNORECASE)
_UNIT = re.compile(r"\b(?:mm|cm|%)(?=\W*$)|\((mm|cm|%)\)", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?$")


_LABEL = re.compile(r":(?!\d\d)")
#: A name is no longer than this, in words.
_NAME_WORDS = 5


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


def _with_label(row: Row) -> Row:
    """A row whose name stands in its first cell: "R PTX: 13 mm | none"."""
    label, colon, value = row.cells[0].partition(":")
    if row.by_place or not colon or not value.strip():
        return row
    cells = (label.strip(), value.strip(), *row.cells[1:])
    return Row(cells, tuple(range(len(cells))), False)


def is_rule(line: str) -> bool:
    """Whether a line only draws a rule."""
    return bool(line.strip()) and bool(_RULE.match(line)) and "-" in line


def kind_of_name(name: str) -> Kind:
    """What the name of a row or column stands for."""
    name = name.strip(" *:")
    if _LABEL.search(name) or name.endswith((".", "?")) or len(name.split()) > _NAME_WORDS:
        return "other"
    if PNEUMOTHORAX.search(name):
        return "finding"
    if SIDE.fullmatch(name) or (SIDE.search(name) and _REGION.search(name) and len(name.split()) <= 3):
        return "side"
    for kind, pattern in (("answer", _ANSWER), ("time", _TIME), ("zone", _ZONE), ("plain", _PLAIN)):
        if pattern.match(name):
            return kind  # type: ignore[return-value]
    return "plain" if _TIMES.match(name) else "other"


def statements(head: Row, rows: Sequence[Row]) -> list[str] | None:
    """What the rows under a head say of a pneumothorax, a text a row; None where it is no head of a table.

    >>> head = row_of("Finding | Right | Left")
    >>> statements(head, [row_of("Pneumothorax | none | small")])
    ['no right Pneumothorax; small left Pneumothorax']
    """
    if not rows or head.is_one:
        return None
    if _TIMES.match(head.cells[0].partition(":")[0]):
        head, rows = _with_label(head), [_with_label(row) for row in rows]
    names, table = _aligned(head, rows)
    kinds = [kind_of_name(name) if name else "plain" for name in names]
    if kinds[0] == "finding" and kinds[1:].count("finding") == 0:
        return None
    of_rows = [kind_of_name(cells[0]) for cells in table]
    if (
        kinds[0] in ("side", "time")
        and len(set(kinds)) == 1
        and not set(of_rows) <= {"finding", "side", "time"}
    ):
        return [_in_cells(list(zip(names, kinds, cells, strict=True))) for cells in table]
    if "finding" in kinds[1:]:
        return _under_findings(names, kinds, table, of_rows)
    is_unknown = kinds[0] == "other" and (len(names) < 3 or len(names[0].split()) > 2)
    if "other" in kinds[1:] or is_unknown or names[0].endswith(":"):
        return None
    return [_row(list(zip(names, kinds, cells, strict=True))) for cells in table]


def single_row(row: Row) -> str:
    """What a row without a head says: "Pneumothorax | none"."""
    return _answered(subject(row.cells[0]), [cell for cell in row.cells[1:] if cell])


def _aligned(head: Row, rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
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
    return [(text[a:b].strip(), start + a) for a, b in zip(bounds, bounds[1:], strict=False)]


Column = tuple[str, Kind, str]


def _row(columns: list[Column]) -> str:
    """What a row says of a pneumothorax."""
    name, _, about = columns[0]
    cells = _of_today(columns[1:])
    if not PNEUMOTHORAX.search(about):
        return _in_region(about, cells)
    about = subject(about)
    if cells is None:
        return statement(about, "not assessed")
    sided = [(name, cell) for name, kind, cell in cells if kind == "side"]
    if sided:
        said = (statement(about, cell, side_in(name)) for name, cell in sided if cell)
        return "; ".join(one for one in said if one)
    if (
        cells
        and all(kind == "answer" for _, kind, _ in cells)
        and (len(cells) > 1 or _TICK.match(cells[0][2].strip()))
    ):
        chosen = [name for name, _, cell in cells if _TICK.match(cell.partition(",")[0].strip())]
        notes = [cell.strip("(), ") for _, _, cell in cells if cell.strip("()-, ") and not _TICK.match(cell)]
        return statement(about, ", ".join([*chosen, *notes])) if len(chosen) == 1 else ""
    return _answered(about, [cell for _, _, cell in cells if cell])


def _of_today(columns: list[Column]) -> list[Column] | None:
    """Of columns of which some are dates, the one of today; None where that is not clear and matters."""
    times = [column for column in columns if column[1] == "time"]
    if not times:
        return columns
    others = [column for column in columns if column[1] != "time"]
    today = [column for column in times if _TODAY.search(column[0])]
    if len(times) == 1 or today:
        return [*(today or times)[:1], *others]
    answers = {kind_of(cell.partition(",")[0]) or "yes" for _, _, cell in times if cell}
    return [("", "plain", answers.pop()), *others] if len(answers) == 1 else None


def _answered(about: str, values: Sequence[str]) -> str:
    if values and kind_of(values[0]) is None:
        return statement(about, "yes, " + " ".join(values))
    return statement(about, ", ".join(values))


def _in_region(name: str, columns: list[Column] | None) -> str:
    """Cells that name a pneumothorax, on the side of their row or column: "Pleura R | air, 1 cm"."""
    region = side_in(name) if kind_of_name(name) == "side" else None
    said = []
    for column, kind, cell in columns or ():
        side = side_in(column) if kind == "side" else region
        if _PLEURA.search(name) and _AIR.match(cell):
            cell = f"pleural {cell}"
        if PNEUMOTHORAX.search(cell):
            said.append(f"on the {side}, {cell}" if side else cell)
    return ". ".join(said)


def _in_cells(columns: list[Column]) -> str:
    """A row of sides or of dates that has no name of its own."""
    return _in_region("", _of_today(columns))


def _under_findings(
    names: list[str], kinds: list[Kind], table: list[list[str]], of_rows: list[Kind]
) -> list[str] | None:
    """Rows that are sides, zones or dates, under columns that are findings."""
    columns = [index for index, kind in enumerate(kinds) if kind == "finding" and index]
    is_dated = "time" in of_rows or _TIMES.match(names[0].strip(" *:"))
    if not is_dated and not set(of_rows) <= {"side", "zone"}:
        return None
    marked = [index for index, cells in enumerate(table) if _TODAY.search(" ".join(cells))]
    if not is_dated or len(marked) == 1 or len(table) == 1:
        kept = marked if is_dated and marked else range(len(table))
        return [
            _cells_of_findings(names, columns, cells, of_rows[index]) if index in kept else ""
            for index, cells in enumerate(table)
        ]
    said = ["" for _ in table]
    said[-1] = "; ".join(_over_dates(names[index], [cells[index] for cells in table]) for index in columns)
    return said


def _over_dates(name: str, values: list[str]) -> str:
    """What a column says whichever of its dates is today's."""
    answers = {kind_of(value.partition(",")[0]) or "yes" for value in values if value}
    return statement(subject(_UNIT.sub("", name)), answers.pop() if len(answers) == 1 else "not assessed")


def _cells_of_findings(names: list[str], columns: list[int], cells: list[str], kind: Kind) -> str:
    said = []
    for index in columns:
        value = _TODAY.sub("", cells[index]).strip(" ,-<()")
        unit = _UNIT.search(names[index])
        about = subject(_UNIT.sub("", names[index]).strip(" ()"))
        if unit and _BARE_NUMBER.match(value) and float(value):
            value = f"{value} {unit.group(0).strip('()')}"
        if kind == "zone":
            about = f"{cells[0].strip()} {about}"
        said.append(statement(about, value, side_in(cells[0]) if kind == "side" else None) if value else "")
    return "; ".join(one for one in said if one)


def side_in(name: str) -> str:
    """The side that a name of a row or column has."""
    side = SIDE.search(name)
    return side_of(side["side"]) if side else ""
