"""Splits: who is on which side, and that a split belongs to one data set."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_followup.data import rle
from ptx_followup.data.dataset import Annotation, Case, DataSet
from ptx_followup.data.splits import (
    PAPER_SEEDS,
    load_split,
    save_split,
    split_by_image,
    split_by_patient,
    split_from_index,
)
from ptx_followup.errors import InputError, UsageError

PARTS = ("train", "validation", "test")


def data_set(areas: list[int], exams_per_patient: int = 1) -> DataSet:
    """Cases with masks of the given areas (0: negative); neighbours share a patient."""
    cases = [
        Case(
            id=f"case{place:04d}",
            where=f"row {place + 2}",
            image=None,
            positive=area > 0,
            annotations=(Annotation(f"3 {area}", ""),) if area else (),
            patient=str(place // exams_per_patient),
        )
        for place, area in enumerate(areas)
    ]
    return DataSet(Path("made"), "candid", tuple(cases), rle.CONVENTIONS[0])


AREAS = [0 if place % 2 else 10 + 7 * (place % 50) for place in range(600)]


@settings(max_examples=30, deadline=None)
@given(
    areas=st.lists(st.integers(0, 500), min_size=1, max_size=60),
    exams=st.integers(1, 4),
    seed=st.integers(0, 2**31),
)
def test_every_case_is_in_one_part_and_no_patient_in_two(areas, exams, seed):
    cases = data_set(areas, exams)
    split = split_by_patient(cases, seed)
    names = [name for part in PARTS for name in split.members[part]]
    assert sorted(names) == [case.id for case in cases]
    sides = {part: {case.patient for case in split.cases(cases, part)} for part in PARTS}
    assert not sides["train"] & sides["validation"]
    assert not sides["train"] & sides["test"]
    assert not sides["validation"] & sides["test"]
    assert split.warnings == ()


def test_parts_have_their_share_of_positives_and_of_large_masks():
    cases = data_set(AREAS, exams_per_patient=2)
    split = split_by_patient(cases, seed=98)
    sizes = {part: len(split.members[part]) for part in PARTS}
    assert abs(sizes["validation"] - 60) <= 4
    assert abs(sizes["test"] - 60) <= 4
    median = np.median([area for area in AREAS if area])
    for part in PARTS:
        drawn = [cases.mask_area(case) for case in split.cases(cases, part) if case.positive]
        assert abs(len(drawn) / sizes[part] - 0.5) < 0.05
        assert abs(np.mean(np.array(drawn) > median) - 0.5) < 0.12


def test_the_draw_follows_the_seed_and_not_the_order_of_the_table():
    cases = data_set(AREAS)
    shuffled = replace(cases, cases=cases.cases[::-1])
    assert split_by_patient(cases, 1).sha256 == split_by_patient(shuffled, 1).sha256
    assert split_by_patient(cases, 1).sha256 != split_by_patient(cases, 2).sha256


def test_cases_without_a_patient_are_patients_of_their_own():
    cases = data_set([5, 0] * 20)
    cases = replace(cases, cases=tuple(replace(case, patient=None) for case in cases))
    assert len(split_by_patient(cases, 0).members["train"]) == 32


@pytest.mark.parametrize("seed", PAPER_SEEDS)
def test_the_split_by_image_has_the_sizes_of_the_paper_and_warns(seed):
    cases = data_set([10] * 3196 + [0] * 50, exams_per_patient=2)
    split = split_by_image(cases, seed)
    assert [len(split.members[part]) for part in PARTS] == [2556, 320, 320]
    assert all(case.positive for part in PARTS for case in split.cases(cases, part))
    counts = Counter(case.patient for part in PARTS for case in split.cases(cases, part))
    assert max(counts.values()) == 2
    assert "patients have exams in more than one part" in split.warnings[0]


def test_a_split_survives_its_file(tmp_path):
    cases = data_set(AREAS)
    split = split_by_patient(cases, 5)
    save_split(split, tmp_path / "split.json")
    assert load_split(tmp_path / "split.json", cases) == split
    with pytest.raises(UsageError, match="exists"):
        save_split(split, tmp_path / "split.json")


@pytest.mark.parametrize(
    "other",
    [
        data_set(AREAS[:-1]),
        data_set([1 if area == 0 else area for area in AREAS]),
        data_set(AREAS, exams_per_patient=2),
    ],
    ids=["a case less", "another label", "another patient"],
)
def test_a_split_of_another_data_set_is_refused(tmp_path, other):
    save_split(split_by_patient(data_set(AREAS), 5), tmp_path / "split.json")
    with pytest.raises(InputError, match=r"split.json is a split of another data set than made"):
        load_split(tmp_path / "split.json", other)


def test_an_altered_split_is_refused(tmp_path):
    cases = data_set(AREAS)
    path = tmp_path / "split.json"
    save_split(split_by_patient(cases, 5), path)
    stored = json.loads(path.read_text())
    stored["members"]["train"].append(stored["members"]["test"].pop())
    path.write_text(json.dumps(stored))
    with pytest.raises(InputError, match="was altered"):
        load_split(path, cases)
    path.write_text('{"members": []}')
    with pytest.raises(InputError, match="not a split file"):
        load_split(path, cases)
    with pytest.raises(InputError, match="cannot be read"):
        load_split(tmp_path / "absent.json", cases)


def test_the_data_sets_own_split_is_taken_whole_or_not_at_all():
    cases = data_set([5, 0, 5])
    stated = replace(
        cases, cases=tuple(replace(case, part=part) for case, part in zip(cases, PARTS, strict=True))
    )
    assert split_from_index(stated).members["test"] == ("case0002",)
    with pytest.raises(UsageError, match="row 2: it states no split"):
        split_from_index(cases)
