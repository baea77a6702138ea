"""The one form that every data set takes once it is open: a list of cases and how to load them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data import rle
from ptx_followup.data.files import binary, read_mask
from ptx_followup.data.readings import take_apart
from ptx_followup.errors import InputError
from ptx_followup.radiograph.image import Radiograph, SpacingSource, View
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.report.text import load_report as read_report
from ptx_followup.sides import ReportSide

Layout = Literal["candid", "siim", "folder"]
Part = Literal["train", "validation", "test"]
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something about a data set that its user should know.

    Attributes:
        code: Kind of problem, for programs ("image-missing").
        severity: "error" where the case cannot be used, else "warning".
        where: File, and row and column where they are known; never a value of the table.
        message: One sentence.
        case: Identifier of the case, or None where the problem is not one case's.
    """

    code: str
    severity: Severity
    where: str
    message: str
    case: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True)
class Annotation:
    """One run-length code of one image, and the row and column that it stands in."""

    code: str = field(repr=False)
    where: str


@dataclass(frozen=True)
class Case:
    """One radiograph of a data set, with what is known of it; nothing is decoded yet.

    Attributes:
        id: Name of the image, unique in the data set; a UID is kept as written, legal or not.
        where: File and row that list the case, for messages.
        image: The image file, or None where it is missing.
        positive: True if it shows a pneumothorax, False if it was read as free of one, None if not stated.
        annotations: Run-length codes, one per annotation; the mask is their union. Without any, see `mask`.
        mask: The mask file, or None.
        report_text: The report, where a table carries it.
        report_file: The report, where it has a file of its own.
        patient: Who it is, or None where the data set does not say.
        order: Sorts the exams of one patient in time (equal: not known which was first); None if not known.
        view: Projection.
        side: Side of the pneumothorax, where the data set states it.
        chest_tube: A chest tube is visible; None if not stated.
        part: The data set's own division, if it has one.
        spacing_mm: Millimetres per pixel (row, column) stated beside the image, for images without a header.
        spacing_source: What they mean.
        weight: In training, in 0..1: the probability that the mask is of this very film.
        united: The mask is stated to be the union of several readings, and so larger than either.
        readings: Masks of the single readers, where they have files of their own; at least two, or none.
        extra: Other columns, as written.
    """

    id: str
    where: str
    image: Path | None
    positive: bool | None
    annotations: tuple[Annotation, ...] = ()
    mask: Path | None = None
    report_text: str | None = field(default=None, repr=False)
    report_file: Path | None = None
    patient: str | None = field(default=None, repr=False)
    order: int | None = None
    view: View = "unknown"
    side: ReportSide | None = None
    chest_tube: bool | None = None
    part: Part | None = None
    spacing_mm: tuple[float, float] | None = None
    spacing_source: SpacingSource = "none"
    weight: float = 1.0
    united: bool = False
    readings: tuple[Path, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def for_figures(self) -> bool:
        """Whether figures may rest on it: its mask is known to be of this film."""
        return self.weight == 1


@dataclass(frozen=True)
class DataSet:
    """An open data set.

    Attributes:
        root: Its folder.
        layout: The layout that was recognised.
        cases: In the order of the table.
        convention: How its run-length codes are counted; None where masks are files.
        lung_labels: The masks are lungs (1 the patient's right, 2 the left), not pneumothoraces.
        notes: What was recognised or assumed, one sentence each.
        problems: What is wrong with the tables and the folder, found without decoding an image.
    """

    root: Path
    layout: Layout
    cases: tuple[Case, ...] = field(repr=False)
    convention: rle.Convention | None = None
    lung_labels: bool = False
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.cases)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    @cached_property
    def by_id(self) -> Mapping[str, Case]:
        """The cases by their identifier."""
        return {case.id: case for case in self.cases}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over identifier, patient and positivity of every case, whatever their order.

        A data set and its converted copy have the same fingerprint, so a split made for one holds for both.
        """
        facts = sorted((case.id, case.patient or "", str(case.positive)) for case in self.cases)
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()

    def load_image(self, case: Case) -> Radiograph:
        """Read the radiograph.

        Raises:
            InputError: The file is missing or cannot be read.
        """
        if case.image is None:
            raise InputError(f"{case.where}: its image is missing", "run `ptx data check` for the whole list")
        radiograph = read_radiograph(case.image)
        if radiograph.spacing_mm is None and case.spacing_mm is not None:
            return dataclasses.replace(
                radiograph, spacing_mm=case.spacing_mm, spacing_source=case.spacing_source
            )
        return radiograph

    def load_mask(self, case: Case, radiograph: Radiograph | None = None) -> NDArray[np.bool_]:
        """Read the pneumothorax mask, united over all annotations.

        Args:
            case: A case of this data set.
            radiograph: Its radiograph, if already loaded (its size and orientation are needed).

        Returns:
            bool, H x W, on the grid of `radiograph.pixels`; all False for a negative case.

        Raises:
            InputError: The mask is missing, unreadable, of another size than the image, or partly outside it.
        """
        if self.lung_labels:
            raise InputError(
                f"{self.root.name}: its masks are lungs", "use a data set with pneumothorax masks"
            )
        radiograph = radiograph or self.load_image(case)
        shape = radiograph.to_stored(radiograph.pixels).shape
        if case.annotations:
            stored = np.zeros(shape, dtype=np.bool_)
            for layer in self.load_annotations(case, (shape[0], shape[1])):
                stored |= layer
        elif case.mask is not None:
            stored = binary(case.mask, read_mask(case.mask, shape))
        elif case.positive is False:
            stored = np.zeros(shape, dtype=np.bool_)
        else:
            raise InputError(
                f"{case.where}: it has no mask, and is not stated to be free of a pneumothorax",
                "add the mask, or state 0 in the column pneumothorax",
            )
        return radiograph.to_standard(stored)

    def load_annotations(self, case: Case, shape: tuple[int, int]) -> list[NDArray[np.bool_]]:
        """Decode the annotations one by one.

        Args:
            case: A case with run-length codes.
            shape: Rows and columns of the image as stored in its file.

        Returns:
            One bool array, H x W, per annotation, on the stored grid.

        Raises:
            InputError: A code is malformed or reaches outside the image.
        """
        convention = self.convention or "relative"  # None only where every code is "-1", which all share
        layers = []
        for annotation in case.annotations:
            try:
                layers.append(rle.decode(rle.parse(annotation.code), shape, convention))
            except rle.RleError as error:
                raise InputError(f"{annotation.where}: {error}", "correct or remove that row") from error
        return layers

    def load_readings(self, case: Case, radiograph: Radiograph | None = None) -> list[NDArray[np.bool_]]:
        """The masks of single readers, or the one mask where nothing tells them apart; their mean is soft.

        Readings are files of their own (plain folder), or are taken apart from a table's annotations where
        these cover one another (see `readings.take_apart`).

        Args:
            case: A case of this data set.
            radiograph: Its radiograph, if already loaded.

        Returns:
            bool, H x W each, on the grid of `radiograph.pixels`; more than one where several people read it.

        Raises:
            InputError: As `load_mask`.
        """
        radiograph = radiograph or self.load_image(case)
        rows, columns = radiograph.to_stored(radiograph.pixels).shape
        if case.readings:
            stored = [binary(file, read_mask(file, (rows, columns))) for file in case.readings]
            return [radiograph.to_standard(one) for one in stored]
        apart = take_apart(self.load_annotations(case, (rows, columns)))
        if apart is None:
            return [self.load_mask(case, radiograph)]
        return [radiograph.to_standard(one) for one in apart]

    def load_lungs(self, case: Case, radiograph: Radiograph | None = None) -> NDArray[np.uint8]:
        """Read the lung mask of a data set with `lung_labels`.

        Returns:
            uint8, H x W: 0 background, 1 the patient's right lung, 2 the left.

        Raises:
            InputError: The mask is missing, unreadable, of another size, or has other values.
        """
        radiograph = radiograph or self.load_image(case)
        if case.mask is None or not self.lung_labels:
            raise InputError(f"{case.where}: it has no lung mask", "use a data set with lung masks")
        stored = read_mask(case.mask, radiograph.to_stored(radiograph.pixels).shape)
        if stored.max() > 2:
            raise InputError(
                f"{case.mask.name}: values above 2", "expected 0, 1 (right lung) and 2 (left lung)"
            )
        return radiograph.to_standard(stored)

    def load_report(self, case: Case) -> str | None:
        """The report as written, or None where there is none.

        Raises:
            InputError: The file cannot be read, is empty, or is not a text (see `ptx_followup.report.text`).
        """
        if case.report_file is None:
            return case.report_text
        return read_report(case.report_file)

    def mask_area(self, case: Case) -> int:
        """Number of mask pixels, found without reading the image; 0 for a negative case.

        Raises:
            InputError: The mask is missing or cannot be read.
        """
        if case.annotations:
            try:
                runs = [rle.parse(annotation.code) for annotation in case.annotations]
            except rle.RleError as error:
                raise InputError(f"{case.where}: {error}", "correct or remove that row") from error
            return rle.area(runs, self.convention or "relative")
        if case.mask is not None:
            return int(np.count_nonzero(read_mask(case.mask)))
        return 0
