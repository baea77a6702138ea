"""Read a mask that a person gives: a DICOM Segmentation, ours or one edited in a viewer, or a PNG."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom.elements import items, text
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
from ptx_followup.masks.seg import has_type, united_frames
from ptx_followup.masks.source import MaskSource
from ptx_followup.radiograph.raster import looks_like_raster, read_raster

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.sides import Side

_GIVE = "give a DICOM Segmentation of this radiograph, or a black and white PNG of its size"


def read_mask(path: Path, source: Path | None) -> tuple[NDArray[np.bool_], MaskSource, dict[Side, Tracking]]:
    """Read a mask, in a child process.

    A DICOM Segmentation gives its segments of type pneumothorax; where a viewer has lost the type, those
    whose label names a pneumothorax, else its only segment.

    Args:
        path: The file.
        source: The radiograph's DICOM file, to which a Segmentation must refer; None for a picture.

    Returns:
        bool, rows x columns of the file's own grid; where it comes from; and the tracking that it states.

    Raises:
        InputError: The file is no mask, of another image, or leaves open which segment is meant.
    """
    label, limits = file_label(path), configured_limits()
    paths = {"path": path} if source is None else {"path": path, "source": source}
    facts, mask = contained.call(read_mask_in_child, label, limits, None, **paths)
    tracking: dict[Side, Tracking] = {
        side: Tracking(**facts["tracking"][side]) for side in ("left", "right") if side in facts["tracking"]
    }
    return mask, MaskSource("given", file=label, **facts["source"]), tracking


def read_mask_in_child(request: Request) -> Answer:
    """Read a mask in the child process; see `contained`."""
    paths = request.paths
    return read_mask_unprotected(paths["path"], paths.get("source"), request.label, request.limits)


def read_mask_unprotected(
    path: Path, source: Path | None, label: str, limits: Limits
) -> tuple[dict[str, Any], NDArray[np.bool_]]:
    """Read a mask in this very process: what `read_mask` needs to know of it, and its pixels."""
    content = read_content(path, label, limits)
    sha256 = hashlib.sha256(content).hexdigest()
    if looks_like_raster(content):
        facts = {"format": "PNG", "algorithm_type": "MANUAL", "sha256": sha256}
        return {"source": facts, "tracking": {}}, _black_and_white(content, label, limits)
    if not looks_like_dicom(content):
        raise InputError(f"{label} is no mask", _GIVE)
    if source is None:
        raise InputError(
            f"{label} is a DICOM file, but its radiograph is a picture", "give the mask as a PNG"
        )
    with lenient_pydicom():
        dataset = parse(content, label, limits)
        mask = united_frames(dataset, read_source(source), _chosen_segments, label, limits)
        tracking = {side: one.to_json() for side, one in reversed(list(tracked_sides(dataset)))}
        return {"source": {"sha256": sha256, **_origin(dataset)}, "tracking": tracking}, mask


def _chosen_segments(dataset: Dataset, label: str) -> list[Dataset]:
    """Items of the Segment Sequence that show the pneumothorax."""
    segments = list(items(dataset, "SegmentSequence"))
    typed = [one for one in segments if has_type(one, PNEUMOTHORAX.type.value)]
    named = [one for one in segments if "pneumothorax" in text(one, "SegmentLabel").lower()]
    chosen = typed or named or (segments if len(segments) == 1 else [])
    if not chosen:
        raise InputError(
            f"{label} has {len(segments)} segments and none of a pneumothorax",
            "give one of them the type or the label Pneumothorax",
        )
    return chosen


def _origin(dataset: Dataset) -> dict[str, str | None]:
    """What a Segmentation says of how its mask came about, by the first segment that shows the finding."""
    segment = _chosen_segments(dataset, "")[0]
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
    if turn.flipped or turn.quarter_turns:
        raise InputError(
            f"{label} asks to be turned for display", "save the mask without an EXIF orientation"
        )
    return np.asarray(grey > 0)
