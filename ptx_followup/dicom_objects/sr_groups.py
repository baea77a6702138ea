"""Measurement groups of the structured reports, from the result objects that `result.json` holds.

Every number comes from the JSON object itself, rounded as it is there, so that both always agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import highdicom.sr as hd
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import SegmentationStorage

from ptx_followup.dicom_objects import sr_codes as terms
from ptx_followup.dicom_objects.derived import MANUFACTURER
from ptx_followup.dicom_objects.segments import CHEST, LATERALITY, WrittenSegment, WrittenSegmentation
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.dicom_objects.tracking import Tracking

#: `ptx-segment/1`, `ptx-compare/1`, or an object within.
Document = Mapping[str, Any]
Group: TypeAlias = (
    hd.MeasurementsAndQualitativeEvaluations | hd.PlanarROIMeasurementsAndQualitativeEvaluations
)

PRIOR_EXAM = terms.private("PRIOR-EXAM", "Prior exam")
FIRST_EXAM = terms.private("FIRST-EXAM", "First exam")


@dataclass(frozen=True, eq=False)
class ReferencedExam:
    """The DICOM objects of one exam.

    Attributes:
        header: Of the radiograph, from `read_source`.
        segmentation: Of the mask that is shown; None where nothing was segmented.
    """

    header: Dataset
    segmentation: WrittenSegmentation | None


@dataclass(frozen=True)
class TimePoint:
    """When an exam was taken among those that are compared (PS3.16 TID 1502).

    Attributes:
        name: For people.
        order: From 1.
        days: Since an event; None where it is the event, or a date is missing.
        since: That event.
    """

    name: str
    order: int
    days: float | None = None
    since: Code = PRIOR_EXAM

    def context(self, acquired_at: str | None) -> hd.TimePointContext:
        """The content items; `acquired_at` is the acquisition time as the result states it."""
        offset = None
        if self.days is not None:
            offset = hd.LongitudinalTemporalOffsetFromEvent(self.days, terms.DAY, self.since)
        return hd.TimePointContext(
            time_point=self.name,
            time_point_order=self.order,
            subject_time_point_identifier=acquired_at,
            temporal_offset_from_event=offset,
        )


def exam_groups(
    exam: ReferencedExam, document: Document, tracking: Mapping[Side, Tracking], time_point: TimePoint
) -> list[Group]:
    """One group a side: what was segmented there and its sizes, or that nothing was."""
    return [_exam_group(exam, document, side, tracking[side], time_point) for side in SIDES]


def _exam_group(
    exam: ReferencedExam, document: Document, side: Side, tracking: Tracking, time_point: TimePoint
) -> Group:
    segment = _segment_of(exam.segmentation, side)
    common: dict[str, Any] = {
        "tracking_identifier": hd.TrackingIdentifier(tracking.uid, tracking.identifier),
        "time_point_context": time_point.context(document["image"]["acquired_at"]),
        "algorithm_id": _algorithm(document),
        "finding_sites": [hemithorax(side)],
        "measurements": _sizes(document, side, segmented=segment is not None),
        "qualitative_evaluations": [_yes_or_no(terms.SEGMENTED, segment is not None)],
    }
    if exam.segmentation is not None and segment is not None:
        group: Group = hd.PlanarROIMeasurementsAndQualitativeEvaluations(
            finding_type=terms.PNEUMOTHORAX,
            referenced_segment=_frame(exam.segmentation, segment, exam.header),
            **common,
        )
    else:
        group = hd.MeasurementsAndQualitativeEvaluations(source_images=[source_image(exam.header)], **common)
    add_texts(group, [(terms.ORIGIN, _origin(document))])
    add_texts(group, [(terms.REPORT_SENTENCE, sentence) for sentence in _sentences(document, side)])
    return group


def projection_groups(
    header: Dataset, projected: WrittenSegmentation, tracking: Mapping[Side, Tracking], time_point: TimePoint
) -> list[Group]:
    """The prior's pneumothorax laid on the follow-up image: one group a side, without sizes."""
    return [
        hd.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.TrackingIdentifier(tracking[side].uid, tracking[side].identifier),
            referenced_segment=_frame(projected, segment, header),
            time_point_context=time_point.context(None),
            finding_type=terms.PNEUMOTHORAX,
            method=terms.PROJECTED,
            finding_sites=[hemithorax(side)],
        )
        for side in SIDES
        if (segment := _segment_of(projected, side)) is not None
    ]


def registration_group(document: Document, uid: str, headers: Iterable[Dataset]) -> Group:
    """Quality of the registration, and the regions that follow from it, on the follow-up's grid."""
    found = document["registration"]
    figures = [(*terms.REGISTRATION[name], found.get(name)) for name in terms.REGISTRATION]
    figures += [
        (terms.SIDE_DICE[side], terms.RATIO_UNIT, found.get("side_dice_after", {}).get(side))
        for side in SIDES
    ]
    figures += [(terms.PROJECTION_AREA, terms.PIXELS, document["projection"]["area_px"])]
    figures += [(code, terms.PIXELS, document["regions"][name]) for name, code in terms.REGIONS.items()]
    group = hd.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.TrackingIdentifier(uid, "Registration of the prior onto the follow-up"),
        measurements=[measurement(name, value, unit) for name, unit, value in figures if value is not None],
        qualitative_evaluations=[_yes_or_no(terms.ACCEPTED, found["accepted"])],
        source_images=[source_image(header) for header in headers],
    )
    add_texts(group, [(terms.COMMENT, f"Method: {found['method']}"), (terms.REASON, found["reason"])])
    return group


def text_item(name: Code, value: str) -> hd.TextContentItem:
    """A text, without the control characters that DICOM keeps to itself."""
    kept = "".join(one for one in value if one.isprintable() or one == "\n")
    return hd.TextContentItem(name, kept, relationship_type=hd.RelationshipTypeValues.CONTAINS)


def add_texts(group: Group, texts: Iterable[tuple[Code, str | None]]) -> None:
    """Append texts to a group; those that are empty are left out."""
    group[0].ContentSequence.extend(text_item(name, value) for name, value in texts if value)


def _sizes(document: Document, side: Side, *, segmented: bool) -> list[hd.Measurement]:
    """What was measured of the mask that is shown, and how good the outlines are that percentages rest on."""
    measured = document["segmentation"]
    percent = measured["hemithorax_percent"] or {}
    figures: list[tuple[Code, float | None, Code, Code]] = [
        (terms.HEMITHORAX_PERCENT, percent.get(side), terms.PERCENT, terms.AREA_OF_MASK)
    ]
    if segmented:
        area = measured["by_side"][side]
        figures += [
            (terms.AREA, area["area_px"], terms.PIXELS, terms.AREA_OF_MASK),
            (terms.AREA, area["area_mm2"], terms.MM2, terms.AREA_OF_MASK),
        ]
    distances = document.get("distances", {}).get(side, {})
    figures += [
        (terms.APEX_CUPOLA, distances.get("apex_cupola_mm"), terms.MM, terms.BAUMANN),
        (terms.INTERPLEURAL_HILUM, distances.get("interpleural_hilum_mm"), terms.MM, terms.MACDUFF),
        (terms.INTERPLEURAL_MEAN, distances.get("rhea_mean_mm"), terms.MM, terms.RHEA),
        (terms.VOLUME_PERCENT, distances.get("collins_percent"), terms.PERCENT, terms.COLLINS),
    ]
    sizes = [
        measurement(name, value, unit, method) for name, value, unit, method in figures if value is not None
    ]
    return [*sizes, measurement(terms.OUTLINE_QUALITY, document["anatomy"]["quality"], terms.RATIO_UNIT)]


def measurement(
    name: Code, value: float, unit: Code, method: Code | None = None, interval: list[float] | None = None
) -> hd.Measurement:
    """A figure with its unit, how it was measured, and its 95 % interval in the same unit."""
    found = hd.Measurement(name, value, unit, method=method)
    if interval is not None:
        limits = zip((terms.LOWER_LIMIT, terms.UPPER_LIMIT), interval, strict=True)
        found[0].ContentSequence.extend(
            hd.NumContentItem(code, limit, unit, relationship_type=hd.RelationshipTypeValues.HAS_PROPERTIES)
            for code, limit in limits
        )
    return found


def _algorithm(document: Document) -> hd.AlgorithmIdentification | None:
    """The network of a mask, also where a person changed it; none for one that a person gave or drew."""
    source = document["mask_source"]
    if source["kind"] == "given" or source["algorithm_type"] == "MANUAL":
        return None
    model = document["model"]
    return hd.AlgorithmIdentification(
        model["name"],
        model["version"],
        parameters=[f"SHA-256 of the weights: {model['sha256']}", f"Text encoder: {model['text_encoder']}"],
        family=codes.cid7162.ArtificialIntelligence,
        manufacturer=MANUFACTURER,
    )


def _origin(document: Document) -> str:
    """Whose mask it is, in words."""
    source = document["mask_source"]
    words: str = source["in_words"]
    return f"{words}, by {source['creator']}" if source["creator"] else words


def _sentences(document: Document, side: Side) -> list[str]:
    """Sentences of the exam's report about this side or none, each once."""
    findings = document["report"]["findings"]
    return list(dict.fromkeys(one["sentence"] for one in findings if one["side"] in (side, None)))


def hemithorax(side: Side) -> hd.FindingSite:
    """The chest on one side of the patient."""
    return hd.FindingSite(CHEST, laterality=LATERALITY[side])


def _yes_or_no(name: Code, answer: bool) -> hd.QualitativeEvaluation:
    return hd.QualitativeEvaluation(name, codes.cid230.Yes if answer else codes.cid230.No)


def source_image(header: Dataset) -> hd.SourceImageForMeasurementGroup:
    """The image that was measured."""
    return hd.SourceImageForMeasurementGroup(header.SOPClassUID, header.SOPInstanceUID)


def _segment_of(segmentation: WrittenSegmentation | None, side: Side) -> WrittenSegment | None:
    segments = () if segmentation is None else segmentation.segments
    return next((one for one in segments if one.side == side), None)


def _frame(
    segmentation: WrittenSegmentation, segment: WrittenSegment, header: Dataset
) -> hd.ReferencedSegmentationFrame:
    frame = hd.ReferencedSegmentationFrame(
        SegmentationStorage,
        segmentation.sop_instance_uid,
        frame_number=segment.number,
        segment_number=segment.number,
        source_image=hd.SourceImageForSegmentation(header.SOPClassUID, header.SOPInstanceUID),
    )
    # The frame names its segment; PS3.3 section 10.3 forbids to name both.
    del frame[0].ReferencedSOPSequence[0].ReferencedSegmentNumber
    return frame
