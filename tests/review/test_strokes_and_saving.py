"""What a reader draws is what is measured at once, and what is saved: pixel for pixel, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
import pytest
from made_exams import REPORT
from made_review import Client, all_files, make_result, make_session, serving, stroke
from numpy.typing import NDArray

from ptx_followup.followup.compare import compare
from ptx_followup.masks.seg import read_segmentation
from ptx_followup.masks.source import KnownMask, edited
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.review.found import find_results
from ptx_followup.review.journal import Journal

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Drawn onto the follow-up: rows 60 to 89, columns 70 to 99, without a corner.
CORNER = (60, 70)


def blot() -> NDArray[np.bool_]:
    bits = np.ones((30, 30), bool)
    bits[:10, :7] = False
    return bits


@pytest.fixture(scope="module")
def result(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a prior stored on its side, and a follow-up stored as seen from behind."""
    return make_result(segmenter, tmp_path_factory.mktemp("films"), turned=True)


@pytest.fixture(autouse=True)
def own_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))


def stored(path: Path, name: str) -> NDArray[np.bool_]:
    return np.asarray(cv2.imread(str(path / name), cv2.IMREAD_UNCHANGED) == 255)


def reviewed(result: Path, reader: str = "R1", number: int = 1) -> Path:
    return result.parent / f"{result.name}.review-{reader}-{number}"


def remove_reviews(result: Path) -> None:
    for folder in result.parent.glob(f"{result.name}.review-*"):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


@pytest.fixture(scope="module")
def corrected(result: Path, segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A follow-up and a prior that were drawn on, as the page saw them, and the folder that was saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_HOME", str(tmp_path_factory.mktemp("home")))
        before = all_files([result])
        with serving(make_session(segmenter, result)) as page:
            known = page.open()
            shown = [page.layer(number, "shown", known) > 0 for number in (0, 1)]
            figures = page.post("api/case/c1/stroke", **stroke(1, "mask", CORNER, blot(), 0)).json
            figures = page.post("api/case/c1/stroke", **stroke(0, "mask", (100, 40), blot(), 1)).json
            seen = [page.layer(number, "edited", known) > 0 for number in (0, 1)]
            saved = page.post("api/case/c1/save", tab="tab", revision=2, decision="accepted", reason="").json
        assert all_files([result]) == before, "the old result is not touched"
        folder = reviewed(result)
        assert saved == {"folder": folder.name, "decision": "corrected"}
        yield {"shown": shown, "seen": seen, "figures": figures, "folder": folder}
        remove_reviews(result)


def test_a_stroke_gives_exactly_its_pixels(corrected: dict[str, Any]) -> None:
    for number, corner in ((1, CORNER), (0, (100, 40))):
        expected = corrected["shown"][number].copy()
        expected[corner[0] : corner[0] + 30, corner[1] : corner[1] + 30] = blot()
        np.testing.assert_array_equal(corrected["seen"][number], expected)


def test_what_was_drawn_is_saved_on_the_grid_of_the_file(corrected: dict[str, Any], result: Path) -> None:
    """The prior lies on its side and the follow-up is mirrored: turned by hand, not by the program."""
    prior, followup = corrected["seen"]
    folder: Path = corrected["folder"]
    np.testing.assert_array_equal(stored(folder, "prior_mask.png"), prior.T)
    np.testing.assert_array_equal(stored(folder, "followup_mask.png"), followup[:, ::-1])
    for name, mask in (("prior", prior.T), ("followup", followup[:, ::-1])):
        segmentation = read_segmentation(folder / f"{name}.seg.dcm", result.parent / f"{name}.dcm")
        np.testing.assert_array_equal(segmentation, mask)


def test_the_figures_are_those_of_compare_with_the_same_masks(
    corrected: dict[str, Any], result: Path, segmenter: Segmenter
) -> None:
    films = [read_radiograph(result.parent / f"{name}.dcm") for name in ("prior", "followup")]
    masks = [
        KnownMask(film.to_stored(mask), edited(film.to_stored(mask), "R1", "untrained"))
        for film, mask in zip(films, corrected["seen"], strict=True)
    ]
    again = compare(*films, report=REPORT, prior_mask=masks[0], followup_mask=masks[1], segmenter=segmenter)
    document = json.loads((corrected["folder"] / "result.json").read_text("utf-8"))
    told = again.to_json()
    assert document["change_by_side"] == told["change_by_side"]
    assert document["sentence"] == corrected["figures"]["sentence"] == told["sentence"]
    for number, name in enumerate(("prior", "followup")):
        assert document[name]["segmentation"] == told[name]["segmentation"]
        for side in ("left", "right"):
            live = corrected["figures"]["sides"][side]["exams"][number]
            assert live["percent"] == told["change_by_side"][side][name]
            assert live["area_px"] == told[name]["segmentation"]["by_side"][side]["area_px"]


def test_the_result_says_who_changed_what_and_when(corrected: dict[str, Any], result: Path) -> None:
    document = json.loads((corrected["folder"] / "result.json").read_text("utf-8"))
    review = document["review"]
    assert (review["reader"], review["decision"]) == ("R1", "corrected")
    assert review["of"]["sha256"] == find_results(result)[0].sha256
    assert review["model"]["name"] == "untrained"
    for change, shown, seen in zip(review["changes"], corrected["shown"], corrected["seen"], strict=True):
        assert change["mask"]["added_px"] == np.count_nonzero(seen & ~shown)
        assert change["mask"]["removed_px"] == np.count_nonzero(shown & ~seen)
        assert change["strokes"] == 1
        assert change["hemithoraces"]["left"]["added_px"] == 0
    assert document["followup"]["mask_source"]["creator"] == "R1"
    segmentation = pydicom.dcmread(corrected["folder"] / "followup.seg.dcm")
    assert str(segmentation.ContentCreatorName) == "R1"
    assert {one.SegmentAlgorithmType for one in segmentation.SegmentSequence} == {"SEMIAUTOMATIC"}
    report = pydicom.dcmread(corrected["folder"] / "report.dcm")
    assert report.VerificationFlag == "UNVERIFIED"
    assert "R1" in [str(item.PersonName) for item in report.ContentSequence if item.ValueType == "PNAME"]


@pytest.mark.integration
def test_what_is_saved_is_valid_to_independent_checkers(
    corrected: dict[str, Any], program: Callable[[str, str], str]
) -> None:
    for path in sorted(corrected["folder"].glob("*.dcm")):
        judged = subprocess.run(
            [program("dciodvfy", "dicom3tools"), "-new", path], capture_output=True, text=True, check=False
        )
        assert [line for line in judged.stderr.splitlines() if line.startswith("Error")] == []
    shown = subprocess.run(
        [program("dsrdump", "dcmtk"), corrected["folder"] / "report.dcm"], capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    assert "R1" in shown.stdout
