"""Read a mask from a DICOM Segmentation object on a radiograph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    SegmentationStorage,
)

from ptx_followup.dicom.codestream import stream_form
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

#: Segmentation Storage and Label Map Segmentation Storage, which pydicom does not know yet (PS3.3 A.51).
_CLASSES = (SegmentationStorage, "1.2.840.10008.5.1.4.1.1.66.7")
#: Values of SegmentationType: frames of one bit; of 0 to MaximumFractionalValue; of segment numbers.
_BINARY, _FRACTIONAL, _LABELMAP = "BINARY", "FRACTIONAL", "LABELMAP"
#: Encodings of all frames; of one bit they are never compressed but by RLE or as a whole data set.
_SYNTAXES = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
    }
)
#: Encodings of frames of 8 or 16 bits, besides.
_LOSSLESS = frozenset({JPEG2000Lossless, JPEGLSLossless, JPEGLosslessSV1, HTJ2KLossless, HTJ2KLosslessRPCL})


def read_segmentation(path: Path, source: Path, shows: Property = PNEUMOTHORAX) -> NDArray[np.bool_]:
    """Read the mask of one property from a Segmentation object on a radiograph, in a child process.

    Args:
        path: The object, ours or one edited in a viewer.
        source: The radiograph's DICOM file, to which the object must refer.
        shows: Segments of this type are united.

    Returns:
        bool, rows x columns of the source's stored pixel grid; empty where no frame shows the property.

    Raises:
        InputError: If the file is not a Segmentation object that can be read, or is about another image.
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
        dataset: The object: BINARY, LABELMAP, or FRACTIONAL with no fraction between none and all.
        header: Of the radiograph to which it must refer (`read_source`).
        choose: Gives the wanted items of its Segment Sequence.
        label: The file's base name, for messages.
        limits: Bounds, checked before decoding.

    Raises:
        InputError: If it is no such Segmentation object, is about another image, or cannot be decoded.
    """
    kind = text(dataset, "SegmentationType")
    if text(dataset, "SOPClassUID") not in _CLASSES or kind not in (_BINARY, _FRACTIONAL, _LABELMAP):
        raise InputError(f"{label} is not a DICOM Segmentation", "export the mask as one")
    _require_segmentation_of(dataset, header, label)
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    frames = _frames(dataset, len(groups), label, limits)
    wanted = {number for one in choose(dataset, label) if (number := integer(one, "SegmentNumber"))}
    of_image = [not (named := _images_of(one)) or header.SOPInstanceUID in named for one in groups]
    if groups and not any(of_image):
        raise _of_another_image(label)
    if kind == _LABELMAP:
        return np.asarray(np.isin(frames[of_image], sorted(wanted)).any(axis=0))
    shows = [number in wanted for number in _segment_of_each_frame(dataset)]
    chosen = frames[np.logical_and(of_image, shows)]
    if kind == _FRACTIONAL:
        most = integer(dataset, "MaximumFractionalValue") or 1
        if not np.isin(chosen, (0, most)).all():
            raise InputError(
                f"{label} holds fractions between none and all", "export the mask as a binary Segmentation"
            )
    return np.asarray((chosen > 0).any(axis=0))


def has_type(segment: Dataset, code: str) -> bool:
    """An item of the Segment Sequence shows a property of this code."""
    types = items(segment, "SegmentedPropertyTypeCodeSequence")
    return any(text(one, "CodeValue") == code for one in types)


def _frames(dataset: Dataset, number: int, label: str, limits: Limits) -> NDArray[np.unsignedinteger]:
    """Every frame, N x rows x columns.

    Raises:
        InputError: Their size is beyond the limits or contradicts the header, or they cannot be decoded.
    """
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    bits = integer(dataset, "BitsAllocated") or 1
    pixels = number * rows * columns
    if max(rows, columns) > limits.side_pixels or pixels * max(bits // 8, 1) > limits.pixel_bytes:
        raise InputError(f"{label} promises more pixels than the limits allow", "give the mask of one image")
    syntax = dataset.file_meta.TransferSyntaxUID
    known = _SYNTAXES if bits == 1 else _SYNTAXES | _LOSSLESS
    if bits not in (1, 8, 16) or syntax not in known or (integer(dataset, "NumberOfFrames") or 1) != number:
        raise InputError(f"{label} is not a DICOM Segmentation that can be read", "export it uncompressed")
    if not syntax.is_encapsulated and len(dataset.get("PixelData", b"")) * 8 < pixels * bits:
        raise InputError(f"{label} is damaged or cut short", "export or copy it again")
    try:
        if syntax in _LOSSLESS:
            _require_size(dataset, number, (rows, columns, 1))
        return np.asarray(pixel_array(dataset)).reshape(number, rows, columns)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{label} holds pixels that cannot be decoded", "export it uncompressed") from error


def _require_size(dataset: Dataset, number: int, size: tuple[int, int, int]) -> None:
    """Decoders allocate what a code stream asks for.

    Raises:
        ValueError: A frame asks for another size.
    """
    for frame in generate_frames(dataset.PixelData, number_of_frames=number):
        form = stream_form(frame)
        if form is None or form[:3] != size:
            raise ValueError("a frame of another size")


def _require_segmentation_of(dataset: Dataset, header: Dataset, label: str) -> None:
    """Refuse a Segmentation that does not name the radiograph, or has not its size.

    Raises:
        InputError: In both cases.
    """
    named = {
        text(instance, "ReferencedSOPInstanceUID")
        for series in items(dataset, "ReferencedSeriesSequence")
        for instance in items(series, "ReferencedInstanceSequence")
    }
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        named.update(*(_images_of(groups) for groups in items(dataset, keyword)))
    for keyword in ("SourceImageSequence", "ReferencedImageSequence"):
        named.update(text(image, "ReferencedSOPInstanceUID") for image in items(dataset, keyword))
    if not named - {""}:
        raise InputError(
            f"{label} names no image, so that it cannot be known whose mask it is",
            "export it with a reference to its radiograph, or as a PNG",
        )
    if header.SOPInstanceUID not in named:
        raise _of_another_image(label)
    if (integer(dataset, "Rows"), integer(dataset, "Columns")) != (header.Rows, header.Columns):
        raise InputError(f"{label} has not the size of its image", "export it on the image's pixel grid")


def _of_another_image(label: str) -> InputError:
    return InputError(f"{label} is a segmentation of another image", "give the one of this radiograph")


def _images_of(groups: Dataset) -> set[str]:
    """The images from which functional groups say that their frame was derived."""
    return {
        text(image, "ReferencedSOPInstanceUID")
        for derivation in items(groups, "DerivationImageSequence")
        for image in items(derivation, "SourceImageSequence")
    }


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
