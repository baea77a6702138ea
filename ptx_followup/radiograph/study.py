"""Which radiograph and which report an argument of the command line means."""

from __future__ import annotations

from pathlib import Path

from ptx_followup.dicom.parse import looks_like_dicom
from ptx_followup.errors import InputError, NotARadiographError, QualityGateError
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph

#: Files of a study folder that are opened at most: a folder with more is no single study.
_MOST_FILES = 200
#: Bytes by which a file's kind is told.
_HEAD_BYTES = 1024


def read_exam(path: Path) -> Radiograph:
    """Read the radiograph of one exam.

    Args:
        path: A file, or a study folder. Of a folder every file (also in folders below) is tried: the frontal
            chest radiographs among its DICOM files count, or among PNG and JPEG files where no DICOM file
            is one. There must be exactly one, and none of its kind that cannot be read: it may be the one
            that is meant.

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
        found = [radiograph for file in candidates if (radiograph := _if_frontal(file)) is not None]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(file_label(one.path) for one in found if one.path is not None)
            raise InputError(
                f"{file_label(path)} holds {len(found)} frontal chest radiographs ({names})",
                "name one of them",
            )
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


def _if_frontal(file: Path) -> Radiograph | None:
    try:
        return read_radiograph(file)
    except (NotARadiographError, QualityGateError):
        return None
    except InputError as error:
        raise InputError(f"{error.problem}, and may be the radiograph that is meant", "name a file") from None
