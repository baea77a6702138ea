"""How often a film, or its negative, is taken for a negative.

    python benchmarks/polarity.py FOLDER            # each film as it is
    python benchmarks/polarity.py FOLDER --negative # the negative of each
    python benchmarks/polarity.py FOLDER --every 24 # every 24th film
    python benchmarks/polarity.py FOLDER --record FILE # goes on where an earlier run with FILE stopped

FOLDER holds radiographs that are right as they are. A film takes about a quarter of a second on one core.
FILE has a line for each: its outcome, how much brighter the mediastinum is than lungs and border, its path.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.anatomy.polarity import mediastinal_contrast
from ptx_followup.errors import PtxError
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.segmentation.chest import DOUBTFUL, find_chest


def main() -> None:
    parser = argparse.ArgumentParser(description="How often a film is taken for a negative.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--negative", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    folder, finder = arguments.folder, LungFinder()
    outcomes = {} if arguments.record is None else _recorded(arguments.record)
    for path in sorted(one for one in folder.rglob("*") if one.is_file())[:: arguments.every]:
        name = str(path.relative_to(folder))
        if name in outcomes:
            continue
        film = read_radiograph(path)
        if arguments.negative:
            film = replace(film, pixels=np.asarray(1 - film.pixels, np.float32))
        outcomes[name], seen = _outcome(film, finder)
        if arguments.record is not None:
            with arguments.record.open("a", encoding="utf-8") as record:
                record.write(f"{outcomes[name]}\t{seen}\t{name}\n")
    found = Counter(outcomes.values())
    for outcome, count in found.most_common():
        print(f"{outcome}: {count} of {found.total()} ({count / found.total():.2%})")


def _recorded(record: Path) -> dict[str, str]:
    """Outcomes of the films of an earlier run, by their path."""
    if not record.exists():
        return {}
    lines = (line.split("\t") for line in record.read_text(encoding="utf-8").splitlines())
    return {name: outcome for outcome, _, name in lines}


def _outcome(film: Radiograph, finder: LungFinder) -> tuple[str, str]:
    """What became of the film, and its contrast as it was given."""
    try:
        seen, anatomy = find_chest(film, finder)
    except PtxError as error:
        return f"refused ({error.exit_code.name})", "-"
    contrast = mediastinal_contrast(film.pixels, anatomy.hemithoraces)
    told = "-" if contrast is None else f"{contrast.over_lungs:+.3f} {contrast.over_border:+.3f}"
    if seen.inverted:
        return "turned", told
    return ("warned" if DOUBTFUL in seen.warnings else "as it is"), told


if __name__ == "__main__":
    main()
