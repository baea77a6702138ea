"""Read a mask that a person gives: a DICOM Segmentation, ours or a viewer's, a PNG, NIfTI or NRRD file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom.elements import integer, items, text
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom, parse
from ptx_followup.dicom_objects.segments import PNEUMOTHORAX
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.tracking import Tracking, tracked_sides
from ptx_followup.errors import InputError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.masks.labels import Segment, chosen_segments
from ptx_followup.masks.seg import has_type, united_frames
from ptx_followup.masks.source import KnownMask, MaskSource
from ptx_followup.masks.volume import kept_apart, read_volume, volume_format
from ptx_followup.radiograph.raster import looks_like_raster, read_raster

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.sides import Side

_GIVE = (
    "give a DICOM Segmentation of this radiograph, a black and white PNG, or a NIfTI or NRRD file of its size"
)


def read_mask(path: Path, source: Path | None, shape: tuple[int, int]) -> KnownMask:
    """Read a mask, in a child process.

    A DICOM Segmentation gives its segments of type pneumothorax; where a viewer has lost the type, those
    whose label names a pneumothorax, else its only segment; so does a segmentation of 3D Slicer.

    Args:
        path: The file.
        source: The radiograph's DICOM file, to which a Segmentation must refer; None for a picture.
        shape: Rows and columns of the radiograph's file, on which a cropped mask is placed.

    Returns:
        The mask on its file's own grid; the caller compares its shape with the radiograph's.

    Raises:
        InputError: The file is no mask, of another image, or leaves open which segment is meant.
    """
    label, limits = file_label(path), configured_limits()
    texts = {"rows": str(shape[0]), "columns": str(shape[1])}
    with kept_apart(path) as file:
        paths = {"path": file} if source is None else {"path": file, "source": source}
        facts, mask = contained.call(read_mask_in_child, label, limits, texts, **paths)
    tracking: dict[Side, Tracking] = {
        side: Tracking(**facts["tracking"][side]) for side in ("left", "right") if side in facts["tracking"]
    }
    origin = MaskSource("given", file=label, **facts["source"])
    return KnownMask(mask, origin, tracking, tuple(facts["warnings"]))


def read_mask_in_child(request: Request) -> Answer:
    """Read a mask in the child process; see `contained`."""
    content = read_content(request.paths["path"], request.label, request.limits)
    facts, warnings, tracking, mask = _read(content, request)
    source = {"sha256": hashlib.sha256(content).hexdigest(), **facts}
    return {"source": source, "tracking": tracking, "warnings": warnings}, mask


#: What is known of a mask's origin, warnings, tracking by side, and the mask.
_Found = tuple[Mapping[str, Any], tuple[str, ...], Mapping[Any, Any], NDArray[np.bool_]]


def _read(content: bytes, request: Request) -> _Found:
    label, limits = request.label, request.limits
    if looks_like_raster(content):
        return {"format": "PNG", **DRAWN}, (), {}, _black_and_white(content, label, limits)
    if kind := volume_format(content):
        shape = int(request.texts["rows"]), int(request.texts["columns"])
        mask, warnings = read_volume(request.paths["path"], content, kind, shape, label, limits)
        return {"format": kind, **DRAWN}, warnings, {}, mask
    if not looks_like_dicom(content):
        raise InputError(f"{label} is no mask", _GIVE)
    if "source" not in request.paths:
        raise InputError(
            f"{label} is a DICOM file, but its radiograph is a picture", "give the mask as a PNG"
        )
    return _from_segmentation(content, request)


#: A picture or a volume does not say how its mask came about.
DRAWN = {"algorithm_type": "MANUAL"}


def _from_segmentation(content: bytes, request: Request) -> _Found:
    label, limits = request.label, request.limits
    with lenient_pydicom():
        dataset = parse(content, label, limits)
        header = read_source(request.paths["source"])
        mask = united_frames(dataset, header, _pneumothorax_segments, label, limits)
        tracking = {side: one.to_json() for side, one in reversed(list(tracked_sides(dataset)))}
        chosen, warnings = _chosen(dataset, label)
        return origin_of(dataset, chosen[0]), warnings, tracking, mask


def _pneumothorax_segments(dataset: Dataset, label: str) -> list[Dataset]:
    return _chosen(dataset, label)[0]


def _chosen(dataset: Dataset, label: str) -> tuple[list[Dataset], tuple[str, ...]]:
    """Items of the Segment Sequence that show the pneumothorax, and warnings; number 0 is background."""
    described = [one for one in items(dataset, "SegmentSequence") if integer(one, "SegmentNumber") != 0]
    segments = [
        Segment(text(one, "SegmentLabel"), has_type(one, PNEUMOTHORAX.type.value)) for one in described
    ]
    wanted, warnings = chosen_segments(segments, label)
    return [described[place] for place in wanted], warnings


def origin_of(dataset: Dataset, segment: Dataset) -> dict[str, str | None]:
    """What a Segmentation says of how its mask came about, by the first segment that shows the finding."""
    identified = items(segment, "SegmentationAlgorithmIdentificationSequence")
    names = [text(segment, "SegmentAlgorithmName"), *(text(one, "AlgorithmName") for one in identified)]
    stated = text(segment, "SegmentAlgorithmType")
    return {
        "format": "DICOM SEG",
        "sop_instance_uid": text(dataset, "SOPInstanceUID") or None,
        "algorithm_type": stated if stated in ("AUTOMATIC", "SEMIAUTOMATIC", "MANUAL") else "MANUAL",
        "algorithm_name": next((name for name in names if name), None),
        "manufacturer": text(dataset, "Manufacturer") or None,
        "creator": text(dataset, "ContentCreatorName").strip("^ ") or None,
    }


def _black_and_white(content: bytes, label: str, limits: Limits) -> NDArray[np.bool_]:
    stored, turn = read_raster(content, label, limits, bilevel=True)
    grey = stored if stored.ndim == 2 else stored.max(axis=2)
    levels = np.unique(grey)
    if len(levels) > 2 or (len(levels) == 2 and levels[0] != 0):
        raise InputError(f"{label} is no mask: it has grey levels between black and white", _GIVE)
    shown = stored[grey > 0]
    if (shown != shown[:1]).any():
        raise InputError(f"{label} has several colours and does not say which is the pneumothorax", _GIVE)
    if turn.flipped or turn.quarter_turns:
        raise InputError(
            f"{label} asks to be turned for display", "save the mask without an EXIF orientation"
        )
    return np.asarray(grey > 0)
