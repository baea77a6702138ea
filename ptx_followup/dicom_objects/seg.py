"""Write masks as a DICOM Segmentation object on their radiograph; `masks.seg` reads such an object.

A projection radiograph has no frame of reference: its pixels are not points of a patient coordinate system.
So the object carries no plane position, no plane orientation and no pixel spacing of its own. Its frames
have the rows and columns of the stored image, and the Derivation Image functional group ties every frame to
that image (DICOM PS3.3 section A.51.5). Viewers then show the mask on the image, with the image's spacing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from ptx_followup import DISCLAIMER
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.derived import (
    LONG_STRING,
    MANUFACTURER,
    anonymous,
    copy_patient_and_study,
    keep_texts_readable,
    stamp,
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

if TYPE_CHECKING:
    import highdicom
    from pydicom.dataset import Dataset

#: Long String values hold 64 characters at most; the whole disclaimer is in Image Comments.
_SHORT_DISCLAIMER = "Research use only. Not for diagnosis or treatment decisions."

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
        if algorithm.creator is not None:
            dataset.ContentCreatorName = algorithm.creator
            keep_texts_readable(dataset, header, [algorithm.creator])
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
) -> highdicom.seg.Segmentation:
    import highdicom

    masks = np.stack([segment.mask for segment in segments], axis=-1)
    content = hashlib.sha256(np.packbits(masks).tobytes()).hexdigest()
    labels = [segment.label for segment in segments]
    trackings = [_tracking(segment, header) for segment in segments]
    continued = [tracking.uid for tracking in trackings]
    made_by = (algorithm.sha256, algorithm.type, *([] if algorithm.creator is None else [algorithm.creator]))
    name = (str(header.SOPInstanceUID), *made_by, description, *labels, *continued, content)
    dataset = highdicom.seg.Segmentation(
        source_images=[anonymous(header)],
        pixel_array=masks[np.newaxis].astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _describe(number, segment, tracking, algorithm)
            for number, (segment, tracking) in enumerate(zip(segments, trackings, strict=True), 1)
        ],
        series_instance_uid=derived_uid("series", *name),
        series_number=series_number,
        series_description=description,
        sop_instance_uid=derived_uid("instance", *name),
        instance_number=1,
        **algorithm.equipment.as_arguments(),
        content_label="PNEUMOTHORAX",
        content_description=_SHORT_DISCLAIMER,
        content_qualification=highdicom.ContentQualificationValues.RESEARCH,
    )
    _complete(dataset, header, derived_uid("dimensions", *name))
    return dataset


def _complete(dataset: Dataset, header: Dataset, dimensions: UID) -> None:
    """Add what highdicom leaves out, or takes from a clock or a random source."""
    copy_patient_and_study(dataset, header)
    stamp(dataset, time_of_creation(header))
    for keyword in _REPEATED:
        if keyword in header:
            dataset[keyword] = header[keyword]
    for element in dataset.iterall():
        if element.keyword == "ReferencedSOPClassUID":
            element.value = header.SOPClassUID
    dataset.ImageComments = DISCLAIMER
    dataset.DimensionOrganizationSequence[0].DimensionOrganizationUID = dimensions
    for item in dataset.DimensionIndexSequence:
        item.DimensionOrganizationUID = dimensions


def _describe(
    number: int, segment: Segment, tracking: Tracking, algorithm: Algorithm
) -> highdicom.seg.SegmentDescription:
    import highdicom

    description = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=segment.shows.category,
        segmented_property_type=segment.shows.type,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues(algorithm.type),
        algorithm_identification=_identification(algorithm),
        tracking_id=tracking.identifier,
        tracking_uid=tracking.uid,
        anatomic_regions=None if segment.shows.region is None else [segment.shows.region],
        display_color=highdicom.color.CIELabColor.from_rgb(*segment.shows.colour),
    )
    if segment.side is not None:
        laterality = highdicom.sr.CodedConcept.from_code(LATERALITY[segment.side])
        shown = description.SegmentedPropertyTypeCodeSequence[0]
        shown.SegmentedPropertyTypeModifierCodeSequence = [laterality]
        for region in description.get("AnatomicRegionSequence", []):
            region.AnatomicRegionModifierSequence = [laterality]
    return description


def _identification(algorithm: Algorithm) -> highdicom.AlgorithmIdentificationSequence | None:
    import highdicom

    if algorithm.type == "MANUAL":
        return None
    return highdicom.AlgorithmIdentificationSequence(
        name=algorithm.name[:LONG_STRING],
        version=algorithm.version[:LONG_STRING],
        family=codes.cid7162.ArtificialIntelligence,
        source=MANUFACTURER if algorithm.type == "AUTOMATIC" else None,
    )


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
