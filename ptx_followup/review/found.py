"""Results on disk that can be reviewed: what each says of its exams, and the masks beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import InputError
from ptx_followup.files.storage import file_label
from ptx_followup.results.names import (
    FOLLOWUP_HEMITHORACES,
    FOLLOWUP_MASK,
    HEMITHORACES,
    MASK,
    PRIOR_HEMITHORACES,
    PRIOR_MASK,
    RESULT,
)
from ptx_followup.results.row import row_of

Kind = Literal["segment", "compare", "timeline"]
_KINDS: dict[str, Kind] = {
    "ptx-segment/1": "segment",
    "ptx-compare/1": "compare",
    "ptx-timeline/1": "timeline",
}
_HINT = "give the folder of ptx compare, segment, timeline or batch"


@dataclass(frozen=True, eq=False)
class FoundExam:
    """One exam of a result.

    Attributes:
        name: "prior", "followup", "image", or "exam 1" and so on.
        document: Its object in result.json.
        mask_file: Its mask.
        hemithoraces_file: Its hemithoraces, where a person outlined them.
    """

    name: str
    document: dict[str, Any] = field(repr=False)
    mask_file: Path
    hemithoraces_file: Path

    @property
    def image(self) -> dict[str, Any]:
        """The `image` object."""
        found: dict[str, Any] = self.document["image"]
        return found

    @property
    def report_text(self) -> str | None:
        """The report as it was read; None where there was none, or the result does not hold it."""
        text: str | None = self.document["report"].get("text")
        return text

    @property
    def had_report(self) -> bool:
        """The network was told something of a report of this exam, or that was a denial."""
        report = self.document["report"]
        return self.report_text is not None or bool(report["findings"])

    def mask(self) -> NDArray[np.bool_]:
        """The mask, bool, on the grid of the film's file.

        Raises:
            InputError: It is not there, or has not the size of the film.
        """
        return np.asarray(self._picture(self.mask_file) > 0)

    def hemithoraces(self) -> NDArray[np.uint8] | None:
        """Hemithoraces that a person outlined (0, 1 the patient's right, 2 the left), on the same grid.

        Raises:
            InputError: As of the mask.
        """
        source = self.document["anatomy"].get("source")
        drawn = source is not None and source["kind"] != "network"
        return self._picture(self.hemithoraces_file) if drawn else None

    def _picture(self, file: Path) -> NDArray[np.uint8]:
        content = np.fromfile(file, np.uint8) if file.is_file() else np.empty(0, np.uint8)
        grey = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if content.size else None
        if grey is None or grey.shape != (self.image["rows"], self.image["columns"]):
            raise InputError(f"{file_label(file)} of a result is missing or damaged", _HINT)
        return np.asarray(grey, np.uint8)


@dataclass(frozen=True, eq=False)
class FoundResult:
    """One result.

    Attributes:
        folder: That it lies in.
        kind: Which command wrote it.
        document: Of result.json.
        sha256: Of that file: drafts are found by it.
        exams: The earliest first.
    """

    folder: Path
    kind: Kind
    document: dict[str, Any] = field(repr=False)
    sha256: str
    exams: tuple[FoundExam, ...]

    @property
    def name(self) -> str:
        """Base name of the folder."""
        return file_label(self.folder.resolve())

    @property
    def with_bspline(self) -> bool:
        """The registration was allowed to bend."""
        return bool(self.document.get("registration", {}).get("method") == "b-spline")

    @property
    def deidentified(self) -> bool:
        """It was written with `--deidentify`, which takes away the paths of films."""
        return any(exam.image["path"] is None for exam in self.exams)


def find_results(path: Path) -> list[FoundResult]:
    """The results in a folder: it is one, or holds some, as that of a cohort does.

    Raises:
        InputError: There is none, or one is damaged.
    """
    if (path / RESULT).is_file():
        return [read_result(path)]
    found = [read_result(folder) for folder in _folders(path)]
    originals = [one for one in found if "review" not in one.document]
    if not originals:
        raise InputError(f"{file_label(path)} holds no result", _HINT)
    return originals


def _folders(path: Path) -> Iterator[Path]:
    holder = path / "cases" if (path / "cases").is_dir() else path
    if holder.is_dir():
        yield from sorted(
            one
            for one in holder.iterdir()
            if (one / RESULT).is_file() and not one.name.startswith(".") and not one.is_symlink()
        )


def read_result(folder: Path) -> FoundResult:
    """Read the result in a folder.

    Raises:
        InputError: It is damaged, or no result of this program.
    """
    try:
        content = (folder / RESULT).read_bytes()
        document = json.loads(content)
        kind = _KINDS[document["schema"]]
        exams = tuple(_exams(folder, kind, document))
        row_of(document)
        for exam in exams:
            _ = exam.image["path"], exam.image["rows"], exam.image["columns"], exam.had_report
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{file_label(folder)} holds no complete result", _HINT) from None
    return FoundResult(folder, kind, document, hashlib.sha256(content).hexdigest(), exams)


def _exams(folder: Path, kind: Kind, document: dict[str, Any]) -> Iterator[FoundExam]:
    if kind == "segment":
        yield FoundExam("image", document, folder / MASK, folder / HEMITHORACES)
    elif kind == "compare":
        yield FoundExam("prior", document["prior"], folder / PRIOR_MASK, folder / PRIOR_HEMITHORACES)
        yield FoundExam(
            "followup", document["followup"], folder / FOLLOWUP_MASK, folder / FOLLOWUP_HEMITHORACES
        )
    else:
        for number, exam in enumerate(document["exams"], start=1):
            start = folder / f"exam-{number}"
            yield FoundExam(
                f"exam {number}",
                exam,
                start.with_suffix(".mask.png"),
                start.with_suffix(".hemithoraces.png"),
            )
