"""How well `ptx compare` tells a mirrored film: the figures of docs/compare.md.

    python benchmarks/mirrored_films.py DATA WORK

Pairs of neighbouring exams of DATA (its `cxr`, with pairs.csv) whose films an expert read, of one patient
twelve at most, are taken as they are, and with the follow-up and its hemithoraces mirrored. WORK is that of
registration_recipes.py.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from registration_recipes import real_exam

from ptx_followup.data.pairs import at_most, read_pairs
from ptx_followup.followup.handedness import MIRRORED_BELOW, asymmetry_correlation


def main(data: Path, work: Path) -> None:
    """Print shares by threshold, and the pairs that are refused wrongly."""
    kept = work / "hemithoraces"
    kept.mkdir(parents=True, exist_ok=True)
    listed = read_pairs(data / "cxr" / "pairs.csv")
    pairs = at_most(pair for pair in listed if pair.gap == 1 and pair.for_figures)
    found: list[tuple[float, float]] = []
    for pair in pairs:
        prior, followup = (real_exam(data / "cxr", name, kept) for name in (pair.prior, pair.followup))
        turned = replace(followup.radiograph, pixels=followup.radiograph.pixels[:, ::-1])
        as_it_is, mirrored = (
            asymmetry_correlation((prior.radiograph, prior.lungs), other)
            for other in ((followup.radiograph, followup.lungs), (turned, followup.lungs[:, ::-1]))
        )
        if as_it_is is None or mirrored is None:
            continue
        found.append((as_it_is, mirrored))
        if as_it_is < MIRRORED_BELOW:
            print(f"refused as it is: {pair.prior} {pair.followup} {as_it_is:.2f}")
    correlations = np.array(found)
    print(f"{len(found)} pairs\n")
    print("| threshold | refused as they are | refused with one film mirrored |\n|---|---|---|")
    for threshold in (-0.3, -0.4, -0.5, MIRRORED_BELOW, -0.7):
        wrong, right = (correlations < threshold).sum(axis=0)
        print(f"| {threshold} | {wrong} | {right} ({right / len(found):.0%}) |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
