"""One exam of a series: its sizes, and its mask on the last exam."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.followup.compare import registration_json
from ptx_followup.followup.exam import Exam
from ptx_followup.measurement.outlines import Interval
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.registration.register import Registration, project
from ptx_followup.sides import SIDES, Side

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Timepoint:
    """One exam of a series.

    Attributes:
        exam: Its masks and sizes.
        days: Since the first exam; None where a date is missing.
        sizes: Of each side, by the route that leads; None where it was not measured.
        intervals: 95 % interval of the size that one further expert would outline, percent of the
            hemithorax.
        registration: Onto the last exam; None for the last itself.
        projected: bool, H x W of the last exam's `radiograph.pixels`: the mask brought there; None without
            an accepted registration. The last exam's is its mask.
    """

    exam: Exam
    days: float | None
    sizes: dict[Side, Size | None]
    intervals: dict[Side, Interval | None]
    registration: Registration | None
    projected: Mask | None = field(repr=False)

    def percent(self, side: Side) -> float | None:
        """Measured percent of the hemithorax; None where it was not measured."""
        size = self.sizes[side]
        return None if size is None else size.percent

    def to_json(self) -> dict[str, Any]:
        """An entry of `exams` in the result files."""
        return {
            **self.exam.to_json(),
            "days": None if self.days is None else round(self.days, 3),
            "percent": {
                side: None if one is None else round(one.percent, 2) for side, one in self.sizes.items()
            },
            "interval95": {
                side: None if interval is None else [round(end, 2) for end in interval]
                for side, interval in self.intervals.items()
            },
            "registration": None if self.registration is None else registration_json(self.registration),
            "projection": {
                "area_px": None if self.projected is None else int(np.count_nonzero(self.projected))
            },
        }


def timepoint_of(
    exam: Exam,
    days: float | None,
    registration: Registration | None,
    uncertainty: Uncertainty,
    *,
    place: bool = True,
) -> Timepoint:
    """Measure an exam by the route that leads, and bring its mask onto the last.

    Args:
        exam: Examined.
        days: Since the first exam.
        registration: Onto the last exam; None for the last itself.
        uncertainty: What its sizes are worth.
        place: Bring its mask onto the last exam.
    """
    own_words = uncertainty.model.leading == "images and words"
    sizes = {side: exam.size(side, own_words=own_words) for side in SIDES}
    intervals = {
        side: None if size is None else uncertainty.wide_outline(size).interval
        for side, size in sizes.items()
    }
    projected: Mask | None = exam.mask
    if registration is not None:
        projected = project(exam.mask, registration) if place and registration.accepted else None
    return Timepoint(exam, days, sizes, intervals, registration, projected)
