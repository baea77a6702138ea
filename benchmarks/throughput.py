"""Pairs a minute through one process, how busy it keeps the processors, and whether memory grows.

    python benchmarks/throughput.py [--pairs 100] [--workers 2]

Phantom pairs, all different, are made first; then each is compared and its results are written, as
`ptx compare` does. Printed as JSON: pairs a minute of wall time and of processor time, the share of the
processors that was used, and resident memory after a fifth of the pairs and at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from ptx_followup.ahead import in_order
from ptx_followup.errors import PtxError
from ptx_followup.followup.compare import compare
from ptx_followup.phantom.dicom import write_dicom
from ptx_followup.phantom.patient import PhantomPatient, PhantomPneumothorax, Pose
from ptx_followup.phantom.render import render
from ptx_followup.phantom.wording import report
from ptx_followup.results.comparison import write_comparison_results
from ptx_followup.segmentation.segmenter import Segmenter

FIRST_EXAM = datetime(2026, 3, 2, 9, 14)  # noqa: DTZ001 - DICOM times are local


def make_pair(folder: Path) -> None:
    """A pair of its own patient, as in `examples/`."""
    number = int(folder.name)
    patient = PhantomPatient(seed=number, sex="MF"[number % 2])
    side = ("right", "left")[number % 2]
    poses = Pose(rotation_deg=-1.0), Pose(rotation_deg=2.0, scale=0.98, shift_mm=(5, -4), exposure=-0.3)
    depths = (20 + number % 12, 8 + number % 7)
    exams = [
        render(patient, pose, [PhantomPneumothorax(side, ("apical", "lateral"), depth)], seed=seed)
        for seed, (pose, depth) in enumerate(zip(poses, depths, strict=True))
    ]
    folder.mkdir()
    for name, exam, days in (("prior", exams[0], 0), ("followup", exams[1], 2)):
        write_dicom(exam, folder / f"{name}.dcm", acquired_at=FIRST_EXAM + timedelta(days=days))
    (folder / "prior.txt").write_text(report(exams[0]), encoding="utf-8")


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor_s() -> float:
    """Of this process and its reading process, which is asked through /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            fields = Path(f"/proc/{child}/stat").read_text("ascii").rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary) / str(number) for number in range(options.pairs)]
        with ProcessPoolExecutor() as makers:
            list(makers.map(make_pair, folders))
        segmenter = Segmenter(device="cpu")

        def follow_up(folder: Path) -> bool:
            text = (folder / "prior.txt").read_text(encoding="utf-8")
            try:
                result = compare(
                    folder / "prior.dcm", folder / "followup.dcm", report=text, segmenter=segmenter
                )
            except PtxError:
                return False
            (folder / "out").mkdir()
            write_comparison_results(result, folder / "out")
            return True

        started, used = time.perf_counter(), processor_s()
        done, early = [], 0.0
        for outcome in in_order(follow_up, folders, options.workers):
            done.append(outcome)
            if len(done) == max(1, options.pairs // 5):
                early = resident_mb()
        wall, processor = time.perf_counter() - started, processor_s() - used
    cores = len(os.sched_getaffinity(0))
    figures = {
        "pairs": len(done),
        "refused": done.count(False),
        "pairs_per_minute": 60 * len(done) / wall,
        "processor_s_per_pair": processor / len(done),
        "processors": cores,
        "busy": processor / (wall * cores),
        "resident_mb_after_a_fifth": early,
        "resident_mb_at_the_end": resident_mb(),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
