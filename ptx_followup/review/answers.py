"""What the page is told of a case: its films, its reports, how they lie on one another, and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.registration.grid import Grid
from ptx_followup.registration.register import Registration
from ptx_followup.report.findings import understand
from ptx_followup.report.sections import split_sentences
from ptx_followup.report.shown import Tone, shown_sentences
from ptx_followup.report.terms import Report
from ptx_followup.review.found import FoundExam
from ptx_followup.review.pictures import Film

if TYPE_CHECKING:
    from ptx_followup.followup.exam import Exam
    from ptx_followup.review.case import OpenCase

Matrix = NDArray[np.float64]

#: What a sentence of a report counted for.
_COUNTED: Mapping[Tone, str | None] = {
    "present": "counted",
    "doubt": "counted",
    "absent": "denied",
    "past": "other",
    "unread": "other",
    "none": None,
}


def shown_name(found: FoundExam, *, hidden: bool) -> str:
    """What an exam is called; where time points are hidden, nothing says which it is."""
    return "image" if hidden else found.name


def film_answer(found: FoundExam, shown: Film, *, hidden: bool) -> dict[str, Any]:
    """One exam before its networks have run.

    Args:
        found: The exam in the result.
        shown: Its film.
        hidden: Say nothing that tells when it was taken: no date, and no report, which may compare.
    """
    film, (lowest, highest) = shown.radiograph, shown.bounds
    acquired = None if hidden or film.acquired_at is None else film.acquired_at.isoformat()
    return {
        "name": shown_name(found, hidden=hidden),
        "rows": film.rows,
        "columns": film.columns,
        "bits": shown.bits,
        "lowest": lowest,
        "highest": highest,
        "window": list(shown.window),
        "presets": _presets(shown),
        "inverted": film.inverted,
        "view": film.view,
        "spacing_mm": None if film.spacing_mm is None else list(film.spacing_mm),
        "acquired": acquired,
        "report": None if hidden else report_answer(found),
    }


def _presets(shown: Film) -> list[dict[str, Any]]:
    """Windows by name: that of the file, and all levels."""
    lowest, highest = shown.bounds
    whole = ((lowest + highest) / 2, max(1, highest - lowest))
    return [
        {"name": name, "window": list(window)}
        for name, window in (("as stored", shown.window), ("all grey levels", whole))
    ]


def exam_answer(case: OpenCase, number: int, readings: Sequence[str] = (), *, hidden: bool) -> dict[str, Any]:
    """What is known of an exam of an open case besides its film.

    Args:
        case: Open.
        number: Of the exam, from 0.
        readings: Names of the layers of other readers.
        hidden: As in `film_answer`.
    """
    exam, first = case.exams[number], case.opened.exams[number].segmentation
    projected = number > 0 and number == len(case.opened.registrations)
    return {
        "edited": case.edited(number),
        "warnings": [*case.opened.notes[number], *exam.warnings],
        "told": None if hidden else first.told,
        "mask_source": exam.segmentation.mask_source.in_words,
        "layers": ["shown", "measured", "hemithoraces", *(["projected"] if projected else []), *readings],
    }


def report_answer(found: FoundExam) -> dict[str, Any] | None:
    """A report in pieces that say what they counted for; None where there was none.

    Of a result that does not hold its report (`--deidentify`) there are no pieces.
    """
    if not found.had_report:
        return None
    text = found.report_text
    return {"pieces": [] if text is None else _pieces(understand(text))}


def _pieces(report: Report) -> list[dict[str, Any]]:
    """The whole text in order: each sentence, and what stands between sentences (headings, space)."""
    pieces: list[dict[str, Any]] = []
    end = 0
    for sentence, shown in zip(split_sentences(report.text), shown_sentences(report), strict=True):
        pieces.append({"text": report.text[end : sentence.start], "kind": None, "note": ""})
        end = max(end, sentence.end)
        words = report.text[sentence.start : end]
        pieces.append({"text": words, "kind": _COUNTED[shown.tone], "note": "; ".join(shown.taken)})
    pieces.append({"text": report.text[end:], "kind": None, "note": ""})
    return [piece for piece in pieces if piece["text"]]


def registration_answer(registrations: Sequence[Registration]) -> dict[str, Any] | None:
    """How each exam lies on the next: affine maps of pixels, a list where there are more than two exams."""
    if not registrations:
        return None
    to_last = [_to_last(one) for one in registrations]
    affine = [
        None if own is None or following is None else _row(np.linalg.inv(following) @ own)
        for own, following in pairwise([*to_last, np.eye(3)])
    ]
    refused = next((one for one in registrations if not one.accepted), None)
    return {
        "accepted": refused is None,
        "reason": (refused or registrations[-1]).reason,
        "affine": affine[0] if len(affine) == 1 else affine,
    }


def _to_last(registration: Registration) -> Matrix | None:
    """3 x 3: (x, y, 1) in pixels of an exam to those of the last one, without what bends."""
    transform = registration.transform
    if transform is None:
        return None
    matrix = np.vstack([transform.matrix, [0, 0, 1.0]])
    to_exam = np.linalg.inv(_millimetres(transform.prior)) @ matrix @ _millimetres(transform.followup)
    return np.asarray(np.linalg.inv(to_exam))


def _millimetres(grid: Grid) -> Matrix:
    """3 x 3: (x, y, 1) in pixels of a grid to millimetres."""
    (x, y), (left, top) = grid.spacing, grid.origin
    return np.array([[x, 0, left], [0, y, top], [0, 0, 1.0]])


def _row(matrix: Matrix) -> list[float]:
    return [round(float(value), 9) for value in matrix[:2].ravel()]


def measure_lines(exam: Exam) -> list[list[float | str]]:
    """The distances of an exam as lines: x and y of either end in pixels, and what they measure."""
    return [
        [line.start[1], line.start[0], line.end[1], line.end[0], f"{side} {name} {line.mm:.0f} mm"]
        for side, known in exam.distances.sides.items()
        for name, line in (
            ("apex", known.apex),
            ("hilum", known.hilum),
            ("upper", known.upper),
            ("lower", known.lower),
        )
    ]
