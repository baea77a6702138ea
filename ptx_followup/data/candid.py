"""CANDID-PTX (Feng et al., Radiology: Artificial Intelligence 2021;3(6):e210136), as it lies on disk."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ptx_followup.data import rle
from ptx_followup.data.annotations import Gathered, gather, image_missing, unlisted
from ptx_followup.data.convention import recognise
from ptx_followup.data.dataset import Case, DataSet, Problem
from ptx_followup.data.files import find_images
from ptx_followup.data.tables import Table, read_table
from ptx_followup.errors import InputError

TABLE = "Pneumothorax_reports.csv"
IMAGE_FOLDERS = ("dataset", "chest_radiographs")
CHEST_TUBE_TABLE = "chest_tube.csv"
RIB_FRACTURE_TABLES = ("acute_rib_fracture.csv", "Rib_fracture_mask_rle.csv")

#: Both spellings of a column are in circulation.
NAME_COLUMN = ("SOPInstanceUID", "anon_SOPUID")
CODE_COLUMN = ("EncodedPixels", "mask_rle")
STUDY_COLUMN = ("StudyInstanceUID", "anon_StudyUID")

_PATIENT = re.compile(r"[Pp](?P<patient>[^_]+)_(?P<rest>.+)")


def open_candid(root: Path, convention: rle.Convention | None) -> DataSet:
    """Open a CANDID-PTX folder: the table of reports, the images, and the label tables that are there.

    UIDs are names here: 1,318 of the released ones are not legal, and none is validated.

    Args:
        root: The data set's folder.
        convention: How run-length codes are counted, or None to recognise it (documented: relative).

    Raises:
        InputError: The table or the folder is not as documented, or its run-length codes disagree.
    """
    table = read_table(root / TABLE)
    gathered, problems = gather(table, table.require(*NAME_COLUMN), table.require(*CODE_COLUMN))
    folder = _image_folder(root)
    found = find_images(folder)
    sequence, notes = _patients(table, gathered)
    tubes, fractures = _label(root, (CHEST_TUBE_TABLE,)), _label(root, RIB_FRACTURE_TABLES)
    report_column = table.require("Report")
    study_column = table.find(*STUDY_COLUMN)
    cases = []
    for image in gathered:
        first = image.rows[0].values
        if image.id not in found:
            problems.append(image_missing(image.id, image.where, f"{folder.name}/"))
        problems += _reports_differ(image, report_column)
        patient, order = sequence[image.id]
        extra = {"study": first[study_column]} if study_column else {}
        if fractures is not None:
            extra["rib_fracture"] = str(int(image.id in fractures))
        cases.append(
            Case(
                id=image.id,
                where=image.where,
                image=found.get(image.id),
                positive=image.positive,
                annotations=image.annotations,
                report_text=first[report_column] or None,
                patient=patient,
                order=order,
                chest_tube=None if tubes is None else image.id in tubes,
                extra=extra,
            )
        )
    convention, note = recognise(cases, requested=convention, documented="relative")
    return DataSet(
        root=root,
        layout="candid",
        cases=tuple(cases),
        convention=convention,
        notes=(note, *notes),
        problems=(*problems, *unlisted(cases, found, f"{folder.name}/")),
    )


def _image_folder(root: Path) -> Path:
    present = [root / name for name in IMAGE_FOLDERS if (root / name).is_dir()]
    if len(present) == 1:
        return present[0]
    names = " or ".join(f"{name}/" for name in IMAGE_FOLDERS)
    found = "neither is there" if not present else "both are there"
    raise InputError(f"{root.name}: {found}: {names}", "expected the images in exactly one of them")


def _reports_differ(image: Gathered, column: str) -> list[Problem]:
    if len({row.values[column] for row in image.rows}) == 1:
        return []
    message = "the image's rows carry different reports; the first is taken"
    return [Problem("reports-differ", "warning", image.rows[0].where(column), message, image.id)]


def _label(root: Path, names: Sequence[str]) -> set[str] | None:
    """Names of the images that a label table marks, or None where the table is not there."""
    path = next((root / name for name in names if (root / name).is_file()), None)
    if path is None:
        return None
    table = read_table(path)
    name, code = table.require(*NAME_COLUMN), table.require(*CODE_COLUMN)
    return {row.values[name] for row in table.rows if row.values[code] not in ("", rle.EMPTY)}


def _patients(
    table: Table, gathered: Sequence[Gathered]
) -> tuple[dict[str, tuple[str | None, int | None]], list[str]]:
    """Patient and order in time of each image, from the column `filename` (P<patient>_...).

    What follows the patient is not documented; the release preserves the order in time, so the numbers in it
    are taken to rise with time, unless they could be a date with the year last.
    """
    column = table.find("filename")
    if column is None:
        return {image.id: (None, None) for image in gathered}, [
            "no column filename: every image counts as a patient of its own"
        ]
    patients: dict[str, str] = {}
    moments: defaultdict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for image in gathered:
        match = _PATIENT.fullmatch(image.rows[0].values[column])
        if match is None:
            continue
        patients[image.id] = match["patient"]
        moment = _moment(match["rest"])
        if moment is not None:
            moments[match["patient"]][image.id] = moment
    orders: dict[str, int] = {}
    for exams in moments.values():
        if len({len(moment) for moment in exams.values()}) == 1:
            rank = {moment: place for place, moment in enumerate(sorted(set(exams.values())))}
            orders |= {name: rank[moment] for name, moment in exams.items()}
    sequence = {image.id: (patients.get(image.id), orders.get(image.id)) for image in gathered}
    return sequence, [
        f"patients are read from filename (P<patient>_...), known for {len(patients)} of {len(gathered)}",
        "the order of a patient's exams is read from the numbers that follow, which the data set does not "
        f"document, known for {len(orders)} of {len(gathered)}",
    ]


def _moment(text: str) -> tuple[int, ...] | None:
    """The numbers of a file name after the patient, or None where they need not rise with time."""
    numbers = re.findall(r"\d+", text)
    if not 1 <= len(numbers) <= 6:  # none, or a UID; a date and a time have at most six
        return None
    year_last = len(numbers) >= 3 and len(numbers[0]) <= 2 and len(numbers[2]) == 4
    return None if year_last else tuple(map(int, numbers))
