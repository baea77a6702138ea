"""Measurement groups of the structured reports, from the result objects that `result.json` holds.

Every number comes from the JSON object itself, rounded as it is there, so that both always agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.dicom_objects import content
from ptx_followup.dicom_objects import sr_codes as terms
from ptx_followup.dicom_objects.derived import MANUFACTURER
from ptx_followup.dicom_objects.segments import CHEST, LATERALITY, WrittenSegment, WrittenSegmentation
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.sides import SIDES, Side

#: `ptx-segment/1`, `ptx-compare/1`, or an object within.
Document = Mapping[str, Any]
#: Identifiers of the templates of a group (PS3.16): of what is outlined in an image, and of whatever else.
_PLANAR, _GENERAL = "1410", "1501"

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

    def context(self, acquired_at: str | None) -> list[Dataset]:
        """The content items; `acquired_at` is the acquisition time as the result states it."""
        inherited: content.Relationship = "HAS OBS CONTEXT"
        items = [
            content.text(terms.TIME_POINT, self.name, inherited),
            content.number(codes.TIME_POINT_ORDER, self.order, terms.RATIO_UNIT, inherited),
        ]
        if acquired_at is not None:
            items.append(content.text(codes.SUBJECT_TIME_POINT_IDENTIFIER, acquired_at, inherited))
        if self.days is not None:
            event = content.code(codes.LONGITUDINAL_TEMPORAL_EVENT_TYPE, self.since, "HAS CONCEPT MOD")
            offset = codes.LONGITUDINAL_TEMPORAL_OFFSET_FROM_EVENT
            items.append(content.number(offset, self.days, terms.DAY, inherited, [event]))
        return items


def exam_groups(
    exam: ReferencedExam, document: Document, tracking: Mapping[Side, Tracking], time_point: TimePoint
) -> list[Dataset]:
    """One group a side: what was segmented there and its sizes, or that nothing was."""
    return [_exam_group(exam, document, side, tracking[side], time_point) for side in SIDES]


def _exam_group(
    exam: ReferencedExam, document: Document, side: Side, tracking: Tracking, time_point: TimePoint
) -> Dataset:
    segment = _segment_of(exam.segmentation, side)
    common = [
        hemithorax(side),
        *_algorithm(document),
        *time_point.context(document["image"]["acquired_at"]),
        *_sizes(document, side, segmented=segment is not None),
        _yes_or_no(terms.SEGMENTED, segment is not None),
    ]
    texts = [(terms.ORIGIN, _origin(document))]
    texts += [(terms.REPORT_SENTENCE, sentence) for sentence in _sentences(document, side)]
    if exam.segmentation is None or segment is None:
        return group(tracking, [*common, source_image(exam.header)], texts)
    finding = content.code(codes.FINDING, terms.PNEUMOTHORAX)
    return _outlined(tracking, [finding, *common], (exam.segmentation, segment), exam.header, texts)


def projection_groups(
    header: Dataset, projected: WrittenSegmentation, tracking: Mapping[Side, Tracking], time_point: TimePoint
) -> list[Dataset]:
    """The prior's pneumothorax laid on the follow-up image: one group a side, without sizes."""
    return [
        _outlined(
            tracking[side],
            [
                content.code(codes.FINDING, terms.PNEUMOTHORAX),
                content.code(codes.MEASUREMENT_METHOD, terms.PROJECTED),
                hemithorax(side),
                *time_point.context(None),
            ],
            (projected, segment),
            header,
        )
        for side in SIDES
        if (segment := _segment_of(projected, side)) is not None
    ]


def registration_group(document: Document, uid: str, headers: Iterable[Dataset]) -> Dataset:
    """Quality of the registration, and the regions that follow from it, on the follow-up's grid."""
    found = document["registration"]
    figures = [(*terms.REGISTRATION[name], found.get(name)) for name in terms.REGISTRATION]
    figures += [
        (terms.SIDE_DICE[side], terms.RATIO_UNIT, found.get("side_dice_after", {}).get(side))
        for side in SIDES
    ]
    figures += [(terms.PROJECTION_AREA, terms.PIXELS, document["projection"]["area_px"])]
    figures += [(code, terms.PIXELS, document["regions"][name]) for name, code in terms.REGIONS.items()]
    return group(
        Tracking("Registration of the prior onto the follow-up", uid),
        [
            *(measurement(name, value, unit) for name, unit, value in figures if value is not None),
            _yes_or_no(terms.ACCEPTED, found["accepted"]),
            *(source_image(header) for header in headers),
        ],
        [(terms.COMMENT, f"Method: {found['method']}"), (terms.REASON, found["reason"])],
    )


def group(
    tracking: Tracking,
    items: Iterable[Dataset],
    texts: Iterable[tuple[Code, str | None]] = (),
    *,
    template: str = _GENERAL,
) -> Dataset:
    """A measurement group (PS3.16 TID 1410 and 1501): what it tracks, what was measured, remarks.

    Args:
        tracking: Of the finding.
        items: Content items, in the order of the template.
        texts: By the code of their name; empty ones are left out.
        template: Its identifier.
    """
    names = [
        content.text(codes.TRACKING_IDENTIFIER, tracking.identifier, "HAS OBS CONTEXT"),
        content.uid(codes.TRACKING_UNIQUE_IDENTIFIER, tracking.uid),
    ]
    remarks = [content.text(name, value) for name, value in texts if value]
    return content.container(codes.MEASUREMENT_GROUP, [*names, *items, *remarks], template=template)


def _outlined(
    tracking: Tracking,
    items: Iterable[Dataset],
    outlined: tuple[WrittenSegmentation, WrittenSegment],
    header: Dataset,
    texts: Iterable[tuple[Code, str | None]] = (),
) -> Dataset:
    """A group about a segment of a Segmentation on the image of a header."""
    segmentation, segment = outlined
    images = [
        # The frame names its segment; PS3.3 section 10.3 forbids to name both.
        content.image(
            codes.REFERENCED_SEGMENTATION_FRAME,
            SegmentationStorage,
            segmentation.sop_instance_uid,
            segment.number,
        ),
        content.image(codes.SOURCE_IMAGE_FOR_SEGMENTATION, header.SOPClassUID, header.SOPInstanceUID),
    ]
    return group(tracking, [*items, *images], texts, template=_PLANAR)


def _sizes(document: Document, side: Side, *, segmented: bool) -> list[Dataset]:
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
) -> Dataset:
    """A figure with its unit, how it was measured, and its 95 % interval in the same unit (TID 300)."""
    below = [] if method is None else [content.code(codes.MEASUREMENT_METHOD, method, "HAS CONCEPT MOD")]
    limits = zip((terms.LOWER_LIMIT, terms.UPPER_LIMIT), interval or (), strict=interval is not None)
    below += [content.number(code, limit, unit, "HAS PROPERTIES") for code, limit in limits]
    return content.number(name, value, unit, children=below)


def _algorithm(document: Document) -> list[Dataset]:
    """The network of a mask, also where a person changed it; none for one that a person gave or drew.

    PS3.16 TID 4019.
    """
    source = document["mask_source"]
    if source["kind"] == "given" or source["algorithm_type"] == "MANUAL":
        return []
    model = document["model"]
    texts = [
        (codes.ALGORITHM_NAME, model["name"]),
        (codes.ALGORITHM_VERSION, model["version"]),
        (codes.ALGORITHM_MANUFACTURER, MANUFACTURER),
        (codes.ALGORITHM_PARAMETERS, f"SHA-256 of the weights: {model['sha256']}"),
        (codes.ALGORITHM_PARAMETERS, f"Text encoder: {model['text_encoder']}"),
    ]
    family = codes.ALGORITHM_FAMILY, codes.ARTIFICIAL_INTELLIGENCE
    return [
        *(content.text(name, value, "HAS CONCEPT MOD") for name, value in texts),
        content.code(*family, "HAS CONCEPT MOD"),
    ]


def _origin(document: Document) -> str:
    """Whose mask it is, in words."""
    source = document["mask_source"]
    words: str = source["in_words"]
    return f"{words}, by {source['creator']}" if source["creator"] else words


def _sentences(document: Document, side: Side) -> list[str]:
    """Sentences of the exam's report about this side or none, each once."""
    findings = document["report"]["findings"]
    return list(dict.fromkeys(one["sentence"] for one in findings if one["side"] in (side, None)))


def hemithorax(side: Side) -> Dataset:
    """The chest on one side of the patient, as the site of a finding."""
    laterality = content.code(codes.LATERALITY, LATERALITY[side], "HAS CONCEPT MOD")
    return content.code(codes.FINDING_SITE, CHEST, "HAS CONCEPT MOD", [laterality])


def _yes_or_no(name: Code, answer: bool) -> Dataset:
    return content.code(name, codes.YES if answer else codes.NO)


def source_image(header: Dataset) -> Dataset:
    """The image that was measured."""
    return content.image(codes.SOURCE_OF_MEASUREMENT, header.SOPClassUID, header.SOPInstanceUID)


def _segment_of(segmentation: WrittenSegmentation | None, side: Side) -> WrittenSegment | None:
    segments = () if segmentation is None else segmentation.segments
    return next((one for one in segments if one.side == side), None)
