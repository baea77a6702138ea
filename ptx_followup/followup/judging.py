"""From two exams to the change of each side: by every route that they allow, or withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ptx_followup.followup.exam import Exam
from ptx_followup.followup.wording import verdict_in_words
from ptx_followup.measurement.change import Change, Pair, Route, assess_change
from ptx_followup.measurement.deciding import what_would_decide
from ptx_followup.measurement.uncertainty import Uncertainty
from ptx_followup.registration.register import Registration
from ptx_followup.report.findings import understand
from ptx_followup.sides import SIDES, Side


def leading_change(changes: dict[Side, Change], matched_prompt: str) -> Change:
    """The change of the side that a report states, then of the larger pneumothorax on either exam."""
    stated = understand(matched_prompt).side
    return max(
        changes.values(),
        key=lambda one: (stated in (one.side, "bilateral"), max(one.prior or 0.0, one.followup or 0.0)),
    )


def assess_changes(
    prior: Exam,
    followup: Exam,
    registrations: Sequence[Registration],
    uncertainty: Uncertainty,
    days: float | None,
    *,
    neighbours: bool = True,
) -> dict[Side, Change]:
    """The change of each side; without a direction where anything that it rests on is in doubt.

    Args:
        prior: The earlier exam.
        followup: The later one.
        registrations: That lay them on each other.
        uncertainty: Of the sizes.
        days: Between the exams.
        neighbours: No exam was between them: what the follow-up's report says of a change is since the
            exam before it.
    """
    reason = doubt(prior, followup, registrations)
    changes = {}
    for side in SIDES:
        change = assess_change(
            side,
            _pairs(prior, followup, side),
            uncertainty,
            days,
            followup.reported_change(side) if neighbours else None,
        )
        if reason is None:
            changes[side] = replace(change, would_decide=what_would_decide(change, uncertainty))
        else:
            changes[side] = change.withheld(reason)
    return changes


def _pairs(prior: Exam, followup: Exam, side: Side) -> dict[Route, Pair]:
    """The sizes of both exams by each route; own words only where an exam has some that tell a size."""
    shared = prior.size(side, own_words=False), followup.size(side, own_words=False)
    if prior.drawn and followup.drawn:
        return {"masks": shared}
    pairs: dict[Route, Pair] = {"images": shared}
    told = prior.size(side, own_words=True), followup.size(side, own_words=True)
    if any(size is not None and size.read_with == "words" for size in told):
        pairs["images and words"] = told
    return pairs


def contradictions(changes: Mapping[Side, Change]) -> list[str]:
    """A warning for each side on which the follow-up's report says another change than was measured."""
    return [
        f"the follow-up's report calls the {side} pneumothorax {one.reported.change}, and measured it is "
        f"{verdict_in_words(one)}"
        for side, one in changes.items()
        if one.reported is not None and one.reported.contradicts
    ]


def doubt(prior: Exam, followup: Exam, registrations: Sequence[Registration]) -> str | None:
    """Why no direction may be drawn from two sizes, whatever their interval; None if it may."""
    for name, exam in (("prior", prior), ("follow-up", followup)):
        if not exam.hemithoraces_usable:
            return f"the hemithoraces of the {name} were not found reliably"
    for registration in registrations:
        if not registration.accepted:
            return f"the exams could not be brought onto each other ({registration.reason})"
    return None
