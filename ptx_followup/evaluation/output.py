"""The output folder of an evaluation: tables, JSON, figures, and one page that holds everything."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from ptx_followup.evaluation import plots
from ptx_followup.evaluation.tables import CSV, PARQUET, write_tables
from ptx_followup.files.output_folder import staged

if TYPE_CHECKING:
    from ptx_followup.data.dataset import DataSet
    from ptx_followup.evaluation.run import Evaluation

RESULT, PAGE, CALIBRATION = "result.json", "summary.html", "calibration.json"
#: Figures, in the order of the page: file and what it shows.
FIGURES = {
    "dice_by_size.png": "Dice by the size of the expert's mask; orange: mean of each tercile",
    "conditions.png": "Mean Dice in each text condition",
    "bland_altman.png": "Area of the model's mask against the expert's (Bland-Altman)",
    "reliability.png": "Reliability of the probabilities, pixels given 1 % or more",
    "worst_cases.png": "Lowest Dice under the own report; blue: expert, yellow: model",
}
#: Every file that an evaluation may leave, the one that says it is complete first.
FILES = (RESULT, PAGE, CALIBRATION, CSV, PARQUET, *FIGURES)


def write_evaluation(evaluation: Evaluation, out: Path) -> dict[str, Any]:
    """Write all files of an evaluation into an existing folder, all or none.

    Returns:
        The content of result.json: the evaluation's document with "left_out" and "outputs".

    Raises:
        UsageError: They cannot be written.
    """
    figures = draw(evaluation)
    calibration = evaluation.document["calibration"]
    names = {"result": RESULT, "page": PAGE, "cases_csv": CSV, "cases_parquet": PARQUET}
    names |= {Path(name).stem: name for name in figures}
    if calibration is not None:
        names["calibration"] = CALIBRATION
    document = evaluation.document | {
        "left_out": [vars(one) for one in evaluation.left_out],
        "outputs": names,
    }
    with staged(out, FILES) as folder:
        write_tables(evaluation.rows, folder)
        for name, content in figures.items():
            (folder / name).write_bytes(content)
        if calibration is not None:
            _write_json(folder / CALIBRATION, calibration["fitted"])
        (folder / PAGE).write_text(page(document, figures), encoding="utf-8")
        _write_json(folder / RESULT, document)
    return document


def without_identity(evaluation: Evaluation, data_set: DataSet) -> Evaluation:
    """An evaluation that was run in `deidentifying`, as it may be written: see `data.anonymous`.

    Cases have the numbers that they have in the other de-identified outputs of this data set. Age, sex and
    source are left out of the table; groups by age and sex stay.
    """
    from ptx_followup.data.anonymous import case_names, patient_names

    names = case_names(data_set)
    known = {**names, **patient_names(data_set)}  # a case without a patient stands for one
    rows = [
        replace(row, id=names[row.id], patient=known[row.patient], age=None, sex=None, source=None)
        for row in evaluation.rows
    ]
    left_out = [replace(one, id=names[one.id], message="cannot be read") for one in evaluation.left_out]
    document = evaluation.document | {
        "strata": {name: one for name, one in evaluation.document["strata"].items() if name != "source"}
    }
    if document["comparison"] is not None:
        document["comparison"] = document["comparison"] | {"against": "another evaluation"}
    if document["readings"] is not None:
        document["readings"] = document["readings"] | {
            "data": document["readings"]["data"] | {"name": "readings"}
        }
    return replace(evaluation, rows=rows, left_out=left_out, document=document)


def draw(evaluation: Evaluation) -> dict[str, bytes]:
    """The figures that there are cases for, as PNG by file name."""
    document = evaluation.document
    matching = [row for row in evaluation.rows if row.positive and row.condition == "matching"]
    drawn: dict[str, bytes] = {}
    if matching:
        drawn["dice_by_size.png"] = plots.dice_by_size(matching, document["strata"].get("size", {}))
        drawn["conditions.png"] = plots.conditions(document["conditions"])
        drawn["bland_altman.png"] = plots.bland_altman(matching, document["area"])
    if document["calibration"] is not None and document["calibration"]["reliability"]:
        drawn["reliability.png"] = plots.reliability(document["calibration"])
    sheet = evaluation.worst.contact_sheet()
    if sheet is not None:
        drawn["worst_cases.png"] = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1].tobytes()
    return {name: drawn[name] for name in FIGURES if name in drawn}


def page(document: Mapping[str, Any], figures: Mapping[str, bytes]) -> str:
    """One HTML page that needs no other file and loads nothing."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ptx_followup.evaluation", "."), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"estimate": estimate, "percent": percent, "number": _number}
    pictures = [(FIGURES[name], base64.b64encode(content).decode()) for name, content in figures.items()]
    return environment.get_template("summary.html").render(pictures=pictures, **document)


def estimate(value: Mapping[str, Any] | None, digits: int = 3, scale: float = 1) -> str:
    """A figure with its interval: "0.412 (0.370 to 0.455)"; a dash where it is not defined."""
    if value is None or value["value"] is None:
        return "–"
    text = f"{scale * value['value']:.{digits}f}"
    if value["low"] is None:
        return text
    return f"{text} ({scale * value['low']:.{digits}f} to {scale * value['high']:.{digits}f})"


def percent(value: Mapping[str, Any] | None) -> str:
    """A share as a percentage with its interval, without the sign."""
    return estimate(value, 1, 100)


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
