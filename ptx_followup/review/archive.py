"""An archive beside the review: films that are fetched from it again, and reviews that are stored in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import items, text
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.files import contained
from ptx_followup.files.contained import NOTHING, Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.pacs.archive import Archive, Instance
from ptx_followup.pacs.exams import save_instance
from ptx_followup.pacs.sending import send
from ptx_followup.results.names import COMPARISON_FILES

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_REPORT = COMPARISON_FILES["dicom_sr"]
_EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
#: Opens a connection.
Connect = Callable[[], AbstractContextManager[Archive]]


def fetch_film(connect: Connect, results: Path, uid: str, folder: Path) -> Path | None:
    """Fetch the film of a result from an archive.

    Its structured report says in which study and series each film lies.

    Args:
        connect: To the archive.
        results: Folder of the result.
        uid: SOP Instance UID of the film.
        folder: An existing folder, for the file.

    Returns:
        The file; None where the result has no report that names the film.

    Raises:
        PacsError: The archive does not give it.
    """
    report = results / _REPORT
    if not report.is_file():
        return None
    known, _ = contained.call(evidence_in_child, file_label(report), configured_limits(), path=report)
    named = [Instance(*one) for one in known["instances"] if one[2] == uid]
    if not named:
        return None
    with connect() as archive:
        return save_instance(archive, named[0], folder / f"film-{len(list(folder.iterdir())) + 1}.dcm")


def evidence_in_child(request: Request) -> Answer:
    """Study, series and instance of all that a structured report rests on, in the child; see `contained`."""
    content = read_content(request.paths["path"], request.label, request.limits)
    with lenient_pydicom():
        dataset = parse(content, request.label, request.limits)
        return {"instances": list(_evidence(dataset))}, NOTHING


def _evidence(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    # The report lies in the study of the last exam; what belongs to other studies is listed apart.
    studies = (study for keyword in _EVIDENCE for study in items(dataset, keyword))
    for study in studies:
        for series in items(study, "ReferencedSeriesSequence"):
            for one in items(series, "ReferencedSOPSequence"):
                yield (
                    text(study, "StudyInstanceUID"),
                    text(series, "SeriesInstanceUID"),
                    text(one, "ReferencedSOPInstanceUID"),
                )


def send_results(connect: Connect, results: Path) -> str:
    """Store the DICOM objects of a review in an archive.

    Returns:
        What was done, in one line.

    Raises:
        PacsError: It does not take them all.
    """
    # What others refer to comes first: nothing refers to the report.
    objects = sorted(results.glob("*.dcm"), key=lambda one: (one.name == _REPORT, one.name))
    with connect() as archive:
        sent = send(archive, objects)
    return f"{sent.stored} objects stored, {sent.present} were there already"
