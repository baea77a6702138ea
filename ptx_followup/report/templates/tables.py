"""Tables: findings, sides, dates or answers in rows and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ptx_followup.report.templates.rows import Row, aligned, with_label
from ptx_followup.report.templates.words import PNEUMOTHORAX, SIDE, kind_of, side_of, statement, subject

Kind = Literal["finding", "side", "time", "zone", "answer", "plain", "other"]

_PLAIN = re.compile(
    r"(?:findings?|status|results?|comments?|size|side|laterality|zone|location|value|parameter|variable"
    r"|items?|observation|y/n|description|change|structure|region|area|notes?|details?|mm|cm|extent"
    r"|remarks?|(?:present|seen|detected|found|identified|positive|y/n|yes/no)\?)$",
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
    r"\b(?:today|current|now|this (?:film|study|exam|image)|present film)\b|<-|<<|\u2190|^after\b", re.I
)
_TIMES = re.compile(r"(?:dates?|times?|days?|hours?|film|exam|study|when)$", re.IGNORECASE)
_TICK = re.compile(r"(?:x|\u2713|\u2714|\u2022|\*|\u2611|\u2612|\[x\]|\(x\)|1|yes|y|\+)$", re.IGNORECASE)
_NO_OR_YES = frozenset({"yes", "no"})
_BOX = re.compile(r"[(\[] ?(?P<tick>[xX\u2713\u2714]?) ?[)\]]$")
_ZONE = re.compile(
    r"(?:apex|apical|mid|middle|upper|lower|base|basal|lateral|anterior)(?: (?:zone|third))?$", re.IGNORECASE
)
#: What a region of the chest is called beside its side.
_REGION = re.compile(r"\b(?:pleurae?|pleural space|lungs?|hemi-?thorax|chest|side|space)\b", re.IGNORECASE)
_PLEURA = re.compile(r"\bpleura", re.IGNORECASE)
_AIR = re.compile(r"^(?:free )?(?:air|gas)\b", re.IGNORECASE)
_UNIT = re.compile(r"\b(?:mm|cm|%)(?=\W*$)|\((mm|cm|%)\)", re.IGNORECASE)
#: What `statement` says of what was not answered.
_OPEN = "cannot be assessed"
_BARE_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?$")


_LABEL = re.compile(r":(?!\d\d)")
#: A name is no longer than this, in words.
_NAME_WORDS = 5


def kind_of_name(name: str) -> Kind:
    """What the name of a row or column stands for."""
    name = name.strip(" *:")
    is_asked = name.endswith("?") and not _PLAIN.match(name)
    if _LABEL.search(name) or name.endswith(".") or is_asked or len(name.split()) > _NAME_WORDS:
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

    >>> from ptx_followup.report.templates.rows import row_of
    >>> head = row_of("Finding | Right | Left")
    >>> statements(head, [row_of("Pneumothorax | none | small")])
    ['no right Pneumothorax; small left Pneumothorax']
    """
    if not rows or head.is_one:
        return None
    answers = {name.lower() for name in head.cells}
    if answers <= _NO_OR_YES and all(_BOX.match(row.cells[0]) for row in rows):
        return [_ticked_before(head.cells, row.cells) for row in rows]
    if _TIMES.match(head.cells[0].partition(":")[0]):
        head, rows = with_label(head), [with_label(row) for row in rows]
    names, table = aligned(head, rows)
    kinds = [kind_of_name(name) if name else "plain" for name in names]
    of_rows = [kind_of_name(cells[0]) for cells in table]
    if kinds[0] == "finding" and "finding" not in kinds[1:]:
        if set(of_rows) != {"side"} or not set(kinds[1:]) <= {"answer", "plain"}:
            return None
        table = [[f"{side_in(cells[0])} {names[0]}", *cells[1:]] for cells in table]
    if kinds[0] in ("side", "time") and len(set(kinds)) == 1:
        return [_in_cells(list(zip(names, kinds, cells, strict=True))) for cells in table]
    if "finding" in kinds[1:]:
        return _under_findings(names, kinds, table, of_rows)
    is_unknown = kinds[0] == "other" and (len(names) < 3 or len(names[0].split()) > 2)
    if "other" in kinds[1:] or is_unknown or names[0].endswith(":"):
        return None
    return _all_or_open([_row(list(zip(names, kinds, cells, strict=True))) for cells in table])


def _ticked_before(answers: Sequence[str], cells: Sequence[str]) -> str:
    """What boxes before a name say, under the names of the answers: "[ ]  [X]  Pneumothorax"."""
    name = ", ".join(cells[len(answers) :])
    if not PNEUMOTHORAX.search(name):
        return ""
    boxes = [_BOX.match(cell) for cell in cells[: len(answers)]]
    chosen = [answer for answer, box in zip(answers, boxes, strict=False) if box and box["tick"]]
    return statement(subject(name), chosen[0] if len(chosen) == 1 else "not assessed")


def single_row(row: Row) -> str:
    """What a row without a head says: "Pneumothorax | none"."""
    about, values = subject(row.cells[0]), [cell for cell in row.cells[1:] if cell]
    is_choice = {"none", "yes"} <= {kind_of(value) for value in values}
    return statement(about, "not assessed") if is_choice else _answered(about, values)


Column = tuple[str, Kind, str]


def _row(columns: list[Column]) -> str:
    """What a row says of a pneumothorax."""
    _, _, about = columns[0]
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
    of_columns = [_over_dates(names[index], [cells[index] for cells in table]) for index in columns]
    return ["" for _ in table[1:]] + ["; ".join(_all_or_open(of_columns))]


def _all_or_open(said: list[str]) -> list[str]:
    """Statements, without those beside one that is open: a denial of one side is none of the report."""
    unclear = [one for one in said if one.endswith(_OPEN)]
    return [one if one in unclear else "" for one in said] if unclear else said


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
