"""Tables with one row per annotation: the rows of each image are gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ptx_followup.data import rle
from ptx_followup.data.dataset import Annotation, Case, Problem
from ptx_followup.data.tables import Row, Table
from ptx_followup.errors import InputError


@dataclass(frozen=True)
class Gathered:
    """All rows of one image.

    Attributes:
        id: The image's name.
        rows: Its rows, in order.
        annotations: Their codes, without those that say "-1" where another row has a mask.
        positive: At least one code is not "-1".
    """

    id: str
    rows: tuple[Row, ...]
    annotations: tuple[Annotation, ...]
    positive: bool

    @property
    def where(self) -> str:
        """The image's first row, for messages."""
        return self.rows[0].where()


def gather(table: Table, name_column: str, code_column: str) -> tuple[list[Gathered], list[Problem]]:
    """Gather the rows of each image, the last row of the table included.

    Raises:
        InputError: A row names no image, or names it by something that is not a file name.
    """
    by_image: dict[str, list[Row]] = {}
    for row in table.rows:
        by_image.setdefault(checked_name(row, name_column), []).append(row)
    problems: list[Problem] = []
    images = []
    for name, rows in by_image.items():
        marked = [row for row in rows if row.values[code_column] != rle.EMPTY]
        if marked and len(marked) < len(rows):
            problems.append(
                Problem(
                    "rows-contradict",
                    "warning",
                    rows[0].where(code_column),
                    "the image has a mask in one row and -1 in another; the mask is taken",
                    name,
                )
            )
        annotations = tuple(Annotation(row.values[code_column], row.where(code_column)) for row in marked)
        problems += _malformed(annotations, name)
        images.append(Gathered(name, tuple(rows), annotations, positive=bool(marked)))
    return images, problems


def checked_name(row: Row, column: str) -> str:
    """The name of an image, as a row gives it.

    Raises:
        InputError: It is empty, or could not be the name of a file.
    """
    name = row.values[column]
    if not name:
        raise InputError(
            f"{row.where(column)}: it is empty", "expected the name of an image, without its ending"
        )
    if name.startswith(".") or any(mark in name for mark in "/\\\0") or not name.isprintable():
        raise InputError(
            f"{row.where(column)}: it is not a file name", "expected the name of an image, no path"
        )
    return name


def unlisted(listed: Sequence[Case], found: Iterable[str], folder: str) -> list[Problem]:
    """One warning for all image files that the table does not list."""
    extra = set(found) - {case.id for case in listed}
    if not extra:
        return []
    return [
        Problem(
            "image-unlisted", "warning", folder, f"{len(extra)} images are not in the table, and are left out"
        )
    ]


def image_missing(name: str, where: str, folder: str) -> Problem:
    """An error: the table lists an image that is not there."""
    return Problem("image-missing", "error", where, f"no image of that name in {folder}", name)


def _malformed(annotations: Iterable[Annotation], name: str) -> Iterator[Problem]:
    for annotation in annotations:
        try:
            rle.parse(annotation.code)
        except rle.RleError as error:
            yield Problem("code-malformed", "error", annotation.where, str(error), name)
