"""How fast `ptx batch` is: against a shell loop over `ptx compare`, and against the clock for a plan.

    python benchmarks/cohort.py make FOLDER --pairs 1000
    python benchmarks/cohort.py loop FOLDER --sample 30 --checkout PATH_OF_AN_OLDER_CHECKOUT
    python benchmarks/cohort.py batch FOLDER
    python benchmarks/cohort.py plan FOLDER --cases 10000

`make` draws some phantom pairs of 1024 x 1024 pixels once and links them as often as needed. `loop` and
`batch` print pairs a minute, processor seconds a pair and the share of the cores that was in use, by all
processes that were started: those that read files, too, which outlive their parents. `batch` also prints how
many times the pairs a minute of the last `loop` in the folder these are, and the memory of all its processes
from the 20th pair to the last. On a machine that others use too, compare the processor seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import orphans

DISTINCT = 8
#: By so many pairs memory has reached what the rest needs.
SETTLED = 20
FIRST_DAY = datetime(2026, 3, 2, 9, 14)  # noqa: DTZ001 - DICOM times are local


def make(folder: Path, pairs: int) -> None:
    """Draw the distinct pairs where they are missing, and link them into as many cases as asked for."""
    drawn = folder / "drawn"
    drawn.mkdir(parents=True, exist_ok=True)
    for number in range(DISTINCT):
        if not (drawn / f"{number}-followup.txt").exists():
            _draw(drawn, number)
    exams = folder / "exams"
    exams.mkdir(exist_ok=True)
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["case_id", "prior", "followup"])
        for case in range(pairs):
            name = f"pair-{case:05}"
            for exam in ("prior", "followup"):
                for ending in ("dcm", "txt"):
                    link = exams / f"{name}-{exam}.{ending}"
                    if not link.exists():
                        os.link(drawn / f"{case % DISTINCT}-{exam}.{ending}", link)
            table.writerow([name, f"exams/{name}-prior.dcm", f"exams/{name}-followup.dcm"])


def _draw(folder: Path, number: int) -> None:
    from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, Pose, render, report, write_dicom

    patient = PhantomPatient(
        seed=900 + number, sex="F" if number % 2 else "M", habitus=0.2 * (number % 3 - 1)
    )
    side = "left" if number % 2 else "right"
    sizes = (8 + 4 * number, 30 - 3 * number)
    poses = (Pose(rotation_deg=-1), Pose(rotation_deg=2, scale=0.97, shift_mm=(6, -5), breath=0.93))
    films = [
        render(patient, pose, [PhantomPneumothorax(side, ("apical", "lateral"), size)], seed=number + place)
        for place, (pose, size) in enumerate(zip(poses, sizes, strict=True))
    ]
    for place, (name, film) in enumerate(zip(("prior", "followup"), films, strict=True)):
        write_dicom(film, folder / f"{number}-{name}.dcm", acquired_at=FIRST_DAY + timedelta(days=2 * place))
        text = report(film, films[0]) if place else report(film)
        (folder / f"{number}-{name}.txt").write_text(text, encoding="utf-8")


def loop(folder: Path, sample: int, checkout: Path) -> None:
    """One `ptx compare` after another, as a shell would call them."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:sample]
    out = folder / "loop"
    shutil.rmtree(out, ignore_errors=True)
    began, used = time.monotonic(), _processor_s()
    for row in rows:
        command = ["compare", folder / row["prior"], folder / row["followup"], "--out", out / row["case_id"]]
        _ptx(command, environment)
    rate = _say(len(rows), began, used)
    _loop_rate(folder).write_text(json.dumps(rate), encoding="utf-8")


def batch(folder: Path, workers: int | None) -> None:
    """All pairs of the manifest at once, anew."""
    out = folder / "batch"
    shutil.rmtree(out, ignore_errors=True)
    memory: list[tuple[int, int]] = []
    over = threading.Event()
    threading.Thread(target=_watch, args=(out / "cases", memory, over), daemon=True).start()
    began, used = time.monotonic(), _processor_s()
    command = ["batch", folder / "manifest.csv", "--out", out]
    _ptx([*command, *(["--workers", workers] if workers else [])], dict(os.environ))
    over.set()
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = len(list(csv.DictReader(file)))
    rate = _say(rows, began, used)
    if _loop_rate(folder).exists():
        before = json.loads(_loop_rate(folder).read_text(encoding="utf-8"))
        print(f"{rate / before:.1f} times the {before:.1f} pairs a minute of the loop")
    later = [size for done, size in memory if SETTLED <= done < rows]
    tenth = max(1, len(later) // 10)
    if later:
        print(
            f"memory of all processes, on average: {sum(later[:tenth]) / tenth / 1e9:.3f} GB from the "
            f"{SETTLED}th pair, {sum(later[-tenth:]) / tenth / 1e9:.3f} GB before the last; "
            f"{max(size for _, size in memory) / 1e9:.3f} GB at most"
        )


def plan(folder: Path, cases: int) -> None:
    """A plan of so many cases, from a table and from a tree."""
    make(folder, cases)
    out = folder / "plan"
    for source in ([folder / "manifest.csv"], ["--studies", folder / "exams"]):
        shutil.rmtree(out, ignore_errors=True)
        began = time.monotonic()
        _ptx(["batch", *source, "--out", out, "--dry-run"], dict(os.environ))
        print(f"{source[0]}: {time.monotonic() - began:.1f} s")


def _ptx(command: list[object], environment: dict[str, str]) -> None:
    code = "from ptx_followup.cli.app import main; main()"
    words = [sys.executable, "-P", "-c", code, *map(str, command)]
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _loop_rate(folder: Path) -> Path:
    """Where `loop` leaves its pairs a minute for `batch`."""
    return folder / "loop-rate.json"


def _say(pairs: int, began: float, used: float) -> float:
    """Print what so many pairs took, and give the pairs a minute."""
    seconds = time.monotonic() - began
    orphans.await_all()
    processor = _processor_s() - used
    print(
        f"{pairs} pairs in {seconds:.0f} s: {60 * pairs / seconds:.1f} a minute, "
        f"{processor / pairs:.2f} processor seconds a pair, "
        f"{100 * processor / seconds / len(os.sched_getaffinity(0)):.0f} % of the cores"
    )
    return 60 * pairs / seconds


def _watch(cases: Path, memory: list[tuple[int, int]], over: threading.Event) -> None:
    """How many cases are done, and proportional memory of all processes below this one, once a second."""
    import psutil

    while not over.wait(1):
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        memory.append((len(os.listdir(cases)) if cases.exists() else 0, total))


def main() -> None:
    """Run what the command line says."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("what", choices=["make", "loop", "batch", "plan"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--checkout", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--workers", type=int)
    parser.add_argument("--cases", type=int, default=10_000)
    asked = parser.parse_args()
    folder = asked.folder.absolute()
    orphans.adopt()
    if asked.what == "make":
        make(folder, asked.pairs)
    elif asked.what == "loop":
        loop(folder, asked.sample, asked.checkout.absolute())
    elif asked.what == "batch":
        batch(folder, asked.workers)
    else:
        plan(folder, asked.cases)


if __name__ == "__main__":
    main()
