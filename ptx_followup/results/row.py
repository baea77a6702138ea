"""One comparison as one row of a table: the figures of its result object, each under its path there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: What a cell holds; None is an empty one.
Cell = str | int | float | bool | None
Row = dict[str, Cell]

#: Parts of a result object that a table carries, and of each exam in it. What they hold is not listed: a
#: figure that is new in one of them is a new column.
PARTS = (
    "sentence",
    "change",
    "change_by_side",
    "belonging",
    "registration",
    "projection",
    "regions",
    "timing_s",
)
EXAM_PARTS = (
    "segmentation",
    "matched_segmentation",
    "distances",
    "anatomy.quality",
    "mask_source.kind",
    "image.view",
)
EXAMS = ("prior", "followup")
#: Of the model, which is the same for both exams.
_MODEL = ("name", "version", "sha256", "device", "precision")
#: Said once a file, not once a row; and a person's words, which belong to the result alone.
_LEFT_OUT = frozenset({"metric", "belonging_reason"})


def row_of(document: Mapping[str, Any]) -> Row:
    """The row of a result object, schema "ptx-compare/1".

    A column is named by the path in the object, joined by underscores: `change_verdict`,
    `prior_anatomy_quality`. An interval becomes two columns, `_low` and `_high`. `prior_concordance` holds
    the codes of all that differs between report and mask and is more than a remark, `prior_warnings` a
    number.

    Examples:
        >>> row_of({"change": {"difference": -9.6, "interval95": [-36.8, 13.7]}})
        {'change_difference': -9.6, 'change_interval95_low': -36.8, 'change_interval95_high': 13.7}
    """
    row: Row = {}
    for part in PARTS:
        if document.get(part) is not None:
            row.update(_cells(part, document[part]))
    for exam in EXAMS:
        known = document.get(exam)
        if known is None:
            continue
        for part in EXAM_PARTS:
            if (figures := _at(known, part)) is not None:
                row.update(_cells(f"{exam}_{part.replace('.', '_')}", figures))
        row[f"{exam}_concordance"] = " ".join(
            one["code"] for one in known.get("concordance", ()) if one["severity"] != "info"
        )
        row[f"{exam}_warnings"] = len(known.get("warnings", ()))
    model = _at(document, "followup.model")
    if model is not None:
        row.update({f"model_{name}": model.get(name) for name in _MODEL})
    return row


def _cells(path: str, value: Any) -> Iterator[tuple[str, Cell]]:
    if path in _LEFT_OUT or path.endswith("_metric"):
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _cells(f"{path}_{name}", one)
    elif path.endswith("interval95"):
        low, high = (None, None) if value is None else value
        yield f"{path}_low", low
        yield f"{path}_high", high
    elif isinstance(value, list):
        yield path, " ".join(map(str, value))
    else:
        yield path, value


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
