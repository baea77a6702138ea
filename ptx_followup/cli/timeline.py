"""`ptx timeline`: what became of a pneumothorax over several exams?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.options import (
    DeidentifyOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    NoReportOption,
    OutOption,
    OverrideOption,
    OverwriteOption,
    QuietOption,
    ReasonOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.errors import QualityGateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rich.table import Table

    from ptx_followup.followup.timeline import Timeline
    from ptx_followup.radiograph.image import Radiograph


def timeline(
    exams: Annotated[
        list[Path],
        typer.Argument(help="Radiographs, the earliest first: files or study folders.", show_default=False),
    ],
    report: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            "-r",
            help="Report of an exam, once for each in their order. Without any, the text files beside the "
            "images are read, and some may be missing.",
        ),
    ] = None,
    no_report: NoReportOption = False,
    out: OutOption = Path("ptx-out"),
    overwrite: OverwriteOption = False,
    deidentify: DeidentifyOption = False,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    override: OverrideOption = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Follow a pneumothorax over several exams, laid on the last.

    Writes timeline.png (every exam, all on the last, sizes over time), timeline.csv, the masks, DICOM SEG
    objects and result.json into OUT. Exits with 4 where the exams do not belong together, and with 5 where
    one could not be laid on the last; the picture then shows the others.
    """
    from ptx_followup.ahead import ahead
    from ptx_followup.files import contained
    from ptx_followup.files.reading_ahead import reading_ahead

    output = Output(as_json=as_json, quiet=quiet)
    contained.start("ptx_followup.radiograph.read")
    with output.working("reading"), reading_ahead(_reader(exams)) as reading:
        from ptx_followup.network.engine import open_networks

        opening = ahead(lambda: open_networks(model, device))

        from ptx_followup.files.memory import give_back
        from ptx_followup.files.output_folder import prepare_folder
        from ptx_followup.followup.timeline import timeline as follow
        from ptx_followup.radiograph.belonging import Override, check_series
        from ptx_followup.report.text import load_report
        from ptx_followup.results.timeline import FILES, write_timeline_results
        from ptx_followup.segmentation.segmenter import Segmenter

        films = reading.result()
        overriding = Override.parse(override, reason)
        check_series(films, overriding)
        sources = _sources(exams, films, report or [], no_report)
        texts = [None if source is None else load_report(source) for source in sources]
        prepare_folder(out, FILES, overwrite=overwrite)
    with output.working("comparing"):
        segmenter: Segmenter | None = Segmenter(opening.result())
        result = follow(films, texts, segmenter=segmenter, override=overriding.accepted, reason=reason)
        del opening
        segmenter = None
        give_back()
    with output.working("writing"):
        document = write_timeline_results(result, out, deidentify=deidentify)
    _tell(output, result, document, out)
    if result.refused:
        which = " and ".join(f"exam {number}" for number in result.refused)
        raise QualityGateError(
            f"{which} could not be laid on the last", f"look at {out / document['outputs']['picture']}"
        )


def _reader(exams: list[Path]) -> Callable[[], list[Radiograph]]:
    """What reads the films; another thread may call it, since it imports nothing any more."""
    from ptx_followup.radiograph.letting_go import let_go
    from ptx_followup.radiograph.study import read_exam

    return lambda: [let_go(read_exam(exam)) for exam in exams]


def _sources(
    exams: list[Path], films: list[Radiograph], named: list[str], no_report: bool
) -> list[str | None]:
    """Where the report of each exam is read from."""
    if named and not no_report and len(named) != len(exams):
        raise UsageError(
            f"there are {len(named)} reports of {len(exams)} exams", "give --report once for each exam"
        )
    from ptx_followup.radiograph.report_sources import report_sources

    pairs = [(exam, film.path) for exam, film in zip(exams, films, strict=True)]
    found = report_sources(pairs, named or [None] * len(exams), no_report=no_report)
    if not any(found) and not no_report:
        raise UsageError("there is no report beside any exam", "give --report FILE for each, or --no-report")
    return found


def _tell(output: Output, result: Timeline, document: dict[str, Any], out: Path) -> None:
    from rich.console import Group

    for warning in document["warnings"]:
        output.warn(warning)
    for number, one in enumerate(result.timepoints, start=1):
        for warning in one.exam.warnings:
            output.warn(f"exam {number}: {warning}")
    picture = out / document["outputs"]["picture"]
    output.result(document, Group(_table(result), f"{result.sentence}\nSee {picture}"))
    output.hint(document["disclaimer"])


def _table(result: Timeline) -> Table:
    """One row an exam: size of each side with its interval, and the verdict since the exam before."""
    from rich import box
    from rich.table import Table

    from ptx_followup.results.timeline import table
    from ptx_followup.sides import SIDES

    shown = Table("exam", "acquired", "days", box=box.SIMPLE_HEAD)
    for side in SIDES[::-1]:
        shown.add_column(f"{side}, % of hemithorax (95 %)", justify="right")
        shown.add_column("change")
    for row in table(result):
        days = row["days"]
        cells = [str(row["exam"]), _moment(row["acquired_at"]), "" if days is None else f"{days:.1f}"]
        for side in SIDES[::-1]:
            percent, low, high = (row[f"{side}_{name}"] for name in ("percent", "low", "high"))
            cells.append("not measured" if percent is None else f"{percent:.1f} ({low:.1f} to {high:.1f})")
            cells.append(str(row[f"{side}_in_words"] or ""))
        shown.add_row(*cells)
    return shown


def _moment(acquired_at: object) -> str:
    return "" if acquired_at is None else str(acquired_at).replace("T", " ").removesuffix(" 00:00:00")
