"""A data set without identity: numbers for cases and patients, and reports in the program's own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.data.dataset import Case, DataSet, Problem
from ptx_followup.data.readings import stated
from ptx_followup.errors import InputError, QualityGateError
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ptx_followup.radiograph.image import Radiograph

#: What such a data set is called, whatever its folder's name.
ROOT = Path("data-set")


def anonymous(data_set: DataSet, *, own_words: bool = False) -> DataSet:
    """The same cases under numbers, in the order of the table; their own columns are left out.

    What identifies is replaced by a count, not by a hash, which whoever guesses an identifier could check.
    The place of an exam among those of its patient stays, as 0, 1, 2. So do pixels: see `docs/security.md`.

    Args:
        data_set: Open.
        own_words: Give of each report what was understood of it, side and zones, in place of its text.
    """
    names, patients = case_names(data_set), patient_names(data_set)
    orders: defaultdict[str | None, set[int]] = defaultdict(set)
    for case in data_set:
        if case.order is not None:
            orders[case.patient].add(case.order)
    places = {
        patient: {order: place for place, order in enumerate(sorted(found))}
        for patient, found in orders.items()
    }
    cases = tuple(
        replace(
            case,
            id=names[case.id],
            patient=None if case.patient is None else patients[case.patient],
            order=None if case.order is None else places[case.patient][case.order],
            extra=stated(case.weight, united=case.united),
        )
        for case in data_set
    )
    by_name = {case.id: case for case in cases}
    return _AnonymousDataSet(
        root=ROOT,
        layout=data_set.layout,
        cases=cases,
        convention=data_set.convention,
        lung_labels=data_set.lung_labels,
        notes=data_set.notes,
        problems=tuple(
            problem if problem.case is None else _renamed(problem, by_name[names[problem.case]])
            for problem in data_set.problems
        ),
        own_words=own_words,
    )


def case_names(data_set: DataSet) -> dict[str, str]:
    """The name that stands for each case."""
    return {case.id: f"case-{number:05}" for number, case in enumerate(data_set, start=1)}


def patient_names(data_set: DataSet) -> dict[str, str]:
    """The name that stands for each patient."""
    patients = dict.fromkeys(case.patient for case in data_set if case.patient is not None)
    return {patient: f"patient-{number:05}" for number, patient in enumerate(patients, start=1)}


@dataclass(frozen=True)
class _AnonymousDataSet(DataSet):
    """Loads from files that keep their names, and tells none of them."""

    own_words: bool = False

    def load_image(self, case: Case) -> Radiograph:
        with _names_untold(case):
            return super().load_image(case)

    def load_mask(self, case: Case, radiograph: Radiograph | None = None) -> NDArray[np.bool_]:
        with _names_untold(case):
            return super().load_mask(case, radiograph)

    def load_readings(self, case: Case, radiograph: Radiograph | None = None) -> list[NDArray[np.bool_]]:
        with _names_untold(case):
            return super().load_readings(case, radiograph)

    def load_lungs(self, case: Case, radiograph: Radiograph | None = None) -> NDArray[np.uint8]:
        with _names_untold(case):
            return super().load_lungs(case, radiograph)

    def load_report(self, case: Case) -> str | None:
        with _names_untold(case):
            text = super().load_report(case)
        return prompt(understand(text), "matched") if text and self.own_words else text


@contextmanager
def _names_untold(case: Case) -> Iterator[None]:
    """Raise errors without the names of the case's files."""
    try:
        yield
    except (InputError, QualityGateError) as error:
        raise type(error)(_untold(error.problem, case), error.hint) from error.__cause__


def _renamed(problem: Problem, case: Case) -> Problem:
    return replace(problem, case=case.id, message=_untold(problem.message, case))


def _untold(message: str, case: Case) -> str:
    for file in (case.image, case.mask, case.report_file, *case.readings):
        if file is not None:
            message = message.replace(file.name, case.id)
    return message
