"""Time and memory of whole commands, of this tree against another commit, in one run of the machine.

    git worktree add --detach ../before COMMIT
    python benchmarks/startup.py ../before [--runs 7] [--commands compare segment report help]

Both trees run in turn, each command in a fresh process with a warm disk and an empty text cache. Printed, of
each command: the medians of wall time, of processor time (of the command and of its reading process) and of
peak resident memory, and the ratios of this tree to the other. On a machine that others use too, the ratio of
processor times says more.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[1]
EXAMPLES = HERE / "examples"
PRIOR, FOLLOWUP, REPORT = (str(EXAMPLES / name) for name in ("prior.dcm", "followup.dcm", "prior.txt"))
COMMANDS = {
    "compare": ["compare", PRIOR, FOLLOWUP],
    "segment": ["segment", PRIOR, "--report", REPORT],
    "report": ["report", REPORT],
    "help": ["--help"],
}
PROGRAM = "from ptx_followup.cli.app import main; main()"
Figures = tuple[float, float, float]


def measure(tree: Path, command: list[str]) -> Figures:
    """Wall seconds, processor seconds and peak MB of one command in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", f"{folder}/out"] if command[0] in ("compare", "segment") else []
        environment = {**os.environ, "PYTHONPATH": str(tree), "PTX_HOME": f"{folder}/home"}
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM, *command, *out],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            raise SystemExit(f"{tree.name}: ptx {command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, used.ru_utime + used.ru_stime, megabytes(used)


def megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024


def medians(runs: list[Figures]) -> list[float]:
    return [statistics.median(values) for values in zip(*runs, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    options = parser.parse_args()
    trees = {"before": options.before.resolve(), "here": HERE}
    print("command              wall s   processor s   peak MB")
    for name in options.commands:
        runs: dict[str, list[Figures]] = {tree: [] for tree in trees}
        for _ in range(options.runs):
            for tree, path in trees.items():
                runs[tree].append(measure(path, COMMANDS[name]))
        before, here = medians(runs["before"]), medians(runs["here"])
        ratios = [one / other for one, other in zip(here, before, strict=True)]
        for label, (wall, processor, peak) in (("before", before), ("here", here)):
            print(f"{name:10} {label:8} {wall:7.2f} {processor:13.2f} {peak:9.0f}")
        print(f"{name:10} ratio    {ratios[0]:7.2f} {ratios[1]:13.2f} {ratios[2]:9.2f}", flush=True)


if __name__ == "__main__":
    main()
