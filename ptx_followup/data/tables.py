"""CSV tables of annotations, read with errors that name the file, the row and the column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ptx_followup.data.files import read_text
from ptx_followup.errors import InputError

#: Characters in one field; the csv module's own limit of 131,072 is too small for the runs of a large mask.
FIELD_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One record of a table.

    Attributes:
        file: Name of the table's file.
        number: Row as a spreadsheet shows it: the header is row 1, the first record row 2.
        values: Column name -> value, both without surrounding blanks.
    """

    file: str
    number: int
    values: Mapping[str, str]

    def where(self, column: str | None = None) -> str:
        """The place in the file, for messages."""
        return f"{self.file} row {self.number}" + (f", column {column}" if column else "")


@dataclass(frozen=True)
class Table:
    """A CSV file with a header.

    Attributes:
        path: The file.
        columns: Column names, in order, without surrounding blanks.
        rows: The records, in order.
        encoding: "utf-8" or "latin-1", as found.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str

    def find(self, *spellings: str) -> str | None:
        """The table's name for a column known under several spellings (capitals ignored), or None."""
        wanted = {spelling.casefold() for spelling in spellings}
        return next((column for column in self.columns if column.casefold() in wanted), None)

    def require(self, *spellings: str) -> str:
        """Like `find`.

        Raises:
            InputError: The column is missing under every spelling.
        """
        column = self.find(*spellings)
        if column is None:
            raise InputError(
                f"{self.path.name} row 1 (header): no column {' or '.join(spellings)}",
                f"the table needs that column; its header names {len(self.columns)} others",
            )
        return column


def read_table(path: Path) -> Table:
    """Read a comma-separated table with a header, in UTF-8 (with or without a mark) or Latin-1.

    Raises:
        InputError: The file cannot be read, has no header, names a column twice, or a row has another
            number of fields than the header.
    """
    text, encoding = read_text(path)
    csv.field_size_limit(FIELD_LIMIT)
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _header(path, next(records, []))
        rows = tuple(
            _row(path.name, number, columns, record)
            for number, record in enumerate(records, start=2)
            if record
        )
    except csv.Error as error:
        raise InputError(
            f"{path.name} line {records.line_num}: not a CSV file ({error})",
            "expected comma-separated values with a header, quotes doubled inside quoted fields",
        ) from error
    return Table(path, columns, rows, encoding)


def _header(path: Path, record: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in record)
    if not any(columns):
        raise InputError(f"{path.name} is empty", "expected a header and one row per annotation or image")
    if len(columns) == 1 and ";" in columns[0]:
        raise InputError(f"{path.name} is separated by semicolons", "save the table with commas")
    folded = [name.casefold() for name in columns]
    if len(set(folded)) < len(folded):
        raise InputError(f"{path.name} row 1 (header) names a column twice", "give every column its own name")
    return columns


def _row(file: str, number: int, columns: Sequence[str], record: Sequence[str]) -> Row:
    if len(record) != len(columns):
        raise InputError(
            f"{file} row {number} has {len(record)} fields, expected {len(columns)} as in the header",
            "check for a missing quote or an unquoted comma in that row or the one before",
        )
    return Row(file, number, {name: value.strip() for name, value in zip(columns, record, strict=True)})
