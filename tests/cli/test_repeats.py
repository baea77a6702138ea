"""The same command gives the same result, whatever ran before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAM = "from ptx_followup.cli.app import main; main()"


def result_of(folder: Path) -> tuple[str, dict[str, bytes]]:
    """result.json of a comparison in a process of its own, without times, and the pictures."""
    out = folder / "out"
    films = EXAMPLES / "prior.dcm", EXAMPLES / "followup.dcm"
    subprocess.run(
        [sys.executable, "-c", PROGRAM, "compare", *films, "--out", out, "--device", "cpu", "--quiet"],
        env={**os.environ, "PTX_HOME": str(folder / "home")},  # no cache of texts
        capture_output=True,
        check=True,
    )
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return json.dumps(without_times(document)), {one.name: one.read_bytes() for one in out.glob("*.png")}


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key != "timing_s"}
    return value


def test_a_second_process_writes_the_same_figures_and_pictures(tmp_path: Path) -> None:
    first, second = (result_of(tmp_path / name) for name in ("first", "second"))
    assert first[0] == second[0]
    assert len(first[1]) == 4
    assert first[1] == second[1]
