"""The DICOM objects of a result: Segmentations, structured report, and the panel as capture and as PDF.

What belongs to the prior lies in the prior's study, everything else in the follow-up's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ptx_followup import __version__
from ptx_followup.ahead import ahead
from ptx_followup.dicom_objects.jpeg_ls import jpeg_ls
from ptx_followup.dicom_objects.panel import write_panel_capture, write_panel_pdf
from ptx_followup.dicom_objects.seg import write_segmentation
from ptx_followup.dicom_objects.segments import LUNG, Algorithm, Segment, WrittenSegmentation
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.sr import write_comparison_report, write_exam_report
from ptx_followup.dicom_objects.sr_groups import Document, ReferencedExam
from ptx_followup.dicom_objects.tracking import Tracking, first_tracking
from ptx_followup.errors import InputError
from ptx_followup.followup.sentence import mentioned_sides
from ptx_followup.results.names import COMPARISON_FILES, EXAM_FILES, RESULT
from ptx_followup.results.presentations import write_outlines
from ptx_followup.results.words import measured_in_words
from ptx_followup.sides import LUNG_LABEL, SIDES, Side, split_by_side

if TYPE_CHECKING:
    from ptx_followup.figures.canvas import Picture
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.followup.exam import Exam
    from ptx_followup.masks.source import MaskSource
    from ptx_followup.segmentation.result import ModelIdentity, Segmentation

ExamName = Literal["prior", "followup"]
_EXAMS: tuple[ExamName, ...] = get_args(ExamName)


@dataclass(frozen=True)
class Series:
    """How a series of segmentations is named: each segment after its side, and the series."""

    label: str
    description: str
    number: int


SEGMENTED = Series("pneumothorax", "Pneumothorax segmentation", 9101)
PROJECTED = Series("pneumothorax on the prior exam", "Pneumothorax of the prior exam", 9102)
LUNGS = Series("lung", "Lung segmentation", 9106)


def write_exam_objects(
    result: Segmentation, document: Document, folder: Path, *, with_lungs: bool = False
) -> dict[str, str | None]:
    """Write Segmentation and structured report of one exam; nothing for a source that is not DICOM.

    Args:
        result: What `Segmenter.segment` returned.
        document: Its result object.
        folder: An existing folder.
        with_lungs: Write the lungs too, in an object of their own.

    Returns:
        Entries of `outputs`: file names, null for what does not exist.
    """
    paths = {name: folder / file for name, file in EXAM_FILES.items()}
    source = dicom_source(result)
    if source is not None:
        header = read_source(source)
        tracking = {side: first_tracking(str(header.SOPInstanceUID), side) for side in SIDES}
        exam = ReferencedExam(
            header, write_sides(paths["dicom_seg"], result, result.standard_mask, tracking=tracking)
        )
        write_outlines(paths["dicom_presentation"], result, tracking)
        write_exam_report(paths["dicom_sr"], exam, document, tracking)
        if with_lungs:
            write_lungs(paths["lungs_dicom_seg"], result)
    return _existing(paths)


def write_comparison_objects(
    result: FollowUp,
    document: Document,
    panel: Picture,
    folder: Path,
    *,
    with_lungs: bool = False,
) -> dict[str, str | None]:
    """Write all objects of a comparison; those of an exam that is not DICOM are left out.

    Args:
        result: What `compare` returned.
        document: Its result object.
        panel: The picture, uint8, H x W x 3, RGB.
        folder: An existing folder.
        with_lungs: Write the lungs of both exams too.

    Returns:
        Entries of `outputs`: file names, null for what does not exist.
    """
    paths = {name: folder / file for name, file in COMPARISON_FILES.items()}
    tracking = comparison_tracking(result)
    if dicom_source(result.followup.segmentation) is not None:
        stream = ahead(lambda: jpeg_ls(panel))
    exams: dict[str, ReferencedExam | None] = {}
    for name in _EXAMS:
        exam = _exam(result, name).segmentation
        source = dicom_source(exam)
        written = write_sides(paths[f"{name}_dicom_seg"], exam, exam.standard_mask, tracking=tracking)
        exams[name] = None if source is None else ReferencedExam(read_source(source), written)
        _write_outlines_of(name, paths[f"{name}_dicom_presentation"], result, tracking)
        if with_lungs:
            write_lungs(paths[f"{name}_lungs_dicom_seg"], exam)
    followup = exams["followup"]
    if followup is not None:
        projected = _write_projection(paths["projected_dicom_seg"], result, tracking)
        write_comparison_report(paths["dicom_sr"], exams["prior"], followup, projected, document, tracking)
        headers = [exam.header for exam in (followup, exams["prior"]) if exam is not None]
        equipment = _model(result.followup.segmentation.model).equipment
        write_panel_pdf(paths["dicom_pdf"], panel, headers, equipment)
        write_panel_capture(paths["dicom_capture"], panel, stream.result(), headers, equipment)
    return _existing(paths)


def comparison_tracking(result: FollowUp) -> dict[Side, Tracking]:
    """Tracking of both sides: that of earlier results, else one that starts with the first DICOM exam."""
    sources = [dicom_source(exam.segmentation) for exam in (result.prior, result.followup)]
    first = next((source for source in sources if source is not None), None)
    if first is None:
        return {}
    uid = str(read_source(first).SOPInstanceUID)
    return {side: result.tracking.get(side) or first_tracking(uid, side) for side in SIDES}


def objects_to_send(out: Path) -> list[Path]:
    """The DICOM files of a finished result, in the order in which an archive should receive them.

    Objects come before those that refer to them. Each file names its own patient, study, series and instance;
    a second run of the same comparison gives the same UIDs, so that sending again makes no duplicates.

    Args:
        out: Folder of `ptx segment` or `ptx compare`.

    Raises:
        InputError: It holds no complete result.
    """
    try:
        document = json.loads((out / RESULT).read_text(encoding="utf-8"))
        outputs: dict[str, str | None] = document["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{out.name} holds no complete result", "run ptx compare first") from None
    names = [outputs.get(name) for name in {**COMPARISON_FILES, **EXAM_FILES}]
    return [out / name for name in names if name]


def dicom_source(result: Segmentation) -> Path | None:
    """The DICOM file of a radiograph; None for a picture or one made in memory."""
    return None if result.radiograph.identity is None else result.radiograph.path


def write_sides(
    path: Path,
    result: Segmentation,
    mask: NDArray[np.bool_],
    series: Series = SEGMENTED,
    tracking: Mapping[Side, Tracking] | None = None,
    algorithm: Algorithm | None = None,
) -> WrittenSegmentation | None:
    """Write a mask on a radiograph with one segment a side; nothing for an empty mask, or no DICOM source.

    Args:
        path: File to write.
        result: Gives the source image, its hemithoraces and what segmented it.
        mask: bool, H x W of the radiograph's `pixels`.
        series: How the object is named.
        tracking: Of earlier exams, to continue it.
        algorithm: What made the mask, where it is not what segmented the image.
    """
    source, radiograph = dicom_source(result), result.radiograph
    if source is None:
        return None
    known = tracking or {}
    segments = [
        Segment(
            radiograph.to_stored(part),
            f"{side.capitalize()} {series.label}",
            side=side,
            tracking=known.get(side),
        )
        for side, part in split_by_side(mask, result.usable_hemithoraces).items()
    ]
    return write_segmentation(
        path,
        source,
        segments,
        algorithm or _algorithm(result.mask_source, result.model),
        description=series.description,
        series_number=series.number,
    )


def write_lungs(path: Path, result: Segmentation) -> WrittenSegmentation | None:
    """Write the lung fields, from whose outlines the percentages follow; nothing where none was found."""
    source, radiograph = dicom_source(result), result.radiograph
    if source is None:
        return None
    segments = [
        Segment(
            radiograph.to_stored(result.hemithoraces == label),
            f"{side.capitalize()} {LUNGS.label}",
            LUNG,
            side,
        )
        for side, label in LUNG_LABEL.items()
    ]
    algorithm = _algorithm(result.hemithorax_source, result.lung_model)
    return write_segmentation(
        path, source, segments, algorithm, description=LUNGS.description, series_number=LUNGS.number
    )


def _write_projection(
    path: Path, result: FollowUp, tracking: Mapping[Side, Tracking]
) -> WrittenSegmentation | None:
    """The prior's mask laid on the follow-up; one that a person drew is then half a computer's work."""
    if result.projected is None:
        return None
    prior = result.prior.segmentation
    algorithm = _algorithm(prior.mask_source, prior.model)
    if algorithm.type == "MANUAL":
        algorithm = replace(algorithm, name="registration", type="SEMIAUTOMATIC")
    return write_sides(path, result.followup.segmentation, result.projected, PROJECTED, tracking, algorithm)


def _exam(result: FollowUp, name: ExamName) -> Exam:
    return result.prior if name == "prior" else result.followup


def _write_outlines_of(
    name: ExamName, path: Path, result: FollowUp, tracking: Mapping[Side, Tracking]
) -> None:
    """The outlines of one exam of a comparison; those of the follow-up also say what became of it."""
    exam, is_prior = _exam(result, name), name == "prior"
    measured = [
        measured_in_words(side, change.leading.prior, change.leading.prior_interval)
        if is_prior
        else measured_in_words(side, change.leading.followup, change.leading.followup_interval)
        for side, change in result.changes.items()
        if side in mentioned_sides(result)
    ]
    texts = [words for words in measured if words is not None]
    write_outlines(
        path,
        exam.segmentation,
        tracking,
        texts=texts if is_prior else [*texts, result.sentence],
        distances=exam.distances,
        projected=None if is_prior else result.projected,
    )


def _model(model: ModelIdentity) -> Algorithm:
    return Algorithm(model.name, model.version, model.sha256)


def _algorithm(source: MaskSource, model: ModelIdentity) -> Algorithm:
    """What made a mask or hemithoraces: the network, a person, or what the file of given ones states."""
    if source.kind == "network":
        return _model(model)
    if source.kind == "edited":
        if source.algorithm_type == "SEMIAUTOMATIC":
            return replace(_model(model), type="SEMIAUTOMATIC", creator=source.creator)
        return Algorithm("ptx review", __version__, source.sha256 or "0" * 64, "MANUAL", source.creator)
    name = source.algorithm_name or source.manufacturer or "given mask"
    return Algorithm(
        name,
        "not stated",
        source.sha256 or "0" * 64,
        source.algorithm_type or "MANUAL",
        source.creator,
    )


def _existing(paths: Mapping[str, Path]) -> dict[str, Any]:
    return {name: path.name if path.exists() else None for name, path in paths.items()}
