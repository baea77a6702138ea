"""The manifest: a table with one row a case, as CSV or Parquet. A plan is one too."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ptx_followup.cohort.case import ACCESSIONS, FILES, Case
from ptx_followup.data.tables import Row, Table, read_table
from ptx_followup.errors import InputError, UsageError

CASE_ID = "case_id"
#: What a plan adds: what becomes of a row, and why. Rows that a plan leaves out stay out.
PLAN, PLAN_REASON = "plan", "plan_reason"
LEFT_OUT = "left out"
KNOWN = (CASE_ID, *FILES, *ACCESSIONS, PLAN, PLAN_REASON)
#: A case's folder bears its name, on every file system.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_DIGITS = 12
#: How alike a column must be to one that is known to be taken for a slip of the pen.
_ALIKE = 0.85


@dataclass(frozen=True)
class Manifest:
    """What a manifest states.

    Attributes:
        cases: In the order of the rows.
        left_out: Rows that an earlier plan left out: (name, reason).
        warnings: What looks like a slip.
    """

    cases: tuple[Case, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def read_manifest(path: Path, key: bytes = b"") -> Manifest:
    """Read a manifest.

    Args:
        path: A CSV file, or a Parquet file by its ending. Columns `prior` and `followup`, or `accession`;
            `report`, `followup_report`, `prior_mask`, `followup_mask`, `prior_accession` and `case_id` may
            follow. Paths are relative to the manifest's folder. Case names that are not given are derived
            from the paths, or from the row of an accession number.
        key: Under which names are derived; see `derived_id`.

    Raises:
        InputError: It cannot be read, lacks a column, names a case twice or a case that cannot be a folder's
            name, or holds no row.
        UsageError: It is a Parquet file and the extra `batch` is not installed.
    """
    table = _read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else read_table(path)
    if table.find("accession") is None:
        for name in ("prior", "followup"):
            table.require(name)
    spelled = {known: table.find(known) for known in KNOWN}
    folder = path.absolute().parent
    cases: list[Case] = []
    left_out: list[tuple[str, str]] = []
    seen: dict[str, Row] = {}
    for row in table.rows:
        values = {known: row.values[name] for known, name in spelled.items() if name is not None}
        if values.get(PLAN) == LEFT_OUT:
            left_out.append((values.get(CASE_ID) or f"row {row.number}", values.get(PLAN_REASON, "")))
            continue
        others = {name: value for name, value in row.values.items() if name not in spelled.values()}
        case = _case(row, values, folder, others, key)
        if case.id.casefold() in seen:
            earlier = seen[case.id.casefold()].number
            raise InputError(
                f"{row.where()} has the case_id or the exams of row {earlier}", "give each case once"
            )
        seen[case.id.casefold()] = row
        cases.append(case)
    if not cases and not left_out:
        raise InputError(f"{path.name} holds no case", "give one row a case")
    return Manifest(tuple(cases), tuple(left_out), _slips(table))


def write_manifest(cases: Iterable[Case], added: Sequence[Mapping[str, str]]) -> str:
    """Cases as a CSV table, with absolute paths.

    Args:
        cases: In the order of the rows.
        added: Further columns of each row, all with the same names.
    """
    cases = list(cases)
    carried = list(dict.fromkeys(name for case in cases for name in case.columns))
    new = list(dict.fromkeys(name for one in added for name in one))
    used = [name for name in (*FILES, *ACCESSIONS) if any(getattr(case, name) for case in cases)]
    needed = [] if "accession" in used else [name for name in ("prior", "followup") if name not in used]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    columns = [CASE_ID, *needed, *used]
    writer.writerow([*columns, *carried, *new])
    for case, one in zip(cases, added, strict=True):
        stated = [case.id, *(str(getattr(case, name) or "") for name in columns[1:])]
        writer.writerow(
            [*stated, *(case.columns.get(name, "") for name in carried), *(one.get(name, "") for name in new)]
        )
    return text.getvalue()


def derived_id(key: bytes, *parts: object) -> str:
    """A name for a case that has none: a digest, always the same for the same parts.

    Args:
        key: Under which nobody finds the parts out by trying; empty for a name that is the same everywhere.
        *parts: That tell the case from others.
    """
    text = "\0".join(map(str, parts)).encode()
    return "c" + (hmac.new(key, text, hashlib.sha256) if key else hashlib.sha256(text)).hexdigest()[:_DIGITS]


def _case(row: Row, values: Mapping[str, str], folder: Path, others: Mapping[str, str], key: bytes) -> Case:
    files = {name: folder / values[name] if values.get(name) else None for name in FILES}
    accessions = {name: values.get(name) or None for name in ACCESSIONS}
    if accessions["accession"] is None and not (files["prior"] and files["followup"]):
        raise InputError(f"{row.where()} names no prior, or no follow-up", "name both, or leave the row out")
    if accessions["accession"] is not None and (files["prior"] or files["followup"]):
        raise InputError(f"{row.where()} names files and an accession number", "give one of them")
    # Not from an accession number: a digest of a short number can be found out.
    derived = f"row-{row.number:05}" if accessions["accession"] else derived_id(key, *files.values())
    name = values.get(CASE_ID) or derived
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{row.where(CASE_ID)}: this cannot be the name of a folder",
            "use up to 80 letters, digits, dots, dashes and underscores",
        )
    stated: dict[str, Any] = {**files, **accessions}
    return Case(name, **stated, columns=dict(others))


def _slips(table: Table) -> tuple[str, ...]:
    """Columns that look like a known one misspelled: they would be carried along and not be read."""
    known = {name.casefold() for name in KNOWN}
    unknown = [column for column in table.columns if column.casefold() not in known]
    return tuple(
        f"column {column!r} is carried along and not read: is it {like[0]!r}?"
        for column in unknown
        if (like := get_close_matches(column, KNOWN, 1, _ALIKE))
    )


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow", "install ptx-followup[batch], or give a CSV file") from None
    try:
        found = parquet.read_table(path)
    except Exception as error:
        raise InputError(f"{path.name} cannot be read as Parquet", "give a CSV or a Parquet file") from error
    columns = tuple(found.column_names)
    rows = tuple(
        Row(path.name, number, {name: _cell(one[name]) for name in columns})
        for number, one in enumerate(found.to_pylist(), start=1)
    )
    return Table(path, columns, rows, "utf-8")


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()
