"""Cases from a tree of DICOM files: exams by patient and time, and which of them are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

from ptx_followup.cohort.case import Case
from ptx_followup.cohort.ledger import keyed_digest
from ptx_followup.cohort.manifest import Manifest
from ptx_followup.cohort.tree import Found, walk
from ptx_followup.errors import InputError, PacsError
from ptx_followup.files.storage import file_label
from ptx_followup.pacs.reports import choose_report
from ptx_followup.radiograph.study import report_beside

Pairs = Literal["neighbouring", "first", "all"]
#: Hexadecimal digits of the names that stand for a patient and for a pair of films.
_DIGITS = 12
_MIDNIGHT = time()


@dataclass(frozen=True)
class Exam:
    """One exam: its film, when it was taken, and its report."""

    film: Found
    acquired_at: datetime
    report: Path | None


class _Tree:
    """What was found, by study and by folder."""

    def __init__(self, found: Iterable[Found]) -> None:
        self.documents: defaultdict[str, list[Path]] = defaultdict(list)
        self.studies_in: defaultdict[Path, set[str]] = defaultdict(set)
        for one in found:
            self.studies_in[one.path.parent].add(one.study)
            if one.kind == "report" and one.study:
                self.documents[one.study].append(one.path)

    def report_of(self, film: Found) -> Path | None:
        """The report of a film's exam; None where there is none, or no telling which."""
        beside = report_beside(film.path, film.path)
        if beside is None and self.documents[film.study]:
            with suppress(PacsError):
                beside = choose_report(self.documents[film.study])
        if beside is None and self.studies_in[film.path.parent] == {film.study}:
            beside = report_beside(film.path.parent, film.path)
        return None if beside is None else beside.absolute()


def read_studies(root: Path, key: bytes, *, pairs: Pairs, no_report: bool) -> Manifest:
    """Find the exams in a tree of DICOM files, and make cases of them.

    Patients are told apart by Patient ID and its issuer, exams by Study Instance UID. A report is the text
    file beside the film, else a document of the same study, else the only text file of a folder that holds
    one study alone.

    Args:
        root: Top of the tree.
        key: What names are digested with; see `folder_key`.
        pairs: "neighbouring" exams of a patient, each against the "first", or "all".
        no_report: A prior needs no report.

    Returns:
        The cases, with the columns `patient` (a digest), `prior_exam` and `followup_exam` (numbers, by time),
        `prior_day` and `followup_day` (days since the first exam); and what was left out, and why.

    Raises:
        InputError: There is no such folder, or no radiograph in it.
    """
    found = list(walk(root))
    left_out = [(_label(one), one.reason) for one in found if one.kind == "unfit"]
    if not any(one.kind == "film" for one in found):
        raise InputError(f"{root} holds no frontal chest radiograph", "give the folder of the studies")
    tree = _Tree(found)
    cases: list[Case] = []
    for patient, films in _patients(found, left_out):
        exams = _exams(films, tree, left_out)
        name = "p" + keyed_digest(key, *patient)[:_DIGITS]
        if len(exams) == 1:
            left_out.append((_label(exams[0].film), "there is no other exam of the patient"))
        for earlier, later in _paired(range(len(exams)), pairs):
            prior, followup = exams[earlier], exams[later]
            if prior.report is None and not no_report:
                left_out.append((_label(followup.film), "its prior has no report (see --no-report)"))
                continue
            columns = {
                "patient": name,
                "prior_exam": str(earlier + 1),
                "followup_exam": str(later + 1),
                "prior_day": _days(exams[0], prior),
                "followup_day": _days(exams[0], followup),
            }
            names = keyed_digest(key, prior.film.instance, followup.film.instance)
            cases.append(
                Case(
                    "c" + names[:_DIGITS],
                    prior.film.path.absolute(),
                    followup.film.path.absolute(),
                    None if no_report else prior.report,
                    None if no_report else followup.report,
                    columns=columns,
                )
            )
    return Manifest(tuple(cases), tuple(left_out))


def _patients(
    found: Iterable[Found], left_out: list[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[Found]]]:
    """Films by patient; an issuer that only some films of an ID state is that of the others too."""
    films = [one for one in found if one.kind == "film"]
    issuers: defaultdict[str, set[str]] = defaultdict(set)
    for film in films:
        issuers[_folded(film)[0]].add(_folded(film)[1])
    by_patient: defaultdict[tuple[str, str], list[Found]] = defaultdict(list)
    for film in films:
        patient_id, issuer = _folded(film)
        if not patient_id:
            left_out.append((_label(film), "it states no patient ID"))
        elif film.acquired_at is None:
            left_out.append((_label(film), "it states no acquisition date"))
        else:
            several = len(issuers[patient_id] - {""}) > 1
            by_patient[patient_id, issuer if several else ""].append(film)
    yield from by_patient.items()


def _exams(films: Sequence[Found], tree: _Tree, left_out: list[tuple[str, str]]) -> list[Exam]:
    """The exams of one patient by time; those whose film or place is unclear are left out."""
    studies: defaultdict[str, list[Found]] = defaultdict(list)
    for film in films:
        studies[film.study or film.instance].append(film)
    chosen: list[Found] = []
    for of_study in studies.values():
        best = min(film.rank for film in of_study)
        # An instance that is there twice counts once.
        counting = list({film.instance: film for film in of_study if film.rank == best}.values())
        if len(counting) == 1:
            chosen += counting
        else:
            reason = f"its study holds {len(counting)} frontal films: name one in a manifest"
            left_out += [(_label(film), reason) for film in counting]
    exams = []
    for film in chosen:
        if film.acquired_at is None:
            continue
        if any(_order_unclear(film, other) for other in chosen if other is not film):
            left_out.append((_label(film), "which exam of its day is earlier cannot be told"))
        else:
            exams.append(Exam(film, film.acquired_at, tree.report_of(film)))
    return sorted(exams, key=lambda exam: exam.acquired_at)


def _order_unclear(film: Found, other: Found) -> bool:
    """Whether two films state the same time, or one of a day states none; midnight stands for none."""
    one, two = film.acquired_at, other.acquired_at
    if one is None or two is None or one.date() != two.date():
        return False
    return one == two or _MIDNIGHT in (one.time(), two.time())


def _paired(exams: Sequence[int], pairs: Pairs) -> Iterator[tuple[int, int]]:
    if pairs == "neighbouring":
        yield from pairwise(exams)
    elif pairs == "first":
        yield from ((exams[0], later) for later in exams[1:])
    else:
        yield from combinations(exams, 2)


def _days(first: Exam, exam: Exam) -> str:
    return f"{(exam.acquired_at - first.acquired_at) / timedelta(days=1):.3f}"


def _folded(film: Found) -> tuple[str, str]:
    return film.patient[0].casefold(), film.patient[1].casefold()


def _label(one: Found) -> str:
    return file_label(one.path)
