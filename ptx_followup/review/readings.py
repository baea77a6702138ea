"""What each reader left of each film of a central read, from the folders of reviews on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import InputError
from ptx_followup.measurement.overlap import dice
from ptx_followup.sides import SIDES

if TYPE_CHECKING:
    from ptx_followup.review.found import FoundExam, FoundResult

#: Decisions by which a reader gives a size.
MEASURED = ("accepted", "corrected")


@dataclass(frozen=True, eq=False)
class Reading:
    """What one reader left of one film.

    Attributes:
        mask: bool, H x W of the film's file.
        percents: Of each side's hemithorax, in the order of `SIDES`; 0 where nobody looked, None where a
            hemithorax was not found.
        unchanged: The reader left the mask as the program had drawn it.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    percents: tuple[float, float] | None
    unchanged: bool


@dataclass(frozen=True)
class ReadFilm:
    """One film that every reader has read.

    Attributes:
        patient: Whose, in a word that is written nowhere.
        dice: Mean over pairs of readers.
        percents: One a reader, on the side where all together drew most; NaN where it cannot be measured.
        found: Whether each reader found a pneumothorax.
        unchanged: Every reader left the mask as it was.
    """

    patient: str = field(repr=False)
    dice: float
    percents: tuple[float, ...]
    found: tuple[bool, ...]
    unchanged: bool


@dataclass(frozen=True)
class Readings:
    """The films of a read.

    Attributes:
        readers: Names or codes, in the order of the alphabet.
        films: Read by all of them.
        incomplete: Films that some have not read.
        not_judged: Films that some rejected or could not judge.
    """

    readers: tuple[str, ...]
    films: tuple[ReadFilm, ...]
    incomplete: int
    not_judged: int


def gather_readings(reviews: Sequence[FoundResult]) -> Readings:
    """The last reading of every film by every reader; those of a third who adjudicates do not count.

    Args:
        reviews: Of `decisions.reviews_in`, the earliest first.

    Raises:
        InputError: They are of fewer than two readers, no film was read by all, or a mask is damaged.
    """
    last: dict[tuple[str, str], dict[str, FoundResult]] = {}
    for one in reviews:
        review = one.document["review"]
        if not (review.get("central") or {}).get("adjudicates"):
            case = str((review.get("of") or {}).get("sha256")), str(review.get("exam"))
            last.setdefault(case, {})[_reader(review)] = one
    readers = sorted({reader for read in last.values() for reader in read})
    if len(readers) < 2:
        raise InputError("these are reviews of fewer than two readers", "give the folder in which both saved")
    complete = [read for read in last.values() if len(read) == len(readers)]
    judged = [read for read in complete if all(_is_measured(one) for one in read.values())]
    films = [film for read in judged for film in _films([read[reader] for reader in readers])]
    if not films:
        raise InputError("no film was read by all readers", "have every reader read the same results")
    return Readings(
        tuple(readers),
        tuple(films),
        sum(_count(read) for read in last.values() if len(read) < len(readers)),
        sum(_count(read) for read in complete if read not in judged),
    )


def _reader(review: Mapping[str, Any]) -> str:
    """Name or code; of results without identity what keeps readers apart."""
    return str(review.get("reader") or review.get("reader_id") or "")


def _is_measured(one: FoundResult) -> bool:
    return one.document["review"].get("decision") in MEASURED


def _count(read: Mapping[str, FoundResult]) -> int:
    return max(len(one.exams) for one in read.values())


def _films(reviews: Sequence[FoundResult]) -> Iterable[ReadFilm]:
    """The films of one case, each with what every reader left of it."""
    patient = _patient(reviews)
    for number, exams in enumerate(zip(*(one.exams for one in reviews), strict=True)):
        yield _film(patient, [_reading(one, exam, number) for one, exam in zip(reviews, exams, strict=True)])


def _reading(review: FoundResult, exam: FoundExam, number: int) -> Reading:
    stated = exam.document["segmentation"]["hemithorax_percent"]
    percents = None if stated is None else tuple(stated[side] or 0.0 for side in SIDES)
    changes = review.document["review"].get("changes") or []
    mask = changes[number].get("mask", {}) if number < len(changes) else {}
    unchanged = mask.get("added_px") == 0 and mask.get("removed_px") == 0
    return Reading(exam.mask(), None if percents is None else (percents[0], percents[1]), unchanged)


def _film(patient: str, readings: Sequence[Reading]) -> ReadFilm:
    pairs = list(combinations([one.mask for one in readings], 2))
    known = [one.percents for one in readings if one.percents is not None]
    percents = (np.nan,) * len(readings)
    if len(known) == len(readings):
        side = int(np.argmax(np.sum(known, axis=0)))
        percents = tuple(one[side] for one in known)
    return ReadFilm(
        patient,
        float(np.mean([dice(*pair) for pair in pairs])),
        percents,
        tuple(bool(one.mask.any()) for one in readings),
        all(one.unchanged for one in readings),
    )


def _patient(reviews: Sequence[FoundResult]) -> str:
    """The patient whom the structured report names; without one, each case counts as a patient of its own."""
    from ptx_followup.dicom_objects.tracking import read_previous_result

    one = reviews[0]
    report = (one.document.get("outputs") or {}).get("dicom_sr")
    if report:
        try:
            identity = read_previous_result(one.folder / str(report)).identity
        except InputError:
            identity = None
        if identity is not None and identity.patient_id:
            return f"{identity.patient_id}\0{identity.issuer}"
    return str(one.document["review"]["of"]["sha256"])
