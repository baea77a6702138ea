"""The cases of a session: in the order in which they deserve a look, or shuffled for a central read."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ptx_followup.results.doubt import Doubt, doubt_of, doubtful_first
from ptx_followup.results.row import row_of
from ptx_followup.review.journal import Journal
from ptx_followup.review.saving import reader_code

if TYPE_CHECKING:
    from ptx_followup.review.case import OpenCase
    from ptx_followup.review.found import FoundResult
    from ptx_followup.review.opening import Opened
    from ptx_followup.review.pictures import Film

Status = Literal["open", "accepted", "corrected", "rejected", "cannot judge"]
_NO_DOUBT = Doubt(0, (), 1.0)


@dataclass(frozen=True)
class CentralRead:
    """How a trial's readers read.

    Attributes:
        reader: Name or code.
        seed: Of the order.
        hidden: Each film is read alone, without date and report; else all exams of a case together.
        limit: Percentage points by which two readers may differ; more is adjudicated by a third.
        adjudicate: This reader is the third.
    """

    reader: str
    seed: int
    hidden: bool
    limit: float = 5.0
    adjudicate: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it stands in the reviews."""
        return {
            "seed": self.seed,
            "time_points": "hidden" if self.hidden else "shown",
            "limit_points": self.limit,
            "adjudicates": self.adjudicate,
        }


@dataclass(eq=False)
class Case:
    """One line of the worklist, and what is loaded of it.

    Attributes:
        id: In addresses: "c1" and so on.
        name: For the reader.
        found: The result.
        journal: Its strokes.
        doubt: Why it deserves a look.
        exam: The one exam that is read alone, where time points are hidden.
        others: Readings of others, which the third reader sees.
        status: What was decided of it.
        reason: Why.
    """

    id: str
    name: str
    found: FoundResult
    journal: Journal
    doubt: Doubt = _NO_DOUBT
    exam: str | None = None
    others: tuple[FoundResult, ...] = ()
    status: Status = "open"
    reason: str = ""
    tab: str = ""
    lease_until: float = 0.0
    used: float = 0.0
    films: Future[list[Film]] | None = field(default=None, repr=False)
    segmented: Future[Opened] | None = field(default=None, repr=False)
    opened: Future[OpenCase] | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """As the worklist shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.found.kind,
            "doubt": {"points": self.doubt.points, "reasons": list(self.doubt.reasons)},
            "status": self.status,
            "reason": self.reason,
            "draft": self.journal.is_draft,
        }


def doubtful_cases(found: Sequence[FoundResult]) -> list[Case]:
    """Every result, the most doubtful first."""
    ordered = doubtful_first(found, lambda one: row_of(one.document))
    return [
        Case(f"c{number}", one.name, one, Journal(one.sha256), doubt_of(row_of(one.document)))
        for number, one in enumerate(ordered, start=1)
    ]


def central_cases(found: Sequence[FoundResult], read: CentralRead) -> list[Case]:
    """The reads of a central read: shuffled, without the names of the results.

    The order is that of the seed and of the content of the results, wherever they lie.
    """
    reads = sorted(_reads(found, hidden=read.hidden), key=lambda one: (one[0].sha256, one[1] or ""))
    random.Random(read.seed).shuffle(reads)
    word = "Film" if read.hidden else "Case"
    cases = []
    for number, (one, exam) in enumerate(reads, start=1):
        of = "-".join(part for part in (reader_code(read.reader), exam) if part).replace(" ", "-")
        cases.append(Case(f"c{number}", f"{word} {number}", one, Journal(one.sha256, of), exam=exam))
    return cases


def _reads(found: Sequence[FoundResult], *, hidden: bool) -> Iterator[tuple[FoundResult, str | None]]:
    for one in found:
        if not hidden:
            yield one, None
            continue
        for exam in one.exams:
            yield replace(one, kind="segment", exams=(exam,)), exam.name
