"""`ptx batch`: a cohort of follow-ups, from a table or a tree of files to one table and one page."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import (
    BsplineOption,
    DeidentifyOption,
    DeviceOption,
    JsonOption,
    LungsOption,
    ModelOption,
    NoReportOption,
    OutOption,
    OverrideOption,
    QuietOption,
    ReaderErrorOption,
    ReadersOption,
    ReasonOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import ConfigOption
from ptx_followup.errors import BatchError, UsageError

if TYPE_CHECKING:
    from ptx_followup.cohort.case import Options, Outcome
    from ptx_followup.cohort.plan import Plan
    from ptx_followup.cohort.run import Cohort, How

#: Seconds between two lines of a run without a terminal.
_LINE_S = 60.0


class Pairs(StrEnum):
    """Which exams of a patient are compared."""

    NEIGHBOURING = "neighbouring"
    FIRST = "first"
    ALL = "all"


def batch(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="MANIFEST | merge DIR", help="A table of cases.", show_default=False),
    ] = None,
    out: OutOption = Path("ptx-out"),
    studies: Annotated[
        Path | None, typer.Option("--studies", help="Find the exams in this tree of DICOM files instead.")
    ] = None,
    pairs: Annotated[
        Pairs, typer.Option("--pairs", help="With --studies: which exams of a patient are compared.")
    ] = Pairs.NEIGHBOURING,
    pacs: Annotated[
        str | None, typer.Option("--pacs", help="The archive that the column accession is of.")
    ] = None,
    pacs_config: ConfigOption = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would run, and what not and why, as a manifest.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would run.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run again what failed.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash the inputs of what is done, and trust no time of change.")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Run so many cases at most.")] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes at once; by default what cores and memory allow."),
    ] = None,
    case_seconds: Annotated[float, typer.Option("--case-seconds", min=1, help="Time of one case.")] = 600,
    case_memory_mb: Annotated[
        int, typer.Option("--case-memory-mb", min=100, help="Memory of one worker, model included.")
    ] = 6000,
    shard: Annotated[
        str | None, typer.Option("--shard", help="I/N: of every N cases the I-th; then `ptx batch merge`.")
    ] = None,
    ray: Annotated[
        str | None, typer.Option("--ray", help="Address of a Ray cluster that does the work, or auto.")
    ] = None,
    no_report: NoReportOption = False,
    bspline: BsplineOption = False,
    readers: ReadersOption = "same",
    reader_error: ReaderErrorOption = None,
    with_lungs: LungsOption = False,
    deidentify: DeidentifyOption = False,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    override: OverrideOption = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare many follow-ups with their priors: one table, one page.

    MANIFEST is a CSV or Parquet table with the columns prior and followup (or accession, with --pacs), and
    optional ones: report, followup_report, prior_mask, followup_mask, case_id, and any others. Called again,
    it goes on where it was. Writes cases/, results.csv, failures.csv, summary.html and ptx-run.json into OUT;
    exits with 7 where a case failed. `ptx batch merge DIR` writes the tables of what --shard runs did.
    """
    output = Output(as_json=as_json, quiet=quiet)
    if words and words[0] == "merge":
        _merge(words[1:], output)
        return
    from ptx_followup.cohort.case import Options
    from ptx_followup.cohort.run import How
    from ptx_followup.cohort.setup import Bounds
    from ptx_followup.measurement.reader_error import ReaderError
    from ptx_followup.radiograph.belonging import Override

    Override.parse(override, reason)
    options = Options(
        model=model,
        device=device,
        override=override,
        reason=reason,
        no_report=no_report,
        bspline=bspline,
        readers=readers,
        reader_error=None if reader_error is None else ReaderError.read(reader_error).to_text(),
        with_lungs=with_lungs,
        deidentify=deidentify,
        pacs=pacs,
        pacs_config=None if pacs_config is None else str(pacs_config.absolute()),
    )
    bounds = Bounds(case_seconds, case_memory_mb * 1_000_000)
    how = How(workers, bounds, _shard(shard), retry_failed, verify, limit, ray)
    with output.working("planning"):
        cohort = _cohort(words or [], studies, pairs, out, options, how)
        planned = cohort.plan()
    for warning in planned.warnings:
        output.warn(warning)
    if plan or dry_run:
        _show_plan(planned, output, whole=plan)
        return
    _run(cohort, planned, output, out)


def _cohort(
    words: list[str], studies: Path | None, pairs: Pairs, out: Path, options: Options, how: How
) -> Cohort:
    from ptx_followup.cohort.ledger import folder_key
    from ptx_followup.cohort.run import Cohort, manifest_of, source_of
    from ptx_followup.cohort.studies import read_studies
    from ptx_followup.files.output_folder import prepare_folder

    if len(words) + (studies is not None) != 1:
        raise UsageError("one source of cases is needed", "give MANIFEST, or --studies ROOT")
    if studies is None:
        path = Path(words[0])
        manifest, source = manifest_of(path, out, options), source_of(path)
    else:
        prepare_folder(out)
        manifest = read_studies(studies, folder_key(out), pairs=pairs.value, no_report=options.no_report)
        source = {"studies": str(studies), "pairs": pairs.value}
    if any(case.accession for case in manifest.cases) and options.pacs is None:
        raise UsageError("accession numbers need an archive", "give --pacs NODE")
    return Cohort(manifest, out, options, how, source)


def _show_plan(plan: Plan, output: Output, *, whole: bool) -> None:
    counts = plan.counts
    words = (
        f"{counts['run']} cases run, {counts['done']} are done, {counts['failed']} have failed, "
        f"{counts['wait']} wait, {counts['left_out']} are left out"
    )
    if whole and not output.as_json:
        sys.stdout.write(plan.table())
        sys.stdout.flush()
        output.hint(words)
        return
    cases = [{"case_id": one.case.id, "plan": one.fate, "plan_reason": one.reason} for one in plan.cases]
    left_out = [{"name": name, "reason": why} for name, why in plan.left_out]
    output.result({"counts": counts, **({"cases": cases, "left_out": left_out} if whole else {})}, words)


def _run(cohort: Cohort, plan: Plan, output: Output, out: Path) -> None:
    tally = _Tally(len(plan.to_run))
    with output.live("comparing") as show:
        for outcome in cohort.run(plan):
            tally.count(outcome)
            if show is not None:
                show(tally.ended, tally.total, tally.words())
            elif tally.line_is_due():
                output.hint(f"{tally.ended} of {tally.total} cases, {tally.words()}")
    failed = tally.failed + plan.counts["failed"]
    if cohort.document is None:
        done = tally.ended - tally.failed + plan.counts["done"]
        words = f"{done} cases of this part are done, {failed} failed; at the end: ptx batch merge {out}"
        output.result({"counts": {"done": done, "failed": failed}, "outputs": None}, words)
    else:
        _tell(cohort.document, out, output)
    if failed:
        raise BatchError(
            f"{failed} cases failed", f"look at {out / 'failures.csv'}; --retry-failed runs them again"
        )


def _merge(words: list[str], output: Output) -> None:
    from ptx_followup.cohort.run import merge

    if len(words) != 1:
        raise UsageError("merge needs one folder", "give ptx batch merge DIR")
    out = Path(words[0])
    document = merge(out)
    _tell(document, out, output)
    counts = document["counts"]
    if counts["failed"] or counts["waiting"]:
        raise BatchError(
            f"{counts['failed']} cases failed, {counts['waiting']} are not done",
            f"look at {out / 'failures.csv'}, and start the parts again that were ended",
        )


def _tell(document: dict[str, Any], out: Path, output: Output) -> None:
    counts = document["counts"]
    words = [f"{counts['done']} of {counts['cases']} cases are done, {counts['failed']} failed"]
    words += [f"{counts['waiting']} wait"] if counts["waiting"] else []
    words += [f"{counts['left_out']} left out"] if counts["left_out"] else []
    output.result(document, f"{', '.join(words)}\nSee {out / document['outputs']['page']}")
    output.hint(document["disclaimer"])


def _shard(stated: str | None) -> tuple[int, int]:
    from ptx_followup.cohort.plan import parse_shard

    try:
        return parse_shard(stated)
    except ValueError:
        raise UsageError(
            "--shard is not of the form I/N", "give for example --shard 2/8, from 1/8 to 8/8"
        ) from None


@dataclass
class _Tally:
    """How far a run is, in words.

    Attributes:
        total: Cases to run.
        ended: That did, well or not.
        failed: That failed.
    """

    total: int
    ended: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        self._began = self._told = time.monotonic()

    def count(self, outcome: Outcome) -> None:
        """Another case has ended."""
        self.ended += 1
        self.failed += outcome.state == "failed"

    def words(self) -> str:
        """Rate, time left and failures so far."""
        minutes = max((time.monotonic() - self._began) / 60, 1e-6)
        rate = self.ended / minutes
        left = (self.total - self.ended) / rate if rate else 0.0
        return f"{rate:.1f} a minute, {left:.0f} min left, {self.failed} failed"

    def line_is_due(self) -> bool:
        """Whether a line was not written for long."""
        now = time.monotonic()
        if now - self._told < _LINE_S and self.ended < self.total:
            return False
        self._told = now
        return True
