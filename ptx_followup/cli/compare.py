"""`ptx compare`: where was the pneumothorax, and is it bigger or smaller now?"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from ptx_followup.cli.compare_pacs import ArchiveOptions, exams, send_results
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
    OverwriteOption,
    QuietOption,
    ReaderErrorOption,
    ReadersOption,
    ReasonOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.cli.pacs import ConfigOption
from ptx_followup.errors import QualityGateError, UsageError

if TYPE_CHECKING:
    from typing import Any

    from ptx_followup.followup.compare import FollowUp


def compare(
    context: typer.Context,
    prior: Annotated[
        Path | None, typer.Argument(help="Earlier radiograph: a file or a study folder.", show_default=False)
    ] = None,
    followup: Annotated[
        Path | None, typer.Argument(help="Later radiograph: a file or a study folder.", show_default=False)
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            "-r",
            help="Report of the prior; if not named, the text file beside the image (of the same name, or "
            "the only one of the study folder).",
        ),
    ] = None,
    followup_report: Annotated[
        str | None,
        typer.Option("--followup-report", help="Report of the follow-up; likewise, and may be missing."),
    ] = None,
    no_report: NoReportOption = False,
    out: OutOption = Path("ptx-out"),
    overwrite: OverwriteOption = False,
    deidentify: DeidentifyOption = False,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    override: OverrideOption = "",
    reason: ReasonOption = "",
    bspline: BsplineOption = False,
    prior_mask: Annotated[
        Path | None,
        typer.Option(
            "--prior-mask",
            help="Known mask of the prior (DICOM SEG, PNG, NIfTI or NRRD); the network is then not run.",
        ),
    ] = None,
    followup_mask: Annotated[
        Path | None, typer.Option("--followup-mask", help="Known mask of the follow-up; likewise.")
    ] = None,
    prior_hemithoraces: Annotated[
        Path | None,
        typer.Option(
            "--prior-hemithoraces",
            help="Known hemithoraces of the prior (PNG of 0, 1 for the patient's right and 2 for the left, "
            "or a DICOM SEG of the lungs as of --with-lungs); they are then not sought.",
        ),
    ] = None,
    followup_hemithoraces: Annotated[
        Path | None, typer.Option("--followup-hemithoraces", help="Those of the follow-up; likewise.")
    ] = None,
    readers: ReadersOption = "same",
    reader_error: ReaderErrorOption = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="DICOM SR or SEG of an earlier result, whose tracking goes on."),
    ] = None,
    with_lungs: LungsOption = False,
    pacs: Annotated[
        str | None, typer.Option("--pacs", help="Take both exams from this archive instead of files.")
    ] = None,
    accession: Annotated[
        str | None, typer.Option("--accession", help="Accession number of the current exam, with --pacs.")
    ] = None,
    prior_accession: Annotated[
        str | None,
        typer.Option("--prior-accession", help="That of the prior; otherwise the nearest earlier exam."),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Store the DICOM results in the archive, each once.")
    ] = False,
    pacs_config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say if a pneumothorax is larger or smaller, and how surely.

    The follow-up is compared with the prior and its report. A direction is stated where one further expert's
    outlines would have it with 95 %, and called probable from 80 % on. Where neither is reached, the sentence
    says what would decide it.

    Writes panel.png, the masks (0/255, each on its file's pixel grid), DICOM SEG and SR, the panel as DICOM
    capture and PDF (for DICOM input), and result.json into OUT. Exits with 4 where the exams do not belong
    together, and with 5 where the registration was refused; panel.png then shows why.
    """
    from ptx_followup.ahead import ahead
    from ptx_followup.files import contained
    from ptx_followup.files.reading_ahead import reading_ahead

    if deidentify and send:
        raise UsageError("an archive files results by patient", "leave --deidentify or --send out")
    contained.start("ptx_followup.radiograph.read")
    output = Output(as_json=as_json, quiet=quiet)
    archive = ArchiveOptions(pacs, accession, prior_accession, send, pacs_config)
    named = (prior, followup), (report, followup_report)
    with output.working("looking for the exams"):
        given = context.with_resource(
            exams(archive, *named, no_report=no_report, report_needed=prior_mask is None)
        )
    with output.working("reading"), reading_ahead(given.reader()) as reading:
        from ptx_followup.network.engine import open_networks

        opening = ahead(lambda: open_networks(model, device))

        from ptx_followup.dicom_objects.tracking import read_previous_result
        from ptx_followup.files.memory import give_back
        from ptx_followup.files.output_folder import prepare_folder
        from ptx_followup.followup.compare import compare as compare_exams
        from ptx_followup.masks.hemithoraces import read_known_hemithoraces
        from ptx_followup.masks.known import read_known_mask
        from ptx_followup.measurement.reader_error import ReaderError
        from ptx_followup.radiograph.belonging import Override, check_belonging
        from ptx_followup.radiograph.report_sources import pair_sources
        from ptx_followup.report.text import load_report
        from ptx_followup.results.names import COMPARISON_RESULTS
        from ptx_followup.segmentation.segmenter import Segmenter

        previous = previous or given.previous
        earlier, later = reading.result()
        overriding = Override.parse(override, reason)
        check_belonging(earlier, later, overriding)
        sources = pair_sources(
            ((given.prior, earlier.path), (given.followup, later.path)),
            given.reports,
            no_report=no_report,
            prior_needed=prior_mask is None,
        )
        texts = [None if source is None else load_report(source) for source in sources]
        known = [
            None if path is None else read_known_mask(path, exam)
            for path, exam in ((prior_mask, earlier), (followup_mask, later))
        ]
        outlined = [
            None if path is None else read_known_hemithoraces(path, exam)
            for path, exam in ((prior_hemithoraces, earlier), (followup_hemithoraces, later))
        ]
        of_reader = None if reader_error is None else ReaderError.read(reader_error)
        continued = None if previous is None else read_previous_result(previous)
        prepare_folder(out, COMPARISON_RESULTS, overwrite=overwrite)
    with output.working("comparing"):
        segmenter: Segmenter | None = Segmenter(opening.result())
        writing = ahead(_what_follows)  # while the networks run
        result = compare_exams(
            earlier,
            later,
            report=texts[0],
            followup_report=texts[1],
            prior_mask=known[0],
            followup_mask=known[1],
            prior_hemithoraces=outlined[0],
            followup_hemithoraces=outlined[1],
            readers=readers,
            reader_error=of_reader,
            previous=continued,
            segmenter=segmenter,
            override=overriding.accepted,
            reason=overriding.reason,
            bspline=bspline,
        )
        del opening
        segmenter = None
        give_back()  # what the networks took, to what writes
    with output.working("writing"):
        document = writing.result().write_comparison_results(
            result, out, deidentify=deidentify, with_lungs=with_lungs
        )
    _tell(output, result, document, out)
    if not result.registration.accepted:
        raise QualityGateError(
            f"the exams could not be brought onto each other ({result.registration.reason})",
            f"look at {out / document['outputs']['panel']}",
        )
    if send:
        send_results(archive, document["outputs"], out, output)


def _what_follows() -> ModuleType:
    """The module that writes results, and before it what registers: both take long to import."""
    import SimpleITK  # noqa: F401

    from ptx_followup.results import comparison

    return comparison


def _tell(output: Output, result: FollowUp, document: dict[str, Any], out: Path) -> None:
    for warning in document["warnings"]:
        output.warn(warning)
    for name, exam in (("prior", result.prior), ("follow-up", result.followup)):
        for warning in exam.segmentation.warnings:
            output.warn(f"{name}: {warning}")
        for one in exam.segmentation.concordance:
            if one.severity != "info":
                output.warn(f"{name}: {one.message}")
    output.result(document, f"{result.sentence}\nSee {out / document['outputs']['panel']}")
    output.hint(document["disclaimer"])
