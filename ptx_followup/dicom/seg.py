"""Write masks as a DICOM Segmentation object on their radiograph; `seg_read` reads such an object.

A projection radiograph has no frame of reference: its pixels are not points of a patient coordinate system.
So the object carries no plane position, no plane orientation and no pixel spacing of its own. Its frames
have the rows and columns of the stored image, and the Derivation Image functional group ties every frame to
that image (DICOM PS3.3 section A.51.5). Viewers then show the mask on the image, with the image's spacing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID

from ptx_followup import DISCLAIMER
from ptx_followup.dicom.derived import (
    LONG_STRING,
    MANUFACTURER,
    Equipment,
    anonymous,
    copy_patient_and_study,
    stamp,
    time_of_creation,
)
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.source import read_source
from ptx_followup.dicom.tracking import Tracking
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.errors import InputError
from ptx_followup.figures import colours
from ptx_followup.report.terms import ReportSide, Side
from ptx_followup.storage import file_label, write_atomically

if TYPE_CHECKING:
    import highdicom
    from pydicom.dataset import Dataset

Mask = NDArray[np.bool_]
#: DICOM PS3.3 section C.8.20.2: how a segment came about.
AlgorithmType = Literal["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"]

#: Long String values hold 64 characters at most; the whole disclaimer is in Image Comments.
_SHORT_DISCLAIMER = "Research use only. Not for diagnosis or treatment decisions."

#: DICOM PS3.16 CID 244.
LATERALITY: dict[ReportSide, Code] = {
    "right": codes.cid244.Right,
    "left": codes.cid244.Left,
    "bilateral": codes.cid244.Bilateral,
}


#: With a laterality, the hemithorax.
CHEST: Code = codes.SCT.Chest

#: Of the image itself a Segmentation repeats how it lies and how it was compressed.
_REPEATED = (
    "PatientOrientation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


@dataclass(frozen=True)
class Property:
    """What a segment shows.

    Attributes:
        category: DICOM PS3.16 CID 7150.
        type: SNOMED CT.
        colour: Proposed to viewers.
        region: Where it lies, with the segment's side: the side of the chest is its hemithorax.
    """

    category: Code
    type: Code
    colour: colours.Colour
    region: Code | None = None


PNEUMOTHORAX = Property(
    codes.cid7150.MorphologicallyAbnormalStructure, codes.SCT.Pneumothorax, colours.PNEUMOTHORAX, CHEST
)
LUNG = Property(codes.cid7150.AnatomicalStructure, codes.cid7151.Lung, colours.LUNG)


@dataclass(frozen=True)
class Algorithm:
    """What made the masks.

    Attributes:
        name: Of the model, or of what a person drew with; at most 64 characters are written.
        version: Of the model.
        sha256: Of the weights, 64 hexadecimal digits, or of the file of a mask that was given; written as the
            device's serial number.
        type: MANUAL names no algorithm in the segments.
    """

    name: str
    version: str
    sha256: str
    type: AlgorithmType = "AUTOMATIC"

    @property
    def equipment(self) -> Equipment:
        """What the object says that it was made by."""
        return Equipment(self.name[:LONG_STRING], self.version[:LONG_STRING], self.sha256)


@dataclass(frozen=True, eq=False)
class Segment:
    """One mask and what it shows.

    Attributes:
        mask: bool, rows x columns of the file's stored pixel grid (`Radiograph.to_stored`).
        label: For people, at most 64 characters ("Right pneumothorax").
        shows: Coded.
        side: Of the patient.
        tracking: Of an earlier exam, to continue it; if None, a new one that this exam decides.
    """

    mask: Mask
    label: str
    shows: Property = PNEUMOTHORAX
    side: ReportSide | None = None
    tracking: Tracking | None = None


@dataclass(frozen=True)
class WrittenSegment:
    """A segment as written; its only frame has the segment's number."""

    number: int
    side: ReportSide | None
    tracking: Tracking


@dataclass(frozen=True)
class WrittenSegmentation:
    """What was written: the file, its UIDs, and its segments in order."""

    path: Path
    sop_instance_uid: str
    series_instance_uid: str
    segments: tuple[WrittenSegment, ...]

    @property
    def tracking(self) -> dict[Side, Tracking]:
        """The tracking of each side that has a segment."""
        return {one.side: one.tracking for one in self.segments if one.side == "right" or one.side == "left"}


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

    The UIDs depend on the source, the model and the masks alone, so a second run gives the same object; only
    the times of its creation differ.

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
) -> highdicom.seg.Segmentation:
    import highdicom

    masks = np.stack([segment.mask for segment in segments], axis=-1)
    content = hashlib.sha256(np.packbits(masks).tobytes()).hexdigest()
    labels = [segment.label for segment in segments]
    trackings = [_tracking(segment, header) for segment in segments]
    continued = [tracking.uid for tracking in trackings]
    made_by = (algorithm.sha256, algorithm.type)
    name = (str(header.SOPInstanceUID), *made_by, description, *labels, *continued, content)
    equipment = algorithm.equipment
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
        manufacturer=MANUFACTURER,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_versions,
        device_serial_number=equipment.serial_number,
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
