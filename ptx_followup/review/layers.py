"""The layers that lie on a film: masks and hemithoraces, as they were and as they were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.registration.register import project
from ptx_followup.review.refusal import not_found

if TYPE_CHECKING:
    from ptx_followup.review.case import OpenCase
    from ptx_followup.review.found import FoundResult

Layer = NDArray[np.bool_] | NDArray[np.uint8]


def layer_of(case: OpenCase, number: int, name: str) -> Layer:
    """A layer of an exam, on the grid of its `Radiograph.pixels`.

    Args:
        case: Open.
        number: Of the exam, from 0.
        name: "shown" and "measured" (of the result), "hemithoraces" (likewise; 1 the patient's right, 2 the
            left), "edited" and "edited hemithoraces" (as they are), "projected" (the exam before, on this
            one; the last exam on none).

    Raises:
        Refusal: There is no such layer.
    """
    with case.lock:
        first, exam = case.opened.exams[number], case.exams[number]
    if name == "projected":
        return _projected(case, number)
    layers: dict[str, Layer] = {
        "shown": first.mask,
        "measured": first.matched_mask,
        "hemithoraces": first.segmentation.hemithoraces,
        "edited": exam.mask,
        "edited hemithoraces": exam.segmentation.hemithoraces,
    }
    if name not in layers:
        raise not_found()
    return layers[name]


def reading_of(case: OpenCase, others: Sequence[FoundResult], number: int, reader: int) -> Layer:
    """The mask of another reader, for the third who adjudicates.

    Args:
        case: Open.
        others: The readings of both.
        number: Of the exam, from 0.
        reader: 1 or 2.

    Raises:
        Refusal: There is no such reading.
    """
    if not 0 < reader <= len(others):
        raise not_found()
    return case.films[number].to_standard(others[reader - 1].exams[number].mask())


def _projected(case: OpenCase, number: int) -> Layer:
    """The mask of the first exam, as it is now, on the last one."""
    registrations = case.opened.registrations
    if not registrations or number != len(registrations) or not registrations[-1].accepted:
        raise not_found()
    with case.lock:
        mask = case.exams[number - 1].mask
    return project(mask, registrations[-1])
