"""The exams of `ptx compare --pacs`, and the way back of its results."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import connected
from ptx_followup.errors import PacsError, UsageError

if TYPE_CHECKING:
    from ptx_followup.radiograph.image import Radiograph

Reports = tuple[str | None, str | None]


@dataclass(frozen=True)
class Exams:
    """Where both exams are read from.

    Attributes:
        prior: The earlier radiograph, a file or a study folder.
        followup: The later one.
        reports: Of the prior and of the follow-up, where one is named or fetched.
        previous: The result in the archive that the prior already has; its tracking goes on.
        warnings: Of what was passed over in the archive, beside the prior and beside the follow-up.
    """

    prior: Path
    followup: Path
    reports: Reports
    previous: Path | None = None
    warnings: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def reader(self) -> Callable[[], tuple[Radiograph, Radiograph]]:
        """What reads both radiographs; another thread may call it, since it imports nothing any more.

        It raises what `radiograph.study.read_exam` raises.
        """
        from ptx_followup.radiograph.image import with_warnings
        from ptx_followup.radiograph.study import read_exam

        def read() -> tuple[Radiograph, Radiograph]:
            prior, followup = self.warnings
            return (
                with_warnings(read_exam(self.prior), prior),
                with_warnings(read_exam(self.followup), followup),
            )

        return read


@dataclass(frozen=True)
class ArchiveOptions:
    """What the command line says about an archive."""

    node: str | None
    accession: str | None
    prior_accession: str | None
    send: bool
    config: Path | None

    def check(self, prior: Path | None, followup: Path | None) -> None:
        """Refuse options that contradict each other.

        Raises:
            UsageError: They do.
        """
        if self.node is None:
            if self.accession or self.prior_accession or self.send:
                raise UsageError(
                    "--accession, --prior-accession and --send need an archive", "give --pacs NODE"
                )
            if prior is None or followup is None:
                raise UsageError("two exams are needed", "give PRIOR and FOLLOWUP, or --pacs and --accession")
        elif not self.accession:
            raise UsageError("--pacs needs the accession number of the current exam", "give --accession")
        elif prior is not None:
            raise UsageError("files and --pacs are given", "give one of them")


@contextmanager
def exams(
    options: ArchiveOptions,
    files: tuple[Path | None, Path | None],
    reports: Reports,
    *,
    no_report: bool,
    report_needed: bool,
) -> Iterator[Exams]:
    """The exams named as (prior, follow-up), or those of the archive, which are gone again afterwards.

    Raises:
        PacsError: The archive does not hold them, or not the report that is needed of the prior.
        UsageError: The options contradict each other.
    """
    prior, followup = files
    options.check(prior, followup)
    if prior is not None and followup is not None:
        yield Exams(prior, followup, reports)
        return
    with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
        fetched = _fetch(options, Path(folder), reports, with_reports=not no_report)
        if report_needed and not no_report and fetched.reports[0] is None:
            raise PacsError(
                "the archive holds no report of the prior",
                "give --report FILE (- for stdin), or --no-report to go by the images alone",
            )
        yield fetched


def _fetch(options: ArchiveOptions, folder: Path, named: Reports, *, with_reports: bool) -> Exams:
    from ptx_followup.pacs.exams import fetch_pair

    missing = (with_reports and named[0] is None, with_reports and named[1] is None)
    with connected(str(options.node), options.config) as archive:
        prior, current = fetch_pair(
            archive, str(options.accession), options.prior_accession, folder, with_reports=missing
        )
    reports = named[0] or _as_text(prior.report), named[1] or _as_text(current.report)
    return Exams(prior.image, current.image, reports, prior.result, (prior.warnings, current.warnings))


def _as_text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def send_results(options: ArchiveOptions, outputs: Mapping[str, Any], out: Path, output: Output) -> None:
    """Send the DICOM objects of a comparison to the archive that the exams came from.

    Raises:
        PacsError: It does not take them all; they stay in `out`.
    """
    from ptx_followup.pacs.sending import send

    files = [out / name for name in outputs.values() if isinstance(name, str) and name.endswith(".dcm")]
    try:
        with output.working("sending"), connected(str(options.node), options.config) as archive:
            sent = send(archive, files)
    except PacsError as error:
        raise PacsError(error.problem, f"{error.hint}, or `ptx pacs send {options.node} {out}`") from None
    output.hint(f"{sent.stored} objects stored in {options.node}, {sent.present} were there already")
