"""A case judged by the functions of `ptx compare` and `ptx timeline`, as a person has changed its exams."""

from __future__ import annotations

from collections.abc import Sequence

from ptx_followup.followup.compare import FollowUp, judged
from ptx_followup.followup.exam import Exam
from ptx_followup.followup.timeline import Timeline, judged_timeline
from ptx_followup.registration.register import Registration, project
from ptx_followup.review.opening import Opened


def judged_case(
    opened: Opened, exams: Sequence[Exam], registrations: Sequence[Registration], *, place: bool
) -> FollowUp | Timeline | None:
    """Judge the exams of a case.

    Args:
        opened: The case.
        exams: As they are now.
        registrations: Of each exam but the last, onto the last.
        place: Bring the masks onto the last exam, which takes longer.

    Returns:
        None for a single exam.
    """
    if opened.belonging is None:
        return None
    if opened.kind == "timeline":
        error = opened.uncertainty.model
        laid = [*registrations, None]
        return judged_timeline(exams, laid, opened.belonging, opened.sentence, error, place=place)
    prior, followup = exams
    registration = registrations[0]
    projected = project(prior.mask, registration) if place and registration.accepted else None
    return judged(
        (prior, followup),
        opened.belonging,
        opened.sentence,
        registration,
        projected,
        opened.uncertainty,
        tracking=opened.tracking,
    )
