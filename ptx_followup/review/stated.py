"""An exam as its result states it, where it cannot be made again from what the result holds.

A result without identity holds no word of its report, and another model or library draws another mask. The
mask on disk, what the report said and what was measured then lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.followup.editing import finished
from ptx_followup.followup.exam import Exam
from ptx_followup.measurement.sizes import measure
from ptx_followup.report.concordance import Concordance
from ptx_followup.report.terms import Finding, Report
from ptx_followup.review.found import FoundExam
from ptx_followup.sides import SIDES

#: Where today's network draws another mask than the result holds.
ANOTHER_MASK = "the network would draw another mask today: the one of the result is shown"
#: Where the mask that is measured cannot be made again.
NOT_MEASURED = (
    "the mask that was measured is not that of the result: sizes are those of the mask that is shown"
)
#: Stands for what the network was told, where the result does not hold it.
_NOT_KEPT = "not kept in the result"


def as_stated(exam: Exam, found: FoundExam, mask: NDArray[np.bool_]) -> tuple[Exam, tuple[str, ...]]:
    """An exam with the mask of its result.

    Args:
        exam: As it was made again.
        found: The exam in the result.
        mask: Of the result, bool, H x W of `radiograph.pixels`.

    Returns:
        The exam, and what the reader should know.
    """
    lacks_report = found.had_report and found.report_text is None
    same = np.array_equal(mask, exam.mask)
    if same and not lacks_report:
        return exam, ()
    shown, document = exam.segmentation, found.document
    told = document["report"]["told"]
    looked_at = [side for side in SIDES if document["segmentation"]["by_side"][side]["area_px"] is not None]
    stated = replace(
        shown,
        report=report_of(document["report"]) if found.had_report else None,
        told=_NOT_KEPT if lacks_report and told == "" else told,
        told_by_side=document["report"].get("told_by_side"),
        standard_mask=mask,
        measurement=measure(mask, shown.hemithoraces, shown.radiograph.trusted_spacing_mm, looked_at),
        concordance=tuple(Concordance(**one) for one in document["concordance"]),
        warnings=tuple(document["warnings"]),
    )
    notes = [] if same or lacks_report else [ANOTHER_MASK]
    matched, measured = exam.matched_mask, exam.measurement
    area = document.get("matched_segmentation", document["segmentation"])["area_px"]
    if np.count_nonzero(matched) != area:
        matched, measured = mask, stated.measurement
        if "matched_segmentation" in document:
            notes.append(NOT_MEASURED)
    return finished(Exam(stated, matched, measured, exam.distances)), tuple(notes)


def report_of(stated: Mapping[str, Any]) -> Report:
    """What was understood of a report, from the `report` object of a result; without its words."""
    findings = tuple(_finding(one) for one in stated["findings"])
    return Report(
        text="",
        findings=findings,
        present=stated["present"],
        side=stated["side"],
        zones=tuple(stated["zones"]),
        size=stated["size"],
        conflicts=tuple(stated["conflicts"]),
    )


def _finding(stated: Mapping[str, Any]) -> Finding:
    names = {one.name for one in fields(Finding)}
    known = {name: value for name, value in stated.items() if name in names}
    return Finding(**(known | {"zones": tuple(stated["zones"])}))
