"""A reader's work as a new set of results beside the old one, with what was changed, by whom and when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.files.output_folder import new_folder
from ptx_followup.followup.compare import FollowUp
from ptx_followup.followup.editing import finished
from ptx_followup.followup.exam import Exam
from ptx_followup.masks.plausible import require_plausible
from ptx_followup.registration.register import register
from ptx_followup.results.comparison import write_comparison_results
from ptx_followup.results.segmentation import write_segmentation_results
from ptx_followup.results.timeline import write_timeline_results
from ptx_followup.review.judging import judged_case

if TYPE_CHECKING:
    from ptx_followup.followup.timeline import Timeline
    from ptx_followup.registration.register import Registration
    from ptx_followup.review.case import OpenCase
    from ptx_followup.review.found import FoundResult

SCHEMA = "ptx-review/1"


@dataclass(frozen=True)
class Decision:
    """What a reader decided of a case.

    Attributes:
        reader: Name or code.
        verdict: "accepted", "corrected", "rejected" or "cannot judge".
        reason: In the reader's words; may be empty where it is accepted or corrected.
        more: Of the read as a whole (a central read's seed and place).
    """

    reader: str
    verdict: str
    reason: str
    more: Mapping[str, Any]


def save_review(found: FoundResult, case: OpenCase, decision: Decision) -> Path:
    """Write a new folder beside the result, whole or not at all; the old one is not touched.

    Args:
        found: The result that was reviewed.
        case: As it was drawn on; its strokes are kept by the caller until this returns.
        decision: Of the reader.

    Returns:
        The folder.

    Raises:
        PtxError: A mask can be no pneumothorax, or the results cannot be written.
    """
    with case.lock:
        for one, drawing, film in zip(found.exams, case.drawings, case.films, strict=True):
            if drawing.mask is not None:
                require_plausible(film.to_stored(drawing.mask), f"the mask of the {one.name}")
        exams = [finished(exam) if case.edited(number) else exam for number, exam in _signed(case, decision)]
        outlined = any(drawing.hemithoraces is not None for drawing in case.drawings)
        review = _review(found, case, decision)
        registrations = _registered(exams, found) if outlined else case.opened.registrations
        result = judged_case(case.opened, exams, registrations, place=True)
    destination = _free_folder(found, decision.reader)
    with new_folder(destination) as folder:
        _write(result, exams[0], folder, found.deidentified, review, with_lungs=outlined)
    return destination


def _signed(case: OpenCase, decision: Decision) -> list[tuple[int, Exam]]:
    """The exams, where what a person drew bears the person's name."""
    return [(number, case.measured(number, decision.reader)) for number in range(len(case.opened.exams))]


def _registered(exams: Sequence[Exam], found: FoundResult) -> tuple[Registration, ...]:
    """Registrations rest on the hemithoraces: where one has changed, they are made anew."""
    last, bspline = exams[-1], found.with_bspline
    return tuple(
        register(
            one.radiograph,
            last.radiograph,
            one.segmentation.hemithoraces,
            last.segmentation.hemithoraces,
            bspline=bspline,
        )
        for one in exams[:-1]
    )


def _write(
    result: FollowUp | Timeline | None,
    exam: Exam,
    folder: Path,
    deidentify: bool,
    review: Mapping[str, Any],
    *,
    with_lungs: bool,
) -> None:
    if result is None:
        write_segmentation_results(
            exam.segmentation, folder, deidentify=deidentify, with_lungs=with_lungs, review=review
        )
    elif isinstance(result, FollowUp):
        write_comparison_results(result, folder, deidentify=deidentify, with_lungs=with_lungs, review=review)
    else:
        write_timeline_results(result, folder, deidentify=deidentify, review=review)


def _review(found: FoundResult, case: OpenCase, decision: Decision) -> dict[str, Any]:
    """The `review` object of the result: who, when, what changed in pixels, and from which model."""
    strokes = list(case.journal.strokes())
    model = case.opened.exams[-1].segmentation.model
    return {
        "schema": SCHEMA,
        "reader": decision.reader,
        "reader_id": reader_id(decision.reader),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "decision": decision.verdict,
        "reason": decision.reason,
        **decision.more,
        "of": {"result": found.name, "sha256": found.sha256, "review": found.document.get("review")},
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "changes": [_changes(one.name, number, case, strokes) for number, one in enumerate(found.exams)],
    }


def _changes(name: str, number: int, case: OpenCase, strokes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What was changed on one exam."""
    first, drawing = case.opened.exams[number], case.drawings[number]
    mask = first.mask if drawing.mask is None else drawing.mask
    before = first.segmentation.hemithoraces
    labels = before if drawing.hemithoraces is None else drawing.hemithoraces
    own = [one for one in strokes if one["exam"] == number]
    return {
        "exam": name,
        "from": first.segmentation.mask_source.in_words,
        "mask": _pixels(first.mask, mask),
        "hemithoraces": {
            side: _pixels(before == label, labels == label) for side, label in (("right", 1), ("left", 2))
        },
        "strokes": len(own),
        "first_stroke_at": own[0]["at"] if own else None,
        "last_stroke_at": own[-1]["at"] if own else None,
    }


def _pixels(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, Any]:
    counts = {
        "before_px": before,
        "after_px": after,
        "added_px": after & ~before,
        "removed_px": before & ~after,
    }
    return {
        **{name: int(np.count_nonzero(mask)) for name, mask in counts.items()},
        "after_sha256": sha256(np.packbits(after).tobytes()).hexdigest(),
    }


def reader_id(reader: str) -> str:
    """What a reader is known by where `--deidentify` takes the name away, so that readers stay apart."""
    return sha256(reader.encode()).hexdigest()[:12]


def reader_code(reader: str) -> str:
    """A reader's name as part of a file name.

    >>> reader_code("Dr. M. Müller"), reader_code("R1")
    ('Dr-M-M-ller', 'R1')
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", reader).strip("-")[:32] or "reader"


def reviews_folder(found: FoundResult) -> Path:
    """Where reviews of a result lie: beside it; those of a cohort have a folder of their own."""
    parent = found.folder.resolve().parent
    of_cohort = parent.name == "cases" and (parent.parent / "ptx-run.json").is_file()
    return parent.parent / "reviews" if of_cohort else parent


def _free_folder(found: FoundResult, reader: str) -> Path:
    parent, number = reviews_folder(found), 1
    while (folder := parent / f"{found.name}.review-{reader_code(reader)}-{number}").exists():
        number += 1
    return folder
