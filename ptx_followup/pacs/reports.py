"""Which document of a study is the radiologist's report, and which is an earlier result of ours."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EncapsulatedCDAStorage,
    EnhancedSRStorage,
)

from ptx_followup.dicom.elements import codes, text
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom_objects.tracking import read_previous_result
from ptx_followup.errors import InputError, PacsError, PtxError
from ptx_followup.radiograph.acquisition_time import parse_moment
from ptx_followup.radiograph.header import is_ours, read_header
from ptx_followup.report.text import load_report

#: Documents that may be a radiologist's report.
REPORTS: tuple[UID, ...] = (
    BasicTextSRStorage,
    EnhancedSRStorage,
    ComprehensiveSRStorage,
    Comprehensive3DSRStorage,
    EncapsulatedCDAStorage,
)
#: Titles (DCM) of documents in the classes of reports that are none: measurements and radiation doses.
_OTHER_TITLES = frozenset({"126000", "113701", "113500"})


#: Of documents without a date.
_LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001 - local, as all times of a header


@dataclass(frozen=True, order=True)
class _Standing:
    """How much a report counts; the greatest is used."""

    verified: bool
    complete: bool
    written_at: datetime


def choose_report(files: Sequence[Path]) -> Path | None:
    """The report among documents of one study: verified before unverified, complete before partial, then new.

    Args:
        files: DICOM documents.

    Returns:
        None where none of them is a report with text.

    Raises:
        PacsError: Two reports stand alike and differ.
    """
    candidates: list[tuple[_Standing, str, Path]] = []
    for file in files:
        header = read_header(file)
        if not _may_be_report(header):
            continue
        try:
            candidates.append((_standing(header), load_report(file), file))
        except PtxError:
            continue
    if not candidates:
        return None
    best = max(standing for standing, _, _ in candidates)
    chosen = {words: file for standing, words, file in candidates if standing == best}
    if len(chosen) > 1:
        raise PacsError(
            f"a study has {len(chosen)} reports of which none is newer or verified",
            "fetch them with ptx pacs get, and name one to ptx compare",
        )
    return next(iter(chosen.values()))


def latest_result(files: Sequence[Path]) -> Path | None:
    """The newest object among `files` that `ptx` wrote and that tracks a pneumothorax, or None."""
    ours = [(_written_at(header), file) for file in files if is_ours(header := read_header(file))]
    for _, file in sorted(ours, reverse=True):
        with suppress(InputError):
            read_previous_result(file)
            return file
    return None


def _may_be_report(header: Dataset) -> bool:
    with lenient_pydicom():
        titles = {code for code, _ in codes(header, "ConceptNameCodeSequence")}
        return text(header, "SOPClassUID") in REPORTS and not is_ours(header) and not titles & _OTHER_TITLES


def _standing(header: Dataset) -> _Standing:
    with lenient_pydicom():
        return _Standing(
            text(header, "VerificationFlag") == "VERIFIED",
            text(header, "CompletionFlag") != "PARTIAL",
            _written_at(header),
        )


def _written_at(header: Dataset) -> datetime:
    with lenient_pydicom():
        moment = parse_moment(text(header, "ContentDate"), text(header, "ContentTime"))
    return moment or _LONG_AGO
