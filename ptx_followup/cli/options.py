"""Options that several commands share, declared once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results; made if missing.")]
ModelOption = Annotated[str, typer.Option("--model", help="Name of a model on board, or a model folder.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or cuda:N.")]
PrecisionOption = Annotated[
    str,
    typer.Option(
        "--precision",
        help="Of the network: auto, float32, bf16, or int8 (fastest on a CPU for large networks).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no hints.")]
LungsOption = Annotated[bool, typer.Option("--with-lungs", help="Write the lungs as DICOM SEG too.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace the results of an earlier run.")]
DeidentifyOption = Annotated[
    bool,
    typer.Option("--deidentify", help="Write no patient, date, identifier or report text into any result."),
]
OverrideOption = Annotated[
    str,
    typer.Option(
        "--override",
        help="Go on although the exams contradict each other in: patient, order, view (with commas).",
    ),
]
NoReportOption = Annotated[
    bool, typer.Option("--no-report", help="Use no report of any exam, the images alone.")
]
BsplineOption = Annotated[bool, typer.Option("--bspline", help="Allow a gentle elastic registration.")]
ReadersOption = Annotated[
    Literal["same", "different"],
    typer.Option(help="Whether one person gave both masks; their errors are then assumed to be alike."),
]
ReaderErrorOption = Annotated[
    Path | None,
    typer.Option(
        "--reader-error",
        help="How far a person's mask lies from another's: a file of ptx data readings --out, or of ptx "
        "review --agreement --out.",
    ),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why it is overridden; kept in the result.")]
