"""How often a film, or its negative, is taken for a negative.

    python benchmarks/polarity.py FOLDER            # each film as it is
    python benchmarks/polarity.py FOLDER --negative # the negative of each
    python benchmarks/polarity.py FOLDER --every 24 # every 24th film

FOLDER holds radiographs that are right as they are. A film takes about a quarter of a second on one core.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.errors import PtxError
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.segmentation.chest import DOUBTFUL, find_chest


def main() -> None:
    parser = argparse.ArgumentParser(description="How often a film is taken for a negative.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--negative", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    finder, found = LungFinder(), Counter[str]()
    for path in sorted(one for one in arguments.folder.rglob("*") if one.is_file())[:: arguments.every]:
        film = read_radiograph(path)
        if arguments.negative:
            film = replace(film, pixels=np.asarray(1 - film.pixels, np.float32))
        found[_outcome(film, finder)] += 1
    for outcome, count in found.most_common():
        print(f"{outcome}: {count} of {found.total()} ({count / found.total():.2%})")


def _outcome(film: Radiograph, finder: LungFinder) -> str:
    try:
        seen, _ = find_chest(film, finder)
    except PtxError as error:
        return f"refused ({error.exit_code.name})"
    if seen.inverted:
        return "turned"
    return "warned" if DOUBTFUL in seen.warnings else "as it is"


if __name__ == "__main__":
    main()
