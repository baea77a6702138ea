"""Sizes of films as a model and an expert measured them: the table that `ptx calibrate` fits."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ptx_followup.data.tables import Row, Table, read_table
from ptx_followup.errors import InputError
from ptx_followup.files.storage import write_atomically
from ptx_followup.sides import SIDES, Side

#: Columns of the table but `images_1` to `images_n`.
_COLUMNS = ("film", "patient", "side", "view", "expert_percent", "words", "told_percent")
_IMAGES = "images_"


@dataclass(frozen=True)
class FilmSize:
    """One side of one film, in percent of its hemithorax.

    Attributes:
        film: Its name, as in the table of pairs.
        patient: Whose.
        side: Of the patient.
        view: "PA" or "AP"; empty where it is not stated.
        expert: By the expert.
        images: By the model under sentences that are the same for every film, one figure a sentence.
        words: By the model under the film's own report; 0 where that denies a pneumothorax.
        told: What that report tells of the size, see `report.told_size`; None (empty in the table) where it
            tells none: then the film has no words of its own that count.
    """

    film: str
    patient: str
    side: Side
    view: str
    expert: float
    images: tuple[float, ...]
    words: float
    told: float | None


def read_sizes(path: Path) -> list[FilmSize]:
    """Read a table of sizes; see docs/compare.md for its columns.

    Raises:
        InputError: It cannot be read, lacks a column, or a value is no percentage.
    """
    table = read_table(path)
    for column in _COLUMNS:
        table.require(column)
    images = [column for column in table.columns if column.startswith(_IMAGES)]
    if not images:
        table.require(f"{_IMAGES}1")
    return [_film_size(table, row, images) for row in table.rows]


def _film_size(table: Table, row: Row, images: list[str]) -> FilmSize:
    side = next((one for one in SIDES if one == row.values["side"]), None)
    if side is None:
        raise InputError(f"{row.where('side')}: no side", f"expected {' or '.join(SIDES)}")
    return FilmSize(
        film=row.values["film"],
        patient=row.values["patient"],
        side=side,
        view=row.values["view"],
        expert=_percent(row, "expert_percent"),
        images=tuple(_percent(row, column) for column in images),
        words=_percent(row, "words"),
        told=_percent(row, "told_percent") if row.values["told_percent"] else None,
    )


def _percent(row: Row, column: str) -> float:
    try:
        value = float(row.values[column])
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise InputError(f"{row.where(column)}: no percentage", "expected a number from 0 to 100")
    return value


def write_sizes(path: Path, sizes: Iterable[FilmSize]) -> None:
    """Write a table of sizes, whole or not at all."""
    rows = list(sizes)
    images = (f"{_IMAGES}{number + 1}" for number in range(len(rows[0].images) if rows else 1))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS[:5], *images, *_COLUMNS[5:]])
    for one in rows:
        figures = (one.expert, *one.images, one.words, one.told)
        written = ("" if value is None else f"{value:.3f}" for value in figures)
        writer.writerow([one.film, one.patient, one.side, one.view, *written])
    write_atomically(path, lambda file: file.write(text.getvalue().encode()))
