"""What a cohort left: its tables, without what differs between two runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Table = list[dict[str, str]]


def table(path: Path) -> Table:
    """A CSV table, without what differs between two runs."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: value for name, value in row.items() if not name.startswith("timing")} for row in rows]


def run_document(out: Path) -> dict[str, Any]:
    """The content of ptx-run.json."""
    document: dict[str, Any] = json.loads((out / "ptx-run.json").read_text(encoding="utf-8"))
    return document
