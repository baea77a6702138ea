"""3,000 hostile inputs, the same ones in every run: each is read, or refused in one line with a listed code.

`run_fuzz.py` does the same with as many as one likes.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest
from fuzz_targets import TARGETS, Target, case, run

from ptx_followup.files import contained
from ptx_followup.files.limits import Limits

CASES = 3000
#: A report of four megabytes takes longest; the reader of radiographs is stopped by its own limit.
LONGEST_SECONDS = Limits().seconds + 5
#: Above what the process had before: inputs are small, and so is what they may cost.
MOST_MEGABYTES = 300
#: The reading process holds SimpleITK's libraries as well, once a volume was read.
MOST_READING_MEGABYTES = 400


#: Cases that once ended as they should not: target, seed and number.
FINDS = (("report", 0, 64), ("report", 0, 2867), ("settings", 1, 661))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_hostile_inputs(target: Target, folder: Path) -> None:
    run(target, target.seeds(folder)[0], folder)  # whatever is imported once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ended = set()
    for number in range(round(CASES * target.share)):
        content = case(target, 0, number, folder)
        start = time.monotonic()
        outcome = run(target, content, folder)
        assert outcome.problem is None, f"{target.name}:{number}"
        assert time.monotonic() - start < LONGEST_SECONDS, f"{target.name}:{number}"
        ended.add(outcome.ended)
    assert ended - {"read"}, "some are refused, else this tests nothing; good inputs are read, see below"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEGABYTES * 1000


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_good_inputs_are_read(target: Target, folder: Path) -> None:
    """What is changed was whole before; of the foreign files, those with colours are refused in the end."""
    outcomes = [run(target, content, folder) for content in target.seeds(folder)]
    assert [outcome.problem for outcome in outcomes if outcome.problem] == []
    assert sum(outcome.ended == "read" for outcome in outcomes) > len(outcomes) // 2


@pytest.mark.parametrize(("name", "seed", "number"), FINDS)
def test_what_was_found_once(folder: Path, name: str, seed: int, number: int) -> None:
    target = next(one for one in TARGETS if one.name == name)
    assert run(target, case(target, seed, number, folder), folder).problem is None


def test_the_reading_process_stays_small(folder: Path) -> None:
    process = contained._state.child_in_service("ptx_followup.radiograph.read")._process.pid
    peak = next(
        int(line.split()[1])
        for line in Path(f"/proc/{process}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    assert peak < MOST_READING_MEGABYTES * 1000
