"""Read a mask from a DICOM Segmentation object on a radiograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import SegmentationStorage

from ptx_followup.dicom.elements import integer, items, text
from ptx_followup.dicom.limits import DEFAULT_LIMITS
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.dicom.read import file_label
from ptx_followup.dicom.seg import PNEUMOTHORAX, Property
from ptx_followup.dicom.source import read_source
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def read_segmentation(path: Path, source: Path, shows: Property = PNEUMOTHORAX) -> NDArray[np.bool_]:
    """Read the mask of one property from a binary Segmentation object on a radiograph.

    Args:
        path: The object, ours or one edited in a viewer.
        source: The radiograph's DICOM file, to which the object must refer.
        shows: Segments of this type are united.

    Returns:
        bool, rows x columns of the source's stored pixel grid; empty where no frame shows the property.

    Raises:
        InputError: If the file is not a binary Segmentation object, or is about another image.
    """
    label = file_label(path)
    header = read_source(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{label} cannot be opened", "check that you may read it") from error
    with lenient_pydicom():
        dataset = parse(content, label, DEFAULT_LIMITS)
        _require_segmentation_of(dataset, header, label)
        frames = np.atleast_3d(dataset.pixel_array.astype(bool)).reshape(-1, header.Rows, header.Columns)
        wanted = {
            integer(item, "SegmentNumber")
            for item in items(dataset, "SegmentSequence")
            if any(
                text(code, "CodeValue") == shows.type.value
                for code in items(item, "SegmentedPropertyTypeCodeSequence")
            )
        }
        chosen = [number in wanted for number in _segment_of_each_frame(dataset)]
    return np.asarray(frames[chosen].any(axis=0))


def _require_segmentation_of(dataset: Dataset, header: Dataset, label: str) -> None:
    if text(dataset, "SOPClassUID") != SegmentationStorage or text(dataset, "SegmentationType") != "BINARY":
        raise InputError(f"{label} is not a binary DICOM Segmentation", "export the mask as one")
    referenced = {
        text(instance, "ReferencedSOPInstanceUID")
        for series in items(dataset, "ReferencedSeriesSequence")
        for instance in items(series, "ReferencedInstanceSequence")
    }
    if header.SOPInstanceUID not in referenced:
        raise InputError(f"{label} is a segmentation of another image", "give the one of this radiograph")
    if (integer(dataset, "Rows"), integer(dataset, "Columns")) != (header.Rows, header.Columns):
        raise InputError(f"{label} has not the size of its image", "export it on the image's pixel grid")


def _segment_of_each_frame(dataset: Dataset) -> list[int | None]:
    """Number of the segment that each frame shows; stated frame by frame, or once for all."""
    shared = items(dataset, "SharedFunctionalGroupsSequence")
    return [
        next(
            (
                integer(identification, "ReferencedSegmentNumber")
                for groups in (frame, *shared)
                for identification in items(groups, "SegmentIdentificationSequence")
            ),
            None,
        )
        for frame in items(dataset, "PerFrameFunctionalGroupsSequence")
    ]
