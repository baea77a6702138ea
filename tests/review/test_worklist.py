"""Which case comes first, what a central read hides, and which cases a third reader adjudicates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_comparison import truth
from made_review import Client, make_result, make_session, serving, stroke

from ptx_followup.errors import InputError
from ptx_followup.review.adjudication import differing
from ptx_followup.review.agreement import agreement_of_readers
from ptx_followup.review.decisions import reviews_in
from ptx_followup.review.films import find_film
from ptx_followup.review.found import find_results
from ptx_followup.review.saving import reviews_folder
from ptx_followup.review.worklist import CentralRead, central_cases

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

SHOWN = CentralRead("R1", seed=7, hidden=False)
HIDDEN = CentralRead("R1", seed=7, hidden=True)


@pytest.fixture(autouse=True)
def own_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def written(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(segmenter, tmp_path_factory.mktemp("films"))


@pytest.fixture
def result(written: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "results" / "case"
    shutil.copytree(written, folder)
    return folder


def several(result: Path, count: int) -> Path:
    """Copies of one result that differ in a remark, in a folder of their own."""
    root = result.parent
    document = json.loads((result / "result.json").read_text("utf-8"))
    for number in range(count):
        copy = root / f"case-{number}"
        shutil.copytree(result, copy)
        document["matched_prompt"] = f"Right pneumothorax {number}."
        document["registration"]["accepted"] = number != 2
        (copy / "result.json").write_text(json.dumps(document), encoding="utf-8")
    shutil.rmtree(result)
    return root


def test_the_most_doubtful_comes_first(result: Path, segmenter: Segmenter) -> None:
    session = make_session(segmenter, several(result, 4))
    cases = list(session.cases.values())
    assert cases[0].name == "case-2"
    assert "registration refused" in cases[0].doubt.reasons
    assert [case.name for case in cases[1:]] == ["case-0", "case-1", "case-3"]


def test_a_folder_without_results_or_with_a_damaged_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no result"):
        find_results(tmp_path)
    (tmp_path / "result.json").write_text('{"schema": "ptx-compare/1"}', encoding="utf-8")
    with pytest.raises(InputError, match="holds no complete result"):
        find_results(tmp_path)


def test_the_cases_of_a_cohort_are_found_and_their_reviews_lie_apart(result: Path) -> None:
    """`ptx batch` keeps its results in `cases/`, where nothing but its own may lie."""
    root = result.parent
    result.rename(root / "moved")
    (root / "cases").mkdir()
    (root / "moved").rename(root / "cases" / "case")
    (root / "ptx-run.json").write_text("{}", encoding="utf-8")
    (found,) = find_results(root)
    assert found.folder == root / "cases" / "case"
    assert reviews_folder(found) == root.resolve() / "reviews"


def test_films_are_known_by_their_pixels(written: Path, tmp_path: Path) -> None:
    found = find_results(written)[0]
    moved = tmp_path / "moved" / "deep"
    moved.mkdir(parents=True)
    shutil.copy(written.parent / "followup.dcm", moved / "x1")
    shutil.copy(written.parent / "prior.dcm", moved / "x2")
    (moved / "x0.dcm").write_bytes(b"no film")
    prior = found.exams[0]
    prior.document["image"]["path"] = "/nowhere/prior.dcm"
    try:
        assert find_film(prior, tmp_path / "moved").path == moved / "x2"
        (moved / "x2").unlink()
        with pytest.raises(InputError, match="--images"):
            find_film(prior, tmp_path / "moved")
    finally:
        prior.document["image"]["path"] = str(written.parent / "prior.dcm")


def test_a_film_that_was_replaced_is_not_taken(written: Path) -> None:
    found = find_results(written)[0]
    prior = found.exams[0]
    prior.document["image"]["path"] = str(written.parent / "followup.dcm")
    with pytest.raises(InputError, match="not found by its pixels"):
        find_film(prior)


def test_the_order_of_a_central_read_is_that_of_its_seed(result: Path, tmp_path: Path) -> None:
    root = several(result, 12)
    moved = tmp_path / "elsewhere"
    shutil.copytree(root, moved)

    def order(folder: Path, seed: int) -> list[str]:
        return [
            case.found.name for case in central_cases(find_results(folder), CentralRead("R1", seed, False))
        ]

    assert order(root, 7) == order(moved, 7)
    assert order(root, 7) != order(root, 8)
    assert (
        sorted(order(root, 7)) == sorted(order(root, 8)) == [f"case-{n}" for n in sorted(range(12), key=str)]
    )


def test_hidden_time_points_show_each_film_alone(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result, central=HIDDEN)) as page:
        session = page.get("api/session").json
        assert [case["name"] for case in session["cases"]] == ["Film 1", "Film 2"]
        assert {case["kind"] for case in session["cases"]} == {"segment"}
        for case in ("c1", "c2"):
            known = page.open(case)
            assert [exam["name"] for exam in known["exams"]] == ["image"]
            exam = known["exams"][0]
            assert (exam["acquired"], exam["report"], exam["told"]) == (None, None, None)
            assert known["registration"] is None
            text = json.dumps(known)
            assert "prior" not in text
            assert "follow" not in text


def read(page: Client, percent: float, reason: str = "") -> None:
    """Draw so many percent of the true mask of every film, and save; none with a reason."""
    for case in page.get("api/session").json["cases"]:
        known = page.open(case["id"])
        bits = truth("prior")
        rows = np.flatnonzero(bits.any(axis=1))
        bits[rows[round(len(rows) * percent / 100) :]] = False
        body = stroke(0, "mask", (0, 0), bits, known["revision"])
        revision = page.post(f"api/case/{case['id']}/stroke", **body).json["revision"]
        decision = "cannot judge" if reason else "corrected"
        answer = page.post(
            f"api/case/{case['id']}/save", tab="tab", revision=revision, decision=decision, reason=reason
        )
        assert answer.status == 200, answer.content


def test_readers_are_blinded_and_a_third_reads_where_they_differ(result: Path, segmenter: Segmenter) -> None:
    second = CentralRead("R2", seed=8, hidden=False)
    with serving(make_session(segmenter, result, reader="R1", central=SHOWN)) as page:
        read(page, 100)
        assert page.get("api/session").json["decisions"][0]["folder"] == ""
    with serving(make_session(segmenter, result, reader="R2", central=second)) as page:
        session = page.get("api/session").json
        assert (session["cases"][0]["status"], session["decisions"]) == ("open", [])
        known = page.open()
        assert known["exams"][0]["edited"] is False
        read(page, 50)
    reviews = reviews_in([result.parent])
    assert [one.document["review"]["reader"] for one in reviews] == ["R1", "R2"]
    figures = agreement_of_readers(result.parent)
    assert (figures["readers"], figures["films"]["read_by_all"], figures["patients"]) == (["R1", "R2"], 2, 1)
    third = CentralRead("R3", seed=9, hidden=False, adjudicate=True)
    cases = central_cases(find_results(result), third)
    assert differing(cases, reviews, limit=90.0, third="R3") == []
    assert differing(cases, reviews[:1], limit=1.0, third="R3") == []
    chosen = differing(cases, reviews, limit=1.0, third="R3")
    assert [one.document["review"]["reader"] for one in chosen[0].others] == ["R1", "R2"]
    session = make_session(segmenter, result, reader="R3", central=third)
    session.cases = {case.id: case for case in chosen}
    with serving(session) as page:
        known = page.open()
        assert known["exams"][0]["layers"][-2:] == ["reader 1", "reader 2"]
        first, half = (page.layer(0, f"reader {number}", known) > 0 for number in (1, 2))
        np.testing.assert_array_equal(first, truth("prior"))
        assert 0 < half.sum() < first.sum()
        assert "R1" not in json.dumps(known)


def test_one_who_cannot_judge_differs_from_one_who_did(result: Path, segmenter: Segmenter) -> None:
    with serving(make_session(segmenter, result, reader="R1", central=HIDDEN)) as page:
        read(page, 100)
    with serving(make_session(segmenter, result, reader="R2", central=CentralRead("R2", 8, True))) as page:
        read(page, 100, reason="motion")
    third = CentralRead("R3", seed=9, hidden=True, adjudicate=True)
    cases = central_cases(find_results(result), third)
    assert len(differing(cases, reviews_in([result.parent]), limit=50.0, third="R3")) == 2
