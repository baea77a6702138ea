"""Give hostile inputs to every reader, by hand: `python tests/fuzz/run_fuzz.py --cases 50000`.

Every case is numbered; `--only radiograph:17` runs one again, `--only radiograph` one kind. Inputs that end
as they should not are kept in the folder of `--finds`.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fuzz_targets import TARGETS, case, run

from ptx_followup.files import contained


def main() -> int:
    arguments = _arguments()
    os.environ["PTX_HOME"] = os.environ["HF_HUB_OFFLINE"] = "1"
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        for target in TARGETS:
            numbers = range(round(arguments.cases * target.share))
            name, _, number = arguments.only.partition(":")
            if name not in ("", target.name):
                continue
            if number:
                numbers = range(int(number), int(number) + 1)
            ended: Counter[str] = Counter()
            began, slowest = time.monotonic(), (0.0, 0)
            for number in numbers:
                content = case(target, arguments.seed, number, Path(folder))
                start = time.monotonic()
                outcome = run(target, content, Path(folder))
                slowest = max(slowest, (time.monotonic() - start, number))
                ended[outcome.ended] += 1
                if outcome.problem is not None:
                    found += 1
                    print(f"{target.name}:{number}: {outcome.problem[:300]}", flush=True)
                    _keep(arguments.finds, f"{target.name}-{arguments.seed}-{number}", content)
            print(
                f"{target.name}: {len(numbers)} cases in {time.monotonic() - began:.0f} s, slowest "
                f"{slowest[0]:.1f} s ({target.name}:{slowest[1]}), {dict(ended)}",
                flush=True,
            )
    contained._state.child_in_service("ptx_followup.radiograph.read").end()  # what has ended is counted
    kilobytes = [
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(f"most memory: {kilobytes[0] // 1000} MB, of the reading process {kilobytes[1] // 1000} MB")
    return min(found, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="TARGET, or TARGET:NUMBER")
    parser.add_argument("--finds", type=Path, default=Path("fuzz-finds"))
    return parser.parse_args()


def _keep(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
