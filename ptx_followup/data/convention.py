"""How the run-length codes of a table are counted: recognised from their numbers, and said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ptx_followup.data import rle
from ptx_followup.data.dataset import Annotation, Case
from ptx_followup.data.files import count_pixels
from ptx_followup.errors import InputError

#: Rows that contradict the convention of all others are taken as damaged up to this share of the rows that
#: tell (their masks will be reported); beyond it the table mixes two conventions, and is refused.
DAMAGED_SHARE = 0.01

MEANING: dict[rle.Convention, str] = {
    "relative": "starts are gaps since the run before, from pixel 0, down the columns",
    "absolute": "starts are pixel numbers from 1, down the columns",
    "absolute-rows": "starts are pixel numbers from 1, along the rows",
}


def recognise(
    cases: Iterable[Case], *, requested: rle.Convention | None, documented: rle.Convention | None = None
) -> tuple[rle.Convention | None, str]:
    """Find out how the run-length codes of a table are counted.

    Args:
        cases: All cases of the table.
        requested: What the user says; it is tested against the numbers.
        documented: What the data set's authors document, taken where the numbers allow both readings; None
            to insist on evidence.

    Returns:
        The convention (None where no image has a mask), and a sentence that says how it was recognised.

    Raises:
        InputError: The numbers allow both readings, or contradict what was requested, or each other.
    """
    examples: dict[rle.Vote, Annotation] = {}
    votes: Counter[rle.Vote] = Counter()
    for annotation, ballot in _ballots(cases):
        votes[ballot] += 1
        examples.setdefault(ballot, annotation)
    _refuse_mixture(votes, examples)
    if requested is not None:
        _refuse_contradiction(requested, votes, examples)
        return requested, _note(requested, "as requested")
    if votes["relative"] or votes["absolute"]:
        return _told(votes)
    if documented is not None:
        return documented, _note(documented, "as documented; no code tells")
    if votes["either"]:
        raise InputError(
            f"{examples['either'].where}: the run-length codes can be read both as gaps and as pixel numbers",
            "say which with --rle relative, absolute or absolute-rows",
        )
    return None, "no image has a mask that can be read"


def _ballots(cases: Iterable[Case]) -> Iterator[tuple[Annotation, rle.Vote]]:
    for case in cases:
        for annotation in case.annotations:
            try:
                runs = rle.parse(annotation.code)
            except rle.RleError:
                continue
            if not rle.may_be_absolute(runs):
                # Falling starts are decisive without the image's size, which costs a look into its header.
                yield annotation, "relative"
            elif case.image is not None and (pixels := count_pixels(case.image)) is not None:
                yield annotation, rle.vote(runs, pixels)


def _refuse_mixture(votes: Counter[rle.Vote], examples: dict[rle.Vote, Annotation]) -> None:
    fewer = min(votes["relative"], votes["absolute"])
    if fewer > DAMAGED_SHARE * (votes["relative"] + votes["absolute"]):
        gaps, numbers = examples["relative"].where, examples["absolute"].where
        raise InputError(
            f"{gaps} can only be read as gaps, {numbers} only as pixel numbers",
            "the table mixes two run-length conventions: keep the rows of one",
        )


def _refuse_contradiction(
    requested: rle.Convention, votes: Counter[rle.Vote], examples: dict[rle.Vote, Annotation]
) -> None:
    stated: rle.Vote = "relative" if requested == "relative" else "absolute"
    other: rle.Vote = "absolute" if requested == "relative" else "relative"
    if votes[other] > votes[stated]:
        raise InputError(
            f"{examples[other].where} cannot be read as {requested}", f"leave --rle out, or use --rle {other}"
        )


def _told(votes: Counter[rle.Vote]) -> tuple[rle.Convention, str]:
    if votes["relative"] > votes["absolute"]:
        return "relative", _note(
            "relative", f"{votes['relative']} of {votes.total()} masks allow nothing else"
        )
    told = f"{votes['absolute']} of {votes.total()} masks allow no gaps"
    advice = "; if the masks on the contact sheet are transposed, use --rle absolute-rows"
    return "absolute", _note("absolute", told) + advice


def _note(convention: rle.Convention, reason: str) -> str:
    return f"run-length codes: {MEANING[convention]} ({reason})"
