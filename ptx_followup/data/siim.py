"""SIIM-ACR Pneumothorax Segmentation (2019): a tree of DICOM files and a table of run-length codes."""

from __future__ import annotations

from pathlib import Path

from ptx_followup.data import rle
from ptx_followup.data.annotations import gather, image_missing, unlisted
from ptx_followup.data.convention import recognise
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.files import find_images
from ptx_followup.data.tables import read_table

#: The table of the first stage, of its sample, and of the second stage.
TABLES = ("train-rle.csv", "train-rle-sample.csv", "stage_2_train.csv")


def open_siim(root: Path, table_path: Path, convention: rle.Convention | None) -> DataSet:
    """Open a SIIM-ACR folder.

    Images are found anywhere below `root` by the name in `ImageId`, as DICOM, PNG or JPEG. The challenge gave
    every file a random PatientID, so the cases have no patient.

    Args:
        root: The data set's folder.
        table_path: Its table (one of `TABLES`): `ImageId`, `EncodedPixels`, one row per annotation.
        convention: How run-length codes are counted, or None to recognise it.

    Raises:
        InputError: The table is not as documented, or the convention cannot be recognised.
    """
    table = read_table(table_path)
    gathered, problems = gather(table, table.require("ImageId"), table.require("EncodedPixels"))
    found = find_images(root)
    cases = []
    for image in gathered:
        path = found.get(image.id)
        if path is None:
            problems.append(image_missing(image.id, image.where, root.name))
        cases.append(Case(image.id, image.where, path, image.positive, image.annotations))
    convention, note = recognise(cases, requested=convention)
    return DataSet(
        root=root,
        layout="siim",
        cases=tuple(cases),
        convention=convention,
        notes=(note, "SIIM-ACR names no patients: every image counts as a patient of its own"),
        problems=(*problems, *unlisted(cases, found, root.name)),
    )
