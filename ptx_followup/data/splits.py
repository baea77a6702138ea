"""Divisions of a data set into training, validation and test cases, kept in a file."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ptx_followup.data.dataset import Case, DataSet, Part
from ptx_followup.errors import InputError, UsageError
from ptx_followup.files.storage import require_absent, write_atomically

SCHEMA = "ptx-split/1"
PARTS: tuple[Part, ...] = get_args(Part)

#: Share of the cases in training, validation and test (ConTEXTual Net, Huemann et al. 2024).
FRACTIONS = (0.8, 0.1, 0.1)

#: Seeds of the five Monte Carlo folds of that paper.
PAPER_SEEDS = (98, 117, 295, 456, 915)

Method = Literal["patient", "image", "index", "fold"]


@dataclass(frozen=True)
class Split:
    """Which cases train, validate and test.

    Attributes:
        fingerprint: Of the data set that it divides (`DataSet.fingerprint`).
        method: "patient": all exams of a patient in one part; "image": images divided one by one, as in the
            paper; "index": as the data set itself states; "fold": one fold of patients validates.
        seed: Of the draw; None where nothing was drawn.
        members: Identifiers of the cases in each part, sorted.
        shared_patients: Number of patients with exams in more than one part.
    """

    fingerprint: str
    method: Method
    seed: int | None
    members: Mapping[Part, tuple[str, ...]] = field(repr=False)
    shared_patients: int = 0

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over the data set's fingerprint and the members of each part."""
        facts = [self.fingerprint, *([part, list(self.members[part])] for part in PARTS)]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes results on this split look better than they are."""
        if not self.shared_patients:
            return ()
        who = "1 patient has" if self.shared_patients == 1 else f"{self.shared_patients} patients have"
        return (f"{who} exams in more than one part: results on the test part will flatter the model",)

    def cases(self, data_set: DataSet, part: Part) -> tuple[Case, ...]:
        """The cases of one part."""
        return tuple(data_set.by_id[name] for name in self.members[part])

    def to_json(self) -> dict[str, Any]:
        """The split as stored in its file."""
        return {
            "schema": SCHEMA,
            "sha256": self.sha256,
            "data_set": self.fingerprint,
            "method": self.method,
            "seed": self.seed,
            "shared_patients": self.shared_patients,
            "members": {part: list(self.members[part]) for part in PARTS},
        }


def split_by_patient(
    data_set: DataSet, seed: int, fractions: tuple[float, float, float] = FRACTIONS
) -> Split:
    """Divide the patients, so that no patient is on two sides.

    Patients are drawn within strata: without a pneumothorax, and by tercile of their largest mask in pixels.
    A case without a patient counts as a patient of its own. Each patient goes to the part that still lacks
    most images of the stratum.

    Args:
        data_set: The data set; masks are measured (not drawn) for the strata.
        seed: Of the draw.
        fractions: Wanted shares of the images in training, validation and test.

    Raises:
        InputError: A mask cannot be read.
    """
    _check(fractions)
    draw = np.random.default_rng(seed)
    members: dict[Part, list[str]] = {part: [] for part in PARTS}
    lacking = [0.0] * len(PARTS)
    for stratum in strata(data_set, data_set.cases):
        # What a part lacks after one stratum is made up for in the next, so that small strata add up.
        images = sum(map(len, stratum))
        lacking = [short + fraction * images for short, fraction in zip(lacking, fractions, strict=True)]
        for patient in (stratum[place] for place in draw.permutation(len(stratum))):
            part = int(np.argmax(lacking))
            lacking[part] -= len(patient)
            members[PARTS[part]] += [case.id for case in patient]
    return split_of(data_set, "patient", seed, members)


def split_by_image(data_set: DataSet, seed: int, *, positives_only: bool = True) -> Split:
    """Divide the images one by one, 80/10/10, as the ConTEXTual Net paper did with `PAPER_SEEDS`.

    Exams of one patient then lie in several parts (see `Split.warnings`). The parts have the paper's sizes
    (3,196 positives: 2,556 / 320 / 320) but not its members, which depend on its authors' software.

    Args:
        data_set: The data set.
        seed: Of the draw.
        positives_only: Leave out cases without a pneumothorax, as the paper did.
    """
    names = sorted(case.id for case in data_set if case.positive or not positives_only)
    drawn = [names[place] for place in np.random.default_rng(seed).permutation(len(names))]
    held_out = -(-len(names) // 10)  # rounded up
    return split_of(
        data_set,
        "image",
        seed,
        {
            "test": drawn[:held_out],
            "validation": drawn[held_out : 2 * held_out],
            "train": drawn[2 * held_out :],
        },
    )


def split_from_index(data_set: DataSet) -> Split:
    """The division that the data set itself states (column `split` of a plain folder).

    Raises:
        UsageError: It states none, or not for every case.
    """
    for case in data_set:
        if case.part is None:
            raise UsageError(
                f"{case.where}: it states no split", "fill the column split, or draw a split instead"
            )
    return split_as_stated(data_set)


def split_as_stated(data_set: DataSet) -> Split:
    """What the data set itself states; cases for which it states nothing are in no part."""
    members = {part: [case.id for case in data_set if case.part == part] for part in PARTS}
    return split_of(data_set, "index", None, members)


def save_split(split: Split, path: Path) -> None:
    """Write a split to a new file, at once or not at all.

    Raises:
        UsageError: The file exists.
    """
    require_absent(path, "name another file, or remove it first")
    text = json.dumps(split.to_json(), indent=1) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def load_split(path: Path, data_set: DataSet) -> Split:
    """Read a split for a data set.

    Raises:
        InputError: It is not a split, was altered, or belongs to another data set.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        fingerprint, method, seed = stored["data_set"], stored["method"], stored["seed"]
        members = {part: [str(name) for name in stored["members"][part]] for part in PARTS}
        sha256 = stored["sha256"]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path.name} is not a split file", "make one with `ptx data split`") from error
    if fingerprint != data_set.fingerprint:
        raise InputError(
            f"{path.name} is a split of another data set than {data_set.root.name}, or of an earlier state",
            "use the data set that it was made for, or make one with `ptx data split`",
        )
    names = [name for part in PARTS for name in members[part]]
    known = len(set(names)) == len(names) and data_set.by_id.keys() >= set(names)
    split = split_of(data_set, method, seed, members) if known else None
    if split is None or split.sha256 != sha256:
        raise InputError(f"{path.name} was altered: its hash does not fit", "make a new one")
    return split


def _check(fractions: Sequence[float]) -> None:
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise UsageError("the shares of the parts do not add up to 1", "for example 0.8, 0.1 and 0.1")


def strata(data_set: DataSet, cases: Sequence[Case]) -> list[list[list[Case]]]:
    """Patients (lists of their cases) by stratum, in an order that does not depend on the table's.

    Args:
        data_set: The data set; masks are measured (not drawn).
        cases: Those of it that are divided.

    Returns:
        Strata: without a pneumothorax, and by tercile of a patient's largest mask; none is empty.
    """
    patients: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.id):
        patients[("image", case.id) if case.patient is None else ("patient", case.patient)].append(case)
    ordered = [patients[key] for key in sorted(patients)]
    largest = np.array([max(map(data_set.mask_area, cases)) for cases in ordered])
    terciles = np.quantile(largest[largest > 0], [1 / 3, 2 / 3]) if largest.any() else []
    stratum_of = np.where(largest > 0, 1 + np.searchsorted(terciles, largest), 0)
    divided = [[ordered[place] for place in np.flatnonzero(stratum_of == stratum)] for stratum in range(4)]
    return [stratum for stratum in divided if stratum]


def split_of(data_set: DataSet, method: Method, seed: int | None, members: Mapping[Part, list[str]]) -> Split:
    """A split with these members, which counts the patients that lie in several parts."""
    parts_of: defaultdict[str, set[Part]] = defaultdict(set)
    for part, names in members.items():
        for name in names:
            patient = data_set.by_id[name].patient
            if patient is not None:
                parts_of[patient].add(part)
    return Split(
        fingerprint=data_set.fingerprint,
        method=method,
        seed=seed,
        members={part: tuple(sorted(members[part])) for part in PARTS},
        shared_patients=sum(len(parts) > 1 for parts in parts_of.values()),
    )
