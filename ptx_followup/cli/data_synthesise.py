"""`ptx data synthesise-reports`: reports written from the masks of a data set that has none."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ptx_followup.cli.options import JsonOption, OutOption, QuietOption
from ptx_followup.cli.output import Output
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ptx_followup.data.dataset import Case, DataSet
    from ptx_followup.report.synthesis import Phrasing, SideDescription

PhrasingChoice = Literal["by-split", "train", "validation"]


def synthesise_reports(
    data: Annotated[Path, typer.Argument(help="Data set with pneumothorax masks.")],
    out: OutOption,
    lungs: Annotated[
        Path | None,
        typer.Option(help="Folder of lung masks ID.png: 1 the patient's right lung, 2 the left."),
    ] = None,
    phrasing: Annotated[
        PhrasingChoice,
        typer.Option(
            help="by-split: training cases get the training half of the phrases, the others the rest."
        ),
    ] = "by-split",
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other reports of the same masks.")] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a report for every mask of a data set.

    They are OUT/reports/ID.txt, and OUT/index.csv states what they say. OUT is a new folder, whole or absent.

    The reports are true to the masks and made up in everything else; a network trained on them must say so.
    """
    from ptx_followup.data.layout import open_data_set
    from ptx_followup.files.output_folder import new_folder

    output = Output(as_json=as_json, quiet=quiet)
    data_set = open_data_set(data)
    written = positives = 0
    with (
        output.working(f"writing {len(data_set)} reports"),
        new_folder(out) as private,
        (private / "index.csv").open("w", newline="") as file,
    ):
        folder = private / "reports"
        folder.mkdir()
        index = csv.writer(file)
        index.writerow(("id", "phrasing", "side", "zones", "size", "hemithorax_percent", "rim_mm"))
        for case in data_set:
            descriptions = _describe(data_set, case, lungs)
            half = _half(case, phrasing)
            (folder / f"{case.id}.txt").write_text(_report(case, descriptions, half, seed), encoding="utf-8")
            index.writerows(_rows(case, half, descriptions))
            written += 1
            positives += bool(descriptions)
    result = {"reports": written, "positive": positives, "negative": written - positives, "seed": seed}
    output.result(result, f"{written} reports ({positives} of a pneumothorax) in {out / 'reports'}")


def _describe(data_set: DataSet, case: Case, lungs: Path | None) -> tuple[SideDescription, ...]:
    from ptx_followup.report.synthesis import describe

    radiograph = data_set.load_image(case)
    mask = data_set.load_mask(case, radiograph)
    if lungs is None:
        return describe(mask, None, radiograph.spacing_mm)
    stored = _read_lungs(lungs / f"{case.id}.png", radiograph.to_stored(mask).shape)
    return describe(mask, radiograph.to_standard(stored), radiograph.spacing_mm)


def _read_lungs(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    from ptx_followup.data.files import read_mask

    labels = read_mask(path, shape)
    if labels.max() > 2:
        raise InputError(f"{path.name}: values above 2", "expected 0, 1 (right lung) and 2 (left lung)")
    return labels


def _half(case: Case, phrasing: PhrasingChoice) -> Phrasing:
    if phrasing == "by-split":
        return "train" if case.part in ("train", None) else "validation"
    return phrasing


def _report(case: Case, descriptions: tuple[SideDescription, ...], half: Phrasing, seed: int) -> str:
    """The report of a case depends on its name and the seed, not on the other cases."""
    import numpy as np

    from ptx_followup.report.synthesis import synthesise

    name = int.from_bytes(hashlib.sha256(case.id.encode()).digest()[:8])
    return synthesise(descriptions, np.random.default_rng([seed, name]), half) + "\n"


def _rows(case: Case, half: str, descriptions: tuple[SideDescription, ...]) -> list[tuple[str, ...]]:
    if not descriptions:
        return [(case.id, half, "", "", "", "", "")]
    return [
        (
            case.id,
            half,
            one.side,
            " ".join(one.zones),
            one.size,
            "" if one.hemithorax_percent is None else f"{one.hemithorax_percent:.1f}",
            "" if one.rim_mm is None else f"{one.rim_mm:.1f}",
        )
        for one in descriptions
    ]
