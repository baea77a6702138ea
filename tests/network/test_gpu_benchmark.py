"""The measurement of a GPU runs at toy size on a CPU, so that it is there when a GPU is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ptx_followup.files.storage import names_on_board

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def test_it_runs_on_a_cpu_at_toy_size() -> None:
    toy = ["--size", "64", "--batch", "1", "--layers", "1"]
    command = [sys.executable, str(PROGRAM), "--device", "cpu", *toy]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    document = json.loads(ran.stdout)
    assert document["machine"] == "CPU"
    assert set(document["parity"]) == {*names_on_board(), "contextual-net"}
    for row in document["parity"].values():
        assert row["float32"] == 0  # the same arithmetic on the same device
        assert row["float32_within_0.001"]
        assert row["bf16"] > 0
    assert set(document["forward"]) == {"naive", "ours"}
    assert all(figures["images_per_s"] > 0 for figures in document["training"].values())
    assert list(document["batches"]) == ["1", "2"]
