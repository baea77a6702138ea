"""The figures beside the films: by the functions that `ptx compare` judges with, as JSON for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ptx_followup.followup.compare import FollowUp
from ptx_followup.followup.exam import Exam
from ptx_followup.followup.timeline import Timeline
from ptx_followup.followup.wording import change_in_words
from ptx_followup.measurement.change import Change
from ptx_followup.measurement.outlines import Interval
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.results.words import size_in_words
from ptx_followup.sides import SIDES, Side


def figures_of(
    result: FollowUp | Timeline | None, exams: Sequence[Exam], uncertainty: Uncertainty
) -> dict[str, Any]:
    """Of a case as it is judged; `result` is None where there is one exam alone."""
    if isinstance(result, FollowUp):
        return pair_figures(result)
    return timeline_figures(result) if result is not None else single_figures(exams[0], uncertainty)


def single_figures(exam: Exam, uncertainty: Uncertainty) -> dict[str, Any]:
    """Of one exam alone."""
    return {
        "sentence": size_in_words(exam.segmentation),
        "sides": {side: {"exams": [_size(exam, side, uncertainty)], "change": None} for side in _SHOWN},
        **_remarks([exam], ()),
    }


def pair_figures(result: FollowUp) -> dict[str, Any]:
    """Of a prior and its follow-up: sizes by the route that leads the change."""
    exams = [result.prior, result.followup]
    sides = {}
    for side in _SHOWN:
        change = result.changes[side]
        leading = change.leading
        measured = (
            (leading.prior, leading.prior_interval),
            (leading.followup, leading.followup_interval),
        )
        sides[side] = {
            "exams": [_stated(exam, side, *one) for exam, one in zip(exams, measured, strict=True)],
            "change": _change(change),
        }
    return {"sentence": result.sentence, "sides": sides, **_remarks(exams, result.warnings)}


def timeline_figures(result: Timeline) -> dict[str, Any]:
    """Of a series: `change` is from the first exam to the last, `steps` from each to the next."""
    exams = [one.exam for one in result.timepoints]
    sides = {
        side: {
            "exams": [
                _stated(one.exam, side, one.sizes[side], one.intervals[side]) for one in result.timepoints
            ],
            "change": _change(result.overall[side]),
            "steps": [_change(step[side]) for step in result.steps],
        }
        for side in _SHOWN
    }
    return {"sentence": result.sentence, "sides": sides, **_remarks(exams, result.warnings)}


_SHOWN: tuple[Side, ...] = SIDES[::-1]


def _size(exam: Exam, side: Side, uncertainty: Uncertainty) -> dict[str, Any]:
    size = exam.size(side, own_words=uncertainty.model.leading == "images and words")
    return _stated(exam, side, size, None if size is None else uncertainty.wide_outline(size).interval)


def _stated(exam: Exam, side: Side, size: Size | None, interval: Interval | None) -> dict[str, Any]:
    """Percent and interval of the mask that is measured, and the area of the mask that is shown."""
    return {
        "percent": None if size is None else round(size.percent, 2),
        "interval95": None if interval is None else [round(end, 2) for end in interval],
        **exam.segmentation.measurement.by_side[side].to_json(),
    }


def _change(change: Change) -> dict[str, Any]:
    stated = change.to_json()
    names = ("prior", "followup", "difference", "interval95", "probability", "leaning", "verdict", "reason")
    return {name: stated[name] for name in names} | {"words": change_in_words(change)}


def _remarks(exams: Sequence[Exam], warnings: Sequence[str]) -> Mapping[str, Any]:
    found = list(enumerate(exams))
    of_exams = (
        f"{_name(number, len(exams))}{warning}"
        for number, exam in found
        for warning in exam.segmentation.warnings
    )
    return {
        "warnings": [*warnings, *of_exams],
        "concordance": [
            {"exam": number, **one.to_json()}
            for number, exam in found
            for one in exam.segmentation.concordance
        ],
    }


def _name(number: int, count: int) -> str:
    """What a warning of an exam begins with."""
    if count == 1:
        return ""
    return ("prior: ", "follow-up: ")[number] if count == 2 else f"exam {number + 1}: "
