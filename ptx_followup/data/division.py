"""Which cases train and which validate, and the file that says so beside the run."""

from __future__ import annotations

import json
from pathlib import Path

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.splits import Split, load_split, split_as_stated, split_by_patient, split_of
from ptx_followup.errors import InputError
from ptx_followup.files.storage import write_atomically

FILE = "split.json"


def divide(data: DataSet, path: Path | None = None) -> Split:
    """The split of a run.

    Args:
        data: The data set.
        path: A split file; without one, the data set's own parts count. A data set that states none for any
            case is divided by patient (seed 0), or, where it names no patients, by taking every fifth case.

    Raises:
        InputError: The split file is none, was altered, or belongs to another data set.
    """
    if path is not None:
        return load_split(path, data)
    if any(case.part is not None for case in data):
        return split_as_stated(data)
    if any(case.patient is not None for case in data):
        return split_by_patient(data, seed=0)
    names = [case.id for case in data]
    rest = [name for place, name in enumerate(names) if place % 5]
    return split_of(data, "image", None, {"train": rest, "validation": names[::5], "test": []})


def parts(data: DataSet, split: Split | None = None) -> tuple[list[Case], list[Case]]:
    """Training and validation cases of a split (see `divide`), in the order of the data set."""
    split = split or divide(data)
    training, validation = (set(split.members[part]) for part in ("train", "validation"))
    return [case for case in data if case.id in training], [case for case in data if case.id in validation]


def keep_split(split: Split, folder: Path, *, resume: bool) -> None:
    """Store the split with its run.

    Raises:
        InputError: A run is to go on with another split than it began with.
    """
    path = folder / FILE
    if resume and path.is_file():
        if json.loads(path.read_text(encoding="utf-8")).get("sha256") != split.sha256:
            raise InputError(
                f"{folder.name} was begun with another split", "resume with the split that it began with"
            )
        return
    text = json.dumps(split.to_json(), indent=1) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))
