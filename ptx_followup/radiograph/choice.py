"""Which of several images of one exam is its radiograph: one rule for study folders and archives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
)

from ptx_followup.dicom.accept import RADIOGRAPH_CLASSES
from ptx_followup.dicom.elements import text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.radiograph.image import Radiograph

#: Classes of secondary captures: scanned pages, pictures of a screen, films that were digitised.
CAPTURE_CLASSES = RADIOGRAPH_CLASSES - {
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
}


@dataclass(frozen=True, eq=False)
class Film:
    """A frontal chest radiograph, or what reads as one.

    Attributes:
        file: Where it lies.
        header: Of `radiograph.header.read_header`.
        radiograph: As read.
    """

    file: Path
    header: Dataset
    radiograph: Radiograph


def films_that_count(films: Sequence[Film]) -> list[Film]:
    """The films among which the exam's radiograph is: one, or it cannot be told which.

    An instance that is there twice counts once. A radiograph for processing does not count beside one for
    presentation, and a secondary capture beside neither: it may be a page of another document.
    """
    distinct: list[Film] = []
    for film in films:
        if not any(_is_same(film, other) for other in distinct):
            distinct.append(film)
    best = min((rank_of(film.header) for film in distinct), default=0)
    return [film for film in distinct if rank_of(film.header) == best]


def is_capture(header: Dataset) -> bool:
    """Whether an object is a secondary capture."""
    return text(header, "SOPClassUID") in CAPTURE_CLASSES


def rank_of(header: Dataset) -> int:
    """Films of the lowest rank count: 0 for presentation, 1 for processing, 2 secondary captures."""
    if is_capture(header):
        return 2
    processing = text(header, "SOPClassUID") == DigitalXRayImageStorageForProcessing
    return int(processing or text(header, "PresentationIntentType").upper() == "FOR PROCESSING")


def _is_same(one: Film, other: Film) -> bool:
    """One instance in two files, whose window may be another: archives rewrite headers.

    Where the stored pixels differ, one of them states a UID that is not its own; where the sides do, one of
    the headers is wrong.
    """
    first, second = one.radiograph, other.radiograph
    return (
        first.sop_instance_uid is not None
        and first.sop_instance_uid == second.sop_instance_uid
        and first.pixels_sha256 == second.pixels_sha256
        and (first.flipped, first.quarter_turns) == (second.flipped, second.quarter_turns)
    )
