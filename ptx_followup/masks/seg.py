"""Read a mask from a DICOM Segmentation object on a radiograph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    SegmentationStorage,
)

from ptx_followup.dicom.elements import integer, items, text
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.dicom_objects.segments import PNEUMOTHORAX, Property
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.errors import InputError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.storage import file_label

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


#: Gives the wanted items of an object's Segment Sequence; the text is the file's base name, for messages.
ChooseSegments = Callable[["Dataset", str], list["Dataset"]]

#: Encodings of binary frames: pixel data of one bit are never compressed but by RLE or as a whole data set.
_SYNTAXES = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
    }
)


def read_segmentation(path: Path, source: Path, shows: Property = PNEUMOTHORAX) -> NDArray[np.bool_]:
    """Read the mask of one property from a binary Segmentation object on a radiograph, in a child process.

    Args:
        path: The object, ours or one edited in a viewer.
        source: The radiograph's DICOM file, to which the object must refer.
        shows: Segments of this type are united.

    Returns:
        bool, rows x columns of the source's stored pixel grid; empty where no frame shows the property.

    Raises:
        InputError: If the file is not a binary Segmentation object, or is about another image.
    """
    limits = configured_limits()
    texts = {"code": shows.type.value}
    _, mask = contained.call(
        read_segmentation_in_child, file_label(path), limits, texts, path=path, source=source
    )
    return mask


def read_segmentation_in_child(request: Request) -> Answer:
    """Read a mask in the child process; see `contained`."""
    paths, code = request.paths, request.texts["code"]
    return {}, read_segmentation_unprotected(
        paths["path"], paths["source"], code, request.label, request.limits
    )


def read_segmentation_unprotected(
    path: Path, source: Path, code: str, label: str, limits: Limits
) -> NDArray[np.bool_]:
    """Read a mask in this very process; `code` is that of the property. See `read_segmentation`."""
    header = read_source(source)
    content = read_content(path, label, limits)

    def of_type(dataset: Dataset, _: str) -> list[Dataset]:
        return [one for one in items(dataset, "SegmentSequence") if has_type(one, code)]

    with lenient_pydicom():
        return united_frames(parse(content, label, limits), header, of_type, label, limits)


def united_frames(
    dataset: Dataset, header: Dataset, choose: ChooseSegments, label: str, limits: Limits
) -> NDArray[np.bool_]:
    """Unite the frames of some segments.

    Args:
        dataset: The object.
        header: Of the radiograph to which it must refer (`read_source`).
        choose: Gives the wanted items of its Segment Sequence.
        label: The file's base name, for messages.
        limits: Bounds, checked before decoding.

    Raises:
        InputError: If it is not a binary Segmentation object, is about another image, or cannot be decoded.
    """
    _require_segmentation_of(dataset, header, label)
    segments = _segment_of_each_frame(dataset)
    frames = _frames(dataset, len(segments), label, limits)
    wanted = {integer(item, "SegmentNumber") for item in choose(dataset, label)}
    return np.asarray(frames[[number in wanted for number in segments]].any(axis=0))


def has_type(segment: Dataset, code: str) -> bool:
    """An item of the Segment Sequence shows a property of this code."""
    types = items(segment, "SegmentedPropertyTypeCodeSequence")
    return any(text(one, "CodeValue") == code for one in types)


def _frames(dataset: Dataset, number: int, label: str, limits: Limits) -> NDArray[np.bool_]:
    """Every frame, bool, N x rows x columns.

    Raises:
        InputError: Their size is beyond the limits or contradicts the header, or they cannot be decoded.
    """
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    if max(rows, columns) > limits.side_pixels or number * rows * columns > limits.pixel_bytes:
        raise InputError(f"{label} promises more pixels than the limits allow", "give the mask of one image")
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax not in _SYNTAXES or (integer(dataset, "NumberOfFrames") or 1) != number:
        raise InputError(f"{label} is not a binary DICOM Segmentation", "export the mask as one")
    if not syntax.is_encapsulated and len(dataset.get("PixelData", b"")) * 8 < number * rows * columns:
        raise InputError(f"{label} is damaged or cut short", "export or copy it again")
    try:
        return np.asarray(pixel_array(dataset)).astype(bool).reshape(number, rows, columns)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{label} holds pixels that cannot be decoded", "export it uncompressed") from error


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
