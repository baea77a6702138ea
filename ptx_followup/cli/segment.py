"""`ptx segment`: where is the pneumothorax on this radiograph?"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from ptx_followup.cli.options import (
    DeidentifyOption,
    DeviceOption,
    JsonOption,
    LungsOption,
    ModelOption,
    OutOption,
    OverwriteOption,
    PrecisionOption,
    QuietOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.errors import UsageError


class Prompt(StrEnum):
    """What the network is told of the report."""

    FOCUSED = "focused"
    FULL = "full"
    MATCHED = "matched"


def segment(
    prior: Annotated[Path, typer.Argument(help="Radiograph: a DICOM, PNG or JPEG file.", show_default=False)],
    report: Annotated[
        str | None,
        typer.Option("--report", "-r", help="Its report: a text file, a DICOM report, or - for stdin."),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Segment from the image alone.")] = False,
    out: OutOption = Path("ptx-out"),
    overwrite: OverwriteOption = False,
    deidentify: DeidentifyOption = False,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    prompt: Annotated[
        Prompt,
        typer.Option(
            "--prompt",
            help="What the network is told: the sentences on the finding, the full report, or side and "
            "zones alone.",
        ),
    ] = Prompt.FOCUSED,
    ignore_report_negation: Annotated[
        bool,
        typer.Option(
            "--ignore-report-negation", help="Run the network even where the report denies a pneumothorax."
        ),
    ] = False,
    with_lungs: LungsOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Segment a pneumothorax, guided by the radiology report.

    Writes mask.png (0/255, the file's pixel grid), overlay.png, DICOM SEG and SR (for DICOM input)
    and result.json into OUT.
    """
    from ptx_followup.ahead import ahead
    from ptx_followup.files import contained
    from ptx_followup.files.reading_ahead import reading_ahead
    from ptx_followup.timing import timed

    if (report is None) != no_report:
        raise UsageError(
            "both --report and --no-report are given" if no_report else "no report is given",
            "give --report FILE (- for stdin), or --no-report to segment from the image alone",
        )
    contained.start("ptx_followup.radiograph.read")
    output = Output(as_json=as_json, quiet=quiet)
    timing_s: dict[str, float] = {}
    with output.working("reading"):
        from ptx_followup.radiograph.read import read_radiograph

        with reading_ahead(lambda: read_radiograph(prior)) as reading:
            from ptx_followup.network.engine import open_networks

            opening = ahead(lambda: open_networks(model, device, precision))

            from ptx_followup.files.output_folder import prepare_folder
            from ptx_followup.report.text import load_report
            from ptx_followup.results.names import SEGMENTATION_RESULTS
            from ptx_followup.segmentation.segmenter import Segmenter

            text = None if report is None else load_report(report)
            with timed(timing_s, "read"):
                radiograph = reading.result()
        prepare_folder(out, SEGMENTATION_RESULTS, overwrite=overwrite)
    with output.working("segmenting"):
        with timed(timing_s, "model"):
            segmenter = Segmenter(opening.result())
        writing = ahead(_results)  # while the networks run
        result = segmenter.segment(
            radiograph, text, prompt_mode=prompt.value, ignore_negation=ignore_report_negation
        )
        result = replace(result, timing_s=timing_s | result.timing_s)
    with output.working("writing"):
        from ptx_followup.results.words import size_in_words

        results = writing.result()
        document = results.write_segmentation_results(
            result, out, deidentify=deidentify, with_lungs=with_lungs
        )
    for warning in results.warnings_of(result):
        output.warn(warning)
    picture = out / document["outputs"]["overlay"]
    output.result(document, f"{size_in_words(result)}\nSee {picture}\n{document['disclaimer']}")


def _results() -> ModuleType:
    """The module that writes results; with the DICOM objects that it writes, it takes long to import."""
    from ptx_followup.results import segmentation

    return segmentation
