"""Synthetic data sets: three layouts of the same patients, sound by the project's own check."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_followup.data.check import check
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.phantom_layouts import write_phantom_data_set
from ptx_followup.data.phantoms import phantom_exams
from ptx_followup.data.summary import to_json

LAYOUTS = ("candid", "siim", "folder")


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("phantoms")
    for layout in LAYOUTS:
        write_phantom_data_set(root / layout, layout, cases=6, seed=3, size_px=96)
    return {layout: root / layout for layout in LAYOUTS}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognised_and_sound(sets, layout):
    data_set = open_data_set(sets[layout])
    result = check(data_set)
    figures = to_json(result)
    assert data_set.layout == layout
    assert {problem.code for problem in result.problems} <= {"annotations-overlap"}
    assert figures["cases"] == 6
    assert 1 <= figures["positive"] <= 5
    assert figures["reports"]["found"] == (0 if layout == "siim" else 6)


def test_the_layouts_hold_the_same_masks(sets):
    masks = {
        layout: [data_set.load_mask(case) for case in data_set]
        for layout, data_set in ((layout, open_data_set(sets[layout])) for layout in LAYOUTS)
    }
    for place, mask in enumerate(masks["folder"]):
        assert (masks["siim"][place] == mask).all()
        assert (masks["candid"][place] == mask).all()


def test_the_candid_layout_has_what_makes_the_real_one_hard(sets):
    data_set = open_data_set(sets["candid"])
    figures = to_json(check(data_set))
    assert {"2", "3"} & set(figures["rows_per_image"])
    assert figures["reports"]["redacted"] == 6
    assert any(case.id.startswith("2.25.0") for case in data_set)  # not a legal UID
    assert all(case.image is not None and case.image.name == case.id for case in data_set)  # no ending
    assert all(case.chest_tube is not None for case in data_set)


def test_the_same_arguments_give_the_same_exams():
    first, again, other = (next(phantom_exams(1, seed, 96)) for seed in (3, 3, 4))
    assert first.report == again.report
    assert abs(first.radiograph.pixels - again.radiograph.pixels).max() < 1e-6  # 12 bits are stored
    assert abs(first.radiograph.pixels - other.radiograph.pixels).max() > 0.05
