"""The check of a data set: each defect is found, and a sound data set has none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_sets import block, image, loop_encode, write_png

from ptx_followup.cli.app import run
from ptx_followup.data.check import check
from ptx_followup.data.contact_sheet import contact_sheet
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.summary import to_json

MASK = block(10, 40, 5, 30)


def problems(root: Path) -> list[tuple[str, str | None]]:
    result = check(open_data_set(root, tolerant=True))
    return [(problem.code, problem.case) for problem in result.problems]


def test_a_sound_data_set_has_no_problem(plain):
    root = plain(
        [{"id": "a", "pneumothorax": "1"}, {"id": "b", "pneumothorax": "0"}],
        masks={"a": MASK},
        reports={"a": b"Large right pneumothorax.", "b": b"No pneumothorax."},
    )
    assert problems(root) == []


def test_images_that_are_missing_unreadable_or_copied_are_found(plain):
    names = ["gone", "broken", "twin", "original"]
    root = plain([{"id": name, "pneumothorax": "0"} for name in names])
    (root / "images" / "gone.png").unlink()
    (root / "images" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing more")
    for name in ("twin", "original"):
        write_png(root / "images" / f"{name}.png", image(9))
    assert problems(root) == [
        ("image-missing", "gone"),
        ("image-unreadable", "broken"),
        ("pixels-duplicated", "original"),
    ]


def test_masks_that_contradict_their_image_or_the_index_are_found(plain):
    root = plain(
        [
            {"id": "small", "pneumothorax": "1"},
            {"id": "empty", "pneumothorax": "1"},
            {"id": "negative", "pneumothorax": "0"},
            {"id": "none", "pneumothorax": "1"},
        ],
        masks={"small": MASK[:50], "empty": np.zeros_like(MASK), "negative": MASK},
    )
    assert sorted(problems(root)) == [
        ("mask-empty", "empty"),
        ("mask-invalid", "small"),
        ("mask-missing", "none"),
        ("mask-on-negative", "negative"),
    ]


def test_annotations_outside_overlapping_or_contradicting_are_found(candid):
    code = loop_encode(MASK)
    lower = loop_encode(block(30, 60, 5, 30))
    root = candid(
        [
            ("outside", "P1_1.dcm", "Pneumothorax.", "7675 9 3 2"),
            ("overlap", "P1_2.dcm", "Pneumothorax.", code),
            ("overlap", "P1_2.dcm", "Pneumothorax.", lower),
            ("both", "P2_1.dcm", "Pneumothorax.", code),
            ("both", "P2_1.dcm", "Pneumothorax.", "-1"),
            ("malformed", "P3_1.dcm", "Pneumothorax.", "5"),
        ]
    )
    result = check(open_data_set(root, tolerant=True))
    assert sorted((problem.code, problem.case) for problem in result.problems) == [
        ("annotations-overlap", "overlap"),
        ("code-malformed", "malformed"),
        ("mask-outside", "outside"),
        ("rows-contradict", "both"),
    ]
    figures = to_json(result)
    assert figures["masks"] == {
        "drawn": 2,
        "area_px": [750, 1000, 1250],
        "overlapping": 1,
        "outside": 1,
        "invalid": 0,
    }
    assert figures["rows_per_image"] == {"1": 3, "2": 1}
    assert figures["unusable"] == 2
    overlap = next(problem for problem in result.problems if problem.code == "annotations-overlap")
    assert overlap.message.startswith(f"{10 * 25} pixels")


def test_reports_that_contradict_the_mask_are_found(plain):
    root = plain(
        [
            {"id": "denied", "pneumothorax": "1"},
            {"id": "stated", "pneumothorax": "0"},
            {"id": "silent", "pneumothorax": "1"},
            {"id": "binary", "pneumothorax": "0"},
        ],
        masks={"denied": MASK, "silent": MASK},
        reports={
            "denied": b"No pneumothorax on [DATE].",
            "stated": b"Small left apical pneumothorax.",
            "silent": b"The heart is not enlarged.",
            "binary": b"\x00\x01\x02\x03",
        },
    )
    result = check(open_data_set(root, tolerant=True))
    assert sorted((problem.code, problem.case) for problem in result.problems) == [
        ("report-denies", "denied"),
        ("report-states", "stated"),
        ("report-unreadable", "binary"),
    ]
    figures = to_json(result)["reports"]
    assert (figures["found"], figures["redacted"], figures["state"], figures["deny"]) == (3, 1, 1, 1)


def test_patients_and_follow_up_pairs_are_counted(plain):
    root = plain(
        [
            {"id": "a", "patient": "1", "follow_up": "0", "pneumothorax": "1"},
            {"id": "b", "patient": "1", "follow_up": "4", "pneumothorax": "0"},
            {"id": "c", "patient": "2", "follow_up": "0", "pneumothorax": "0"},
            {"id": "d", "pneumothorax": "0"},
        ],
        masks={"a": MASK},
    )
    figures = to_json(check(open_data_set(root)))
    assert figures["patients"] == {
        "known": 2,
        "images_without": 1,
        "pairs": 1,
        "pairs_with_positive_prior": 1,
    }


def test_the_contact_sheet_outlines_the_mask_where_it_lies(plain):
    root = plain([{"id": "a", "pneumothorax": "1"}], masks={"a": MASK})
    sheet = contact_sheet(check(open_data_set(root)))
    red = (sheet[..., 2].astype(int) - sheet[..., 1]) > 60
    rows, columns = np.nonzero(red[:320, :320])
    scale = 320 / 96
    assert abs(rows.min() - 10 * scale) < 4
    assert abs(rows.max() - 40 * scale) < 4
    assert abs(columns.min() - 5 * scale) < 4
    assert abs(columns.max() - 30 * scale) < 4


def test_the_command_prints_the_object_that_it_stores(plain, tmp_path, capsys):
    root = plain([{"id": "a", "pneumothorax": "1"}], masks={"a": MASK})
    out = tmp_path / "out"
    assert run(["data", "check", str(root), "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema"] == "ptx-data-check/1"
    assert printed == json.loads((out / "check.json").read_text())
    assert (out / "contact_sheet.png").stat().st_size > 1000
    assert run(["data", "check", str(root), "--out", str(out)]) == 2  # nothing is overwritten


def test_the_command_exits_with_7_where_cases_cannot_be_used(plain, capsys):
    root = plain([{"id": "a", "pneumothorax": "0"}, {"id": "b", "pneumothorax": "1"}])
    assert run(["data", "check", str(root)]) == 7
    captured = capsys.readouterr()
    assert "index.csv row 3: no mask of that name" in captured.out.replace("\n", " ").replace("  ", "")
    assert "1 of 2 cases cannot be used" in captured.err.replace("\n", " ")


@pytest.mark.parametrize("rle", ["relative", "auto"])
def test_the_command_takes_a_named_convention(siim, rle, capsys):
    root = siim([("a", "100 5")])
    assert run(["data", "check", str(root), "--rle", rle]) == (0 if rle == "relative" else 3)
    capsys.readouterr()
