"""Hemithoraces that a person gives: a label picture, or a DICOM Segmentation of the lungs."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom.elements import codes, items, text
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom, parse
from ptx_followup.dicom_objects.segments import LATERALITY, LUNG
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.errors import InputError, UsageError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.masks.read import DRAWN, origin_of
from ptx_followup.masks.seg import has_type, united_frames
from ptx_followup.masks.source import KnownHemithoraces, MaskSource
from ptx_followup.radiograph.raster import looks_like_raster, read_raster
from ptx_followup.sides import LUNG_LABEL, SIDES, Side, both_found

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.files.limits import Limits
    from ptx_followup.radiograph.image import Radiograph

Labels = NDArray[np.uint8]

ONE_SIDED = "the given hemithoraces lack the {}: sizes have no percentage"
_GIVE = "give a PNG of 0, 1 (the patient's right) and 2 (the left), or a DICOM Segmentation of both lungs"


def read_known_hemithoraces(path: Path, radiograph: Radiograph) -> KnownHemithoraces:
    """Read the hemithoraces of a radiograph, in a child process.

    Args:
        path: A PNG on the grid of the radiograph's file, of 0, 1 (the patient's right) and 2 (the left); or a
            DICOM Segmentation on it with segments of type lung, told apart by laterality or by their labels,
            as `--with-lungs` writes one.
        radiograph: Whose they are.

    Raises:
        InputError: The file is neither, of another image, or can be no hemithoraces.
        UsageError: It has another size.
    """
    label, limits = file_label(path), configured_limits()
    paths = {"path": path}
    if radiograph.identity is not None and radiograph.path is not None:
        paths["source"] = radiograph.path
    facts, labels = contained.call(read_hemithoraces_in_child, label, limits, None, **paths)
    known = KnownHemithoraces(labels, MaskSource("given", file=label, **facts["source"]))
    return _fitting(known, radiograph, f"the picture of hemithoraces {label}")


def as_known_hemithoraces(
    labels: Labels | KnownHemithoraces | None, radiograph: Radiograph, name: str
) -> KnownHemithoraces | None:
    """Hemithoraces from a program as known ones; the message calls their exam by `name`.

    Raises:
        InputError: They can be none.
        UsageError: They have another size than the radiograph's file, or other values than 0, 1 and 2.
    """
    if labels is None:
        return None
    known = labels if isinstance(labels, KnownHemithoraces) else _from_program(labels)
    return _fitting(known, radiograph, f"the picture of the hemithoraces of {name}")


def _from_program(labels: Labels) -> KnownHemithoraces:
    digest = sha256(np.ascontiguousarray(labels).tobytes()).hexdigest()
    return KnownHemithoraces(labels, MaskSource("given", "array", sha256=digest))


def _fitting(known: KnownHemithoraces, radiograph: Radiograph, label: str) -> KnownHemithoraces:
    """Known hemithoraces with a warning where one is missing, if they can be those of the radiograph.

    Raises:
        InputError: They can be none.
        UsageError: They have another size, or other values.
    """
    if known.labels.shape != radiograph.stored_shape:
        raise UsageError(f"{label} does not fit its radiograph", "give its rows and columns")
    if not np.isin(known.labels, (0, *LUNG_LABEL.values())).all():
        raise UsageError(f"{label} has values beside 0, 1 and 2", _GIVE)
    standard = radiograph.to_standard(known.labels)
    columns = {side: np.nonzero(standard == number)[1] for side, number in LUNG_LABEL.items()}
    missing = [side for side in SIDES if not columns[side].size]
    if len(missing) == len(SIDES):
        raise InputError(f"{label} shows none", _GIVE)
    if both_found(standard) and columns["right"].mean() >= columns["left"].mean():
        raise InputError(f"{label} has the right where the left must be", _GIVE)
    warnings = tuple(ONE_SIDED.format(side) for side in missing)
    return KnownHemithoraces(known.labels, known.source, (*known.warnings, *warnings))


def read_hemithoraces_in_child(request: Request) -> Answer:
    """Read hemithoraces in the child process; see `contained`."""
    content = read_content(request.paths["path"], request.label, request.limits)
    facts = {"sha256": sha256(content).hexdigest()}
    if looks_like_raster(content):
        labels = _from_picture(content, request.label, request.limits)
        return {"source": facts | {"format": "PNG"} | DRAWN}, labels
    if not looks_like_dicom(content):
        raise InputError(f"{request.label} is no picture of hemithoraces", _GIVE)
    if "source" not in request.paths:
        raise InputError(
            f"{request.label} is a DICOM file, but its radiograph is a picture", "give them as a PNG"
        )
    with lenient_pydicom():
        dataset = parse(content, request.label, request.limits)
        labels = _from_segmentation(dataset, read_source(request.paths["source"]), request)
        chosen = next(iter(_lungs(dataset)))
        return {"source": facts | origin_of(dataset, chosen)}, labels


def _from_picture(content: bytes, label: str, limits: Limits) -> Labels:
    stored, turn = read_raster(content, label, limits)
    if turn.flipped or turn.quarter_turns:
        raise InputError(f"{label} asks to be turned for display", "save it without an EXIF orientation")
    if stored.ndim != 2 or stored.max() > max(LUNG_LABEL.values()):
        raise InputError(f"{label} is no picture of hemithoraces: it has values beside 0, 1 and 2", _GIVE)
    return stored.astype(np.uint8)


def _from_segmentation(dataset: Dataset, header: Dataset, request: Request) -> Labels:
    labels = np.zeros((header.Rows, header.Columns), np.uint8)
    for side, number in LUNG_LABEL.items():

        def of_side(found: Dataset, _: str, side: Side = side) -> list[Dataset]:
            return [one for one in _lungs(found) if _side_of(one) == side]

        mask = united_frames(dataset, header, of_side, request.label, request.limits)
        if labels[mask].any():
            raise InputError(f"{request.label} has lungs that lie over each other", _GIVE)
        labels[mask] = number
    if not _lungs(dataset):
        raise InputError(f"{request.label} has no segment of a lung", _GIVE)
    return labels


def _lungs(dataset: Dataset) -> list[Dataset]:
    return [one for one in items(dataset, "SegmentSequence") if has_type(one, LUNG.type.value)]


def _side_of(segment: Dataset) -> Side | None:
    """By the laterality of its type, else by its label; None where neither names one side."""
    modifiers = [
        code
        for shown in items(segment, "SegmentedPropertyTypeCodeSequence")
        for code, _ in codes(shown, "SegmentedPropertyTypeModifierCodeSequence")
    ]
    words = text(segment, "SegmentLabel").casefold().split()
    stated = [side for side in SIDES if LATERALITY[side].value in modifiers]
    named = stated or [side for side in SIDES if side in words]
    return named[0] if len(named) == 1 else None
