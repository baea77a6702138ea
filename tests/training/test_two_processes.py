"""Two processes under torchrun train like one with the doubled batch."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("two_processes.py")


def run(out: Path, processes: int, batch_size: int, accumulate: int) -> dict[str, Any]:
    out.mkdir()
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [sys.executable, *(launcher if processes > 1 else []), str(SCRIPT), str(out)]
    subprocess.run(
        [*command, str(batch_size), str(accumulate)],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=280,
    )
    result: dict[str, Any] = json.loads((out / "result.json").read_text())
    assert result["processes"] == processes
    return result


@pytest.mark.slow
def test_two_processes_give_the_metrics_of_one_with_the_doubled_batch(tmp_path: Path) -> None:
    two = run(tmp_path / "two", processes=2, batch_size=4, accumulate=1)
    # One process that takes the same batches one after the other: the same but for rounding.
    summed = run(tmp_path / "summed", processes=1, batch_size=4, accumulate=2)
    np.testing.assert_allclose(two["losses"], summed["losses"], rtol=1e-4)
    # One process with batches twice as large: batch normalisation sees eight images instead of four, as it
    # is not synchronised between processes on the CPU. The first step differs by that alone.
    doubled = run(tmp_path / "doubled", processes=1, batch_size=8, accumulate=1)
    np.testing.assert_allclose(two["losses"], doubled["losses"], rtol=0.05)
    assert two["dice"] == pytest.approx(doubled["dice"], abs=0.05)
