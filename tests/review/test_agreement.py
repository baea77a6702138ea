"""Readers of a central read: how well they agree, in a file that `ptx compare` takes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from made_exams import REPORT, pixels, save_exam

from ptx_followup.cli.app import run
from ptx_followup.errors import InputError
from ptx_followup.measurement.reader_error import ReaderError
from ptx_followup.measurement.sizes import measure
from ptx_followup.results.segmentation import write_segmentation_results
from ptx_followup.review.agreement import agreement_of_readers

if TYPE_CHECKING:
    from ptx_followup.segmentation.result import Segmentation
    from ptx_followup.segmentation.segmenter import Segmenter

#: Rows that each reader outlined of six films; the third film shows nothing to either.
ROWS = {"R1": (20, 30, 0, 44, 10, 60), "R2": (24, 21, 0, 40, 16, 75)}


@pytest.fixture(scope="module")
def segmentation(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    path = tmp_path_factory.mktemp("film") / "film.png"
    cv2.imwrite(str(path), pixels() << 4)
    found = segmenter.segment(path, REPORT)
    chest = np.zeros((256, 256), np.uint8)
    chest[40:200, 30:110], chest[40:200, 146:226] = 1, 2
    return replace(found, hemithoraces=chest)


def save(
    folder: Path, segmentation: Segmentation, reader: str, case: str, rows: int, **review: Any
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """What a reader saved of a case: a mask of so many rows across the right hemithorax."""
    mask = np.zeros((256, 256), bool)
    mask[40 : 40 + rows, 30:110] = True
    drawn = replace(
        segmentation,
        standard_mask=mask,
        measurement=measure(mask, segmentation.hemithoraces, None),
    )
    stated = {
        "reader": reader,
        "reader_id": reader.lower(),
        "at": "2026-03-01T10:00:00+00:00",
        "decision": "corrected",
        "reason": "",
        "exam": None,
        "of": {"result": case, "sha256": case},
        "changes": [{"mask": {"added_px": 5, "removed_px": 0}}],
    }
    out = folder / f"{case}.review-{reader}-{len(list(folder.glob(f'{case}.review-{reader}-*'))) + 1}"
    out.mkdir()
    write_segmentation_results(drawn, out, review=stated | review)
    return mask


@pytest.fixture
def read(segmentation: Segmentation, tmp_path: Path) -> Path:
    for reader, of_films in ROWS.items():
        for number, rows in enumerate(of_films):
            save(tmp_path, segmentation, reader, f"case{number}", rows)
    return tmp_path


def test_figures_follow_from_the_masks(read: Path) -> None:
    found = agreement_of_readers(read)
    assert found["readers"] == ["R1", "R2"]
    assert (found["films"]["read_by_all"], found["films"]["none_found_by_all"], found["patients"]) == (
        6,
        1,
        5,
    )
    first, second = (np.array([rows for rows in ROWS[name] if rows], float) for name in ("R1", "R2"))
    overlap = (160 * np.minimum(first, second) + 1) / (80 * (first + second) + 1)
    assert found["dice"]["value"] == pytest.approx(overlap.mean(), abs=1e-4)
    percents = [100 * rows / 160 for rows in (first, second)]
    difference = percents[0] - percents[1]
    (pair,) = found["percent"]["pairs"]
    assert pair["readers"] == ["R1", "R2"]
    assert pair["bias"]["value"] == pytest.approx(difference.mean(), abs=1e-3)
    half = 1.96 * difference.std(ddof=1)
    limits = [pair[name]["value"] for name in ("lower_limit", "upper_limit")]
    assert limits == pytest.approx([difference.mean() - half, difference.mean() + half], abs=1e-2)
    consistency = difference.std(ddof=1) / np.sqrt(2)
    smallest = found["percent"]["smallest_detectable_change"]["same_reader"]["value"]
    assert smallest == pytest.approx(1.96 * np.sqrt(2) * consistency, abs=1e-2)
    spread = np.sqrt(((np.log1p(percents[0]) - np.log1p(percents[1])) ** 2).mean() / 2)
    assert found["reader_error"]["sd_log1p"] == pytest.approx(spread, abs=1e-3)
    assert any("5 patients are few" in one for one in found["warnings"])


def test_the_last_reading_counts_and_a_third_who_adjudicates_does_not(
    read: Path, segmentation: Segmentation
) -> None:
    later = {"at": "2026-03-02T10:00:00+00:00"}
    save(read, segmentation, "R1", "case0", 24, **later)
    save(read, segmentation, "R3", "case0", 90, central={"adjudicates": True})
    found = agreement_of_readers(read)
    assert found["readers"] == ["R1", "R2"]
    expected = [1.0] + [
        (160 * min(a, b) + 1) / (80 * (a + b) + 1)
        for a, b in zip(*ROWS.values(), strict=True)
        if a and a != 20
    ]
    assert found["dice"]["value"] == pytest.approx(np.mean(expected), abs=1e-4)


def test_what_was_not_read_or_not_judged_by_all_is_counted_and_left_out(
    read: Path, segmentation: Segmentation
) -> None:
    save(read, segmentation, "R2", "case9", 12)
    save(read, segmentation, "R1", "case1", 5, at="2026-03-03T10:00:00+00:00", decision="cannot judge")
    films = agreement_of_readers(read)["films"]
    assert (films["read_by_all"], films["not_read_by_all"], films["not_judged_by_all"]) == (5, 1, 1)


def test_three_readers_give_three_pairs(read: Path, segmentation: Segmentation) -> None:
    for number, rows in enumerate(ROWS["R1"]):
        save(read, segmentation, "R3", f"case{number}", rows + 1 if rows else 0)
    pairs = agreement_of_readers(read)["percent"]["pairs"]
    assert [one["readers"] for one in pairs] == [["R1", "R2"], ["R1", "R3"], ["R2", "R3"]]
    assert pairs[1]["bias"]["value"] == pytest.approx(-100 / 160, abs=1e-2)


def test_masks_that_nobody_touched_are_told_of(segmentation: Segmentation, tmp_path: Path) -> None:
    same = {"changes": [{"mask": {"added_px": 0, "removed_px": 0}}], "decision": "accepted"}
    for reader in ROWS:
        for number in range(4):
            save(tmp_path, segmentation, reader, f"case{number}", 30, **same)
    found = agreement_of_readers(tmp_path)
    assert found["films"]["left_unchanged_by_all"] == 4
    assert found["reader_error"] is None
    assert any("left by every reader as they were drawn" in one for one in found["warnings"])


def test_exams_of_one_patient_are_one_patient(
    segmenter: Segmenter, segmentation: Segmentation, tmp_path: Path
) -> None:
    film = segmenter.segment(save_exam(tmp_path), REPORT)
    known = replace(film, hemithoraces=segmentation.hemithoraces)
    for reader in ROWS:
        for case in ("case0", "case1", "case2"):
            save(tmp_path, known, reader, case, 30 if reader == "R1" else 40)
    found = agreement_of_readers(tmp_path)
    assert (found["films"]["read_by_all"], found["patients"]) == (3, 1)
    assert "SECRETID7" not in json.dumps(found)


def test_the_command_writes_a_file_that_compare_takes(
    read: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "readers.json"
    assert run(["review", "--agreement", str(read), "--out", str(out), "--json"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed == json.loads(out.read_text(encoding="utf-8"))
    error = ReaderError.read(out)
    assert error.sd_log1p == printed["reader_error"]["sd_log1p"]
    assert (error.readings, len(error.sha256)) == (5, 64)
    assert run(["review", "--agreement", str(read), "--out", str(out)]) == 2
    assert run(["review", "--agreement", str(read)]) == 0
    told = capfd.readouterr().out
    assert "limits of agreement" in told
    assert "R1 minus R2" in told


def test_what_is_no_read_is_refused(segmentation: Segmentation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no reviews"):
        agreement_of_readers(tmp_path)
    save(tmp_path, segmentation, "R1", "case0", 20)
    with pytest.raises(InputError, match="fewer than two readers"):
        agreement_of_readers(tmp_path)
    save(tmp_path, segmentation, "R2", "case1", 20)
    with pytest.raises(InputError, match="no film was read by all"):
        agreement_of_readers(tmp_path)
    assert run(["review", "--agreement", str(tmp_path / "none")]) == 3
    assert run(["review"]) == 2
    assert run(["review", str(tmp_path), "--out", str(tmp_path / "x.json")]) == 2
