"""The films of a result, found again and known by their pixels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from ptx_followup.errors import InputError, PtxError
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.levels import read_levels
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.review.found import FoundExam
from ptx_followup.review.pictures import Film, film_of

#: Takes the SOP Instance UID of a film; gives the file that it was fetched to, or None.
Fetch = Callable[[str], Path | None]

_GIVE = "give the folder of the films with --images"


def find_film(exam: FoundExam, images: Path | None = None, fetch: Fetch | None = None) -> Radiograph:
    """Read the film of an exam: from its path, from a folder of films, or from an archive.

    Args:
        exam: Says where the film was, and the hash of its pixels.
        images: Folder that is searched through, with its folders.
        fetch: Asks an archive.

    Raises:
        InputError: It is not found.
    """
    wanted = exam.image.get("pixels_sha256")
    if not wanted:
        raise InputError(
            f"the result does not say by which pixels the film of the {exam.name} is known",
            "run ptx compare, segment or timeline again",
        )
    for path in _candidates(exam, images):
        film = _read(path)
        if film is not None and film.pixels_sha256 == wanted:
            return film
    uid = exam.image.get("sop_instance_uid")
    fetched = None if fetch is None or not uid else fetch(uid)
    film = None if fetched is None else _read(fetched)
    if film is not None and film.pixels_sha256 == wanted:
        return film
    raise InputError(
        f"the film of the {exam.name} is not found by its pixels",
        _GIVE,
    )


def _candidates(exam: FoundExam, images: Path | None) -> Iterator[Path]:
    """Files that may be the film: where it was, then those of its name, then all others."""
    stated = exam.image["path"]
    name = Path(stated).name if stated else ""
    if stated and Path(stated).is_file():
        yield Path(stated)
    if images is None:
        return
    files = [Path(folder, file) for folder, _, names in os.walk(images) for file in sorted(names)]
    yield from sorted(files, key=lambda path: path.name != name)


def _read(path: Path) -> Radiograph | None:
    """A film; None for a file that is none."""
    try:
        return read_radiograph(path)
    except PtxError:
        return None


def with_levels(film: Radiograph) -> Film:
    """A film that was found, with all its grey levels.

    Raises:
        InputError: Its file cannot be read any more.
    """
    if film.path is None:
        raise InputError("a film was made in memory", _GIVE)
    return film_of(film, *read_levels(film.path))


def require_folder(images: Path | None) -> None:
    """Refuse a folder of films that is not there.

    Raises:
        InputError: It is not.
    """
    if images is not None and not images.is_dir():
        raise InputError(f"{file_label(images)} is not a folder", _GIVE)
