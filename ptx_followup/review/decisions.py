"""What was decided of each case, from the folders of reviews on disk, and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptx_followup.errors import InputError
from ptx_followup.results.names import RESULT
from ptx_followup.review.found import FoundResult, read_result

if TYPE_CHECKING:
    from ptx_followup.review.worklist import Case

#: A cell that starts with one of them is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Decided:
    """One review of one case.

    Attributes:
        case: Its name in addresses.
        reader: Who.
        decision: "accepted", "corrected", "rejected" or "cannot judge".
        reason: Why.
        at: When, in UTC.
        folder: Base name of the folder of the new results.
    """

    case: str
    reader: str
    decision: str
    reason: str
    at: str
    folder: str

    def to_json(self) -> dict[str, str]:
        """As the page is told."""
        return asdict(self)


def reviews_in(folders: Iterable[Path]) -> list[FoundResult]:
    """The reviewed results directly inside folders, the earliest first; what cannot be read is passed by."""
    found = []
    for folder in dict.fromkeys(folders):
        for one in sorted(folder.iterdir()) if folder.is_dir() else ():
            if ".review-" not in one.name or one.name.startswith(".") or not (one / RESULT).is_file():
                continue
            try:
                result = read_result(one)
            except InputError:
                continue
            if isinstance(result.document.get("review"), Mapping):
                found.append(result)
    return sorted(found, key=lambda one: str(one.document["review"].get("at")))


def decided_of(case_id: str, review: FoundResult) -> Decided:
    """The decision that a reviewed result holds."""
    known = review.document["review"]
    names = ("reader", "decision", "reason", "at")
    return Decided(case=case_id, folder=review.name, **{name: str(known.get(name) or "") for name in names})


class Reviews:
    """The reviews of many results, each found by the result that it began from.

    Args:
        reviews: The earliest first.
    """

    def __init__(self, reviews: Iterable[FoundResult]) -> None:
        self._by_origin: dict[tuple[str, str | None], list[FoundResult]] = {}
        for review in reviews:
            known: Mapping[str, Any] = review.document["review"]
            of = known.get("of")
            if isinstance(of, Mapping):
                origin = str(of.get("sha256")), known.get("exam")
                self._by_origin.setdefault(origin, []).append(review)

    def of(self, found: FoundResult, exam: str | None = None) -> list[FoundResult]:
        """Those of a result, the earliest first; of one exam of it, where time points were hidden."""
        return self._by_origin.get((found.sha256, exam), [])


def worklist_csv(cases: Sequence[Case], decisions: Sequence[Decided]) -> str:
    """One row a case, in the order of the worklist, with its last decision."""
    last = {one.case: one for one in decisions}
    text = io.StringIO()
    names = [
        *("place", "case", "kind", "doubt_points", "doubt_reasons", "status"),
        *("reason", "reader", "decided_at", "folder"),
    ]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for place, case in enumerate(cases, start=1):
        known = last.get(case.id)
        decided = ("", "", "", "") if known is None else (known.reason, known.reader, known.at, known.folder)
        reasons = "; ".join(case.doubt.reasons)
        row = [place, case.name, case.found.kind, case.doubt.points, reasons, case.status, *decided]
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: str | float) -> str | float:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
