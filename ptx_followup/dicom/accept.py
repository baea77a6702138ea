"""Which DICOM objects are radiographs that can be read; checked on the header alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from ptx_followup.dicom.elements import integer, text
from ptx_followup.errors import InputError, NotARadiographError, QualityGateError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.files.limits import Limits

TRANSFER_SYNTAXES: frozenset[UID] = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        JPEGBaseline8Bit,
        JPEGExtended12Bit,
        JPEGLossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEGLSNearLossless,
        JPEG2000Lossless,
        JPEG2000,
        HTJ2KLossless,
        HTJ2KLosslessRPCL,
        HTJ2K,
        RLELossless,
    }
)

#: Names of encodings that pydicom has none for (PS3.6 table A-1, JPEG XL).
_NAMES = {
    "1.2.840.10008.1.2.4.110": "JPEG XL (lossless)",
    "1.2.840.10008.1.2.4.111": "JPEG XL (recompressed JPEG)",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}

#: What a radiograph is stored as.
RADIOGRAPH_CLASSES: frozenset[UID] = frozenset(
    {
        ComputedRadiographyImageStorage,
        DigitalXRayImageStorageForPresentation,
        DigitalXRayImageStorageForProcessing,
        SecondaryCaptureImageStorage,
        # The multi-frame captures may hold one frame.
        MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        MultiFrameTrueColorSecondaryCaptureImageStorage,
    }
)

#: Modalities that a chest radiograph is filed under; a Secondary Capture often says OT, or nothing.
RADIOGRAPH_MODALITIES = frozenset({"CR", "DX", "DR", "RG"})
_CAPTURE_MODALITIES = RADIOGRAPH_MODALITIES | {"OT", "SC", ""}

_GIVE_RADIOGRAPH = "give a chest radiograph (CR, DX or Secondary Capture)"

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def require_radiograph(dataset: Dataset, label: str) -> None:
    """Refuse every object that is not a single projection radiograph in a supported encoding.

    Raises:
        NotARadiographError: For reports, segmentations, CT and other modalities, several frames.
        InputError: For a radiograph that has lost its pixels, or in another transfer syntax.
    """
    stated_class = text(dataset, "SOPClassUID") or text(dataset.file_meta, "MediaStorageSOPClassUID")
    sop_class = UID(stated_class)
    modality = text(dataset, "Modality").upper()
    if not sop_class and not modality and "PixelData" not in dataset:
        raise NotARadiographError(f"{label} is not a DICOM image", _GIVE_RADIOGRAPH)
    # Only the standard's own names are shown: an unknown UID may carry meaning, and has no type.
    if sop_class.type and sop_class not in RADIOGRAPH_CLASSES:
        kind = sop_class.name.removesuffix(" Storage")
        raise NotARadiographError(f"{label} is of the kind {kind}, not a radiograph", _GIVE_RADIOGRAPH)
    accepted = _CAPTURE_MODALITIES if sop_class in RADIOGRAPH_CLASSES else RADIOGRAPH_MODALITIES
    if modality not in accepted:
        raise NotARadiographError(
            f"{label} is not a radiograph: its Modality is not CR or DX", _GIVE_RADIOGRAPH
        )
    if (integer(dataset, "NumberOfFrames") or 1) != 1:
        raise NotARadiographError(f"{label} holds several frames", "give a file with a single image")
    if "PixelData" not in dataset:
        raise InputError(f"{label} holds no pixel data", "export it again from the archive")
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax not in TRANSFER_SYNTAXES:
        # Only the standard's own names are shown, as above.
        name = _NAMES.get(syntax) or (syntax.name if syntax.type else "")
        raise InputError(
            f"{label} uses an unsupported transfer syntax" + (f", {name}" if name else ""),
            "convert it to Explicit VR Little Endian",
        )


def require_pixel_description(dataset: Dataset, label: str, limits: Limits) -> None:
    """Refuse pixels that are described inconsistently, are too large to decode or too small to read.

    Raises:
        InputError: For a size beyond the limits, or a bit depth or colour model that is not supported.
        QualityGateError: For an image too small to show a chest.
    """
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    if rows < 1 or columns < 1:
        raise InputError(f"{label} states no image size", "export it again from the archive")
    require_size(rows, columns, bytes_per_pixel(dataset), label, limits)
    _require_bits(dataset, label)
    _require_colour_model(dataset, label)


def require_size(rows: int, columns: int, pixel_bytes: int, label: str, limits: Limits) -> None:
    """Refuse an image of this many rows, columns and bytes a pixel if it is outside the limits.

    Raises:
        InputError: If it is too large to decode.
        QualityGateError: If it is too small to show a chest.
    """
    if max(rows, columns) > limits.side_pixels or rows * columns * pixel_bytes > limits.pixel_bytes:
        raise InputError(
            f"{label} promises {rows} x {columns} pixels",
            f"the limit is {limits.side_pixels} a side and {limits.pixel_bytes // 1_000_000} MB decoded",
        )
    if min(rows, columns) < limits.least_side_pixels:
        raise QualityGateError(
            f"{label} has only {rows} x {columns} pixels", "give the radiograph in its original size"
        )


def bytes_per_pixel(dataset: Dataset) -> int:
    """Decoded bytes of one pixel: samples x bytes allocated."""
    samples = integer(dataset, "SamplesPerPixel") or 1
    return samples * (((integer(dataset, "BitsAllocated") or 8) + 7) // 8)


def _require_bits(dataset: Dataset, label: str) -> None:
    allocated, stored = integer(dataset, "BitsAllocated"), integer(dataset, "BitsStored")
    if allocated not in (8, 16) or stored is None or not 8 <= stored <= allocated:
        raise InputError(f"{label} does not have 8 to 16 bits a pixel", "give the original radiograph")
    # PS3.5 section 8.1.1; other layouts have been retired since 2014.
    if (integer(dataset, "HighBit") or stored - 1) != stored - 1:
        raise InputError(f"{label} states a HighBit that does not fit BitsStored", "export it again")
    if integer(dataset, "PixelRepresentation") not in (0, 1):
        raise InputError(f"{label} states no valid PixelRepresentation", "export it again")


def _require_colour_model(dataset: Dataset, label: str) -> None:
    model = text(dataset, "PhotometricInterpretation").upper()
    samples = integer(dataset, "SamplesPerPixel") or 1
    if (model in _MONOCHROME and samples == 1) or (model in _COLOUR and samples == 3):
        return
    raise InputError(f"{label} is not a grey-scale image", "give the radiograph as a grey-scale image")


def require_frontal(view: str, label: str) -> None:
    """Refuse a view that is stated to be other than frontal.

    Raises:
        QualityGateError: For a lateral or an oblique view.
    """
    if view in ("lateral", "oblique"):
        raise QualityGateError(
            f"{label} is {'a lateral' if view == 'lateral' else 'an oblique'} view",
            "give the frontal (PA or AP) radiograph of the exam",
        )
