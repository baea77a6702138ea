"""Several exams of one patient: the size of the pneumothorax over time, and where it was on each of them.

Every exam is measured on its own pixels under one sentence, as in `followup`, and laid on the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup import DISCLAIMER
from ptx_followup.errors import UsageError
from ptx_followup.files.memory import give_back
from ptx_followup.followup.exam import Exam, examined_alone
from ptx_followup.followup.handedness import require_same_handedness
from ptx_followup.followup.judging import assess_changes, contradictions, leading_change
from ptx_followup.followup.sentence import shows
from ptx_followup.followup.timepoint import Timepoint, timepoint_of
from ptx_followup.followup.wording import change_in_words, interval_in_words, percent_in_words
from ptx_followup.masks.hemithoraces import Labels, as_known_hemithoraces
from ptx_followup.masks.known import as_known_mask
from ptx_followup.masks.source import KnownHemithoraces, KnownMask
from ptx_followup.measurement.change import Change
from ptx_followup.measurement.uncertainty import Uncertainty
from ptx_followup.network.change_error import ChangeError
from ptx_followup.radiograph.belonging import (
    Belonging,
    Contradiction,
    Override,
    check_series,
    elapsed,
    moments_of,
)
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.letting_go import let_go
from ptx_followup.radiograph.study import read_exam
from ptx_followup.registration.register import Registration, register
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import shared_prompt
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import SIDES, Side
from ptx_followup.timing import timed

Mask = NDArray[np.bool_]
FloatImage = NDArray[np.float32]

#: More outlines than this on one radiograph, or points in one plot, cannot be read.
MOST_EXAMS = 20


@dataclass(frozen=True, eq=False)
class Timeline:
    """What became of a pneumothorax over several exams.

    Attributes:
        timepoints: In the order of the exams.
        belonging: Interval from first to last, and what was overridden.
        matched_prompt: The sentence under which all exams were measured.
        steps: Changes of each side from each exam to the next; one fewer than there are exams.
        overall: From the first exam to the last.
        timing_s: Seconds spent in each step.
    """

    timepoints: tuple[Timepoint, ...]
    belonging: Belonging
    matched_prompt: str
    steps: tuple[dict[Side, Change], ...]
    overall: dict[Side, Change]
    timing_s: dict[str, float]

    @property
    def last(self) -> Exam:
        """The exam that all others are laid on."""
        return self.timepoints[-1].exam

    @property
    def refused(self) -> list[int]:
        """Numbers (from 1) of exams whose registration onto the last was refused."""
        return [
            number
            for number, one in enumerate(self.timepoints, start=1)
            if one.registration is not None and not one.registration.accepted
        ]

    @property
    def change(self) -> Change:
        """From the first exam to the last, of the side that leads; see `followup.leading_change`."""
        return leading_change(self.overall, self.matched_prompt)

    @property
    def sides(self) -> list[Side]:
        """Sides on which any exam shows a pneumothorax worth naming, right first."""
        return [side for side in SIDES[::-1] if any(shows(one.exam, side) for one in self.timepoints)]

    @property
    def sentence(self) -> str:
        """One clause a side.

        "Right pneumothorax: 18 % -> 9 % -> 4.1 % of the hemithorax in 5 days; from first to last smaller
        (97 %; difference -14, 95 % -20 to -8)."
        """
        return " ".join(self._clause(side) for side in self.sides) or "No pneumothorax segmented on any exam."

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the series; those of each exam are in its own object."""
        contradicted = [
            f"exam {number}: {warning}"
            for number, step in enumerate(self.steps, start=2)
            for warning in contradictions(step)
        ]
        return (*self.belonging.warnings, *contradicted)

    def _clause(self, side: Side) -> str:
        sizes = " -> ".join(
            "not measured" if (percent := one.percent(side)) is None else percent_in_words(percent)
            for one in self.timepoints
        )
        interval = interval_in_words(self.belonging.interval_days)
        return (
            f"{side.capitalize()} pneumothorax: {sizes} of the hemithorax{interval}; from first to last "
            f"{change_in_words(self.overall[side])}."
        )

    def to_json(self) -> dict[str, Any]:
        """The result object, schema "ptx-timeline/1", without `outputs`."""
        return {
            "schema": "ptx-timeline/1",
            "disclaimer": DISCLAIMER,
            "sentence": self.sentence,
            "exams": [one.to_json() for one in self.timepoints],
            "belonging": self.belonging.to_json(),
            "matched_prompt": self.matched_prompt,
            "steps": [{side: one.to_json() for side, one in step.items()} for step in self.steps],
            "change": self.change.to_json(),
            "change_by_side": {side: one.to_json() for side, one in self.overall.items()},
            "timing_s": {step: round(seconds, 3) for step, seconds in self.timing_s.items()},
            "warnings": list(self.warnings),
        }


def timeline(
    exams: Sequence[Radiograph | str | Path],
    reports: Sequence[str | None],
    *,
    masks: Sequence[Mask | KnownMask | None] | None = None,
    hemithoraces: Sequence[Labels | KnownHemithoraces | None] | None = None,
    segmenter: Segmenter | None = None,
    override: Sequence[Contradiction] = (),
    reason: str = "",
) -> Timeline:
    """Follow a pneumothorax over several exams of one patient.

    Of films that are read here, the pixels of one are held at a time: they are let go once measured, and
    read again where they are drawn (see `letting_go`).

    Args:
        exams: Radiographs, or paths of files or study folders, the earliest first; 2 to 20.
        reports: One for each exam; None for none. An exam without a report is guided by side and zone that
            the others' state.
        masks: Known masks, one or None for each exam, bool, on the pixel grid of its file; they replace the
            network's.
        hemithoraces: Known ones, or None for each exam; as in `compare`.
        segmenter: A loaded `Segmenter`; the model on board if not given.
        override: Contradictions between the exams to accept.
        reason: Why they are accepted.

    Raises:
        InputError: A file cannot be read.
        MismatchError: The exams do not belong together.
        QualityGateError: A file is not a frontal chest radiograph.
        UsageError: Too few or too many exams, another number of reports or masks, a mask that does not fit,
            or override without reason.
    """
    if not 2 <= len(exams) <= MOST_EXAMS:
        raise UsageError(f"a timeline has 2 to {MOST_EXAMS} exams, not {len(exams)}", "name as many")
    masks = [None] * len(exams) if masks is None else masks
    hemithoraces = [None] * len(exams) if hemithoraces is None else hemithoraces
    if not len(reports) == len(masks) == len(hemithoraces) == len(exams):
        raise UsageError("there are not as many reports or masks as exams", "give one for each, or None")
    timing: dict[str, float] = {}
    with timed(timing, "read"):
        films = [one if isinstance(one, Radiograph) else let_go(read_exam(Path(one))) for one in exams]
    accepted = Override(tuple(override), reason)
    belonging = check_series(films, accepted)
    given = [
        as_known_mask(mask, film, f"exam {number}")
        for number, (film, mask) in enumerate(zip(films, masks, strict=True), start=1)
    ]
    outlined = [
        as_known_hemithoraces(labels, film, f"exam {number}")
        for number, (film, labels) in enumerate(zip(films, hemithoraces, strict=True), start=1)
    ]
    segmenter = segmenter or Segmenter()
    sentence = shared_prompt([understand(text) for text in reports if text is not None])
    with timed(timing, "segmentation"):
        found = [
            examined_alone(segmenter, film, report, sentence, mask, labels)
            for film, report, mask, labels in zip(films, reports, given, outlined, strict=True)
        ]
    give_back()  # what the networks took, to what follows
    examined, shapes = [exam for exam, _ in found], [shape for _, shape in found]
    last = examined[-1]
    for number, shape in enumerate(shapes[:-1], start=1):
        names = f"exam {number}", f"exam {len(examined)}"
        belonging = require_same_handedness(belonging, shape, shapes[-1], accepted, names)
    with timed(timing, "registration"):
        registrations = [*(_laid_on(exam, last) for exam in examined[:-1]), None]
    error = segmenter.model.config.error
    return judged_timeline(examined, registrations, belonging, sentence, error, timing_s=timing)


def judged_timeline(
    exams: Sequence[Exam],
    registrations: Sequence[Registration | None],
    belonging: Belonging,
    sentence: str,
    error: ChangeError,
    *,
    timing_s: dict[str, float] | None = None,
    place: bool = True,
) -> Timeline:
    """Judge exams that have been examined and registered: the last step of `timeline`.

    Args:
        exams: The earliest first.
        registrations: Of each onto the last; None for the last itself.
        belonging: What was found of the series.
        sentence: Under which all were measured.
        error: Of the model.
        timing_s: Seconds spent in each step before.
        place: Bring each mask onto the last exam.
    """
    uncertainty = Uncertainty(_of_one_route(error, exams))
    moments = moments_of([exam.radiograph for exam in exams])
    timepoints = tuple(
        timepoint_of(exam, _days(moments[0], moment), registration, uncertainty, place=place)
        for exam, moment, registration in zip(exams, moments, registrations, strict=True)
    )
    return Timeline(
        timepoints,
        belonging,
        sentence,
        tuple(
            _changes(*pair, _days(*taken), uncertainty)
            for pair, taken in zip(pairwise(timepoints), pairwise(moments), strict=True)
        ),
        _changes(
            timepoints[0],
            timepoints[-1],
            timepoints[-1].days,
            uncertainty,
            neighbours=len(timepoints) == 2,
        ),
        timing_s or {},
    )


def _of_one_route(error: ChangeError, exams: Sequence[Exam]) -> ChangeError:
    """A model's error under which one route leads throughout a series.

    Each change is then the difference of the sizes that stand beside it: where one exam has no words of its
    own, no other is shown in the size that it has under its own.
    """
    if all(exam.has_own_words for exam in exams):
        return error
    return error.model_copy(update={"leading": error.leading_mixed})


def _laid_on(exam: Exam, last: Exam) -> Registration:
    return register(
        exam.radiograph,
        last.radiograph,
        exam.segmentation.hemithoraces,
        last.segmentation.hemithoraces,
    )


def _changes(
    before: Timepoint,
    after: Timepoint,
    days: float | None,
    uncertainty: Uncertainty,
    *,
    neighbours: bool = True,
) -> dict[Side, Change]:
    registrations = [one.registration for one in (before, after) if one.registration is not None]
    return assess_changes(before.exam, after.exam, registrations, uncertainty, days, neighbours=neighbours)


def _days(first: datetime | None, later: datetime | None) -> float | None:
    interval = elapsed(first, later)
    return None if interval is None else interval / timedelta(days=1)
