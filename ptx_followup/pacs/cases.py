"""One case of `ptx listen`: from the objects of a study to results in the archive."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES
from ptx_followup.dicom.elements import text
from ptx_followup.dicom_objects.tracking import read_previous_result
from ptx_followup.pacs.archive import Archive
from ptx_followup.pacs.exams import NoPriorError, StoredExam, fetch_prior
from ptx_followup.pacs.frontal import only_frontal
from ptx_followup.pacs.queries import study_of
from ptx_followup.pacs.reports import choose_report
from ptx_followup.pacs.sending import dicom_files, send
from ptx_followup.radiograph.header import is_ours, read_header
from ptx_followup.report.text import load_report

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    Attributes:
        outcome: "compared", or why there was nothing to compare.
        verdict: Of the comparison, in words with its probability.
        objects: In the archive afterwards.
    """

    outcome: str
    verdict: str | None = None
    objects: int = 0


def follow_up(files: Sequence[Path], archive: Archive, segmenter: Segmenter) -> Outcome:
    """Compare a study with its prior in the archive and store the results there.

    Nothing is compared where the study has no frontal chest radiograph, the archive no prior, or the prior no
    report; and results are not stored where the exams could not be registered.

    Args:
        files: The objects received of the study.
        archive: Where the prior is, and where results go.
        segmenter: Loaded.

    Raises:
        ArchiveUnavailableError: The case can be tried again later.
        PtxError: It cannot be worked on.
    """
    headers = {file: read_header(file) for file in files}
    # An archive that passes on all it gets also sends our results, the picture of the panel among them.
    others = [file for file, header in headers.items() if not is_ours(header)]
    # A damaged file may be the radiograph: its study must not end as one that has none.
    images = [
        file
        for file in others
        if not headers[file] or text(headers[file], "SOPClassUID") in RADIOGRAPH_CLASSES
    ]
    found = only_frontal(images)
    if found is None:
        return Outcome("no frontal chest radiograph")
    report = choose_report([file for file in others if file not in images])
    current = StoredExam(found.image, report, warnings=found.warnings())
    with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
        try:
            prior = fetch_prior(archive, study_of(headers[found.image]), Path(folder) / "prior")
        except NoPriorError:
            return Outcome("no prior")
        if prior.report is None:
            return Outcome("no report of the prior")
        return _compare(prior, current, archive, segmenter, Path(folder))


def _compare(
    prior: StoredExam, current: StoredExam, archive: Archive, segmenter: Segmenter, folder: Path
) -> Outcome:
    from ptx_followup.followup.compare import compare
    from ptx_followup.followup.wording import verdict_in_words
    from ptx_followup.results.comparison import write_comparison_results

    texts = [None if exam.report is None else load_report(exam.report) for exam in (prior, current)]
    result = compare(
        prior.read(),
        current.read(),
        report=texts[0],
        followup_report=texts[1],
        previous=None if prior.result is None else read_previous_result(prior.result),
        segmenter=segmenter,
    )
    if not result.registration.accepted:
        return Outcome("registration refused", "indeterminate")
    out = folder / "results"
    out.mkdir()
    write_comparison_results(result, out)
    sent = send(archive, dicom_files([out]))
    return Outcome("compared", verdict_in_words(result.change), sent.stored + sent.present)
