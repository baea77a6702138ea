"""Write masks as a DICOM Segmentation object on their radiograph; `seg_read` reads such an object.

A projection radiograph has no frame of reference: its pixels are not points of a patient coordinate system.
So the object carries no plane position, no plane orientation and no pixel spacing of its own. Its frames
have the rows and columns of the stored image, and the Derivation Image functional group ties every frame to
that image (DICOM PS3.3 section A.51.5). Viewers then show the mask on the image, with the image's spacing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, ComputedRadiographyImageStorage

from ptx_followup import DISCLAIMER, __version__
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.read import file_label
from ptx_followup.dicom.source import read_source
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.errors import InputError
from ptx_followup.figures import colours
from ptx_followup.report.terms import ReportSide
from ptx_followup.storage import write_atomically

if TYPE_CHECKING:
    import highdicom
    from pydicom.dataset import Dataset

Mask = NDArray[np.bool_]

MANUFACTURER = "ptx-followup"
#: Long String values hold 64 characters at most; the whole disclaimer is in Image Comments.
_SHORT_DISCLAIMER = "Research use only. Not for diagnosis or treatment decisions."

#: DICOM PS3.16 CID 244.
_LATERALITY: dict[ReportSide, Code] = {
    "right": codes.cid244.Right,
    "left": codes.cid244.Left,
    "bilateral": codes.cid244.Bilateral,
}


@dataclass(frozen=True)
class Property:
    """What a segment shows: category (DICOM PS3.16 CID 7150), type, and the colour proposed to viewers."""

    category: Code
    type: Code
    colour: colours.Colour


PNEUMOTHORAX = Property(
    codes.cid7150.MorphologicallyAbnormalStructure, codes.SCT.Pneumothorax, colours.PNEUMOTHORAX
)
LUNG = Property(codes.cid7150.AnatomicalStructure, codes.cid7151.Lung, colours.LUNG)


@dataclass(frozen=True)
class Algorithm:
    """What made the masks.

    Attributes:
        name: Of the model.
        version: Of the model.
        sha256: Of the weights, 64 hexadecimal digits; written as the device's serial number.
    """

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Tracking:
    """Names one finding through all exams of a patient (DICOM PS3.3 section C.8.20.4)."""

    identifier: str
    uid: str


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
class WrittenSegmentation:
    """What was written: the file, its UIDs, and the tracking of each of its segments."""

    path: Path
    sop_instance_uid: str
    series_instance_uid: str
    tracking: tuple[Tracking, ...]


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
        tuple(Tracking(item.TrackingID, item.TrackingUID) for item in dataset.SegmentSequence),
    )


def _build(
    header: Dataset, segments: Sequence[Segment], algorithm: Algorithm, description: str, series_number: int
) -> highdicom.seg.Segmentation:
    import highdicom

    masks = np.stack([segment.mask for segment in segments], axis=-1)
    content = hashlib.sha256(np.packbits(masks).tobytes()).hexdigest()
    labels = [segment.label for segment in segments]
    name = (str(header.SOPInstanceUID), algorithm.sha256, description, *labels, content)
    dataset = highdicom.seg.Segmentation(
        source_images=[_anonymous(header)],
        pixel_array=masks[np.newaxis].astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _describe(number, segment, header, algorithm) for number, segment in enumerate(segments, 1)
        ],
        series_instance_uid=derived_uid("series", *name),
        series_number=series_number,
        series_description=description,
        sop_instance_uid=derived_uid("instance", *name),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=algorithm.name,
        software_versions=(f"{MANUFACTURER} {__version__}", f"{algorithm.name} {algorithm.version}"),
        device_serial_number=algorithm.sha256,
        content_label="PNEUMOTHORAX",
        content_description=_SHORT_DISCLAIMER,
        content_qualification=highdicom.ContentQualificationValues.RESEARCH,
    )
    _complete(dataset, header, derived_uid("dimensions", *name))
    return dataset


def _anonymous(header: Dataset) -> Dataset:
    """The header for highdicom: without a patient, as it quotes unusual names in warnings and refuses others.

    The class is always CR: under a multi-frame Secondary Capture class highdicom asks for functional groups,
    even where there is but one frame. `_complete` puts both back.
    """
    bare = deepcopy(header)
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"):
        setattr(bare, keyword, "")
    bare.pop("SpecificCharacterSet", None)
    bare.SOPClassUID = ComputedRadiographyImageStorage
    return bare


def _complete(dataset: Dataset, header: Dataset, dimensions: UID) -> None:
    """Add what highdicom leaves out, or takes from a clock or a random source."""
    for element in header:
        if element.keyword not in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality"):
            dataset[element.tag] = element
    for element in dataset.iterall():
        if element.keyword == "ReferencedSOPClassUID":
            element.value = header.SOPClassUID
    dataset.ImageComments = DISCLAIMER
    dataset.DimensionOrganizationSequence[0].DimensionOrganizationUID = dimensions
    for item in dataset.DimensionIndexSequence:
        item.DimensionOrganizationUID = dimensions


def _describe(
    number: int, segment: Segment, header: Dataset, algorithm: Algorithm
) -> highdicom.seg.SegmentDescription:
    import highdicom

    tracking = segment.tracking or _new_tracking(segment, header)
    description = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=segment.shows.category,
        segmented_property_type=segment.shows.type,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name=algorithm.name,
            version=algorithm.version,
            family=codes.cid7162.ArtificialIntelligence,
            source=MANUFACTURER,
        ),
        tracking_id=tracking.identifier,
        tracking_uid=tracking.uid,
        display_color=highdicom.color.CIELabColor.from_rgb(*segment.shows.colour),
    )
    if segment.side is not None:
        laterality = highdicom.sr.CodedConcept.from_code(_LATERALITY[segment.side])
        description.SegmentedPropertyTypeModifierCodeSequence = [laterality]
    return description


def _new_tracking(segment: Segment, header: Dataset) -> Tracking:
    parts = (str(header.SOPInstanceUID), segment.shows.type.value, segment.side or "", segment.label)
    return Tracking(segment.label, derived_uid("tracking", *parts))


def _require_shape(mask: Mask, header: Dataset, label: str) -> None:
    if mask.shape != (header.Rows, header.Columns):
        raise InputError(
            f"a mask of {' x '.join(map(str, mask.shape))} pixels does not fit {label}",
            f"give it {header.Rows} rows and {header.Columns} columns",
        )
