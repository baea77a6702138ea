"""Cohorts whose cases cost nothing, see `fake_work`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from made_cohort import HERE


@pytest.fixture(autouse=True)
def workers_find_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker process imports from where this process does."""
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])


@pytest.fixture
def make_manifest(tmp_path: Path) -> Callable[..., Path]:
    """`make_manifest(["1.5", "hang"])`: a manifest of cases whose priors say this; columns may be added."""

    def make(told: Sequence[str], **columns: Sequence[Any]) -> Path:
        exams = tmp_path / "exams"
        exams.mkdir(exist_ok=True)
        rows = []
        for number, words in enumerate(told):
            for name, text in (("prior", words), ("followup", "a follow-up")):
                file = exams / f"{number}-{name}.txt"
                if not file.exists() or file.read_text(encoding="utf-8") != text:
                    file.write_text(text, encoding="utf-8")
            rows.append(
                {
                    "case_id": f"case-{number:03}",
                    "prior": f"exams/{number}-prior.txt",
                    "followup": f"exams/{number}-followup.txt",
                    **{name: values[number] for name, values in columns.items()},
                }
            )
        path = tmp_path / "manifest.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return make
