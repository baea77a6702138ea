"""Write masks as a DICOM Segmentation object on their radiograph; `masks.seg` reads such an object.

A projection radiograph has no frame of reference: its pixels are not points of a patient coordinate system.
So the object carries no plane position, no plane orientation and no pixel spacing of its own. Its frames
have the rows and columns of the stored image, and the Derivation Image functional group ties every frame to
that image (DICOM PS3.3 section A.51.5). Viewers then show the mask on the image, with the image's spacing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.uid import UID, SegmentationStorage

from ptx_followup import DISCLAIMER
from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.content import coded
from ptx_followup.dicom_objects.derived import (
    LONG_STRING,
    MANUFACTURER,
    Naming,
    cielab,
    even,
    keep_texts_readable,
    new_object,
    reference,
    time_of_creation,
)
from ptx_followup.dicom_objects.segments import (
    LATERALITY,
    Algorithm,
    Mask,
    Segment,
    WrittenSegment,
    WrittenSegmentation,
)
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.errors import InputError
from ptx_followup.files.storage import file_label, write_atomically

#: Long String values hold 64 characters at most; the whole disclaimer is in Image Comments.
_SHORT_DISCLAIMER = "Research use only. Not for diagnosis or treatment decisions."

#: DICOM PS3.16 CID 7203; pydicom gives the keyword to the modality of this name.
_DERIVATION = Code("113076", "DCM", "Segmentation")

#: Of the image itself a Segmentation repeats how it lies and how it was compressed.
_REPEATED = (
    "PatientOrientation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


def write_segmentation(
    path: Path,
    source: Path,
    segments: Sequence[Segment],
    algorithm: Algorithm,
    *,
    description: str = "Pneumothorax segmentation",
    series_number: int = 9101,
) -> WrittenSegmentation | None:
    """Write a binary Segmentation object on a radiograph.

    Empty segments are left out. If nothing is left, no object is written and an older file at `path` is
    removed: an archive lists an object by its name, "Pneumothorax segmentation", and one without a pixel
    would read as a finding. That none was found is said in `result.json` and in the structured report.

    The UIDs depend on the source, the model, the person and the masks alone, so a second run gives the same
    object; only the times of its creation differ.

    Args:
        path: File to write; whole or absent, an existing one is replaced.
        source: The radiograph's DICOM file.
        segments: In the order in which they are numbered.
        algorithm: What made the masks.
        description: Of the series, at most 43 characters; " (research use only)" is added.
        series_number: Results of one run should differ in it.

    Returns:
        What was written, or None where every mask is empty.

    Raises:
        InputError: If the source is not a DICOM radiograph, or a mask has another shape.
    """
    header = read_source(source)
    for segment in segments:
        _require_shape(segment.mask, header, file_label(source))
    filled = [segment for segment in segments if segment.mask.any()]
    if not filled:
        path.unlink(missing_ok=True)
        return None
    with lenient_pydicom():
        dataset = _build(header, filled, algorithm, f"{description} (research use only)", series_number)
        write_atomically(path, lambda file: dataset.save_as(file, enforce_file_format=True))
    return WrittenSegmentation(
        path,
        str(dataset.SOPInstanceUID),
        str(dataset.SeriesInstanceUID),
        tuple(
            WrittenSegment(number, segment.side, Tracking(item.TrackingID, item.TrackingUID))
            for number, (segment, item) in enumerate(zip(filled, dataset.SegmentSequence, strict=True), 1)
        ),
    )


def _build(
    header: Dataset, segments: Sequence[Segment], algorithm: Algorithm, description: str, series_number: int
) -> Dataset:
    masks = np.stack([segment.mask for segment in segments])
    content = hashlib.sha256(np.packbits(np.moveaxis(masks, 0, -1)).tobytes()).hexdigest()
    labels = [segment.label for segment in segments]
    trackings = [_tracking(segment, header) for segment in segments]
    continued = [tracking.uid for tracking in trackings]
    made_by = (algorithm.sha256, algorithm.type, *([] if algorithm.creator is None else [algorithm.creator]))
    name = (str(header.SOPInstanceUID), *made_by, description, *labels, *continued, content)
    naming = Naming(derived_uid("instance", *name), derived_uid("series", *name), series_number, description)
    now = time_of_creation(header)
    dataset = new_object(SegmentationStorage, "SEG", header, naming, algorithm.equipment, now)
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ContentLabel = "PNEUMOTHORAX"
    dataset.ContentDescription = _SHORT_DISCLAIMER
    dataset.ContentQualification = "RESEARCH"
    dataset.ImageComments = DISCLAIMER
    if algorithm.creator is not None:
        dataset.ContentCreatorName = algorithm.creator
        keep_texts_readable(dataset, header, [algorithm.creator])
    dataset.LossyImageCompression = "00"
    for keyword in _REPEATED:
        if keyword in header:
            dataset[keyword] = copy(header[keyword])
    _reference_source(dataset, header)
    _number_frames(dataset, header, len(segments), derived_uid("dimensions", *name))
    dataset.SegmentSequence = [
        _describe(number, segment, tracking, algorithm)
        for number, (segment, tracking) in enumerate(zip(segments, trackings, strict=True), 1)
    ]
    _add_pixels(dataset, masks)
    return dataset


def _reference_source(dataset: Dataset, header: Dataset) -> None:
    dataset.SourceImageSequence = [reference(header)]
    series = Dataset()
    series.SeriesInstanceUID = header.SeriesInstanceUID
    series.ReferencedInstanceSequence = [reference(header)]
    dataset.ReferencedSeriesSequence = [series]


def _number_frames(dataset: Dataset, header: Dataset, segments: int, dimensions: UID) -> None:
    """One frame a segment, in the order of the segments, each tied to the whole of the source image."""
    organisation, index = Dataset(), Dataset()
    organisation.DimensionOrganizationUID = index.DimensionOrganizationUID = dimensions
    index.DimensionIndexPointer = tag_for_keyword("ReferencedSegmentNumber")
    index.FunctionalGroupPointer = tag_for_keyword("SegmentIdentificationSequence")
    index.DimensionDescriptionLabel = "Referenced Segment Number"
    dataset.DimensionOrganizationSequence = [organisation]
    dataset.DimensionIndexSequence = [index]
    frames = [_frame(number, header) for number in range(1, segments + 1)]
    shared = Dataset()
    if segments == 1:  # what all frames have in common stands once
        shared.SegmentIdentificationSequence = frames[0].pop("SegmentIdentificationSequence").value
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = frames


def _frame(number: int, header: Dataset) -> Dataset:
    """The functional groups of a segment's frame."""
    source, derivation, place, segment, frame = (Dataset() for _ in range(5))
    source.update(reference(header))
    source.SpatialLocationsPreserved = "YES"
    source.PurposeOfReferenceCodeSequence = [coded(codes.SOURCE_IMAGE_FOR_IMAGE_PROCESSING_OPERATION)]
    derivation.SourceImageSequence = [source]
    derivation.DerivationCodeSequence = [coded(_DERIVATION)]
    place.DimensionIndexValues = number
    segment.ReferencedSegmentNumber = number
    frame.DerivationImageSequence = [derivation]
    frame.FrameContentSequence = [place]
    frame.SegmentIdentificationSequence = [segment]
    return frame


def _add_pixels(dataset: Dataset, masks: NDArray[np.bool_]) -> None:
    """One bit a pixel, frame after frame without a gap (PS3.5 section 8.2): frames x rows x columns."""
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = masks.shape
    dataset.SegmentationType = "BINARY"
    dataset.SegmentsOverlap = "YES" if (np.count_nonzero(masks, axis=0) > 1).any() else "NO"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    dataset.PixelRepresentation = 0
    dataset.PixelData = even(np.packbits(masks, bitorder="little").tobytes())
    dataset["PixelData"].VR = "OB"


def _describe(number: int, segment: Segment, tracking: Tracking, algorithm: Algorithm) -> Dataset:
    description = Dataset()
    description.SegmentNumber = number
    description.SegmentLabel = segment.label
    description.SegmentedPropertyCategoryCodeSequence = [coded(segment.shows.category)]
    description.SegmentedPropertyTypeCodeSequence = [coded(segment.shows.type)]
    description.SegmentAlgorithmType = algorithm.type
    if algorithm.type != "MANUAL":
        description.SegmentAlgorithmName = algorithm.name[:LONG_STRING]
        description.SegmentationAlgorithmIdentificationSequence = [_identification(algorithm)]
    description.TrackingID = tracking.identifier
    description.TrackingUID = tracking.uid
    description.RecommendedDisplayCIELabValue = cielab(segment.shows.colour)
    if segment.shows.region is not None:
        description.AnatomicRegionSequence = [coded(segment.shows.region)]
    if segment.side is not None:
        laterality = LATERALITY[segment.side]
        shown = description.SegmentedPropertyTypeCodeSequence[0]
        shown.SegmentedPropertyTypeModifierCodeSequence = [coded(laterality)]
        for region in description.get("AnatomicRegionSequence", []):
            region.AnatomicRegionModifierSequence = [coded(laterality)]
    return description


def _identification(algorithm: Algorithm) -> Dataset:
    item = Dataset()
    item.AlgorithmName = algorithm.name[:LONG_STRING]
    item.AlgorithmVersion = algorithm.version[:LONG_STRING]
    item.AlgorithmFamilyCodeSequence = [coded(codes.ARTIFICIAL_INTELLIGENCE)]
    if algorithm.type == "AUTOMATIC":
        item.AlgorithmSource = MANUFACTURER
    return item


def _tracking(segment: Segment, header: Dataset) -> Tracking:
    """The tracking that a segment continues, or one that its image, type, side and label decide."""
    if segment.tracking is not None:
        return segment.tracking
    parts = (str(header.SOPInstanceUID), segment.shows.type.value, segment.side or "", segment.label)
    return Tracking(segment.label, derived_uid("tracking", *parts))


def _require_shape(mask: Mask, header: Dataset, label: str) -> None:
    if mask.shape != (header.Rows, header.Columns):
        raise InputError(
            f"a mask of {' x '.join(map(str, mask.shape))} pixels does not fit {label}",
            f"give it {header.Rows} rows and {header.Columns} columns",
        )
