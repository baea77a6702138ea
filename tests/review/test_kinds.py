"""Results of every command are opened as they were made: one exam, a series, and one word changed."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_comparison import LATER, LATEST, save, truth
from made_exams import REPORT
from made_review import make_result, make_session, serving, stroke
from numpy.typing import NDArray
from pydicom import dcmread

from ptx_followup.followup.timeline import timeline
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results.segmentation import write_segmentation_results
from ptx_followup.results.timeline import write_timeline_results

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter


@pytest.fixture(autouse=True)
def own_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))


def unpacked(answer: dict[str, Any], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """A mask from its rectangle, on an empty film."""
    column, row, columns, rows = answer["rect"]
    mask = np.zeros(shape, bool)
    if rows:
        packed = np.frombuffer(base64.b64decode(answer["bits"]), np.uint8).reshape(rows, -1)
        mask[row : row + rows, column : column + columns] = np.unpackbits(packed, axis=1, count=columns)
    return mask


def test_one_exam_is_opened_corrected_and_saved(segmenter: Segmenter, tmp_path: Path) -> None:
    film = save(tmp_path / "prior.dcm")
    segmented = segmenter.segment(film, REPORT)
    (tmp_path / "case").mkdir()
    write_segmentation_results(segmented, tmp_path / "case")
    with serving(make_session(segmenter, tmp_path / "case")) as page:
        known = page.open()
        assert [exam["name"] for exam in known["exams"]] == ["image"]
        np.testing.assert_array_equal(page.layer(0, "shown", known) > 0, segmented.standard_mask)
        figures = page.post("api/case/c1/stroke", **stroke(0, "mask", (0, 0), truth("prior"), 0)).json
        assert figures["sides"]["right"]["exams"][0]["area_px"] == np.count_nonzero(truth("prior"))
        assert figures["sides"]["right"]["change"] is None
        saved = page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="").json
    document = json.loads((tmp_path / saved["folder"] / "result.json").read_text("utf-8"))
    assert document["segmentation"]["area_px"] == np.count_nonzero(truth("prior"))
    assert document["review"]["changes"][0]["mask"]["after_px"] == np.count_nonzero(truth("prior"))


def test_a_series_is_opened_corrected_and_saved(segmenter: Segmenter, tmp_path: Path) -> None:
    films = [
        save(tmp_path / "1.dcm"),
        save(tmp_path / "2.dcm", "followup", 4, **LATER),
        save(tmp_path / "3.dcm", "followup", 6, **LATEST, PatientComments="another"),
    ]
    third = np.ascontiguousarray(truth("followup"))
    result = timeline(films[:2], [REPORT, None], segmenter=segmenter)
    (tmp_path / "case").mkdir()
    write_timeline_results(result, tmp_path / "case")
    with serving(make_session(segmenter, tmp_path / "case")) as page:
        known = page.open()
        assert known["kind"] == "timeline"
        assert known["figures"]["sentence"] == result.sentence
        assert len(known["figures"]["sides"]["right"]["steps"]) == 1
        for revision, (exam, mask) in enumerate(((0, truth("prior")), (1, third))):
            figures = page.post("api/case/c1/stroke", **stroke(exam, "mask", (0, 0), mask, revision)).json
        saved = page.post("api/case/c1/save", tab="tab", revision=2, decision="corrected", reason="").json
    again = timeline(films[:2], [REPORT, None], masks=[truth("prior"), third], segmenter=segmenter)
    assert figures["sentence"] == again.sentence
    document = json.loads((tmp_path / saved["folder"] / "result.json").read_text("utf-8"))
    assert document["change_by_side"] == again.to_json()["change_by_side"]


@pytest.fixture(scope="module")
def pair(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(segmenter, tmp_path_factory.mktemp("films"), turned=True)


def test_films_are_sent_as_they_stand_upright(pair: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, pair)) as page:
        known = page.open()
        for number, name in enumerate(("prior", "followup")):
            film, exam = read_radiograph(pair.parent / f"{name}.dcm"), known["exams"][number]
            sent = np.frombuffer(page.get(f"api/case/c1/film/{number}").content, "<u2")
            levels = sent.reshape(exam["rows"], exam["columns"])
            assert (levels.min(), levels.max()) == (exam["lowest"], exam["highest"])
            centre, width = exam["window"]
            shown = np.clip((levels - centre) / width + 0.5, 0, 1)
            np.testing.assert_allclose(shown, film.pixels, atol=1e-4)
            stored = dcmread(pair.parent / f"{name}.dcm")
            assert exam["bits"] == stored.BitsStored
            assert len(np.unique(levels)) == len(np.unique(stored.pixel_array)), "no level is lost"
            assert page.get(f"api/case/c1/film/{number}/small").content.startswith(b"\x89PNG")
        assert page.get("api/case/c1/film/2").status == 404


def test_the_affine_map_brings_the_prior_onto_the_follow_up(pair: Path, segmenter: Segmenter) -> None:
    """Both hemithoraces cover each other once the corners of the prior's are moved by it."""
    with serving(make_session(segmenter, pair)) as page:
        known = page.open()
        a, b, c, d, e, f = known["registration"]["affine"]
        prior, followup = (page.layer(number, "hemithoraces", known) for number in (0, 1))
    for label in (1, 2):
        rows, columns = np.nonzero(prior == label)
        moved = np.array([a * columns + b * rows + c, d * columns + e * rows + f]).mean(axis=1)
        own = np.nonzero(followup == label)
        np.testing.assert_allclose(moved, [own[1].mean(), own[0].mean()], atol=6)


def test_another_report_draws_what_the_network_draws_under_it(pair: Path, segmenter: Segmenter) -> None:
    other = "FINDINGS: Large left basal pneumothorax.\n"
    with serving(make_session(segmenter, pair)) as page:
        known = page.open()
        shape = known["exams"][1]["rows"], known["exams"][1]["columns"]
        before = page.layer(1, "edited", known)
        answer = page.post("api/case/c1/told", exam=1, text=other, words=True).json
        denied = page.post("api/case/c1/told", exam=1, text="No pneumothorax.").json
        assert page.post("api/case/c1/told", exam=2, text=other).status == 404
        assert page.post("api/case/c1/told", exam=1, text=7).status == 400
        np.testing.assert_array_equal(page.layer(1, "edited", known), before)
    film = segmenter.segment(pair.parent / "followup.dcm", other)
    np.testing.assert_array_equal(unpacked(answer["mask"], shape), film.standard_mask)
    without = segmenter.segment(pair.parent / "followup.dcm", None)
    np.testing.assert_array_equal(unpacked(answer["network"], shape), without.standard_mask)
    assert answer["told"] == film.told
    assert [one["word"] for one in answer["left_out"]] == str(film.told).split()
    assert (denied["told"], denied["mask"]["rect"], denied["left_out"]) == (None, [0, 0, 0, 0], None)


def test_a_result_without_identity_stays_without(segmenter: Segmenter, tmp_path: Path) -> None:
    result = make_result(segmenter, tmp_path / "films", deidentify=True)
    with serving(make_session(segmenter, result, images=tmp_path / "films")) as page:
        known = page.open()
        made = json.loads((result / "result.json").read_text("utf-8"))
        assert known["figures"]["sentence"] == made["sentence"]
        for side in ("left", "right"):
            change = known["figures"]["sides"][side]["change"]
            assert change["probability"] == made["change_by_side"][side]["probability"]
        page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), truth("followup"), 0))
        saved = page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="mine").json
    assert known["exams"][0]["report"] == {"pieces": []}
    content = b"".join(file.read_bytes() for file in (result.parent / saved["folder"]).iterdir())
    assert b"SECRET" not in content
    document = json.loads((result.parent / saved["folder"] / "result.json").read_text("utf-8"))
    assert (document["review"]["reader"], document["review"]["reason"]) == (None, None)
    assert document["followup"]["image"]["path"] is None
    assert document["followup"]["segmentation"]["area_px"] == np.count_nonzero(truth("followup"))


@pytest.mark.parametrize("part", ["matched_prompt", "belonging", "prior"])
def test_a_result_that_lacks_a_part_is_told_of(
    segmenter: Segmenter, pair: Path, tmp_path: Path, part: str
) -> None:
    """Whoever edits result.json by hand gets a line, and the server lives."""

    copy = tmp_path / "case"
    shutil.copytree(pair, copy)
    document = json.loads((copy / "result.json").read_text("utf-8"))
    if part == "prior":
        del document["prior"]["mask_source"]
    else:
        document[part] = 7
    (copy / "result.json").write_text(json.dumps(document), encoding="utf-8")
    with serving(make_session(segmenter, copy)) as page:
        assert page.post("api/case/c1/open", tab="tab").status == 200
        while (answer := page.get("api/case/c1")).status == 200:
            assert not answer.json["ready"]
        assert answer.status == 422
        assert answer.json["problem"].startswith("the result cannot be opened")
        assert page.get("api/session").status == 200
