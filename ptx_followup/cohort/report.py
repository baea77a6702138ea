"""What a cohort leaves beside its cases: tables, page and ptx-run.json, which comes last."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from ptx_followup import DISCLAIMER
from ptx_followup.cohort.page import page
from ptx_followup.cohort.roll import RollCall
from ptx_followup.cohort.tables import FAILURE_COLUMNS, as_csv, as_parquet, failure_rows, result_rows
from ptx_followup.errors import UsageError, system_reason
from ptx_followup.files.storage import write_atomically

RESULTS, RESULTS_PARQUET, FAILURES, PAGE = "results.csv", "results.parquet", "failures.csv", "summary.html"
RUN = "ptx-run.json"
#: Whose versions may change a figure.
_PACKAGES = ("torch", "numpy", "SimpleITK", "opencv-python-headless", "pydicom", "transformers")


@dataclass(frozen=True)
class Worked:
    """What a run did.

    Attributes:
        cases: That it worked on.
        seconds: That it took.
        workers: Processes at once; None on a cluster, which may grow and shrink.
    """

    cases: int = 0
    seconds: float = 0.0
    workers: int | None = 0


def write_report(root: Path, roll: RollCall, worked: Worked) -> dict[str, Any]:
    """Write tables, page and ptx-run.json of a cohort, each whole; those of an earlier run are replaced.

    Args:
        root: Folder of the cohort.
        roll: Its cases.
        worked: What the run did.

    Returns:
        The content of ptx-run.json.

    Raises:
        UsageError: They cannot be written.
    """
    rows = result_rows(roll.ended)
    failures = failure_rows(roll.ended)
    document = _document(len(rows), len(failures), roll, worked)
    parquet = as_parquet(rows)
    contents = {
        RESULTS: as_csv(rows).encode(),
        FAILURES: as_csv(failures, FAILURE_COLUMNS).encode(),
        **({} if parquet is None else {RESULTS_PARQUET: parquet}),
    }
    document["outputs"] = {"results": RESULTS, "failures": FAILURES, "page": PAGE, "run": RUN}
    document["outputs"]["results_parquet"] = None if parquet is None else RESULTS_PARQUET
    try:
        (root / RUN).unlink(missing_ok=True)
        for name, content in contents.items():
            _write(root / name, content)
        _write(root / PAGE, page(root, rows, failures, document).encode())
        _write(root / RUN, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise UsageError(
            f"the tables cannot be written to {root} ({system_reason(error)})",
            "free some space, then `ptx batch merge`: the cases are there",
        ) from None
    return document


def _document(done: int, failed: int, roll: RollCall, worked: Worked) -> dict[str, Any]:
    options = roll.terms.options
    rate = 60 * worked.cases / worked.seconds if worked.seconds and worked.cases else None
    return {
        "schema": "ptx-batch/1",
        "disclaimer": DISCLAIMER,
        "version": roll.terms.version,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "model": {"name": options.model, "sha256": roll.terms.model_sha256},
        "options": options.to_json(),
        "source": roll.source,
        "counts": {
            "cases": done + failed + roll.waiting,
            "done": done,
            "failed": failed,
            "waiting": roll.waiting,
            "left_out": len(roll.left_out),
        },
        "left_out": [{"name": name, "reason": reason} for name, reason in roll.left_out],
        "run": {
            "cases": worked.cases,
            "workers": worked.workers,
            "cases_a_minute": None if rate is None else round(rate, 1),
        },
        "timing_s": {"run": round(worked.seconds, 1)},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, lambda file: file.write(content))
