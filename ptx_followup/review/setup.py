"""From the arguments of `ptx review` to a session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.radiograph.image import Radiograph
from ptx_followup.results.doubt import Doubt, doubt_of, doubtful_first
from ptx_followup.results.row import row_of
from ptx_followup.review.films import find_film, require_folder
from ptx_followup.review.found import FoundResult, find_results
from ptx_followup.review.journal import Journal
from ptx_followup.review.session import Case, Session

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Choices:
    """What the command line says.

    Attributes:
        images: Folder of the films.
        reader: Name or code of the reader.
        model: That segments again; the results' own if None.
        device: It runs on.
    """

    images: Path | None = None
    reader: str | None = None
    model: str | None = None
    device: str = "auto"


def make_session(path: Path, choices: Choices) -> tuple[Session, str]:
    """Find the results, and make a session and its token.

    Raises:
        InputError: There are no results, or no folder of films.
    """
    require_folder(choices.images)
    found = doubtful_first(find_results(path), lambda one: row_of(one.document))
    cases = [
        Case(f"c{number}", one.name, one, Journal(one.sha256), _doubt(one))
        for number, one in enumerate(found, start=1)
    ]

    def films(result: FoundResult) -> list[Radiograph]:
        return [find_film(exam, choices.images) for exam in result.exams]

    @cache
    def segmenter() -> Segmenter:
        from ptx_followup.segmentation.segmenter import Segmenter

        return Segmenter(choices.model or found[0].exams[0].document["model"]["name"], choices.device)

    session = Session(cases, films, segmenter, reader=choices.reader)
    return session, secrets.token_urlsafe(_TOKEN_BYTES)


def _doubt(found: FoundResult) -> Doubt:
    return doubt_of(row_of(found.document))
