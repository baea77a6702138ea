"""`ptx explain`: what do the words of the report change in the mask?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ptx_followup.cli.options import (
    DeviceOption,
    JsonOption,
    ModelOption,
    OutOption,
    OverwriteOption,
    QuietOption,
)
from ptx_followup.cli.output import Output
from ptx_followup.errors import UsageError


def explain(
    image: Annotated[Path, typer.Argument(help="Radiograph: a DICOM, PNG or JPEG file.", show_default=False)],
    report: Annotated[
        str,
        typer.Option(
            "--report",
            "-r",
            help="Its report: a text file, a DICOM report, or - for stdin.",
            show_default=False,
        ),
    ],
    swap: Annotated[
        list[str] | None,
        typer.Option(
            "--swap",
            help="A word that the network is told, and another in its place (right=left); may be repeated. "
            "Without it left and right are exchanged.",
            show_default=False,
        ),
    ] = None,
    out: OutOption = Path("ptx-out"),
    overwrite: OverwriteOption = False,
    model: ModelOption = "contextual-lite",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what the words of a report change in the mask.

    The mask as told, without the report, with one word in place of another, and with each word left out that
    the network is told; and what its attention did at each level, which is no proof of anything. Writes
    explanation.png and result.json into OUT; both quote the report.
    """
    from ptx_followup.ahead import ahead
    from ptx_followup.files import contained

    output = Output(as_json=as_json, quiet=quiet)
    swaps = [_parsed(one) for one in swap or []]
    contained.start("ptx_followup.radiograph.read")
    with output.working("reading"):
        from ptx_followup.files.output_folder import prepare_folder
        from ptx_followup.radiograph.read import read_radiograph
        from ptx_followup.report.text import load_report
        from ptx_followup.results.names import EXPLANATION_RESULTS
        from ptx_followup.segmentation.segmenter import Segmenter

        loading = ahead(lambda: Segmenter(model, device))  # while the child reads the film
        text = load_report(report)
        radiograph = read_radiograph(image)
        prepare_folder(out, EXPLANATION_RESULTS, overwrite=overwrite)
    with output.working("explaining"):
        from ptx_followup.segmentation.explanation import explain as explain_words

        found = explain_words(radiograph, text, loading.result(), model, swaps)
    with output.working("writing"):
        from ptx_followup.results.explanation import write_explanation

        document = write_explanation(found, out)
    for warning in document["warnings"]:
        output.warn(warning)
    output.result(document, f"See {out / document['outputs']['picture']}")
    output.hint(document["disclaimer"])


def _parsed(stated: str) -> tuple[str, str]:
    """The two words of "right=left".

    Raises:
        UsageError: They are not stated so.
    """
    word, equals, other = (part.strip() for part in stated.partition("="))
    if not (word and equals and other):
        raise UsageError("--swap states no two words", "give it as right=left")
    return word, other
