"""The work of one case in this process: all that a cohort asks of the rest of the program.

A worker process makes one `Comparison`, which loads the model, and calls it for one case after another.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ptx_followup.ahead import ahead
from ptx_followup.cohort.case import Case, Options
from ptx_followup.results.row import Row, row_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ptx_followup.masks.source import KnownMask
    from ptx_followup.radiograph.image import Radiograph

Warnings = tuple[tuple[str, ...], tuple[str, ...]]

#: The work of a cohort, as a worker process imports it.
COMPARISON = "ptx_followup.cohort.work:Comparison"


class Work(Protocol):
    """What a worker process does for each case."""

    model_sha256: str

    def __call__(self, case: Case, folder: Path) -> Row:
        """Write the results of a case into an empty folder, and give its row of the table."""

    def expect(self, case: Case) -> None:
        """Read a case while another is in work: its turn comes next, most often."""


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

    While the networks look at one case, a thread has the next one fetched and read (decoded in the child
    process): no more than one, so that memory does not grow.

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
        self._expected: tuple[Case, Future[_Read]] | None = None
        self.model_sha256 = self._segmenter.identity.sha256

    def expect(self, case: Case) -> None:
        """See `Work`."""
        self._forget()
        self._expected = case, ahead(lambda: _read(case, self._options))

    def __call__(self, case: Case, folder: Path) -> Row:
        """Compare the exams of a case; see `Work`.

        Raises:
            PtxError: As `ptx compare`; but a registration that is refused is a result.
        """
        read = self._taken(case)
        try:
            return row_of(self._compare(case, read, folder))
        finally:
            read.close()

    def _taken(self, case: Case) -> _Read:
        """What was read of a case already, or is read now."""
        if self._expected is not None and self._expected[0] == case:
            reading, self._expected = self._expected[1], None
            return reading.result()
        self._forget()
        return _read(case, self._options)

    def _forget(self) -> None:
        if self._expected is not None:
            (_, reading), self._expected = self._expected, None
            with suppress(Exception):
                reading.result().close()

    def _compare(self, case: Case, read: _Read, folder: Path) -> dict[str, Any]:
        from ptx_followup.followup.compare import compare
        from ptx_followup.measurement.reader_error import ReaderError
        from ptx_followup.radiograph.belonging import Override
        from ptx_followup.results.comparison import write_comparison_results

        options = self._options
        override = Override.parse(options.override, options.reason)
        stated = options.reader_error
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
        return write_comparison_results(
            result, folder, deidentify=options.deidentify, with_lungs=options.with_lungs
        )


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
