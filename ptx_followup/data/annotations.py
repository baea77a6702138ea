"""Tables with one row per annotation: rows gathered by image, and the run-length convention recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ptx_followup.data import rle
from ptx_followup.data.dataset import Annotation, Case, Problem
from ptx_followup.data.files import count_pixels
from ptx_followup.data.tables import Row, Table
from ptx_followup.errors import InputError

#: Rows that contradict the convention of all others are taken as damaged up to this share of the rows that
#: tell (their masks will be reported); beyond it the table mixes two conventions, and is refused.
DAMAGED_SHARE = 0.01

MEANING: dict[rle.Convention, str] = {
    "relative": "starts are gaps since the run before, from pixel 0, down the columns",
    "absolute": "starts are pixel numbers from 1, down the columns",
    "absolute-rows": "starts are pixel numbers from 1, along the rows",
}


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


def recognise(
    cases: Iterable[Case], *, documented: rle.Convention | None
) -> tuple[rle.Convention | None, str]:
    """Find out from their numbers how run-length codes are counted.

    Args:
        cases: All cases of the table.
        documented: What the data set's authors document, taken where no code contradicts it; None to insist
            on evidence.

    Returns:
        The convention (None where no image has a mask), and a sentence that says how it was recognised.

    Raises:
        InputError: The codes allow both readings, or some allow only one and some only the other.
    """
    examples: dict[rle.Vote, Annotation] = {}
    votes: Counter[rle.Vote] = Counter()
    for annotation, ballot in _ballots(cases):
        votes[ballot] += 1
        examples.setdefault(ballot, annotation)
    telling = votes["relative"] + votes["absolute"]
    if not telling:
        return _without_evidence(votes, examples, documented)
    convention: Literal["relative", "absolute"] = (
        "relative" if votes["relative"] >= votes["absolute"] else "absolute"
    )
    agreed = votes[convention]
    if telling - agreed > DAMAGED_SHARE * telling:
        gaps, numbers = examples["relative"].where, examples["absolute"].where
        raise InputError(
            f"{gaps} can only be read as gaps, {numbers} only as pixel numbers",
            "the table mixes two run-length conventions: split it, or name the right one with --rle",
        )
    note = f"run-length codes: {MEANING[convention]} ({agreed} of {votes.total()} masks allow nothing else)"
    if convention == "absolute":
        note += "; if the masks on the contact sheet are transposed, use --rle absolute-rows"
    return convention, note


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


def _ballots(cases: Iterable[Case]) -> Iterator[tuple[Annotation, rle.Vote]]:
    for case in cases:
        for annotation in case.annotations:
            try:
                runs = rle.parse(annotation.code)
            except rle.RleError:
                continue
            if not rle.may_be_absolute(runs):
                # Falling starts are decisive without the image's size, which costs a look into its header.
                yield annotation, "relative"
            elif case.image is not None and (pixels := count_pixels(case.image)) is not None:
                yield annotation, rle.vote(runs, pixels)


def _without_evidence(
    votes: Counter[rle.Vote], examples: dict[rle.Vote, Annotation], documented: rle.Convention | None
) -> tuple[rle.Convention | None, str]:
    if not votes:
        return documented, "no image has a mask that can be read"
    if documented is not None:
        return (
            documented,
            f"run-length codes: {MEANING[documented]} (as documented; the codes do not contradict it)",
        )
    example = next(iter(examples.values()))
    raise InputError(
        f"{example.where}: the run-length codes can be read both as gaps and as pixel numbers",
        "say which with --rle relative, absolute or absolute-rows",
    )


def _malformed(annotations: Iterable[Annotation], name: str) -> Iterator[Problem]:
    for annotation in annotations:
        try:
            rle.parse(annotation.code)
        except rle.RleError as error:
            yield Problem("code-malformed", "error", annotation.where, str(error), name)
