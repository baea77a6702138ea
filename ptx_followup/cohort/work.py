"""The work of one case in this process: all that a cohort asks of the rest of the program.

A worker process makes one `Comparison`, which loads the model, and calls it for one case after another.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ptx_followup.cohort.case import Case, Options
from ptx_followup.results.row import Row, row_of

#: The work of a cohort, as a worker process imports it.
COMPARISON = "ptx_followup.cohort.work:Comparison"


class Work(Protocol):
    """What a worker process does for each case."""

    model_sha256: str

    def __call__(self, case: Case, folder: Path) -> Row:
        """Write the results of a case into an empty folder, and give its row of the table."""


#: Makes the work: called once in each worker process, with the options and the threads that it may use.
MakeWork = Callable[[Options, int], Work]


class Comparison:
    """`ptx compare` with a loaded model.

    Args:
        options: Of every case.
        threads: That the process may use.

    Raises:
        ModelError: The model is missing or altered.
        UsageError: The device is not there.
    """

    def __init__(self, options: Options, threads: int) -> None:
        import cv2

        from ptx_followup.segmentation.segmenter import Segmenter

        cv2.setNumThreads(threads)
        self._options = options
        self._segmenter = Segmenter(options.model, options.device)
        self.model_sha256 = self._segmenter.identity.sha256

    def __call__(self, case: Case, folder: Path) -> Row:
        """Compare the exams of a case; see `Work`.

        Raises:
            PtxError: As `ptx compare`; but a registration that is refused is a result.
        """
        with _files(case, self._options) as files:
            return row_of(self._compare(files, folder))

    def _compare(self, case: Case, folder: Path) -> dict[str, Any]:
        from ptx_followup.followup.compare import compare
        from ptx_followup.masks.known import read_known_mask
        from ptx_followup.radiograph.belonging import Override
        from ptx_followup.radiograph.report_sources import pair_sources
        from ptx_followup.radiograph.study import read_exam
        from ptx_followup.report.text import load_report
        from ptx_followup.results.comparison import write_comparison_results

        options = self._options
        if case.prior is None or case.followup is None:
            raise ValueError("a case without exams")
        exams = read_exam(case.prior), read_exam(case.followup)
        sources = pair_sources(
            ((case.prior, exams[0].path), (case.followup, exams[1].path)),
            (_text(case.report), _text(case.followup_report)),
            no_report=options.no_report,
            prior_needed=case.prior_mask is None,
        )
        masks = [
            None if path is None else read_known_mask(path, exam)
            for path, exam in zip((case.prior_mask, case.followup_mask), exams, strict=True)
        ]
        override = Override.parse(options.override, options.reason)
        texts = [None if source is None else load_report(source) for source in sources]
        result = compare(
            *exams,
            report=texts[0],
            followup_report=texts[1],
            prior_mask=masks[0],
            followup_mask=masks[1],
            segmenter=self._segmenter,
            override=override.accepted,
            reason=override.reason,
            bspline=options.bspline,
        )
        return write_comparison_results(
            result, folder, deidentify=options.deidentify, with_lungs=options.with_lungs
        )


@contextmanager
def _files(case: Case, options: Options) -> Iterator[Case]:
    """The case with its exams as files: itself, or what an archive holds, which is gone again afterwards."""
    if case.accession is None:
        yield case
        return
    from ptx_followup.errors import UsageError
    from ptx_followup.pacs.exams import fetch_pair
    from ptx_followup.pacs.nodes import load_configuration
    from ptx_followup.pacs.opening import open_archive

    if options.pacs is None:
        raise UsageError("an accession number needs an archive", "give --pacs NODE")
    wanted = not options.no_report
    configuration = None if options.pacs_config is None else Path(options.pacs_config)
    with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
        node = load_configuration(configuration).node(options.pacs)
        with open_archive(options.pacs, node) as archive:
            prior, current = fetch_pair(
                archive,
                case.accession,
                case.prior_accession,
                Path(folder),
                with_reports=(wanted and case.report is None, wanted and case.followup_report is None),
            )
        yield replace(
            case,
            prior=prior.image,
            followup=current.image,
            report=case.report or prior.report,
            followup_report=case.followup_report or current.report,
        )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
