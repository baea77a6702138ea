"""The page of a cohort: one file that asks nothing of a network, for ten thousand cases."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np

from ptx_followup.ahead import in_order, usable_cores
from ptx_followup.cohort.manifest import CASE_ID
from ptx_followup.cohort.roll import DAYS, PATIENT
from ptx_followup.followup.wording import direction_in_words
from ptx_followup.results.doubt import doubt_of, doubtful_first
from ptx_followup.results.names import PANEL
from ptx_followup.results.row import Cell, Row

#: Of so many results, the most doubtful ones, the page has a small picture of the panel.
PICTURES = 200
_PICTURE_COLUMNS, _JPEG_QUALITY = 260, 60
#: The cells of a row on the page, in the order that summary.js expects.
_SHOWN = (
    "change_verdict",
    "change_side",
    "change_prior",
    "change_followup",
    "change_difference",
    "change_interval95_low",
    "change_interval95_high",
    "belonging_interval_days",
)


def page(root: Path, rows: Sequence[Row], failures: Sequence[Row], document: Mapping[str, Any]) -> str:
    """Write the page as HTML.

    Args:
        root: Folder of the cohort, for the pictures.
        rows: Of the results; see `tables.result_rows`.
        failures: Of the cases that failed.
        document: Of ptx-run.json.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    ordered = doubtful_first(rows, lambda row: row)
    shown = [root / _panel(row) for row in ordered[:PICTURES]]
    data = {
        "rows": [_failed(row) for row in failures] + [_shown(row) for row in ordered],
        "pictures": list(in_order(_picture, shown, usable_cores())),
        "failures": len(failures),
    }
    script = resources.files("ptx_followup.cohort").joinpath("summary.js").read_text(encoding="utf-8")
    style = resources.files("ptx_followup.cohort").joinpath("summary.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("ptx_followup.cohort", "."), autoescape=select_autoescape(default=True)
    )
    return environment.get_template("summary.html").render(
        document=document,
        counts=document["counts"],
        verdicts=_verdicts(rows),
        pictures=min(len(ordered), PICTURES),
        # No character that could end the element that the data stand in.
        data=json.dumps(data, ensure_ascii=True).replace("<", "\\u003c"),
        script=script,
        style=style,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _shown(row: Row) -> list[Any]:
    doubt = doubt_of(row)
    course = [row.get(name) for name in (PATIENT, *DAYS)]
    return [
        row[CASE_ID],
        *(row.get(name) for name in _SHOWN),
        round(doubt.quality, 3),
        doubt.points,
        "; ".join(doubt.reasons),
        quote(_panel(row)),
        str(course[0] or ""),
        *(_number(day) for day in course[1:]),
        _in_words(row),
    ]


def _in_words(row: Row) -> str:
    """The verdict with its probability, as the sentence of the result has it."""
    chances = [_number(row.get(f"change_probability_{name}")) for name in ("decrease", "increase")]
    verdict = str(row.get("change_verdict") or "")
    leaning = bool(row.get("change_leaning"))
    return direction_in_words(verdict, chances[0], chances[1], leaning=leaning) if any(chances) else verdict


def _failed(row: Row) -> list[Any]:
    """A failure as a row: nothing is known but the reason."""
    unknown = [None] * (len(_SHOWN) - 1)
    return [
        row[CASE_ID],
        "failed",
        *unknown,
        None,
        None,
        f"{row['message']} ({row['code']})",
        "",
        "",
        None,
        None,
        "failed",
    ]


def _panel(row: Row) -> str:
    return f"cases/{row[CASE_ID]}/{PANEL}"


def _number(stated: Cell) -> float | None:
    try:
        return None if stated is None or stated == "" else float(stated)
    except ValueError:
        return None


def _verdicts(rows: Sequence[Row]) -> dict[str, int]:
    """How often each verdict was given, the most frequent first; what is probable for itself."""
    found: dict[str, int] = {}
    for row in rows:
        verdict = str(row.get("change_verdict") or "none")
        if verdict == "indeterminate" and row.get("change_leaning"):
            verdict = f"probably {row['change_leaning']}"
        found[verdict] = found.get(verdict, 0) + 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _picture(panel: Path) -> str:
    """A small picture of a panel as a data URI; "" where there is none."""
    content = np.fromfile(panel, np.uint8) if panel.is_file() else np.empty(0, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_REDUCED_COLOR_4) if content.size else None
    if image is None:
        return ""
    rows = round(image.shape[0] * _PICTURE_COLUMNS / image.shape[1])
    small = cv2.resize(image, (_PICTURE_COLUMNS, rows), interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
