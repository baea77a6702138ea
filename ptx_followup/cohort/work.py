"""The work of one case in this process: all that a cohort asks of the rest of the program.

A worker process makes one `Comparison`, which loads the model, and asks it for one case after another, step
by step: what reads a case gives what compares it, and that gives what writes it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ptx_followup.cohort.case import Case, Options
from ptx_followup.results.row import Row, row_of

if TYPE_CHECKING:
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.masks.source import KnownMask
    from ptx_followup.radiograph.image import Radiograph

Warnings = tuple[tuple[str, ...], tuple[str, ...]]

#: The work of a cohort, as a worker process imports it.
COMPARISON = "ptx_followup.cohort.work:Comparison"


#: Writes the results of a case into an empty folder, and gives its row of the table.
Write = Callable[[Path], Row]
#: Compares the exams of a case, and gives what writes the results.
Compare = Callable[[], Write]


class Work(Protocol):
    """What a worker process does for each case; each step may be called while others are in another one."""

    model_sha256: str

    def read(self, case: Case) -> Compare:
        """Read all that a case is compared by, and give what compares it."""


#: Makes the work: called once in each worker process, with the options and the threads that it may use.
MakeWork = Callable[[Options, int], Work]


@dataclass(frozen=True, eq=False)
class _Read:
    """What a case is compared by, as its files had it.

    Attributes:
        exams: Radiographs of prior and follow-up.
        texts: Their reports.
        masks: Known masks.
        close: Removes what was fetched for it; results are written before.
    """

    exams: tuple[Radiograph, Radiograph]
    texts: tuple[str | None, str | None]
    masks: tuple[KnownMask | None, KnownMask | None]
    close: Callable[[], None]


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

    def read(self, case: Case) -> Compare:
        """Fetch and read a case (decoded in the child process); see `Work`.

        Raises:
            PtxError: Here and in what follows, as `ptx compare`; but a registration that is refused is a
                result.
        """
        read = _read(case, self._options)
        return lambda: self._compare(case, read)

    def _compare(self, case: Case, read: _Read) -> Write:
        from ptx_followup.followup.compare import compare
        from ptx_followup.measurement.reader_error import ReaderError
        from ptx_followup.radiograph.belonging import Override

        options = self._options
        override = Override.parse(options.override, options.reason)
        stated = options.reader_error
        try:
            result = compare(
                *read.exams,
                report=read.texts[0],
                followup_report=read.texts[1],
                prior_mask=read.masks[0],
                followup_mask=read.masks[1],
                readers=options.readers,
                reader_error=None if stated is None else ReaderError.model_validate_json(stated),
                segmenter=self._segmenter,
                override=override.accepted,
                reason=override.reason,
                bspline=options.bspline,
                neighbours=case.neighbours,
            )
        except BaseException:
            read.close()
            raise
        return lambda folder: self._write(result, read, folder)

    def _write(self, result: FollowUp, read: _Read, folder: Path) -> Row:
        from ptx_followup.results.comparison import write_comparison_results

        options = self._options
        try:
            document = write_comparison_results(
                result, folder, deidentify=options.deidentify, with_lungs=options.with_lungs
            )
        finally:
            read.close()
        return row_of(document)


def _read(case: Case, options: Options) -> _Read:
    """Fetch and read all that a case is compared by."""
    from ptx_followup.masks.known import read_known_mask
    from ptx_followup.radiograph.image import with_warnings
    from ptx_followup.radiograph.report_sources import pair_sources
    from ptx_followup.radiograph.study import read_exam
    from ptx_followup.report.text import load_report

    with ExitStack() as fetched:
        files, warnings = fetched.enter_context(_files(case, options))
        if files.prior is None or files.followup is None:
            raise ValueError("a case without exams")
        prior = with_warnings(read_exam(files.prior), warnings[0])
        followup = with_warnings(read_exam(files.followup), warnings[1])
        sources = pair_sources(
            ((files.prior, prior.path), (files.followup, followup.path)),
            (_text(files.report), _text(files.followup_report)),
            no_report=options.no_report,
            prior_needed=files.prior_mask is None,
        )
        known = [
            None if path is None else read_known_mask(path, exam)
            for path, exam in ((files.prior_mask, prior), (files.followup_mask, followup))
        ]
        texts = [None if source is None else load_report(source) for source in sources]
        return _Read((prior, followup), (texts[0], texts[1]), (known[0], known[1]), fetched.pop_all().close)


@contextmanager
def _files(case: Case, options: Options) -> Iterator[tuple[Case, Warnings]]:
    """The case with its exams as files: itself, or what an archive holds, which is gone again afterwards.

    Yields:
        The case, and warnings of what was passed over beside prior and follow-up.
    """
    if case.accession is None:
        yield case, ((), ())
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
        files = replace(
            case,
            prior=prior.image,
            followup=current.image,
            report=case.report or prior.report,
            followup_report=case.followup_report or current.report,
        )
        yield files, (prior.warnings, current.warnings)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
