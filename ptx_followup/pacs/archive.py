"""What an archive can do, whichever protocol it speaks, and how patient we are with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeVar

from ptx_followup.errors import PacsError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Level = Literal["STUDY", "SERIES", "IMAGE"]
Result = TypeVar("Result")

#: Longest pause between two attempts, in seconds.
_LONGEST_PAUSE_S = 30.0


class ArchiveUnavailableError(PacsError):
    """The archive cannot be reached, or broke off: the same request may succeed later."""


class TooManyError(PacsError):
    """More is found than a question about one patient should find."""


@dataclass(frozen=True)
class Instance:
    """One object in an archive; `sop_class` is empty where the archive does not tell."""

    study_uid: str = field(repr=False)
    series_uid: str = field(repr=False)
    uid: str = field(repr=False)
    sop_class: str = ""


class Archive(Protocol):
    """An open connection to an archive, closed by leaving its `with` block.

    Every method raises `ArchiveUnavailableError` where the connection failed, and `PacsError` where the
    archive answered with a refusal. No message names a patient, an accession number or a UID.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def echo(self) -> None:
        """Ask for a sign of life, with the credentials of the node."""

    def find(self, level: Level, match: Mapping[str, str], wanted: Sequence[str]) -> list[Dataset]:
        """Search.

        Args:
            level: What is searched for.
            match: Keyword to value, in which * and ? are wild cards; UIDs of the levels above `level` among
                them.
            wanted: Keywords that the answers should have besides; archives may leave some out, and some
                leave letters out of a value (Orthanc those outside Latin-1).

        Raises:
            TooManyError: There are hundreds.
        """

    def honours_wild_cards(self) -> bool:
        """Whether a search with wild cards finds what they stand for."""

    def header(self, instance: Instance) -> Dataset:
        """What tells an object apart, as its file states it; see `radiograph.header.KEYWORDS`."""

    def fetch(self, instance: Instance) -> bytes:
        """One object as a DICOM file (PS3.10), in the encoding in which it is stored, where possible."""

    def store(self, file: Path) -> None:
        """Store a DICOM file; one that is there already is no error."""


def persist(attempts: int, action: Callable[[], Result]) -> Result:
    """Call `action` until it does not raise `ArchiveUnavailableError`, with pauses of 1, 2, 4, ... seconds.

    Only for requests that may be made twice: searching and fetching change nothing, and an object stored
    again under its UID is the same object.
    """
    for attempt in range(attempts - 1):
        try:
            return action()
        except ArchiveUnavailableError:
            time.sleep(min(2.0**attempt, _LONGEST_PAUSE_S))
    return action()
