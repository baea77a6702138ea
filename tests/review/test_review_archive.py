"""A review beside an archive: its films are fetched, and what is saved is taken by Orthanc."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import PASSWORD, orthanc, save_configuration
from made_comparison import truth
from made_review import make_result, serving, stroke

from ptx_followup.pacs.archive import Archive
from ptx_followup.pacs.nodes import load_configuration
from ptx_followup.pacs.opening import open_archive
from ptx_followup.pacs.sending import send
from ptx_followup.review.archive import fetch_film, send_results
from ptx_followup.review.films import find_film
from ptx_followup.review.found import find_results
from ptx_followup.review.setup import Choices, make_session

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

pytestmark = pytest.mark.integration


@pytest.fixture
def connect(
    program: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], AbstractContextManager[Archive]]]:
    monkeypatch.setenv("PTX_PACS_WEB_PASSWORD", PASSWORD)
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    (tmp_path / "orthanc").mkdir()
    with orthanc(program("Orthanc", "orthanc and orthanc-dicomweb"), tmp_path / "orthanc") as server:
        configuration = load_configuration(save_configuration(tmp_path / "pacs.toml", server))

        @contextmanager
        def connecting() -> Iterator[Archive]:
            with open_archive("web", configuration.node("web")) as archive:
                yield archive

        yield connecting


def test_films_come_from_the_archive_and_reviews_go_into_it(
    segmenter: Segmenter,
    untrained_model: Path,
    tmp_path: Path,
    connect: Callable[[], AbstractContextManager[Archive]],
) -> None:
    result = make_result(segmenter, tmp_path / "films")
    films = [tmp_path / "films" / "prior.dcm", tmp_path / "films" / "followup.dcm"]
    with connect() as archive:
        send(archive, films)
    for film in films:
        film.unlink()
    (tmp_path / "fetched").mkdir()
    choices = Choices(reader="R1", model=str(untrained_model), connect=connect, send=True)
    with serving(make_session(result, choices, tmp_path / "fetched")) as page:
        page.open()
        page.post("api/case/c1/stroke", **stroke(1, "mask", (0, 0), truth("followup"), 0))
        answer = page.post("api/case/c1/save", tab="tab", revision=1, decision="corrected", reason="").json
    saved = result.parent / answer["folder"]
    objects = len(list(saved.glob("*.dcm")))
    assert (answer["sent"], answer["not_sent"]) == (f"{objects} objects stored, 0 were there already", None)
    assert send_results(connect, saved) == f"0 objects stored, {objects} were there already"
    exam = find_results(result)[0].exams[0]
    uid = exam.image["sop_instance_uid"]
    (tmp_path / "again").mkdir()
    film = find_film(exam, fetch=lambda uid: fetch_film(connect, result, uid, tmp_path / "again"))
    assert film.sop_instance_uid == uid
    assert fetch_film(connect, result, "2.25.99", tmp_path / "again") is None
