"""What a reader draws is what is measured and saved: pixel for pixel, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
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
from made_comparison import truth
from made_exams import REPORT
from made_review import all_files, make_result, make_session, serving, stroke
from numpy.typing import NDArray

from ptx_followup.followup.compare import compare
from ptx_followup.masks.seg import read_segmentation
from ptx_followup.masks.source import KnownMask, edited
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.review.found import find_results
from ptx_followup.review.journal import Journal

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Where a square of 30 pixels without a corner is drawn: row and column, on the follow-up and the prior.
CORNER, OTHER = (60, 70), (100, 40)
#: Drawn first, over the whole film: of the prior, whose film is narrower, and of the follow-up.
TRUTH = (truth("prior")[:, :224], truth("followup"))


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
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def corrected(result: Path, segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A follow-up and a prior that were drawn on, as the page saw them, and the folder that was saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_HOME", str(tmp_path_factory.mktemp("home")))
        before = all_files([result])
        with serving(make_session(segmenter, result)) as page:
            known = page.open()
            shown = [page.layer(number, "shown", known) > 0 for number in (0, 1)]
            strokes = [(1, (0, 0), TRUTH[1]), (1, CORNER, blot()), (0, (0, 0), TRUTH[0]), (0, OTHER, blot())]
            for revision, (number, corner, bits) in enumerate(strokes):
                answer = page.post("api/case/c1/stroke", **stroke(number, "mask", corner, bits, revision))
                figures = answer.json
            seen = [page.layer(number, "edited", known) > 0 for number in (0, 1)]
            saved = page.post("api/case/c1/save", tab="tab", revision=4, decision="accepted", reason="").json
        assert all_files([result]) == before, "the old result is not touched"
        folder = reviewed(result)
        assert saved == {"folder": folder.name, "decision": "corrected"}
        yield {"shown": shown, "seen": seen, "figures": figures, "folder": folder}
        remove_reviews(result)


def test_a_stroke_gives_exactly_its_pixels(corrected: dict[str, Any]) -> None:
    for number, corner in ((1, CORNER), (0, OTHER)):
        expected = TRUTH[number].copy()
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
        assert change["strokes"] == 2
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
        [program("dsrdump", "dcmtk"), corrected["folder"] / "report.dcm"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stderr == ""
    assert "R1" in shown.stdout


def test_hemithoraces_are_drawn_and_saved_too(result: Path, segmenter: Segmenter) -> None:
    """The left one is shifted by three rows; the follow-up is stored mirrored, and has both percentages."""
    with serving(make_session(segmenter, result)) as page:
        known = page.open()
        labels = page.layer(1, "hemithoraces", known)
        left = np.roll(labels == 2, 3, axis=0)
        for revision, body in enumerate(
            (stroke(1, "mask", (0, 0), TRUTH[1], 0), stroke(1, "left", (0, 0), left, 1))
        ):
            figures = page.post("api/case/c1/stroke", **body).json
            assert figures["revision"] == revision + 1
        drawn = page.layer(1, "edited hemithoraces", known)
        saved = page.post("api/case/c1/save", tab="tab", revision=2, decision="corrected", reason="").json
    expected = np.where(left, 2, np.where(labels == 1, 1, 0))
    np.testing.assert_array_equal(drawn, expected)
    folder = result.parent / saved["folder"]
    kept = cv2.imread(str(folder / "followup_hemithoraces.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(kept, expected[:, ::-1])
    document = json.loads((folder / "result.json").read_text("utf-8"))
    assert document["followup"]["anatomy"]["source"]["creator"] == "R1"
    percent = 100 * np.count_nonzero(TRUTH[1]) / np.count_nonzero((expected == 1) | TRUTH[1])
    assert document["followup"]["segmentation"]["hemithorax_percent"]["right"] == pytest.approx(
        percent, abs=0.01
    )
    with serving(make_session(segmenter, folder)) as page:
        again = page.open()
        np.testing.assert_array_equal(page.layer(1, "hemithoraces", again), expected)
    remove_reviews(result)


def test_back_to_the_network_s_mask_is_no_correction(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result)) as page:
        known = page.open()
        first = page.layer(1, "shown", known) > 0
        figures = known["figures"]
        for revision, bits in enumerate((TRUTH[1], first)):
            after = page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), bits, revision)).json
        assert after["sides"] == figures["sides"]
        answer = page.post("api/case/c1/save", tab="tab", revision=2, decision="corrected", reason="")
        assert answer.json["decision"] == "accepted"
        assert page.get("api/session").json["cases"][0]["status"] == "accepted"
    saved = json.loads((reviewed(result) / "result.json").read_text("utf-8"))
    assert saved["followup"]["mask_source"]["kind"] == "network"
    remove_reviews(result)


def test_a_mask_that_is_none_is_not_saved(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result)) as page:
        page.open()
        page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), np.ones((256, 256), bool), 0))
        answer = page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="")
        assert (answer.status, answer.json["problem"]) == (
            422,
            "the mask of the followup covers most of the film",
        )
        assert not reviewed(result).exists()


def test_an_emptied_mask_says_that_there_is_none(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result)) as page:
        page.open()
        nothing = np.zeros((256, 256), bool)
        figures = page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), nothing, 0)).json
        page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="none")
    assert [figures["sides"][side]["exams"][1]["area_px"] for side in ("left", "right")] == [0, 0]
    assert not stored(reviewed(result), "followup_mask.png").any()
    assert not (reviewed(result) / "followup.seg.dcm").exists()
    remove_reviews(result)


def test_nothing_is_saved_without_reader_reason_or_the_latest_state(
    result: Path, segmenter: Segmenter
) -> None:
    with serving(make_session(segmenter, result, reader=None)) as page:
        page.open()
        body = {"tab": "tab", "revision": 0, "decision": "accepted", "reason": ""}
        assert page.post("api/case/c1/save", **body).json["problem"] == "the reader is not named"
        assert page.post("api/reader", name=" ").status == 400
        assert page.post("api/reader", name="R 7").status == 200
        assert page.post("api/reader", name="R8").status == 409
        for change, status in (
            ({"decision": "rejected"}, 400),
            ({"decision": "perhaps"}, 400),
            ({"revision": 3}, 409),
            ({"tab": "another"}, 409),
        ):
            assert page.post("api/case/c1/save", **(body | change)).status == status
        rejected = body | {"decision": "rejected", "reason": "=HYPERLINK(1)"}
        assert page.post("api/case/c1/save", **rejected).json["folder"] == "case.review-R-7-1"
        assert page.post("api/case/c1/save", **rejected).json["folder"] == "case.review-R-7-2"
        row = page.get("api/worklist.csv").content.decode().splitlines()[1]
        assert row.startswith("1,case,compare,")
        assert ",rejected,'=HYPERLINK(1),R 7," in row
    with serving(make_session(segmenter, result)) as page:
        assert page.get("api/session").json["cases"][0]["status"] == "rejected"
    remove_reviews(result)


def test_two_tabs_cannot_draw_on_one_case(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result)) as page:
        page.open(tab="first")
        assert page.post("api/case/c1/open", tab="second").json["problem"] == "open in another tab"
        assert page.post("api/case/c1/open", tab="second", take=True).status == 200
        refused = page.post("api/case/c1/stroke", **stroke(1, "mask", CORNER, blot(), 0, tab="first"))
        assert refused.status == 409
        assert (
            page.post("api/case/c1/stroke", **stroke(1, "mask", CORNER, blot(), 0, tab="second")).status
            == 200
        )
        with serving(make_session(segmenter, result)) as other:
            answer = other.post("api/case/c1/open", tab="third")
            assert answer.json["problem"] == "another program reviews this result"


def test_a_draft_is_found_again(result: Path, segmenter: Segmenter) -> None:
    """Also one whose last line was cut short, as by a full disk or a killed program."""
    with serving(make_session(segmenter, result)) as page:
        page.open()
        page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), TRUTH[1], 0))
    journal = Journal(find_results(result)[0].sha256)
    with (journal.folder / "strokes.jsonl").open("ab") as file:
        file.write(b'{"exam": 1, "lay')
    with serving(make_session(segmenter, result)) as page:
        assert page.get("api/session").json["cases"][0]["draft"] is True
        known = page.open()
        assert known["exams"][1]["edited"] is True
        np.testing.assert_array_equal(page.layer(1, "edited", known) > 0, TRUTH[1])
        page.post("api/case/c1/save", tab="tab", revision=known["revision"], decision="corrected", reason="")
        assert page.get("api/session").json["cases"][0]["draft"] is False
    remove_reviews(result)


@pytest.mark.parametrize(("reader", "kept"), [("R1", True), ("R2", False), (None, False)])
def test_strokes_that_another_reader_has_saved_are_nobody_else_s(
    result: Path, segmenter: Segmenter, reader: str | None, kept: bool
) -> None:
    with serving(make_session(segmenter, result)) as page:
        page.open()
        page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), TRUTH[1], 0))
        page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="")
    with serving(make_session(segmenter, result, reader=reader)) as page:
        assert page.open()["exams"][1]["edited"] is kept
    remove_reviews(result)


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from ptx_followup.results import comparison
from ptx_followup.segmentation.segmenter import Segmenter
from made_review import make_session, serving, stroke
from made_comparison import truth

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(comparison, sys.argv[3], killed)
session = make_session(Segmenter(sys.argv[2]), Path(sys.argv[1]))
with serving(session) as page:
    page.open()
    page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), truth("followup"), 0))
    page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="")
"""


@pytest.mark.parametrize("step", ["write_mask", "write_comparison_objects", "write_document"])
def test_killed_while_saving_the_old_result_is_whole_and_the_draft_kept(
    result: Path, segmenter: Segmenter, untrained_model: Path, step: str
) -> None:
    before = all_files([result])
    paths = [str(Path(__file__).parents[1]), *sys.path]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(result), str(untrained_model), step],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert all_files([result]) == before
    assert list(result.parent.glob("case.review-*")) == []
    with serving(make_session(segmenter, result)) as page:
        known = page.open()
        np.testing.assert_array_equal(page.layer(1, "edited", known) > 0, TRUTH[1])
