"""The figures of each case in each condition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.evaluation.calibration import Histogram, histogram
from ptx_followup.evaluation.subjects import LeftOut, Subject
from ptx_followup.evaluation.texts import Condition, Guidance, guide_negative, guide_positive, random_for
from ptx_followup.evaluation.worst import WorstCases
from ptx_followup.measurement.overlap import (
    Mask,
    SurfaceDistance,
    dice,
    intersection_over_union,
    surface_distance,
)
from ptx_followup.measurement.sizes import measure
from ptx_followup.report.prompts import PromptMode
from ptx_followup.sides import both_found, split_by_side

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

#: Reports of positives that are remembered, to be told of other patients.
_REMEMBERED = 32


@dataclass(frozen=True)
class Row:
    """One case in one condition; a row of the table. Fields that a data set does not state are None.

    Attributes:
        id: Of the case.
        patient: Of the case; the case's id where the data set does not tell patients apart.
        condition: See `texts.CONDITIONS`.
        positive: The expert drew a pneumothorax.
        report: "own" or "synthesised".
        network_run: False where the mask is empty because the report denies.
        size_change: "larger" or "smaller": which way the size in the report was changed.
        side: Of the expert's mask: "left", "right" or "bilateral".
        view: Projection.
        chest_tube: One is visible.
        age: Years, as the data set states it.
        sex: As the data set states it.
        source: As the data set states it.
        rows: Of the radiograph.
        columns: Of the radiograph.
        expert_px: Area of the expert's mask.
        area_px: Area of the model's mask.
        expert_mm2: Area of the expert's mask, with a trustworthy spacing.
        area_mm2: Area of the model's mask, with a trustworthy spacing.
        expert_percent: The expert's mask in percent of both hemithoraces.
        percent: The model's mask in percent of both hemithoraces.
        dice: (2 |A B| + 1) / (|A| + |B| + 1).
        iou: Intersection over union.
        surface_px: Average symmetric surface distance; None where a mask is empty.
        hd95_px: 95 % Hausdorff distance.
        surface_mm: As `surface_px`, with a trustworthy spacing.
        hd95_mm: As `hd95_px`, with a trustworthy spacing.
        on_named_side: Share of the model's mask on the one side that the report names.
    """

    id: str
    patient: str
    condition: Condition
    positive: bool
    report: str
    network_run: bool
    size_change: str | None
    side: str | None
    view: str
    chest_tube: bool | None
    age: float | None
    sex: str | None
    source: str | None
    rows: int
    columns: int
    expert_px: int
    area_px: int
    expert_mm2: float | None
    area_mm2: float | None
    expert_percent: float | None
    percent: float | None
    dice: float
    iou: float
    surface_px: float | None
    hd95_px: float | None
    surface_mm: float | None
    hd95_mm: float | None
    on_named_side: float | None

    @property
    def expert_share(self) -> float:
        """Area of the expert's mask as a share of the image."""
        return self.expert_px / (self.rows * self.columns)

    @property
    def share(self) -> float:
        """Area of the model's mask as a share of the image."""
        return self.area_px / (self.rows * self.columns)


@dataclass
class Scores:
    """What an evaluation gathers.

    Attributes:
        rows: Of every case in every condition.
        histograms: Of the logits of the positives under their own report (see `calibration`), with the share
            of the image that the mask covers.
        worst: Pictures of the positives that went worst under their own report.
        left_out: Cases that cannot be read.
        cut: Reports longer than the language model reads.
    """

    rows: list[Row] = field(default_factory=list)
    histograms: list[tuple[Histogram, float]] = field(default_factory=list)
    worst: WorstCases = field(default_factory=WorstCases)
    left_out: list[LeftOut] = field(default_factory=list)
    cut: int = 0


def score(
    segmenter: Segmenter,
    groups: Iterator[list[Subject | LeftOut]],
    *,
    mode: PromptMode,
    seed: int,
    conditions: Sequence[Condition] | None = None,
    advance: Callable[[], object] = lambda: None,
) -> Scores:
    """Run a model on every case in every condition.

    Args:
        segmenter: The loaded model.
        groups: From `subjects`.
        mode: What the network is told of a report.
        seed: Of the reports.
        conditions: Only these; all if not given. A network that reads no reports has "matching" alone.
        advance: Called after each case.
    """
    scores = Scores()
    reports: list[tuple[str, str]] = []
    if segmenter.text_encoder is None:
        conditions = ("matching",)
    for group in groups:
        scores.left_out += [one for one in group if isinstance(one, LeftOut)]
        present = [one for one in group if isinstance(one, Subject)]
        reports = (reports + [(_patient(one), one.report) for one in present if one.positive])[-_REMEMBERED:]
        told = [
            (index, guidance)
            for index, subject in enumerate(present)
            for guidance in _guidances(subject, reports, mode, seed)
            if conditions is None or guidance.condition in conditions
        ]
        if present:
            _score_group(segmenter, present, told, scores)
        scores.cut += _cut(segmenter, told)
        for _ in group:
            advance()
    return scores


def _guidances(
    subject: Subject, reports: Sequence[tuple[str, str]], mode: PromptMode, seed: int
) -> list[Guidance]:
    if not subject.positive:
        return guide_negative(subject.report, subject.case.id, seed, mode)
    others = [text for patient, text in reports if patient != _patient(subject)]
    if not others:
        return guide_positive(subject.report, None, mode)
    chosen = random_for(subject.case.id, seed, "shuffled").integers(len(others))
    return guide_positive(subject.report, others[chosen], mode)


def _score_group(
    segmenter: Segmenter,
    group: Sequence[Subject],
    told: Sequence[tuple[int, Guidance]],
    scores: Scores,
) -> None:
    """Run each pair of image and text once, though several conditions may share it."""
    asking: defaultdict[tuple[int, str], list[Guidance]] = defaultdict(list)
    for index, guidance in told:
        if guidance.text is not None:
            asking[index, guidance.text].append(guidance)
        else:
            _add(scores, group[index], guidance, np.zeros(group[index].truth.shape, bool))
    pixels, hemithoraces = zip(*((one.radiograph.pixels, one.hemithoraces) for one in group), strict=True)
    for (index, text), probability in zip(
        asking, segmenter.probability_maps(pixels, list(asking), hemithoraces), strict=True
    ):
        subject = group[index]
        mask = segmenter.binary(probability, subject.hemithoraces)
        for guidance in asking[index, text]:
            _add(scores, subject, guidance, mask)
            if guidance.condition == "matching" and subject.positive:
                scores.histograms.append((histogram(probability, subject.truth), float(mask.mean())))


def _add(scores: Scores, subject: Subject, guidance: Guidance, mask: Mask) -> None:
    row = _row(subject, guidance, mask)
    scores.rows.append(row)
    if row.positive and row.condition == "matching":
        scores.worst.offer(row.dice, row.id, subject.radiograph.pixels, subject.truth, mask)


def _row(subject: Subject, guidance: Guidance, mask: Mask) -> Row:
    case, radiograph, expert = subject.case, subject.radiograph, subject.expert
    spacing = radiograph.trusted_spacing_mm
    measured = measure(mask, subject.hemithoraces, spacing)
    in_px = surface_distance(mask, subject.truth)
    in_mm = SurfaceDistance() if spacing is None else surface_distance(mask, subject.truth, spacing)
    return Row(
        id=case.id,
        patient=_patient(subject),
        condition=guidance.condition,
        positive=subject.positive,
        report=subject.origin,
        network_run=guidance.text is not None,
        size_change=guidance.size_change,
        side=case.side or expert.side,
        view=case.view if case.view != "unknown" else radiograph.view,
        chest_tube=case.chest_tube,
        age=_number(case.extra.get("age")),
        sex=case.extra.get("sex") or None,
        source=case.extra.get("source") or None,
        rows=radiograph.rows,
        columns=radiograph.columns,
        expert_px=expert.area_px,
        area_px=measured.area_px,
        expert_mm2=expert.area_mm2,
        area_mm2=measured.area_mm2,
        expert_percent=None if expert.hemithorax_percent is None else expert.hemithorax_percent.total,
        percent=None if measured.hemithorax_percent is None else measured.hemithorax_percent.total,
        dice=dice(mask, subject.truth),
        iou=intersection_over_union(mask, subject.truth),
        surface_px=in_px.average,
        hd95_px=in_px.hausdorff95,
        surface_mm=in_mm.average,
        hd95_mm=in_mm.hausdorff95,
        on_named_side=_on_named_side(subject, guidance, mask),
    )


def _on_named_side(subject: Subject, guidance: Guidance, mask: Mask) -> float | None:
    if guidance.side not in ("left", "right") or not mask.any():
        return None
    lungs = subject.hemithoraces
    part = split_by_side(mask, lungs if both_found(lungs) else None)[guidance.side]
    return float(np.count_nonzero(part) / np.count_nonzero(mask))


def _patient(subject: Subject) -> str:
    return subject.case.patient or subject.case.id


def _number(text: str | None) -> float | None:
    """A number as a data set states it ("076Y" of DICOM too), or None."""
    try:
        return float((text or "").strip().rstrip("Yy"))
    except ValueError:
        return None


def _cut(segmenter: Segmenter, told: Sequence[tuple[int, Guidance]]) -> int:
    encoder = segmenter.text_encoder
    if encoder is None:
        return 0
    texts = [one.text for _, one in told if one.condition == "matching" and one.text]
    return sum(encoder.is_cut(text) for text in texts)
