"""Killed at any moment and started again, a cohort is done exactly once."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_work import NAME
from made_cohort import table

from ptx_followup.cohort.run import How, batch

FAKE = How(workers=2, work=NAME)


@pytest.mark.parametrize(("kills", "cases"), [(5, 50), pytest.param(20, 200, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_each_case_done_once(
    make_manifest: Callable[..., Path], tmp_path: Path, kills: int, cases: int
) -> None:
    told = [f"{number - 20.5} 0.05" for number in range(cases)]
    told[17] = "refuse"
    manifest, out = make_manifest(told), tmp_path / "out"
    moments = random.Random(3)
    known: dict[str, int] = {}
    for _ in range(kills):
        if (run := os.fork()) == 0:
            try:
                list(batch(manifest, out, None, FAKE))
            finally:
                os._exit(0)
        least = len(known) + moments.randint(1, 6)
        while len(_done(out)) < least:
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 0.1))
        os.kill(run, signal.SIGKILL)
        os.waitpid(run, 0)
        done = _done(out)
        assert known.items() <= done.items()  # what was done is the very folder still
        known = done
    assert kills <= len(known) < cases
    list(batch(manifest, out, None, FAKE))
    assert known.items() <= _done(out).items()
    list(batch(manifest, tmp_path / "unbroken", None, FAKE))
    for name in ("results.csv", "failures.csv"):
        assert table(out / name) == table(tmp_path / "unbroken" / name)
    assert len(table(out / "results.csv")) == cases - 1
    assert not [path for path in (out / "work").rglob("*") if path.is_file()]


def _done(out: Path) -> dict[str, int]:
    """The folders of cases by name; each must be whole."""
    found = {}
    for folder in (out / "cases").glob("*"):
        assert (folder / "panel.png").read_bytes() == b"whole"
        json.loads((folder / "result.json").read_text(encoding="utf-8"))
        json.loads((folder / "case.json").read_text(encoding="utf-8"))
        found[folder.name] = folder.stat().st_ino
    return found
