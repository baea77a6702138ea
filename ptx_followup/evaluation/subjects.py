"""The cases of an evaluation, decoded once: radiograph, expert's mask, hemithoraces and report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import InputError, QualityGateError
from ptx_followup.evaluation.texts import synthesised
from ptx_followup.measurement.sizes import Measurement, measure
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.report.description import describe

Origin = Literal["own", "synthesised"]
#: Gives the hemithoraces (uint8, H x W, 0 background, 1 right, 2 left) of a radiograph, float32 0..1.
FindLungs = Callable[[FloatImage], NDArray[np.uint8]]

#: Cases decoded ahead and evaluated together.
CHUNK = 8
#: Threads that decode while the network runs.
READERS = 2


@dataclass(frozen=True, eq=False)
class Subject:
    """One case, ready to be evaluated.

    Attributes:
        case: As the data set lists it.
        radiograph: In standard orientation.
        truth: bool, H x W, the expert's mask on the same grid.
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left.
        expert: Sizes of `truth`.
        report: Its text.
        origin: Of the report: the data set's own, or written from the mask.
    """

    case: Case
    radiograph: Radiograph = field(repr=False)
    truth: NDArray[np.bool_] = field(repr=False)
    hemithoraces: NDArray[np.uint8] = field(repr=False)
    expert: Measurement
    report: str = field(repr=False)
    origin: Origin

    @property
    def positive(self) -> bool:
        """The expert drew a pneumothorax."""
        return self.expert.area_px > 0


@dataclass(frozen=True)
class _Read:
    case: Case
    radiograph: Radiograph
    truth: NDArray[np.bool_]
    report: str | None


@dataclass(frozen=True)
class LeftOut:
    """A case that cannot be read, and why (without a value of the table)."""

    id: str
    message: str


def subjects(
    data: DataSet, cases: Sequence[Case], find_lungs: FindLungs, seed: int
) -> Iterator[list[Subject | LeftOut]]:
    """Read cases in small groups, the next group while the last is worked on.

    Args:
        data: Their data set.
        cases: Which.
        find_lungs: Finds the hemithoraces.
        seed: Of the reports that are synthesised.
    """

    def read(case: Case) -> _Read | LeftOut:
        try:
            radiograph = data.load_image(case)
            return _Read(case, radiograph, data.load_mask(case, radiograph), data.load_report(case))
        except (InputError, QualityGateError) as error:
            return LeftOut(case.id, str(error))

    groups = [cases[start : start + CHUNK] for start in range(0, len(cases), CHUNK)]
    with ThreadPoolExecutor(READERS) as readers:
        ahead: list[Future[_Read | LeftOut]] = []
        for group in [*groups, []]:
            behind, ahead = ahead, [readers.submit(read, case) for case in group]
            read_cases = [future.result() for future in behind]
            if read_cases:
                yield [
                    one if isinstance(one, LeftOut) else _subject(one, find_lungs, seed) for one in read_cases
                ]


def _subject(read: _Read, find_lungs: FindLungs, seed: int) -> Subject:
    hemithoraces = find_lungs(read.radiograph.pixels)
    origin: Origin = "own"
    report = read.report
    if report is None:
        origin = "synthesised"
        spacing = read.radiograph.trusted_spacing_mm
        shown = describe(read.truth, hemithoraces, spacing) if read.truth.any() else ()
        report = synthesised(shown, read.case.id, seed)
    expert = measure(read.truth, hemithoraces, read.radiograph.trusted_spacing_mm)
    return Subject(read.case, read.radiograph, read.truth, hemithoraces, expert, report, origin)
