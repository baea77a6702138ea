"""Which radiograph and which report an argument of the command line means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.dicom.parse import looks_like_dicom
from ptx_followup.errors import InputError, NotARadiographError, QualityGateError
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.choice import Film, films_that_count, is_capture
from ptx_followup.radiograph.header import is_ours, read_header
from ptx_followup.radiograph.image import Radiograph, with_warnings
from ptx_followup.radiograph.read import read_radiograph

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Files of a study folder that are opened at most: a folder with more is no single study.
_MOST_FILES = 200
#: Bytes by which a file's kind is told.
_HEAD_BYTES = 1024


@dataclass(frozen=True)
class _Unreadable:
    """A file that may be a radiograph, and why it cannot be read."""

    file: Path
    header: Dataset
    error: InputError


def read_exam(path: Path) -> Radiograph:
    """Read the radiograph of one exam.

    Args:
        path: A file, or a study folder. Of a folder every file (also in folders below) is tried: the frontal
            chest radiographs among its DICOM files count (see `films_that_count`), or among PNG and JPEG
            files where no DICOM file is one. There must be exactly one, and none of its kind that cannot be
            read: it may be the one that is meant. Beside a radiograph of CR or DX, secondary captures are
            passed over with a warning.

    Raises:
        InputError: There is none, or there are several (which are then listed), or a file cannot be read.
        QualityGateError: The file is not a frontal chest radiograph.
    """
    if not path.is_dir():
        return read_radiograph(path)
    files = _files(path)
    dicom = [file for file in files if looks_like_dicom(_head(file))]
    pictures = [
        file for file in files if file not in dicom and file.suffix.lower() in (".png", ".jpg", ".jpeg")
    ]
    for candidates in (dicom, pictures):
        radiograph = _only_film(candidates, file_label(path))
        if radiograph is not None:
            return radiograph
    raise InputError(f"{file_label(path)} holds no frontal chest radiograph", "name the file")


def report_beside(argument: Path, image: Path) -> Path | None:
    """The report that lies beside a radiograph.

    Args:
        argument: What the user named, the image or its study folder.
        image: The radiograph in use.

    Returns:
        The text file with the image's name, with or without its suffix; else, for a study folder, its only
        text file; else None.
    """
    # A UID as a file name ends in a number, which is no suffix: without it the name is another film's.
    stems = [image.name] if image.suffix[1:].isdigit() else [image.stem, image.name]
    for name in (f"{stem}.txt" for stem in stems):
        if image.with_name(name).is_file():
            return image.with_name(name)
    if not argument.is_dir():
        return None
    texts = [file for file in _files(argument) if file.suffix.lower() == ".txt"]
    return texts[0] if len(texts) == 1 else None


def _files(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    if len(files) > _MOST_FILES:
        raise InputError(
            f"{file_label(folder)} holds more than {_MOST_FILES} files",
            "give the folder of one study, or a file",
        )
    return files


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError:
        return b""


def _only_film(files: Iterable[Path], folder: str) -> Radiograph | None:
    """The frontal chest radiograph among files of one kind, or None where there is none."""
    films, unreadable = _films(files)
    counting = films_that_count(films)
    captures: list[Path] = []
    if counting and not is_capture(counting[0].header):
        captures = [film.file for film in films if is_capture(film.header)]
        captures += [one.file for one in unreadable if is_capture(one.header)]
    for one in unreadable:
        if one.file not in captures:
            problem = f"{one.error.problem}, and may be the radiograph that is meant"
            raise InputError(problem, "name a file")
    if len(counting) > 1:
        names = ", ".join(file_label(film.file) for film in counting)
        problem = f"{folder} holds {len(counting)} frontal chest radiographs ({names})"
        raise InputError(problem, "name one of them")
    return _beside_captures(counting[0].radiograph, captures) if counting else None


def _films(files: Iterable[Path]) -> tuple[list[Film], list[_Unreadable]]:
    """The frontal chest radiographs among files of one kind, and what cannot be read; without our results."""
    films: list[Film] = []
    unreadable: list[_Unreadable] = []
    for file in files:
        try:
            radiograph = read_radiograph(file)
        except (NotARadiographError, QualityGateError):
            continue
        except InputError as error:
            unreadable.append(_Unreadable(file, read_header(file), error))
        else:
            films.append(Film(file, read_header(file), radiograph))
    return films, [one for one in unreadable if not is_ours(one.header)]


def _beside_captures(radiograph: Radiograph, captures: list[Path]) -> Radiograph:
    if not captures:
        return radiograph
    names = ", ".join(file_label(file) for file in captures)
    warning = f"Secondary captures beside the radiograph were passed over: {names}"
    return with_warnings(radiograph, (warning,))
