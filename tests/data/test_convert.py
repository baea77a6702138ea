"""Conversion to a plain folder: nothing is lost but pixels, and a folder is whole or absent."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from made_sets import block, loop_encode

from ptx_followup.cli.app import run
from ptx_followup.data import convert as conversion
from ptx_followup.data.convert import convert
from ptx_followup.data.layout import open_data_set
from ptx_followup.errors import InputError, UsageError

MASK = block(20, 60, 10, 50)


def test_a_converted_data_set_says_what_its_source_says(candid, tmp_path):
    root = candid(
        [
            ("1.02.3", "P5_20200101.dcm", "Right pneumothorax.\nSmall.", loop_encode(MASK)),
            ("1.02.4", "P5_20200103.dcm", "No pneumothorax.", "-1"),
        ]
    )
    source = open_data_set(root)
    done = convert(source, tmp_path / "plain", long_side=48)
    copy = open_data_set(done.folder)
    assert copy.fingerprint == source.fingerprint  # so that a split holds for both
    assert [(case.id, case.patient, case.order) for case in copy] == [("1.02.3", "5", 0), ("1.02.4", "5", 1)]
    assert copy.load_report(copy.cases[0]) == "Right pneumothorax.\nSmall."
    small = cv2.imread(str(done.folder / "masks" / "1.02.3.png"), cv2.IMREAD_UNCHANGED)
    assert small.shape == (48, 40)
    assert (small == 255 * MASK[::2, ::2]).all()
    assert not (done.folder / "masks" / "1.02.4.png").exists()


def test_images_are_never_enlarged_and_keep_what_is_displayed(plain, tmp_path):
    source = open_data_set(plain([{"id": "a", "pneumothorax": "0"}]))
    convert(source, tmp_path / "new", long_side=1024)
    written = cv2.imread(str(tmp_path / "new" / "images" / "a.png"), cv2.IMREAD_UNCHANGED)
    assert abs(written / 255 - source.load_image(source.cases[0]).pixels).max() <= 0.5 / 255 + 1e-6


def test_spacing_follows_the_reduction(plain, tmp_path):
    spacing = {"spacing_mm_row": "0.3", "spacing_mm_column": "0.2", "spacing_source": "calibrated"}
    root = plain([{"id": "a", "pneumothorax": "0", **spacing}])
    convert(open_data_set(root), tmp_path / "new", long_side=48)
    case = open_data_set(tmp_path / "new").cases[0]
    assert case.spacing_mm == pytest.approx((0.6, 0.4))
    assert case.spacing_source == "calibrated"


def test_a_mask_thinner_than_the_new_pixels_does_not_vanish(plain, tmp_path):
    line = block(30, 31, 10, 60)
    root = plain([{"id": "a", "pneumothorax": "1"}], masks={"a": line})
    convert(open_data_set(root), tmp_path / "new", long_side=24)
    assert open_data_set(tmp_path / "new").mask_area(open_data_set(tmp_path / "new").cases[0]) > 0


def test_lung_labels_stay_labels(plain, tmp_path):
    labels = MASK.astype(np.uint8) + 2 * block(20, 60, 52, 72).astype(np.uint8)
    convert(open_data_set(plain([{"id": "a"}], masks={"a": labels})), tmp_path / "new", long_side=96)
    copy = open_data_set(tmp_path / "new")
    assert copy.lung_labels
    assert (copy.load_lungs(copy.cases[0]) == labels).all()


def test_cases_that_cannot_be_read_are_left_out_and_named(plain, tmp_path, capsys):
    root = plain([{"id": "a", "pneumothorax": "0"}, {"id": "b", "pneumothorax": "1"}])
    assert run(["data", "convert", str(root), str(tmp_path / "new"), "--json"]) == 7
    result = json.loads(capsys.readouterr().out)
    assert result["cases"] == 1
    assert [entry["where"] for entry in result["left_out"]] == ["index.csv row 3"]
    assert [case.id for case in open_data_set(tmp_path / "new")] == ["a"]


def test_cases_whose_mask_contradicts_them_are_left_out(plain, tmp_path):
    masks = {"a": MASK & False, "b": MASK, "c": MASK}
    stated = {"a": "1", "b": "0", "c": "1"}
    root = plain([{"id": name, "pneumothorax": value} for name, value in stated.items()], masks)
    done = convert(open_data_set(root, tolerant=True), tmp_path / "new", long_side=None)
    assert [problem.case for problem in done.skipped] == ["a", "b"]
    assert [case.id for case in open_data_set(tmp_path / "new")] == ["c"]


def test_a_folder_that_exists_is_never_touched(plain, tmp_path):
    root = plain([{"id": "a", "pneumothorax": "0"}])
    (tmp_path / "new").mkdir()
    with pytest.raises(UsageError, match="new exists"):
        convert(open_data_set(root), tmp_path / "new", long_side=48)


def test_an_interrupted_conversion_leaves_nothing(plain, tmp_path, monkeypatch):
    root = plain([{"id": "a", "pneumothorax": "0"}])

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(conversion, "write_index", full_disk)
    with pytest.raises(InputError, match="cannot be written \\(No space left on device\\)"):
        convert(open_data_set(root), tmp_path / "to" / "new", long_side=48)
    assert list((tmp_path / "to").iterdir()) == []


def test_two_processes_write_what_one_writes(plain, tmp_path):
    root = plain([{"id": name, "pneumothorax": "1"} for name in "abc"], masks=dict.fromkeys("abc", MASK))
    for workers in (1, 2):
        convert(open_data_set(root), tmp_path / f"by{workers}", long_side=48, workers=workers)
    written = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "by1", tmp_path / "by2")
    ]
    assert written[0] == written[1]
