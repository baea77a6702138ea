"""A whole evaluation: a model and a data set in, a summary and an output folder out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptx_followup import DISCLAIMER
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.errors import InputError
from ptx_followup.evaluation.calibration import calibration_json, fit_calibration
from ptx_followup.evaluation.choice import Choice, seen_in_training
from ptx_followup.evaluation.reader_agreement import read_agreement
from ptx_followup.evaluation.scoring import Row, Scores, score
from ptx_followup.evaluation.subjects import LeftOut, subjects
from ptx_followup.evaluation.summary import compare, summarise
from ptx_followup.evaluation.tables import as_table, is_table, read_table
from ptx_followup.evaluation.worst import WorstCases
from ptx_followup.report.prompts import PromptMode
from ptx_followup.segmentation.segmenter import Segmenter

if TYPE_CHECKING:
    from ptx_followup.evaluation.texts import Condition

SCHEMA = "ptx-eval/1"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What came out.

    Attributes:
        rows: One a case and condition.
        left_out: Cases that cannot be read.
        document: The object of result files (see docs/evaluation.md).
        worst: Pictures of the positives that went worst.
    """

    rows: list[Row]
    left_out: list[LeftOut]
    document: dict[str, Any]
    worst: WorstCases


def evaluate(
    model: str,
    data: DataSet,
    choice: Choice,
    *,
    device: str = "auto",
    precision: str = "auto",
    mode: PromptMode = "focused",
    seed: int = 0,
    against: str | None = None,
    readings: Path | None = None,
    advance: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Evaluate a model on cases of a data set.

    Args:
        model: Name of a model on board, or a model folder.
        data: The data set.
        choice: Those of its cases that are evaluated; see `choose_cases`.
        device: "auto", "cpu", "cuda" or "cuda:N".
        precision: Of the networks; see `Segmenter`.
        mode: What the network is told of a report; see `report.prompts`.
        seed: Of synthesised reports, of reports shuffled between cases, and of the bootstrap.
        against: Another model, or the table of an earlier evaluation, for paired tests.
        readings: What `ptx data readings` wrote: how well readers agree, to set the model beside.
        advance: Called after each case (of the other model too).

    Raises:
        InputError: The data set holds no pneumothorax masks, no case can be read, or `against` or `readings`
            is no such file.
        ModelError: A model is missing, altered, or of another task.
    """
    if data.lung_labels:
        raise InputError(f"{data.root.name} holds masks of the lungs", "use masks of a pneumothorax")
    started = time.perf_counter()
    # A wrong table or model is found before the work, and not after it.
    table = read_table(Path(against)) if against is not None and is_table(Path(against)) else None
    readers = None if readings is None else read_agreement(readings, data)
    other = Segmenter(against, device, precision) if against is not None and table is None else None
    segmenter = Segmenter(model, device, precision)
    scores = _score(segmenter, data, choice.cases, mode, seed, None, advance)
    if not scores.rows:
        raise InputError(f"no case of {data.root.name} can be read", f"run ptx data check {data.root}")
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "disclaimer": DISCLAIMER,
        "model": segmenter.identity.to_json(),
        "data": {
            "name": data.root.name,
            "layout": data.layout,
            "fingerprint": data.fingerprint,
            "part": choice.part,
            "split_sha256": choice.split_sha256,
            "uncertain": choice.uncertain,
        },
        "prompt": mode,
        "seed": seed,
        **summarise(scores.rows, seed),
        "calibration": _calibration(scores, f"{data.root.name}, {len(scores.histograms)} positives"),
    }
    if other is not None:
        others = _score(other, data, choice.cases, mode, seed, ("matching",), advance)
        table = as_table(other.identity.name, others.rows)
    document["readings"] = readers
    document["comparison"] = None if table is None else compare(scores.rows, table, seed)
    seen = seen_in_training(choice, data, segmenter.model.config.training)
    document["warnings"] = [*([seen] if seen else []), *_warnings(scores, document)]
    document["timing_s"] = {"total": round(time.perf_counter() - started, 1)}
    return Evaluation(scores.rows, scores.left_out, document, scores.worst)


def _score(
    segmenter: Segmenter,
    data: DataSet,
    cases: Sequence[Case],
    mode: PromptMode,
    seed: int,
    conditions: Sequence[Condition] | None,
    advance: Callable[[], object],
) -> Scores:
    groups = subjects(data, cases, segmenter.lung_finder.find, seed)
    return score(segmenter, groups, mode=mode, seed=seed, conditions=conditions, advance=advance)


def _calibration(scores: Scores, source: str) -> dict[str, Any] | None:
    if not scores.histograms:
        return None
    histograms, shares = zip(*scores.histograms, strict=True)
    return calibration_json(histograms, shares, fit_calibration(histograms, shares, source))


def _warnings(scores: Scores, document: dict[str, Any]) -> list[str]:
    counts = document["cases"]
    warnings = []
    if document["data"]["uncertain"]:
        warnings.append(
            f"{document['data']['uncertain']} cases are left out: their masks may be another film's, as the "
            "column read_by says"
        )
    if document["readings"] is not None and not document["readings"]["same_data"]:
        warnings.append("the readers' agreement is that of another data set")
    if counts["reports"]["synthesised"]:
        warnings.append(
            f"{counts['reports']['synthesised']} of {counts['positives'] + counts['negatives']} reports were "
            "written from the expert's mask: how well real reports are followed is not measured by them"
        )
    if counts["denied_beside_a_mask"]:
        warnings.append(
            f"{counts['denied_beside_a_mask']} reports deny a pneumothorax that the expert drew: their masks "
            "are empty, as in use"
        )
    if scores.cut:
        warnings.append(f"{scores.cut} reports are longer than the language model reads: their end was cut")
    if scores.left_out:
        warnings.append(f"{len(scores.left_out)} cases cannot be read and were left out")
    if document["model"]["text_encoder"] is None:
        warnings.append("this network reads no reports: a report that denies still empties its mask")
    return warnings
