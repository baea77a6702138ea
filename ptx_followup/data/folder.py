"""The plain folder data set: `index.csv`, `images/`, `masks/` and, if any, `reports/` and `readings/`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, get_args

import numpy as np

from ptx_followup.data.annotations import checked_name, image_missing, unlisted
from ptx_followup.data.dataset import Case, DataSet, Part, Problem
from ptx_followup.data.files import find_images, read_mask
from ptx_followup.data.readings import weight_of
from ptx_followup.data.tables import Row, read_table
from ptx_followup.errors import InputError
from ptx_followup.radiograph.image import SpacingSource, View
from ptx_followup.sides import ReportSide

INDEX = "index.csv"

#: Masks of single readers: ID_a, ID_b, ...
_READING = re.compile(r"(?P<id>.+)_[a-z]")

#: Columns of the index that mean something; all but `id` may be missing, and others are kept as they are.
COLUMNS = (
    "id",
    "patient",
    "follow_up",
    "view",
    "pneumothorax",
    "side",
    "chest_tube",
    "split",
    "spacing_mm_row",
    "spacing_mm_column",
    "spacing_source",
)

Value = TypeVar("Value")
Default = TypeVar("Default")

_YES_NO: Mapping[str, bool] = {"0": False, "1": True}
_VIEWS: Mapping[str, View] = {view.casefold(): view for view in get_args(View)}
_SIDES: Mapping[str, ReportSide] = {side: side for side in get_args(ReportSide)}
_SOURCES: Mapping[str, SpacingSource] = {source: source for source in get_args(SpacingSource)}
_PARTS: Mapping[str, Part] = {
    "train": "train",
    "val": "validation",
    "validation": "validation",
    "test": "test",
}


def open_folder(root: Path) -> DataSet:
    """Open a plain folder data set.

    A case is positive or negative as the column `pneumothorax` says (1 or 0); without that column, as its
    mask says. A negative case needs no mask. Masks with the values 0, 1 and 2, and no column `pneumothorax`,
    are lungs.

    Raises:
        InputError: The index is missing a column, or a value is none of those expected.
    """
    table = read_table(root / INDEX)
    table.require("id")
    images = find_images(root / "images")
    masks = find_images(root / "masks") if (root / "masks").is_dir() else {}
    reports = {path.stem: path for path in sorted((root / "reports").glob("*.txt"))}
    readings = _readings(root / "readings")
    cases: dict[str, Case] = {}
    for row in table.rows:
        case = _case(_folded(row), images, masks, reports, readings)
        if case.id in cases:
            raise InputError(
                f"{row.where('id')}: the same id as in an earlier row", "give every image one row"
            )
        cases[case.id] = case
    lungs = False
    if table.find("pneumothorax") is None:
        values = {case.id: _values(case.mask) for case in cases.values() if case.mask}
        lungs = any(2 in found and found <= {0, 1, 2} for found in values.values())
        if not lungs:
            positive = {name: found != {0} for name, found in values.items() if found}
            cases |= {name: replace(cases[name], positive=mark) for name, mark in positive.items()}
    listed = tuple(cases.values())
    return DataSet(
        root=root,
        layout="folder",
        cases=listed,
        lung_labels=lungs,
        notes=("masks are lungs: 1 the patient's right, 2 the left",) if lungs else (),
        problems=(*_missing(listed), *unlisted(listed, images, "images/")),
    )


def _folded(row: Row) -> Row:
    return Row(row.file, row.number, {column.casefold(): value for column, value in row.values.items()})


def _readings(folder: Path) -> Mapping[str, tuple[Path, ...]]:
    """Masks of single readers, by image; without images that have one alone."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for name, path in sorted(find_images(folder).items()) if folder.is_dir() else ():
        if match := _READING.fullmatch(name):
            found[match["id"]].append(path)
    return {name: tuple(paths) for name, paths in found.items() if len(paths) > 1}


def _case(
    row: Row,
    images: Mapping[str, Path],
    masks: Mapping[str, Path],
    reports: Mapping[str, Path],
    readings: Mapping[str, tuple[Path, ...]],
) -> Case:
    name = checked_name(row, "id")
    values = row.values
    spacing = _spacing(row)
    return Case(
        id=name,
        where=row.where(),
        image=images.get(name),
        positive=_one_of(row, "pneumothorax", _YES_NO, None),
        mask=masks.get(name),
        report_file=reports.get(name),
        patient=values.get("patient") or None,
        order=_follow_up(row),
        view=_one_of(row, "view", _VIEWS, "unknown"),
        side=_one_of(row, "side", _SIDES, None),
        chest_tube=_one_of(row, "chest_tube", _YES_NO, None),
        part=_one_of(row, "split", _PARTS, None),
        spacing_mm=spacing,
        spacing_source=_one_of(row, "spacing_source", _SOURCES, "unknown" if spacing else "none"),
        weight=weight_of(values.get("read_by", "")),
        united=values.get("several_readings") == "1",
        readings=readings.get(name, ()),
        extra={column: value for column, value in values.items() if column not in COLUMNS},
    )


def _one_of(row: Row, column: str, meaning: Mapping[str, Value], absent: Default) -> Value | Default:
    """What a value means; `absent` where the column or the value is missing.

    Raises:
        InputError: The value is none of those expected.
    """
    value = row.values.get(column, "").casefold()
    if not value:
        return absent
    if value not in meaning:
        raise InputError(
            f"{row.where(column)}: not a known value", f"expected {', '.join(meaning)} or nothing"
        )
    return meaning[value]


def _follow_up(row: Row) -> int | None:
    value = row.values.get("follow_up", "")
    try:
        return int(value) if value else None
    except ValueError:
        raise InputError(
            f"{row.where('follow_up')}: not a whole number",
            "expected the place in the patient's sequence of exams",
        ) from None


def _spacing(row: Row) -> tuple[float, float] | None:
    columns = ("spacing_mm_row", "spacing_mm_column")
    values = [row.values.get(column, "") for column in columns]
    if not any(values):
        return None
    try:
        across, along = map(float, values)
    except ValueError:
        across = along = 0.0
    if not (0 < across < float("inf") and 0 < along < float("inf")):
        raise InputError(
            f"{row.where(' and '.join(columns))}: not two lengths",
            "expected millimetres per pixel above 0 in both",
        )
    return across, along


def _values(mask: Path) -> set[int]:
    """The values of a mask; none where it cannot be read (which the check reports)."""
    try:
        return set(np.unique(read_mask(mask)).tolist())
    except InputError:
        return set()


def _missing(cases: Iterable[Case]) -> Iterator[Problem]:
    for case in cases:
        if case.image is None:
            yield image_missing(case.id, case.where, "images/")
        if case.mask is None and case.positive is not False:
            message = (
                "no mask of that name in masks/, and the index does not say 0 in the column pneumothorax"
            )
            yield Problem("mask-missing", "error", case.where, message, case.id)
