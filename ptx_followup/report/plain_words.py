"""A sentence about a pneumothorax in words that the lexicon reads, step by step."""

from __future__ import annotations

from ptx_followup.report.beside_it import set_apart
from ptx_followup.report.denied_plainly import plainly
from ptx_followup.report.elsewhere import without_elsewhere
from ptx_followup.report.inversions import inverted
from ptx_followup.report.look_alikes import likened
from ptx_followup.report.named_before import settled
from ptx_followup.report.of_course import in_plain_turns
from ptx_followup.report.qualified import without_qualms
from ptx_followup.report.rephrasing import rephrased
from ptx_followup.report.unanswered import unanswered

_STEPS = (
    in_plain_turns,
    set_apart,
    likened,
    without_qualms,
    without_elsewhere,
    settled,
    unanswered,
    plainly,
    inverted,
    rephrased,
)


def put_plainly(normalised: str) -> str:
    """A normalised sentence in plain words; the order of the steps matters."""
    for step in _STEPS:
        normalised = step(normalised)
    return normalised
