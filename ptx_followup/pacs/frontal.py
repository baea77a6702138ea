"""The one frontal chest radiograph among the images of a study, as an archive holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import InputError, NotARadiographError, PacsError, QualityGateError
from ptx_followup.radiograph.body_part import described_elsewhere
from ptx_followup.radiograph.choice import Film, films_that_count, is_capture
from ptx_followup.radiograph.header import read_header
from ptx_followup.radiograph.read import read_radiograph

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: What to do where several images may be meant.
CHOOSE = "fetch the exam with ptx pacs get, and name one of them to ptx compare"


@dataclass(frozen=True)
class Frontal:
    """The radiograph of an exam.

    Attributes:
        image: Its file.
        is_capture: It is a secondary capture itself.
        captures: Those that were passed over beside it.
    """

    image: Path
    is_capture: bool = False
    captures: int = 0

    def warnings(self, more_captures: int = 0) -> tuple[str, ...]:
        """Of what was passed over, with so many more; the files have no name that says anything."""
        captures = 0 if self.is_capture else self.captures + more_captures
        if captures == 1:
            return ("A secondary capture beside the radiograph was passed over",)
        return (f"{captures} secondary captures beside the radiograph were passed over",) if captures else ()


@dataclass(frozen=True)
class _Unreadable:
    header: Dataset
    error: InputError


def only_frontal(files: Iterable[Path]) -> Frontal | None:
    """The frontal chest radiograph among the radiographs of one study, or None where there is none.

    Raises:
        PacsError: There are several that count (see `films_that_count`), or there is none, but one that
            cannot be read.
    """
    frontal, unreadable = _frontal(files)
    chosen = films_that_count(frontal)
    if len(chosen) > 1:
        raise PacsError(f"a study holds {len(chosen)} frontal chest radiographs", CHOOSE)
    if not chosen and unreadable:
        # It may be the one that is looked for: an older exam must not silently take its place.
        error = unreadable[-1].error
        raise PacsError(f"a radiograph of a study cannot be read ({error.problem})", error.hint)
    if not chosen:
        return None
    if is_capture(chosen[0].header):
        return Frontal(chosen[0].file, is_capture=True)
    others = [film.header for film in frontal] + [one.header for one in unreadable]
    return Frontal(chosen[0].file, captures=sum(map(is_capture, others)))


def _frontal(files: Iterable[Path]) -> tuple[list[Film], list[_Unreadable]]:
    """The frontal chest radiographs, and what may be one and cannot be read."""
    frontal: list[Film] = []
    unreadable: list[_Unreadable] = []
    for file in files:
        header = read_header(file)
        with lenient_pydicom():
            if described_elsewhere(header):
                continue
        try:
            frontal.append(Film(file, header, read_radiograph(file)))
        except QualityGateError:
            continue
        except NotARadiographError as error:
            if not header:  # what is left of a file that was cut short may be a radiograph's
                unreadable.append(_Unreadable(header, error))
        except InputError as error:
            unreadable.append(_Unreadable(header, error))
    return frontal, unreadable
