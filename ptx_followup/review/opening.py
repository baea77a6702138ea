"""From a result and its films to the exams in memory: what the command that wrote it had in its hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.followup.exam import Exam, examine
from ptx_followup.masks.source import KnownHemithoraces, KnownMask, MaskSource
from ptx_followup.measurement.distances import measure_distances
from ptx_followup.measurement.reader_error import PUBLISHED_READERS
from ptx_followup.measurement.uncertainty import Uncertainty
from ptx_followup.radiograph.belonging import (
    CONTRADICTIONS,
    Belonging,
    Override,
    check_belonging,
    check_series,
)
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.registration.register import Registration, register
from ptx_followup.review.found import FoundExam, FoundResult, Kind
from ptx_followup.review.stated import as_stated, report_of
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter


@dataclass(frozen=True, eq=False)
class Opened:
    """The exams of a result as it states them.

    Attributes:
        kind: Which command wrote it.
        exams: The earliest first.
        belonging: Of the series; None for a single exam.
        sentence: Under which all exams were measured.
        registrations: Of each exam but the last, onto the last.
        uncertainty: What the sizes are worth.
        tracking: Of the findings, to go on in what is saved.
        segmenter: Which segmented them.
        notes: What the reader should know of how each exam was opened; one tuple an exam.
    """

    kind: Kind
    exams: tuple[Exam, ...]
    belonging: Belonging | None
    sentence: str
    registrations: tuple[Registration, ...] = field(repr=False)
    uncertainty: Uncertainty
    tracking: dict[Side, Tracking] = field(repr=False)
    segmenter: Segmenter = field(repr=False)
    notes: tuple[tuple[str, ...], ...]


def open_result(found: FoundResult, films: Sequence[Radiograph], segmenter: Segmenter) -> Opened:
    """Segment the films of a result again, as it was made, and register them.

    Args:
        found: The result.
        films: Its films, in the order of its exams.
        segmenter: Of the model that made it, or another; the masks of the result lead in any case.

    Raises:
        InputError: A mask of the result is damaged.
        QualityGateError: A film is not a frontal chest radiograph.
    """
    sentence = found.document.get("matched_prompt")
    opened = [_exam(one, film, sentence, segmenter) for one, film in zip(found.exams, films, strict=True)]
    exams = tuple(exam for exam, _ in opened)
    last = exams[-1]
    registrations = tuple(
        register(
            one.radiograph,
            last.radiograph,
            one.segmentation.hemithoraces,
            last.segmentation.hemithoraces,
            bspline=found.with_bspline,
        )
        for one in exams[:-1]
    )
    uncertainty = _uncertainty(found, segmenter)
    belonging = _belonging(found, films) if len(films) > 1 else None
    return Opened(
        found.kind,
        exams,
        belonging,
        sentence or "",
        registrations,
        uncertainty,
        _tracking(found),
        segmenter,
        tuple(notes for _, notes in opened),
    )


def _exam(
    found: FoundExam, film: Radiograph, sentence: str | None, segmenter: Segmenter
) -> tuple[Exam, tuple[str, ...]]:
    """One exam, and what differs from the result."""
    stored, labels, text = found.mask(), found.hemithoraces(), found.report_text
    source = _source(found.document["mask_source"])
    outlined = (
        None if labels is None else KnownHemithoraces(labels, _source(found.document["anatomy"]["source"]))
    )
    if source.kind != "network":
        known = KnownMask(stored, source)
        exam = examine(segmenter, film, text, sentence or "", known, outlined)
        if found.had_report and text is None:
            report = report_of(found.document["report"])
            exam = replace(exam, segmentation=replace(exam.segmentation, report=report))
        return exam, ()
    exam = (
        _alone(segmenter, film, text, outlined)
        if sentence is None
        else examine(segmenter, film, text, sentence, None, outlined)
    )
    return as_stated(exam, found, exam.radiograph.to_standard(stored))


def _alone(
    segmenter: Segmenter, film: Radiograph, report: str | None, outlined: KnownHemithoraces | None
) -> Exam:
    """An exam that is compared with none: the mask that is shown is the one that is measured."""
    shown, _ = segmenter.segment_and_reader(film, report, hemithoraces=outlined)
    distances = measure_distances(shown.radiograph, shown.standard_mask, shown.usable_hemithoraces)
    return Exam(shown, shown.standard_mask, shown.measurement, distances)


def _uncertainty(found: FoundResult, segmenter: Segmenter) -> Uncertainty:
    """Of the model, and of the readers whom the result states; published readings otherwise."""
    error, stated = segmenter.model.config.error, found.document.get("readers")
    if stated is None or stated["sha256"] is None:
        return Uncertainty(error, PUBLISHED_READERS, "same" if stated is None else stated["relation"])
    reader = PUBLISHED_READERS.model_copy(
        update={name: stated[name] for name in ("sd_log1p", "source", "sha256")} | {"sd_interval": None}
    )
    return Uncertainty(error, reader, stated["relation"])


def _tracking(found: FoundResult) -> dict[Side, Tracking]:
    """That of the result; of one without identity it is worked out again from the films."""
    stated = {} if found.deidentified else found.document.get("tracking", {})
    return {side: Tracking(**stated[side]) for side in SIDES if side in stated}


def _source(stated: Mapping[str, Any]) -> MaskSource:
    return MaskSource(**{name: value for name, value in stated.items() if name != "in_words"})


def _belonging(found: FoundResult, films: Sequence[Radiograph]) -> Belonging:
    """That of the result: what it overrides was accepted when it was made."""
    stated = found.document["belonging"]
    accepted = Override(CONTRADICTIONS, stated.get("reason") or "stated in the result")
    pair = found.kind == "compare"
    checked = check_belonging(films[0], films[1], accepted) if pair else check_series(films, accepted)
    overridden = [one for one in found.document["warnings"] if one.startswith("overridden: ")]
    return replace(
        checked,
        overridden=tuple(stated["overridden"]),
        reason=stated.get("reason") or "",
        warnings=tuple(dict.fromkeys((*overridden, *checked.warnings))),
    )
