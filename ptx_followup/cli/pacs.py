"""`ptx pacs`: look into an image archive, fetch exams from it, and send results to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ptx_followup.cli.options import JsonOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.errors import PacsError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ptx_followup.pacs.archive import Archive
    from ptx_followup.pacs.queries import Study

pacs = typer.Typer(
    name="pacs", no_args_is_help=True, help="Look into an image archive, fetch from it, send to it."
)

NodeArgument = Annotated[
    str, typer.Argument(help="Name of the archive in the configuration.", show_default=False)
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--pacs-config", help="Configuration file; otherwise PTX_PACS_CONFIG, or ~/.config/ptx/pacs.toml."
    ),
]
AccessionOption = Annotated[str, typer.Option("--accession", help="Accession number.")]


@pacs.command("echo")
def echo(
    node: NodeArgument, config: ConfigOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Ask an archive for a sign of life, with the configured credentials."""
    output = Output(as_json=as_json, quiet=quiet)
    with output.working("asking"), connected(node, config) as archive:
        archive.echo()
    output.result({"node": node, "reached": True}, f"{node} answers")


@pacs.command("find")
def find(
    node: NodeArgument,
    accession: AccessionOption = "",
    patient: Annotated[str, typer.Option("--patient", help="Patient ID.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List studies by accession number or patient, the latest first."""
    from ptx_followup.pacs.queries import find_studies

    output = Output(as_json=as_json, quiet=quiet)
    if not accession and not patient:
        raise UsageError("nothing to search for is given", "give --accession or --patient")
    if {"*", "?"} & set(accession + patient):
        raise UsageError("a value to search for contains * or ?", "give it in full")
    with output.working("searching"), connected(node, config) as archive:
        studies = find_studies(archive, accession=accession, patient_id=patient)
    rows = sorted((_as_json(study) for study in studies), key=lambda row: row["when"] or "", reverse=True)
    output.result({"node": node, "studies": rows}, _table(rows) if rows else "no study found")


@pacs.command("get")
def get(
    node: NodeArgument,
    accession: AccessionOption,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files; a new or an empty one.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fetch all objects of the study with an accession number.

    Files are called after modality and number. Where several studies have the number, all are fetched.
    The folder has all the files at the end, or none.
    """
    from ptx_followup.files.output_folder import filled_at_once
    from ptx_followup.pacs.exams import fetch_studies
    from ptx_followup.pacs.queries import find_studies

    output = Output(as_json=as_json, quiet=quiet)
    if not accession:
        raise UsageError("no accession number is given", "give --accession")
    with output.working("fetching"), filled_at_once(out) as private, connected(node, config) as archive:
        studies = find_studies(archive, accession=accession)
        if not studies:
            raise PacsError("the archive holds no study with this accession number", "check the number")
        names = [file.name for file in fetch_studies(archive, studies, private)]
    output.result({"node": node, "folder": str(out), "files": names}, f"{len(names)} files in {out}")


@pacs.command("send")
def send_command(
    node: NodeArgument,
    paths: Annotated[
        list[Path], typer.Argument(help="DICOM files, or folders with *.dcm files.", show_default=False)
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Store DICOM objects in an archive, each once."""
    from ptx_followup.pacs.sending import dicom_files, send

    output = Output(as_json=as_json, quiet=quiet)
    files = dicom_files(paths)
    if not files:
        raise UsageError("there is no *.dcm file to send", "name files, or a folder of results")
    with output.working("sending"), connected(node, config) as archive:
        sent = send(archive, files)
    output.result(
        {"node": node, "stored": sent.stored, "present": sent.present},
        f"{sent.stored} objects stored in {node}, {sent.present} were there already",
    )


@contextmanager
def connected(node: str, config: Path | None) -> Iterator[Archive]:
    """An open connection to a node of the configuration."""
    from ptx_followup.pacs.nodes import load_configuration
    from ptx_followup.pacs.opening import open_archive

    with open_archive(node, load_configuration(config).node(node)) as archive:
        yield archive


def _as_json(study: Study) -> dict[str, Any]:
    day = "" if study.date is None else study.date.isoformat()
    clock = "" if study.time is None else study.time.isoformat()
    return {
        "when": " ".join(part for part in (day, clock) if part) or None,
        "modalities": list(study.modalities),
        "description": study.description,
        "accession": study.accession,
        "study_instance_uid": study.uid,
    }


def _table(rows: list[dict[str, Any]]) -> RenderableType:
    from rich.table import Table

    table = Table("when", "modalities", "description", "accession", box=None)
    for row in rows:
        table.add_row(row["when"] or "-", " ".join(row["modalities"]), row["description"], row["accession"])
    return table
