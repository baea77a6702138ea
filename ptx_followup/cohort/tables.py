"""The tables of a cohort: results.csv, results.parquet, failures.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from io import BytesIO

from ptx_followup.cohort.case import Outcome
from ptx_followup.cohort.manifest import CASE_ID
from ptx_followup.cohort.roll import Ended
from ptx_followup.results.doubt import doubt_of
from ptx_followup.results.row import Cell, Row

FAILURE_COLUMNS = (CASE_ID, "code", "kind", "message", "hint")
#: How the columns of a result's row and those of a manifest are kept apart where they have one name.
_CARRIED = "manifest_"


def result_rows(ended: Iterable[Ended]) -> list[Row]:
    """The row of each case that is done: its name, what the manifest carries, its figures, and the doubt."""
    rows: list[Row] = []
    for one in ended:
        if one.outcome.state == "done":
            figures = dict(one.outcome.row)
            doubt = doubt_of(figures)
            figures |= {"doubt": doubt.points, "doubt_reasons": "; ".join(doubt.reasons)}
            figures["timing_s_case"] = one.outcome.seconds
            taken = {CASE_ID, *figures}
            named: Row = {
                _CARRIED + name if name in taken else name: value for name, value in one.case.columns.items()
            }
            rows.append({CASE_ID: one.case.id, **named, **figures})
    return rows


def failure_rows(ended: Iterable[Ended]) -> list[Row]:
    """The row of each case that failed."""
    return [
        {CASE_ID: one.case.id, **dict(zip(FAILURE_COLUMNS[1:], _stated(one.outcome), strict=True))}
        for one in ended
        if one.outcome.problem is not None
    ]


def as_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """A table as CSV; the columns of all rows, in the order in which they first appear."""
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row)) or [CASE_ID]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def as_parquet(rows: Sequence[Row]) -> bytes | None:
    """A table as Parquet; None without the extra `batch`."""
    if find_spec("pyarrow") is None:
        return None
    import pyarrow
    from pyarrow import parquet

    names = list(dict.fromkeys(name for row in rows for name in row)) or [CASE_ID]
    columns = {name: _of_one_type([row.get(name) for row in rows]) for name in names}
    content = BytesIO()
    parquet.write_table(pyarrow.table(columns), content)
    return content.getvalue()


def _stated(outcome: Outcome) -> tuple[Cell, ...]:
    problem = outcome.problem
    return () if problem is None else (int(problem.code), problem.kind, problem.message, problem.hint)


def _plain(value: Cell) -> Cell:
    return str(value).lower() if isinstance(value, bool) else value


def _of_one_type(values: list[Cell]) -> list[Cell]:
    """A column as Parquet wants it: figures as floats where one is, text where kinds are mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return [None if value is None else float(value) for value in values]
    if len(kinds) > 1:
        return [None if value is None else str(value) for value in values]
    return values
