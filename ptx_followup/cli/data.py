"""`ptx data`: check, convert, split and make data sets before hours are spent on them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ptx_followup.cli.data_readings import readings
from ptx_followup.cli.data_synthesise import synthesise_reports
from ptx_followup.cli.options import DeidentifyOption, JsonOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.errors import BatchError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ptx_followup.data.check import Check
    from ptx_followup.data.dataset import DataSet
    from ptx_followup.data.splits import Split

data = typer.Typer(name="data", no_args_is_help=True, help="Check, convert, split and make data sets.")
data.command("synthesise-reports")(synthesise_reports)
data.command("readings")(readings)

Convention = Literal["auto", "relative", "absolute", "absolute-rows"]

SourceArgument = Annotated[Path, typer.Argument(help="Folder of a CANDID-PTX, SIIM-ACR or plain data set.")]
NewFolderArgument = Annotated[Path, typer.Argument(help="Folder to write; it must not exist.")]
RleOption = Annotated[
    Convention,
    typer.Option("--rle", help="How run-length codes are counted, where their numbers do not tell."),
]
ReportsOption = Annotated[
    Path | None, typer.Option("--reports", help="Folder of reports ID.txt instead of the data set's own.")
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes that read; all processors unless given.")
]

#: Below this number of cases, starting processes takes longer than the work.
_WORTH_PROCESSES = 400
#: More readers than this only wait for the disk.
_MOST_PROCESSES = 16
#: Problems that the table shows; the JSON has all.
_SHOWN_PROBLEMS = 20


@data.command("check")
def check_command(
    source: SourceArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for check.json and contact_sheet.png.")
    ] = None,
    rle: RleOption = "auto",
    reports: ReportsOption = None,
    workers: WorkersOption = None,
    deidentify: DeidentifyOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read every image, mask and report once: what is wrong?

    With --deidentify cases have numbers, by their place in the table.

    Exits with 7 where cases cannot be used.
    """
    from ptx_followup.data.anonymous import anonymous
    from ptx_followup.data.check import check
    from ptx_followup.data.summary import to_json

    output = Output(as_json=as_json, quiet=quiet)
    targets = _to_write(out, ("check.json", "contact_sheet.png"))
    data_set = _open(source, rle, reports)
    if deidentify:
        data_set = anonymous(data_set)
    with output.progress("reading", len(data_set)) as advance:
        result = check(data_set, advance, workers=_workers(workers, data_set))
    figures = to_json(result)
    if targets:
        _write_check(result, figures, *targets)
    output.result(figures, _check_table(figures))
    if figures["unusable"]:
        raise BatchError(
            f"{figures['unusable']} of {figures['cases']} cases cannot be used",
            "correct them, or let `ptx data convert` leave them out",
        )


@data.command("convert")
def convert_command(
    source: SourceArgument,
    destination: NewFolderArgument,
    size: Annotated[
        int, typer.Option("--size", min=128, help="Longest side in pixels; smaller images stay as they are.")
    ] = 1024,
    rle: RleOption = "auto",
    reports: ReportsOption = None,
    workers: WorkersOption = None,
    deidentify: DeidentifyOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a data set as a plain folder of 8-bit PNG files.

    Decoded once, it is read fast in training. With --deidentify cases and patients get numbers, the index
    keeps no other columns, and of each report side and zones are written, in words of this program. Cases
    that cannot be read are left out; the exit code is then 7.
    """
    from ptx_followup.data.anonymous import anonymous
    from ptx_followup.data.convert import convert

    output = Output(as_json=as_json, quiet=quiet)
    data_set = _open(source, rle, reports)
    if deidentify:
        data_set = anonymous(data_set, own_words=True)
    for note in data_set.notes:
        output.hint(note)
    with output.progress("converting", len(data_set)) as advance:
        done = convert(
            data_set, destination, long_side=size, advance=advance, workers=_workers(workers, data_set)
        )
    left_out = [{"where": problem.where, "message": problem.message} for problem in done.skipped]
    result = {"folder": str(destination), "cases": done.converted, "left_out": left_out}
    output.result(result, f"{done.converted} cases written to {destination}")
    if done.skipped:
        raise BatchError(
            f"{len(done.skipped)} of {len(data_set)} cases were left out, the first for {done.skipped[0]}",
            f"{destination}/data-set.json names them all",
        )


@data.command("split")
def split_command(
    source: SourceArgument,
    file: Annotated[Path, typer.Argument(help="JSON file to write; it must not exist.")],
    by: Annotated[
        Literal["patient", "image", "index"],
        typer.Option(
            help="patient: no patient on two sides. image: positives one by one, as in the ConTEXTual Net "
            "paper. index: as the data set states."
        ),
    ] = "patient",
    seed: Annotated[int, typer.Option(min=0, help="Of the draw; the paper's are 98 117 295 456 915.")] = 98,
    rle: RleOption = "auto",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Divide a data set into training, validation and test.

    Shares are 80, 10 and 10 %, and the division is written to a file.
    """
    from ptx_followup.data import splits

    output = Output(as_json=as_json, quiet=quiet)
    data_set = _open(source, rle)
    if by == "patient":
        split = splits.split_by_patient(data_set, seed)
    elif by == "image":
        split = splits.split_by_image(data_set, seed)
    else:
        split = splits.split_from_index(data_set)
    splits.save_split(split, file)
    for warning in split.warnings:
        output.warn(warning)
    output.result(split.to_json(), _split_table(split, data_set))


@data.command("phantom")
def phantom_command(
    destination: NewFolderArgument,
    layout: Annotated[Literal["candid", "siim", "folder"], typer.Option(help="Layout to write.")] = "folder",
    cases: Annotated[int, typer.Option(min=1, help="Number of images.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other patients.")] = 0,
    size: Annotated[int, typer.Option(min=64, max=3000, help="Rows and columns of the images.")] = 512,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a synthetic data set with masks and reports."""
    from ptx_followup.data.phantom_layouts import write_phantom_data_set

    output = Output(as_json=as_json, quiet=quiet)
    with output.progress("drawing", cases) as advance:
        write_phantom_data_set(destination, layout, cases=cases, seed=seed, size_px=size, advance=advance)
    result = {"folder": str(destination), "layout": layout, "cases": cases, "seed": seed, "size_px": size}
    output.result(result, f"{cases} images written to {destination} in the {layout} layout")


def _open(source: Path, rle: Convention, reports: Path | None = None) -> DataSet:
    from ptx_followup.data.layout import open_data_set

    convention = None if rle == "auto" else rle
    return open_data_set(source, convention=convention, reports=reports, tolerant=True)


def _workers(asked: int | None, data_set: DataSet) -> int:
    if asked is not None:
        return asked
    return min(os.cpu_count() or 1, _MOST_PROCESSES) if len(data_set) >= _WORTH_PROCESSES else 1


def _to_write(out: Path | None, names: tuple[str, ...]) -> list[Path]:
    """The files to write, none of which may exist: hours of reading are not spent to find that out."""
    from ptx_followup.files.output_folder import prepare_folder
    from ptx_followup.files.storage import require_absent

    if out is None:
        return []
    for name in names:
        require_absent(out / name, "name another folder, or remove it first")
    prepare_folder(out, names)
    return [out / name for name in names]


def _write_check(result: Check, figures: dict[str, Any], json_path: Path, sheet_path: Path) -> None:
    import cv2

    from ptx_followup.data.contact_sheet import contact_sheet
    from ptx_followup.files.storage import write_atomically

    text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
    write_atomically(json_path, lambda file: file.write(text.encode()))
    sheet = cv2.imencode(".png", contact_sheet(result))[1].tobytes()
    write_atomically(sheet_path, lambda file: file.write(sheet))


def _check_table(figures: dict[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from ptx_followup.data.summary import table_rows

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in table_rows(figures):
        table.add_row(Text(name, style="bold"), Text(value))
    for note in figures["notes"]:
        table.add_row(Text("note", style="bold"), Text(note))
    problems = figures["problems"]
    for problem in problems[:_SHOWN_PROBLEMS]:
        colour = "red" if problem["severity"] == "error" else "yellow"
        table.add_row(
            Text(problem["severity"], style=colour), Text(f"{problem['where']}: {problem['message']}")
        )
    if len(problems) > _SHOWN_PROBLEMS:
        return Group(table, Text(f"and {len(problems) - _SHOWN_PROBLEMS} more problems: use --json or --out"))
    return table


def _split_table(split: Split, data_set: DataSet) -> str:
    from ptx_followup.data.splits import PARTS

    lines = []
    for part in PARTS:
        cases = split.cases(data_set, part)
        positive = sum(case.positive is True for case in cases)
        lines.append(f"{part}: {len(cases)} images, {positive} with a pneumothorax")
    return "\n".join([*lines, f"sha256 {split.sha256}"])
