"""Do two radiographs belong together: the same patient, in the right order, taken in comparable positions?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal, cast, get_args

import numpy as np

from ptx_followup.errors import MismatchError, UsageError
from ptx_followup.radiograph.identity import identity_conflicts, missing_fields
from ptx_followup.radiograph.image import Radiograph

Contradiction = Literal["patient", "order", "view"]
CONTRADICTIONS: tuple[Contradiction, ...] = get_args(Contradiction)

_MIDNIGHT = time()


@dataclass(frozen=True)
class Override:
    """Contradictions that a person has looked at and accepts.

    Attributes:
        accepted: What may contradict.
        reason: Why, in that person's words; written to the result.
    """

    accepted: tuple[Contradiction, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        unknown = set(self.accepted) - set(CONTRADICTIONS)
        if unknown:
            raise UsageError(
                f"{', '.join(sorted(unknown))} cannot be overridden", f"use {', '.join(CONTRADICTIONS)}"
            )
        if bool(self.accepted) != bool(self.reason.strip()):
            raise UsageError("an override and its reason go together", "give both, or neither")

    @classmethod
    def parse(cls, kinds: str, reason: str) -> Override:
        """From the options of the command line: kinds separated by commas, and the reason."""
        named = tuple(part.strip() for part in kinds.split(",") if part)
        return cls(cast("tuple[Contradiction, ...]", named), reason)


NO_OVERRIDE = Override()
#: What two exams are called in messages.
Names = tuple[str, str]
NAMES: Names = ("the prior", "the follow-up")


@dataclass(frozen=True)
class Belonging:
    """What was found when two exams were held against each other.

    Attributes:
        interval: From the prior to the follow-up, or None where a date is missing; without times of day,
            whole days.
        overridden: Contradictions that are there and were accepted.
        reason: Why they were.
        warnings: What could not be checked, or differs without contradicting.
    """

    interval: timedelta | None
    overridden: tuple[Contradiction, ...]
    reason: str
    warnings: tuple[str, ...]

    @property
    def interval_days(self) -> float | None:
        """`interval` in days."""
        return None if self.interval is None else self.interval / timedelta(days=1)

    def to_json(self) -> dict[str, Any]:
        """The `belonging` object of the result files."""
        days = self.interval_days
        return {
            "interval_days": None if days is None else round(days, 3),
            "overridden": list(self.overridden),
            "reason": self.reason or None,
        }


def check_belonging(
    prior: Radiograph, followup: Radiograph, override: Override = NO_OVERRIDE, names: Names = NAMES
) -> Belonging:
    """Check that a follow-up belongs to a prior.

    A contradiction is a stated value against another; what is missing is only warned of. No message holds a
    value of a header.

    Raises:
        MismatchError: The exams are the same image, or contradict each other and `override` does not say
            that this is known.
    """
    if _same_image(prior, followup):
        raise MismatchError(f"{names[0]} and {names[1]} are the same image", "give two exams")
    interval = elapsed(prior.acquired_at, followup.acquired_at)
    found = _contradictions(prior, followup, interval, names)
    for kind, (problem, hint) in found.items():
        if kind not in override.accepted:
            raise MismatchError(problem, f"{hint}, or go on with --override {kind} --reason TEXT")
    return Belonging(
        interval,
        tuple(found),
        override.reason if found else "",
        (
            *(f"overridden: {problem}" for problem, _ in found.values()),
            *_identity_warnings((prior, followup), names),
            *_time_warnings(interval, names),
            *_view_warnings(prior, followup, names),
        ),
    )


def check_series(exams: Sequence[Radiograph], override: Override = NO_OVERRIDE) -> Belonging:
    """Check that several exams belong together and are in order, each against every other.

    Returns:
        What was found; `interval` is from the first exam to the last. Differences that do not contradict are
        told of neighbours only.

    Raises:
        MismatchError: As `check_belonging`.
    """
    overridden: dict[Contradiction, None] = {}
    warnings: dict[str, None] = {}
    for later, followup in enumerate(exams):
        for earlier, prior in enumerate(exams[:later]):
            names = f"exam {earlier + 1}", f"exam {later + 1}"
            found = check_belonging(prior, followup, override, names)
            overridden |= dict.fromkeys(found.overridden)
            kept = found.warnings if later == earlier + 1 else found.warnings[: len(found.overridden)]
            warnings |= dict.fromkeys(kept)
    moments = moments_of(exams)
    return Belonging(
        elapsed(moments[0], moments[-1]),
        tuple(overridden),
        override.reason if overridden else "",
        tuple(warnings),
    )


def elapsed(prior: datetime | None, followup: datetime | None) -> timedelta | None:
    """From one time to the other; midnight is a date without a time, and then only dates are compared."""
    if prior is None or followup is None:
        return None
    if _MIDNIGHT in (prior.time(), followup.time()):
        return followup.date() - prior.date()
    return followup - prior


def moments_of(exams: Sequence[Radiograph]) -> list[datetime | None]:
    """When the exams of a series were taken; all are dates alone where one is.

    Were times left out beside an exam without one alone, a later exam could seem earlier.
    """
    moments = [exam.acquired_at for exam in exams]
    if all(one is None or one.time() != _MIDNIGHT for one in moments):
        return moments
    return [None if one is None else datetime.combine(one.date(), _MIDNIGHT) for one in moments]


def _contradictions(
    prior: Radiograph, followup: Radiograph, interval: timedelta | None, names: Names
) -> dict[Contradiction, tuple[str, str]]:
    """Problem and hint of every contradiction."""
    found: dict[Contradiction, tuple[str, str]] = {}
    fields = identity_conflicts(prior.identity, followup.identity)
    if fields:
        found["patient"] = (
            f"{_both(names)} are of different patients (not alike: {_listed(fields)})",
            "give exams of one patient",
        )
    if interval is not None and interval < timedelta(0):
        found["order"] = (f"{names[1]} was taken before {names[0]}", "swap them")
    positions = {prior.position, followup.position}
    if "decubitus" in positions and positions - {"decubitus", "unknown"}:
        found["view"] = (
            f"of {names[0]} and {names[1]} one is a decubitus film: air moves with the position",
            "give films in the same position",
        )
    return found


def _same_image(prior: Radiograph, followup: Radiograph) -> bool:
    if prior.sop_instance_uid and prior.sop_instance_uid == followup.sop_instance_uid:
        return True
    if prior.let_go is not None or followup.let_go is not None:
        return prior.let_go == followup.let_go
    return np.array_equal(prior.pixels, followup.pixels)


def _identity_warnings(exams: tuple[Radiograph, Radiograph], names: Names) -> list[str]:
    warnings = []
    for name, radiograph in zip(names, exams, strict=True):
        missing = missing_fields(radiograph.identity)
        if missing:
            warnings.append(f"{name} lacks {_listed(missing)}: the patient was not checked by it")
    return warnings


def _time_warnings(interval: timedelta | None, names: Names) -> list[str]:
    if interval is None:
        return ["an acquisition date is missing: the order of the exams was not checked"]
    if interval == timedelta(0):
        return [f"{_both(names)} state the same acquisition time: their order was not checked"]
    return []


def _view_warnings(prior: Radiograph, followup: Radiograph, names: Names) -> list[str]:
    warnings = []
    if "unknown" not in (prior.view, followup.view) and prior.view != followup.view:
        warnings.append(
            f"the views differ ({names[0]} {prior.view}, {names[1]} {followup.view}), and sizes with them"
        )
    positions = (prior.position, followup.position)
    if "unknown" not in positions and "decubitus" not in positions and prior.position != followup.position:
        warnings.append(
            f"{names[0]} is {prior.position}, {names[1]} {followup.position}: air moves with the position"
        )
    return warnings


def _both(names: Names) -> str:
    return "the exams" if names == NAMES else f"{names[0]} and {names[1]}"


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(field.replace("_", " ") for field in fields)
