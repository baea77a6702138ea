"""One pass over a data set before hours are spent on it: what is there, and what is wrong with it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from ptx_followup.data import rle
from ptx_followup.data.dataset import Case, DataSet, Problem, Severity
from ptx_followup.data.workers import for_each_case
from ptx_followup.errors import PtxError
from ptx_followup.radiograph.image import Radiograph, SpacingSource, View
from ptx_followup.report.findings import understand
from ptx_followup.report.sections import REDACTION


@dataclass(frozen=True)
class Examined:
    """What was found on looking at one case.

    Attributes:
        case: The case.
        size: Rows and columns of the radiograph in standard orientation, or None where it could not be read.
        spacing_mm: Of that grid (row, column), or None.
        spacing_source: What those millimetres mean.
        view: As the file's header or the data set's table states it.
        pixels_sha256: SHA-256 (hex) of size and pixels, or None.
        mask_px: Pixels of its mask (of its lungs, where masks are lungs), or None where it could not be read.
        overlap_px: Pixels that more than one annotation marks.
        has_report: There is a report with words in it.
        reported: True or False as the report states or denies a pneumothorax, None where it does neither.
        redacted: The report has redaction marks.
        problems: What is wrong with the case.
    """

    case: Case
    size: tuple[int, int] | None = None
    spacing_mm: tuple[float, float] | None = None
    spacing_source: SpacingSource = "none"
    view: View = "unknown"
    pixels_sha256: str | None = None
    mask_px: int | None = None
    overlap_px: int = 0
    has_report: bool = False
    reported: bool | None = None
    redacted: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Check:
    """The result of a check.

    Attributes:
        data_set: What was checked.
        examined: One entry per case, in the order of the data set.
        problems: Everything found: in the tables, in single cases, and between cases.
    """

    data_set: DataSet
    examined: tuple[Examined, ...] = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)

    @property
    def unusable(self) -> frozenset[str]:
        """Identifiers of the cases with an error."""
        return frozenset(item.case for item in self.problems if item.severity == "error" and item.case)


def check(data_set: DataSet, advance: Callable[[], object] = lambda: None, *, workers: int = 1) -> Check:
    """Read every image, mask and report of a data set once.

    Args:
        data_set: Opened with `tolerant=True`, so that errors of its tables are reported with all others.
        advance: Called after each case, for a progress bar.
        workers: Number of processes that read (see `for_each_case`).
    """
    listed = frozenset(item.case for item in data_set.problems if item.severity == "error" and item.case)
    examined = []
    for item in for_each_case(data_set, partial(examine, listed=listed), workers=workers):
        examined.append(item)
        advance()
    single = [problem for item in examined for problem in item.problems]
    return Check(data_set, tuple(examined), (*data_set.problems, *single, *_duplicates(examined)))


def examine(data_set: DataSet, case: Case, *, listed: frozenset[str] = frozenset()) -> Examined:
    """Look at one case.

    Args:
        data_set: The data set of the case.
        case: The case.
        listed: Cases with an error that the data set already lists, so that their masks are not tried again.
    """
    found = Examined(case) if case.image is None else _image_and_mask(data_set, case, case.id in listed)
    return _with_report(data_set, found)


def _image_and_mask(data_set: DataSet, case: Case, known: bool) -> Examined:
    try:
        radiograph = data_set.load_image(case)
    except PtxError as error:
        return Examined(case, problems=(_problem(case, "image-unreadable", "error", error.problem),))
    pixels = np.ascontiguousarray(radiograph.pixels)
    size = (radiograph.rows, radiograph.columns)
    mask_px, overlap_px, problems = (None, 0, ()) if known else _mask(data_set, case, radiograph)
    return Examined(
        case,
        size=size,
        spacing_mm=radiograph.spacing_mm,
        spacing_source=radiograph.spacing_source,
        view=case.view if radiograph.view == "unknown" else radiograph.view,
        pixels_sha256=hashlib.sha256(str(size).encode() + pixels.tobytes()).hexdigest(),
        mask_px=mask_px,
        overlap_px=overlap_px,
        problems=problems,
    )


def _mask(
    data_set: DataSet, case: Case, radiograph: Radiograph
) -> tuple[int | None, int, tuple[Problem, ...]]:
    """Pixels of the mask, pixels marked more than once, and what is wrong with it."""
    overlap_px = 0
    try:
        if data_set.lung_labels:
            mask_px = int(np.count_nonzero(data_set.load_lungs(case, radiograph)))
        elif case.annotations:
            rows, columns = radiograph.to_stored(radiograph.pixels).shape
            times_marked = np.sum(data_set.load_annotations(case, (rows, columns)), axis=0)
            mask_px, overlap_px = int((times_marked > 0).sum()), int((times_marked > 1).sum())
        else:
            mask_px = int(np.count_nonzero(data_set.load_mask(case, radiograph)))
            data_set.load_readings(case, radiograph)  # files of their own, which may be wrong too
    except PtxError as error:
        code = "mask-outside" if isinstance(error.__cause__, rle.OutsideError) else "mask-invalid"
        return None, 0, (_problem(case, code, "error", error.problem),)
    problems = []
    if overlap_px:
        message = f"{overlap_px} pixels are marked by more than one annotation"
        problems.append(_problem(case, "annotations-overlap", "warning", message))
    if case.positive and not mask_px:
        message = "stated to show a pneumothorax, but its mask is empty"
        problems.append(_problem(case, "mask-empty", "error", message))
    if case.positive is False and mask_px:
        message = "stated to be free of a pneumothorax, but its mask is not empty"
        problems.append(_problem(case, "mask-on-negative", "error", message))
    return mask_px, overlap_px, tuple(problems)


def _with_report(data_set: DataSet, found: Examined) -> Examined:
    case = found.case
    try:
        text = data_set.load_report(case)
    except PtxError as error:
        problem = _problem(case, "report-unreadable", "error", error.problem)
        return replace(found, problems=(*found.problems, problem))
    if text is None or not text.strip():
        return found
    reported = understand(text).present
    problems = found.problems
    if case.positive and reported is False:
        message = "the report denies a pneumothorax that the mask shows"
        problems += (_problem(case, "report-denies", "warning", message),)
    if case.positive is False and reported:
        message = "the report states a pneumothorax that has no mask"
        problems += (_problem(case, "report-states", "warning", message),)
    return replace(
        found,
        has_report=True,
        reported=reported,
        redacted=REDACTION.search(text) is not None,
        problems=problems,
    )


def _duplicates(examined: Iterable[Examined]) -> Iterator[Problem]:
    """Images with the same pixels: exact copies, which may stand on both sides of a split."""
    copies: defaultdict[str, list[Case]] = defaultdict(list)
    for item in examined:
        if item.pixels_sha256 is not None:
            copies[item.pixels_sha256].append(item.case)
    for cases in copies.values():
        for later in cases[1:]:
            message = f"the same pixels as the image of {cases[0].where}"
            yield _problem(later, "pixels-duplicated", "warning", message)


def _problem(case: Case, code: str, severity: Severity, message: str) -> Problem:
    return Problem(code, severity, case.where, message, case.id)
