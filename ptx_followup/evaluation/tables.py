"""The table of an evaluation on disk: one row a case and condition, as CSV and as Parquet."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ptx_followup.errors import InputError
from ptx_followup.evaluation.scoring import Row
from ptx_followup.evaluation.texts import Condition

CSV, PARQUET = "cases.csv", "cases.parquet"

#: Columns that a comparison needs of another table.
_NEEDED = ("id", "condition", "dice", "iou")


def write_tables(rows: Sequence[Row], folder: Path) -> None:
    """Write both forms, with the same columns, into an existing folder."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.Table.from_pylist([dataclasses.asdict(row) for row in rows], schema=_schema())
    csv.write_csv(table, folder / CSV)
    parquet.write_table(table, folder / PARQUET)


@dataclass(frozen=True)
class OtherTable:
    """Another model's figures: condition, then case, then (Dice, intersection over union)."""

    name: str
    figures: dict[str, dict[str, tuple[float, float]]]

    def of(self, condition: Condition) -> dict[str, tuple[float, float]]:
        """Figures by case; none where the table lacks the condition."""
        return self.figures.get(condition, {})


def is_table(path: Path) -> bool:
    """Whether a path is the table of an evaluation, or the folder that holds one."""
    return path.suffix in (".csv", ".parquet") or (path / PARQUET).is_file() or (path / CSV).is_file()


def read_table(path: Path) -> OtherTable:
    """Read the table of an earlier evaluation.

    Args:
        path: cases.csv, cases.parquet, or the folder that holds one.

    Raises:
        InputError: It cannot be read, or lacks a column.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    file = path
    if path.is_dir():
        file = path / PARQUET if (path / PARQUET).is_file() else path / CSV
    try:
        if file.suffix == ".parquet":
            table = parquet.read_table(file)
        else:
            # Left to itself, Arrow would read an identifier of digits as a number.
            options = csv.ConvertOptions(column_types=dict(zip(_NEEDED, _types(_NEEDED), strict=True)))
            table = csv.read_csv(file, convert_options=options)
        names = table.column_names  # which Arrow does not decode until it is asked
    except (OSError, ValueError, pa.ArrowException):
        raise InputError(
            f"{file.name} cannot be read", "give cases.csv or cases.parquet of ptx eval"
        ) from None
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise InputError(
            f"{file.name} lacks the column {missing[0]}", "give cases.csv or cases.parquet of ptx eval"
        )
    figures: dict[str, dict[str, tuple[float, float]]] = {}
    try:
        for row in table.select(list(_NEEDED)).to_pylist():
            by_case = figures.setdefault(row["condition"], {})
            by_case[row["id"]] = (_value(row["dice"]), _value(row["iou"]))
    except (ValueError, TypeError, pa.ArrowException):
        raise InputError(
            f"{file.name} holds something else than text and figures",
            "give cases.csv or cases.parquet of ptx eval",
        ) from None
    return OtherTable(str(path), figures)


def as_table(name: str, rows: Sequence[Row]) -> OtherTable:
    """The rows of an evaluation in the form that a comparison takes."""
    figures: dict[str, dict[str, tuple[float, float]]] = {}
    for row in rows:
        figures.setdefault(row.condition, {})[row.id] = (row.dice, row.iou)
    return OtherTable(name, figures)


def _value(value: float | None) -> float:
    return math.nan if value is None else value


def _schema() -> Any:
    import pyarrow as pa

    names = [one.name for one in dataclasses.fields(Row)]
    return pa.schema(list(zip(names, _types(names), strict=True)))


def _types(names: Sequence[str]) -> list[Any]:
    import pyarrow as pa

    arrow = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    hints = typing.get_type_hints(Row)
    return [arrow[_plain(hints[name])] for name in names]


def _plain(hint: Any) -> type:
    """The type of a column: without None, and text for a choice of words."""
    options = [one for one in typing.get_args(hint) if one is not type(None)]
    if typing.get_origin(hint) is Literal:
        return str
    return _plain(options[0]) if options else hint
