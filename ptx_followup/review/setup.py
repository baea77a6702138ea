"""From the arguments of `ptx review` to a session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.errors import InputError
from ptx_followup.review.adjudication import differing
from ptx_followup.review.archive import Connect, fetch_film, send_results
from ptx_followup.review.decisions import reviews_in
from ptx_followup.review.films import find_film, require_folder, with_levels
from ptx_followup.review.found import FoundResult, find_results
from ptx_followup.review.loading import Loader
from ptx_followup.review.pictures import Film
from ptx_followup.review.saving import reviews_folder
from ptx_followup.review.session import Session
from ptx_followup.review.worklist import CentralRead, central_cases, doubtful_cases

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Of the token in the address.
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Choices:
    """What the command line says.

    Attributes:
        images: Folder of the films.
        reader: Name or code of the reader.
        model: That segments again; the results' own if None.
        device: It runs on.
        central: How a central read is done.
        connect: To the archive in which films are looked for.
        send: Store what is saved there.
    """

    images: Path | None = None
    reader: str | None = None
    model: str | None = None
    device: str = "auto"
    central: CentralRead | None = None
    connect: Connect | None = None
    send: bool = False


def make_session(path: Path, choices: Choices, fetched: Path) -> Session:
    """Find the results, and make a session of them.

    Args:
        path: Of a result, or a folder of them.
        choices: Of the command line.
        fetched: An existing folder for films from an archive.

    Raises:
        InputError: There are no results, no folder of films, the film of the only case is not found, or
            there is nothing to adjudicate.
    """
    require_folder(choices.images)
    found = find_results(path)
    reviews = reviews_in(reviews_folder(one) for one in found)
    central = choices.central
    cases = doubtful_cases(found) if central is None else central_cases(found, central)
    if central is not None and central.adjudicate:
        cases = differing(cases, reviews, central.limit, central.reader)
        if not cases:
            raise InputError(
                f"no two readers differ by more than {central.limit:g} points", "let both read all first"
            )

    connect = choices.connect
    send = partial(send_results, connect) if connect is not None and choices.send else None

    def films(result: FoundResult) -> list[Film]:
        def fetch(uid: str) -> Path | None:
            return connect and fetch_film(connect, result.folder, uid, fetched)

        return [with_levels(find_film(exam, choices.images, fetch)) for exam in result.exams]

    @cache
    def segmenter() -> Segmenter:
        from ptx_followup.segmentation.segmenter import Segmenter

        return Segmenter(choices.model or found[0].exams[0].document["model"]["name"], choices.device)

    loader = Loader(films, segmenter)
    session = Session(cases, loader, reviews, reader=choices.reader, central=central, send=send)
    try:
        loader.warm()
        loader.read_films(cases[0]).result()  # whether films are found is told before a page is opened
    except BaseException:
        session.close()
        raise
    return session


def new_token() -> str:
    """Random, url-safe: what the address holds."""
    return secrets.token_urlsafe(_TOKEN_BYTES)
