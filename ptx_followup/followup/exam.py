"""One exam of a comparison: the mask that is shown, and the mask that is measured.

The mask that is shown is guided by all that is known of the exam. The change is measured on another one: all
exams under the same sentence, side and zone alone, so that an adjective of a report cannot make the
difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.quality import UNUSABLE_BELOW, doubt
from ptx_followup.followup.handedness import asymmetry
from ptx_followup.masks.plausible import doubts_of
from ptx_followup.masks.source import NETWORK, KnownHemithoraces, KnownMask
from ptx_followup.measurement.distances import DistanceMeasurement, measure_distances
from ptx_followup.measurement.sizes import Measurement, measure
from ptx_followup.measurement.uncertainty import ReadWith, Size
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.letting_go import let_go, taken_up
from ptx_followup.report.description import SideDescription, describe
from ptx_followup.report.findings import understand
from ptx_followup.report.told_size import told_percent
from ptx_followup.segmentation.chest import find_chest
from ptx_followup.segmentation.result import Segmentation
from ptx_followup.segmentation.segmenter import Reader, Segmenter
from ptx_followup.segmentation.telling import was_told
from ptx_followup.sides import Side

Mask = NDArray[np.bool_]
FloatImage = NDArray[np.float32]

GUIDED_BY_OTHERS = (
    "no report of this exam was given: the mask is guided by side and zone that another exam's report states"
)


@dataclass(frozen=True, eq=False)
class Exam:
    """One of the compared exams.

    Attributes:
        segmentation: The mask that is shown, guided by what is known of this exam.
        matched_mask: bool, H x W of `radiograph.pixels`: the mask that is measured, see `shared_prompt`.
        measurement: Of `matched_mask`.
        distances: Of the mask that is shown.
    """

    segmentation: Segmentation
    matched_mask: Mask = field(repr=False)
    measurement: Measurement
    distances: DistanceMeasurement

    @property
    def radiograph(self) -> Radiograph:
        """The exam's radiograph."""
        return self.segmentation.radiograph

    @property
    def mask(self) -> Mask:
        """The mask that is shown, bool, H x W of `radiograph.pixels`."""
        return self.segmentation.standard_mask

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know: of image and report, and where report and mask differ."""
        differing = (one.message for one in self.segmentation.concordance if one.severity != "info")
        return (*self.segmentation.warnings, *differing)

    @property
    def hemithoraces_usable(self) -> bool:
        """The outlines of the hemithoraces are good enough for a percentage to rest on."""
        return self.segmentation.anatomy_quality >= UNUSABLE_BELOW

    @property
    def drawn(self) -> bool:
        """A person gave or edited the mask; one of this program that comes back as written is the model's."""
        from ptx_followup.dicom_objects.derived import MANUFACTURER

        source = self.segmentation.mask_source
        untouched = source.manufacturer == MANUFACTURER and source.algorithm_type == "AUTOMATIC"
        return source.kind != "network" and not untouched

    @cached_property
    def description(self) -> tuple[SideDescription, ...]:
        """What the mask shows that is shown, in the terms of a report."""
        return describe(self.mask, self.segmentation.usable_hemithoraces)

    @property
    def has_own_words(self) -> bool:
        """The network was told something of the exam's own report, or the report denies a pneumothorax."""
        shown = self.segmentation
        return shown.mask_source.kind == "network" and shown.report is not None and shown.told != ""

    def told(self, side: Side) -> float | None:
        """Size that the exam's own report tells of a side, see `told_percent`; None where it tells none."""
        report = self.segmentation.report
        return told_percent(report, side) if report is not None and self.has_own_words else None

    def size(self, side: Side, *, own_words: bool) -> Size | None:
        """The size of a side, and what it was measured with.

        Args:
            side: Of the patient.
            own_words: Under the exam's own report where that tells a size or denies a pneumothorax; else
                under the sentence that all exams share. What a report denies was not looked at and is 0 in
                its words; a network that looks at one hemithorax at a time has looked there under the shared
                sentence.

        Returns:
            None where a hemithorax was not found.
        """
        told = self.told(side)
        if self.drawn:
            read_with: ReadWith = "reader"
        else:
            shown = self.segmentation
            denied = self.has_own_words and shown.told is None and shown.told_by_side is None
            read_with = "words" if denied or (own_words and told is not None) else "images"
        measured = self.segmentation.measurement if read_with == "words" else self.measurement
        percent = measured.hemithorax_percent
        if percent is None:
            return None
        return Size(percent.of(side) or 0.0, read_with, self.radiograph.view, told or 0.0)

    def reported_change(self, side: Side) -> str | None:
        """What the exam's own report says of the change on a side; the first direction counts."""
        report = self.segmentation.report
        findings = () if report is None else report.findings
        changes = [one.change for one in findings if one.side in (side, None) and one.change is not None]
        return next((one for one in changes if one != "stable"), next(iter(changes), None))

    def percent(self, side: Side) -> float | None:
        """Measured percent of the hemithorax of a side, or None where a hemithorax was not found."""
        percent = self.measurement.hemithorax_percent
        return None if percent is None else percent.of(side)

    def to_json(self) -> dict[str, Any]:
        """The object of this exam in the result files."""
        document = self.segmentation.to_json()
        del document["schema"], document["disclaimer"], document["timing_s"]
        return {
            **document,
            "matched_segmentation": self.measurement.to_json(),
            "distances": self.distances.to_json(),
        }


def examine(
    segmenter: Segmenter,
    radiograph: Radiograph,
    report: str | None,
    sentence: str,
    known: KnownMask | None = None,
    hemithoraces: KnownHemithoraces | None = None,
) -> Exam:
    """Segment and measure one exam.

    Args:
        segmenter: Loaded.
        radiograph: Of the exam.
        report: Its report. Without one the mask that is shown is guided by `sentence`.
        sentence: What all compared exams are measured under, from `shared_prompt`; "" for the image alone.
        known: A known mask that fits the radiograph: the network is then not run.
        hemithoraces: Known ones that fit it: they are then not sought.
    """
    if known is None:
        shown, reader = _shown(segmenter, radiograph, report, sentence, hemithoraces)
    else:
        shown, reader = _adopted(segmenter, radiograph, report, known, hemithoraces), None
    matched = shown.standard_mask
    if reader is not None and not was_told(shown, sentence):
        matched = segmenter.binary(reader.probability(sentence), shown.hemithoraces)
    return Exam(
        shown,
        matched,
        measure(matched, shown.hemithoraces, radiograph.trusted_spacing_mm),
        measure_distances(shown.radiograph, shown.standard_mask, shown.usable_hemithoraces),
    )


def examined_alone(
    segmenter: Segmenter,
    film: Radiograph,
    report: str | None,
    sentence: str,
    known: KnownMask | None,
    hemithoraces: KnownHemithoraces | None,
) -> tuple[Exam, FloatImage | None]:
    """One exam of a series, and the `handedness.asymmetry` of its chest.

    A film whose pixels were let go is taken up for as long as this takes; then its exam has neither pixels
    nor probabilities, but masks and sizes. See `letting_go`; arguments as of `examine`.
    """
    exam = examine(segmenter, taken_up(film), report, sentence, known, hemithoraces)
    shape = asymmetry(exam.radiograph, exam.segmentation.hemithoraces)
    return exam if film.let_go is None else _without_pixels(exam), shape


def _without_pixels(exam: Exam) -> Exam:
    shown = exam.segmentation
    radiograph = let_go(shown.radiograph)
    # As the pixels: of their shape, and no number anywhere.
    parted = replace(shown, radiograph=radiograph, standard_probability=radiograph.pixels)
    return replace(exam, segmentation=parted)


def _shown(
    segmenter: Segmenter,
    radiograph: Radiograph,
    report: str | None,
    sentence: str,
    hemithoraces: KnownHemithoraces | None,
) -> tuple[Segmentation, Reader]:
    """Segment under the exam's report, else under the shared sentence, else by the image alone."""
    if report is not None or not sentence:
        return segmenter.segment_and_reader(radiograph, report, hemithoraces=hemithoraces)
    guided, reader = segmenter.segment_and_reader(radiograph, sentence, hemithoraces=hemithoraces)
    warnings = (*guided.warnings, GUIDED_BY_OTHERS)
    return replace(guided, report=None, concordance=(), warnings=warnings), reader


def _adopted(
    segmenter: Segmenter,
    radiograph: Radiograph,
    report: str | None,
    known: KnownMask,
    hemithoraces: KnownHemithoraces | None,
) -> Segmentation:
    """Take a known mask for the segmentation; the hemithoraces are found by a network unless known too."""
    radiograph, anatomy = find_chest(radiograph, segmenter.lung_finder, hemithoraces)
    mask = radiograph.to_standard(known.mask)
    found = Segmentation(
        radiograph=radiograph,
        report=None if report is None else understand(report),
        told=None,
        standard_probability=mask.astype(np.float32),
        standard_mask=mask,
        hemithoraces=anatomy.hemithoraces,
        anatomy_quality=anatomy.quality,
        measurement=measure(mask, anatomy.hemithoraces, radiograph.trusted_spacing_mm),
        concordance=(),
        threshold=segmenter.model.config.postprocessing.threshold,
        model=segmenter.identity,
        lung_model=segmenter.lung_identity,
        timing_s={},
        warnings=(),
        mask_source=known.source,
        hemithorax_source=NETWORK if hemithoraces is None else hemithoraces.source,
    )
    return replace(found, warnings=warnings_of_given(found, known.warnings))


def warnings_of_given(shown: Segmentation, warnings: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What the user should know of an exam whose mask a person gave.

    Args:
        shown: With that mask.
        warnings: Of the mask's own file.
    """
    return (
        *shown.radiograph.warnings,
        *doubt(shown.anatomy_quality),
        f"the mask was {shown.mask_source.in_place_of('not segmented')}",
        *warnings,
        *doubts_of(shown.standard_mask, shown.hemithoraces),
    )
