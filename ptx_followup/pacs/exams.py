"""The two exams of a comparison from an archive: the current one by its accession number, and its prior.

Rules, also in docs/pacs.md:

- The current exam is the only study with the accession number. Its frontal chest radiograph must be the only
  one; of an image stored both for presentation and for processing the former counts.
- The prior is the nearest earlier study of the same patient (Patient ID, and its issuer where both studies
  state one) that holds a frontal chest radiograph, which must be the only one there.
- The report of an exam is a document in the same study; see `reports.choose_report`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from pydicom.uid import SegmentationStorage

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES
from ptx_followup.errors import PacsError
from ptx_followup.files.storage import write_atomically
from ptx_followup.pacs.archive import Archive, Instance
from ptx_followup.pacs.frontal import CHOOSE, only_frontal
from ptx_followup.pacs.queries import Series, Study, as_in_header, find_studies, instances_of, series_of
from ptx_followup.pacs.reports import REPORTS, choose_report, latest_result
from ptx_followup.radiograph.choice import CAPTURE_CLASSES
from ptx_followup.radiograph.header import is_ours, read_header
from ptx_followup.radiograph.image import Radiograph, with_warnings
from ptx_followup.radiograph.read import read_radiograph

_DOCUMENT_MODALITIES = frozenset({"SR", "DOC", "SEG"})
_DOCUMENT_CLASSES = frozenset({*REPORTS, SegmentationStorage})
#: Earlier studies with radiographs that are looked into, the nearest first.
_MOST_PRIORS = 25
#: A study with more is no chest radiograph exam.
_MOST_OBJECTS = 50


class NoPriorError(PacsError):
    """The archive holds no earlier frontal chest radiograph of the patient."""


@dataclass(frozen=True)
class StoredExam:
    """One exam as fetched.

    Attributes:
        image: Its frontal chest radiograph.
        report: Its report, or None.
        result: The newest result of ours on it that tracks a pneumothorax, or None; a new one continues it.
        warnings: Of what else could have been its radiograph.
    """

    image: Path
    report: Path | None = None
    result: Path | None = None
    warnings: tuple[str, ...] = ()

    def read(self) -> Radiograph:
        """The radiograph, with the warnings of its choice.

        Raises:
            InputError: It cannot be read.
        """
        return with_warnings(read_radiograph(self.image), self.warnings)


def fetch_pair(
    archive: Archive,
    accession: str,
    prior_accession: str | None,
    folder: Path,
    *,
    with_reports: tuple[bool, bool] = (True, True),
) -> tuple[StoredExam, StoredExam]:
    """Fetch both exams of a comparison.

    Args:
        archive: To fetch from.
        accession: Of the current exam.
        prior_accession: Of the prior, where a person chooses it; by the rules above if None.
        folder: To put the files in.
        with_reports: Whether a report is looked for, of the prior and of the current exam.

    Returns:
        The prior and the current exam.

    Raises:
        PacsError: One of them is not there, or cannot be told from others.
    """
    study = find_study(archive, accession)
    current = fetch_exam(archive, study, folder / "current", with_report=with_reports[1])
    if current is None:
        raise PacsError("the study holds no frontal chest radiograph", "check --accession")
    study = as_in_header(study, read_header(current.image))
    if prior_accession is None:
        return fetch_prior(archive, study, folder / "prior", with_report=with_reports[0]), current
    chosen = find_study(archive, prior_accession)
    prior = fetch_exam(archive, chosen, folder / "prior", with_report=with_reports[0])
    if prior is None:
        raise PacsError("the prior holds no frontal chest radiograph", "check --prior-accession")
    return prior, current


def fetch_studies(archive: Archive, studies: Sequence[Study], folder: Path) -> list[Path]:
    """Fetch all objects of studies; the files are called after modality and number, not after the patient."""
    numbers: Counter[str] = Counter()
    files = []
    for study in studies:
        for series in series_of(archive, study.uid):
            kind = re.sub(r"[^a-z0-9]", "", series.modality.lower()) or "object"
            for instance in instances_of(archive, series.study_uid, series.uid):
                numbers[kind] += 1
                files.append(save_instance(archive, instance, folder / f"{kind}-{numbers[kind]:03}.dcm"))
    return files


def find_study(archive: Archive, accession: str) -> Study:
    """The study with an accession number.

    Raises:
        PacsError: There is none, or more than one.
    """
    studies = find_studies(archive, accession=accession)
    if not studies:
        raise PacsError("the archive holds no study with this accession number", "check the number")
    if len(studies) > 1:
        raise PacsError(
            f"the archive holds {len(studies)} studies with this accession number",
            "fetch both with ptx pacs get, and name the files to ptx compare",
        )
    return studies[0]


def fetch_exam(
    archive: Archive, study: Study, folder: Path, *, with_report: bool = True
) -> StoredExam | None:
    """Fetch the frontal chest radiograph of a study, its report and our results on it into `folder`.

    Returns:
        None where the study holds no frontal chest radiograph.

    Raises:
        PacsError: It holds several, or several reports.
    """
    series = series_of(archive, study.uid)
    candidates = [one for one in series if one.may_be_frontal_chest]
    images = _fetch(archive, candidates, RADIOGRAPH_CLASSES, folder, "image")
    found = only_frontal(images)
    if found is None:
        return None
    documents = [one for one in series if one.modality in _DOCUMENT_MODALITIES]
    files = _fetch(archive, documents, _DOCUMENT_CLASSES, folder, "document")
    report = choose_report(files) if with_report else None
    captures = 0 if found.is_capture else _captures(archive, series)
    return StoredExam(found.image, report, latest_result(files), found.warnings(captures))


def _captures(archive: Archive, series: Iterable[Series]) -> int:
    """Secondary captures in series of no radiographs, which are not fetched; without our own."""
    instances = [
        instance
        for one in series
        if one.modality in ("OT", "SC")
        for instance in instances_of(archive, one.study_uid, one.uid)
        if instance.sop_class in CAPTURE_CLASSES
    ]
    return sum(not is_ours(archive.header(instance)) for instance in instances[:_MOST_OBJECTS])


def fetch_prior(archive: Archive, current: Study, folder: Path, *, with_report: bool = True) -> StoredExam:
    """Find and fetch the prior of an exam.

    Raises:
        NoPriorError: There is none.
        PacsError: It cannot be told which is the prior.
    """
    found: tuple[Study, StoredExam] | None = None
    for number, study in enumerate(earlier_studies(archive, current)[:_MOST_PRIORS], 1):
        if found is not None and _moment(study) != _moment(found[0]):
            break
        exam = fetch_exam(archive, study, folder / str(number), with_report=with_report)
        if exam is not None and found is not None:
            raise PacsError("two earlier exams state the same time", "choose one with --prior-accession")
        if exam is not None:
            found = study, exam
    if found is None:
        raise NoPriorError(
            "the archive holds no earlier frontal chest radiograph of this patient",
            "name a prior with --prior-accession, or give files",
        )
    return found[1]


def earlier_studies(archive: Archive, current: Study) -> list[Study]:
    """Studies of the same patient that may hold radiographs and are earlier, the nearest first.

    Raises:
        PacsError: The current study has no patient ID that can be searched for or no date, or a study of the
            same day cannot be ordered, as one of the two has no time or both have the same.
    """
    if "\\" in current.patient_id:
        raise PacsError(
            "the patient ID of the current study contains \\: no prior can be searched",
            "name one with --prior-accession",
        )
    if not current.patient_id or current.date is None:
        raise PacsError(
            "the current study lacks a patient ID or a date: no prior can be searched",
            "name one with --prior-accession",
        )
    studies = [
        study
        for study in find_studies(archive, patient_id=current.patient_id, until=current.date)
        if study.uid != current.uid
        and study.date is not None
        and study.may_hold_radiographs
        and _same_issuer(study, current)
    ]
    same_day = [study for study in studies if study.date == current.date]
    if same_day and any(_lacks_time(study) for study in (current, *same_day)):
        raise PacsError(
            "another exam of the same day has no time: which is earlier cannot be told",
            "choose the prior with --prior-accession",
        )
    if any(study.time == current.time for study in same_day):
        raise PacsError(
            "another exam states the same time: which is earlier cannot be told",
            "choose the prior with --prior-accession",
        )
    return sorted(
        (study for study in studies if _moment(study) < _moment(current)), key=_moment, reverse=True
    )


def _moment(study: Study) -> tuple[date, time]:
    return study.date or date.min, study.time or time.min


def _lacks_time(study: Study) -> bool:
    """Midnight is what is filled in where the time is not known."""
    return study.time is None or study.time == time.min


def _same_issuer(study: Study, current: Study) -> bool:
    return not study.issuer or not current.issuer or study.issuer == current.issuer


def _fetch(
    archive: Archive, series: Iterable[Series], classes: frozenset[str], folder: Path, kind: str
) -> list[Path]:
    """Fetch all instances of these classes; files are called after their kind and number."""
    wanted = [
        instance
        for one in series
        for instance in instances_of(archive, one.study_uid, one.uid)
        if instance.sop_class in classes or not instance.sop_class
    ]
    if len(wanted) > _MOST_OBJECTS:
        raise PacsError(f"a study holds more than {_MOST_OBJECTS} objects of one kind", CHOOSE)
    return [
        save_instance(archive, instance, folder / f"{kind}-{n}.dcm") for n, instance in enumerate(wanted, 1)
    ]


def save_instance(archive: Archive, instance: Instance, file: Path) -> Path:
    """Fetch one object into a file."""
    content = archive.fetch(instance)
    write_atomically(file, lambda target: target.write(content))
    return file
