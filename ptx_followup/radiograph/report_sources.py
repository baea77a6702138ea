"""Where the report of each exam of a comparison is read from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptx_followup.errors import UsageError
from ptx_followup.radiograph.study import report_beside


def report_sources(
    exams: Sequence[tuple[Path, Path | None]], named: Sequence[str | None], *, no_report: bool
) -> list[str | None]:
    """The report of each exam: the one that is named, else the one that lies beside its film.

    Args:
        exams: Argument of the command line and file of the film, of each exam.
        named: Reports that the user names, one an exam; None for none.
        no_report: The user wants none.

    Returns:
        A file, "-" for standard input, or None, for each exam.

    Raises:
        UsageError: Reports are named and not wanted, or two exams are given the same.
    """
    if no_report:
        if any(named):
            raise UsageError("a report and --no-report are given", "give one of them")
        return [None] * len(exams)
    found = [name or _beside(*exam) for name, exam in zip(named, exams, strict=True)]
    given = [source for source in found if source is not None]
    if len(set(given)) < len(given):
        raise UsageError(f"{_exams(len(exams))} are given the same report", "name each exam's own")
    return found


def pair_sources(
    exams: Sequence[tuple[Path, Path | None]],
    named: Sequence[str | None],
    *,
    no_report: bool,
    prior_needed: bool,
) -> list[str | None]:
    """The same of a prior and its follow-up; the prior must have one where it is `prior_needed`.

    Raises:
        UsageError: As `report_sources`, or the prior has none.
    """
    sources = report_sources(exams, named, no_report=no_report)
    if sources[0] is None and prior_needed and not no_report:
        raise UsageError(
            "there is no report beside the prior",
            "give --report FILE (- for stdin), or --no-report to go by the images alone",
        )
    return sources


def _beside(argument: Path, film: Path | None) -> str | None:
    found = None if film is None else report_beside(argument, film)
    return None if found is None else str(found)


def _exams(count: int) -> str:
    return "both exams" if count == 2 else "two exams"
