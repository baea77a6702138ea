"""What `ptx compare` makes of real pairs with expert masks on both sides, and the error that follows from it.

    python benchmarks/change_on_pairs.py measure DATA measured.csv
    python benchmarks/change_on_pairs.py judge measured.csv
    python benchmarks/change_on_pairs.py store measured.csv

`measure` takes the validation pairs of DATA (the folder of docs/real-data.md; its `cxr`, with pairs.csv)
whose films an expert read, of each patient twelve at most, writes a report from the prior's expert mask in
phrasings that training never used, and measures both exams as `ptx compare` does. It takes minutes on an
idle machine; what it has measured already, it goes on from. `judge` prints the tables of docs/compare.md,
with 95 % intervals over resampled patients. `store` writes the fitted error into the configuration of the
model, which must be the one that was measured.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from change_tables import Row, judge_all, pairs_of, read_table, source_of
from numpy.typing import NDArray
from ptx_followup.training.measurement_error import fit_error

from ptx_followup.anatomy.hemithoraces import Anatomy
from ptx_followup.anatomy.quality import UNUSABLE_BELOW
from ptx_followup.data.pairs import MOST_PAIRS, FilmPair, at_most, read_pairs
from ptx_followup.measurement.sizes import measure
from ptx_followup.network.checkpoint import find_model, load_config, store_config
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.registration.register import register
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import shared_prompt
from ptx_followup.report.synthesis import describe, synthesise
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import SIDES

Mask = NDArray[np.bool_]


class Films:
    """Radiographs, expert masks, hemithoraces and what the network says of them, each made once."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self.folder = folder
        self.segmenter = segmenter
        self.radiograph: Callable[[str], Radiograph] = cache(self._radiograph)
        self.anatomy: Callable[[str], Anatomy] = cache(self._anatomy)
        self.mask: Callable[[str, str], Mask] = cache(self._mask)
        self.naive_px: Callable[[str], int] = cache(self._naive_px)

    def _radiograph(self, name: str) -> Radiograph:
        return read_radiograph(self.folder / "images" / f"{name}.jpg")

    def _anatomy(self, name: str) -> Anatomy:
        return self.segmenter.lung_finder.find_anatomy(self.radiograph(name).pixels)

    def expert(self, name: str) -> Mask:
        """The expert's mask; empty for a film without."""
        file = self.folder / "masks" / f"{name}.png"
        if not file.exists():
            return np.zeros(self.radiograph(name).pixels.shape, bool)
        return np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) > 0)

    def _mask(self, name: str, sentence: str) -> Mask:
        """Under a sentence."""
        (probability,) = self.segmenter.probabilities([self.radiograph(name).pixels], [sentence])
        return self.segmenter.binary(probability, self.anatomy(name).hemithoraces)

    def _naive_px(self, name: str) -> int:
        probability = self.segmenter.probabilities([self.radiograph(name).pixels], [""])[0]
        return int(np.count_nonzero(self.segmenter.binary(probability)))

    def percent(self, name: str, mask: Mask) -> dict[str, float]:
        """Percent of the hemithorax of each side; NaN where a hemithorax was not found."""
        found = measure(mask, self.anatomy(name).hemithoraces, None).hemithorax_percent
        return {side: float("nan") if found is None else found.of(side) for side in SIDES}


def measure_pair(films: Films, pair: FilmPair) -> Row:
    """Measure one row of pairs.csv."""
    names = pair.prior, pair.followup
    seed = [int(name.replace("_", "")) for name in names]
    described = describe(films.expert(names[0]), films.anatomy(names[0]).hemithoraces)
    report = understand(synthesise(described, np.random.default_rng(seed), phrasing="validation"))
    sentence = shared_prompt([report])
    empty = np.zeros(films.radiograph(names[0]).pixels.shape, bool)
    masks = (
        empty if report.present is False else films.mask(names[0], sentence),
        films.mask(names[1], sentence),
    )
    sizes = [
        [films.percent(name, mask) for name, mask in zip(names, drawn, strict=True)]
        for drawn in (masks, [films.expert(name) for name in names])
    ]
    side = max(SIDES, key=lambda one: (report.side in (one, "bilateral"), sizes[0][0][one], sizes[0][1][one]))
    percent, expert = ((exam[0][side], exam[1][side]) for exam in sizes)
    naive = [films.naive_px(name) for name in names]
    expert_px = [int(np.count_nonzero(films.expert(name))) for name in names]
    return Row(
        films.segmenter.identity.sha256,
        pair.patient,
        *names,
        "-".join(pair.views),
        pair.gap,
        doubt(films, names),
        *(round(one, 3) for one in (*percent, *expert)),
        *naive,
        *expert_px,
    )


def doubt(films: Films, names: tuple[str, str]) -> str:
    """Why `ptx compare` would give no direction, whatever the sizes; empty if it may."""
    if min(films.anatomy(name).quality for name in names) < UNUSABLE_BELOW:
        return "hemithoraces"
    radiographs = [films.radiograph(name) for name in names]
    lungs = [films.anatomy(name).hemithoraces for name in names]
    found = register(*radiographs, *lungs)
    return "" if found.accepted else "registration"


def chosen(table: Path, per_patient: int) -> list[FilmPair]:
    """Validation pairs whose films an expert read, of each patient at most so many."""
    listed = [pair for pair in read_pairs(table) if pair.split == "val"]
    sure = [pair for pair in listed if pair.for_figures]
    pairs = at_most(sure, per_patient)
    print(
        f"{len(pairs)} pairs; {len(listed) - len(sure)} left out for an uncertain mask, "
        f"{len(sure) - len(pairs)} as more than {per_patient} of one patient",
        flush=True,
    )
    return pairs


def measure_all(data: Path, table: Path, model: str, per_patient: int) -> None:
    """Measure what the table does not hold yet."""
    films = Films(data / "cxr", Segmenter(model, "cpu"))
    known = {(row.prior, row.followup) for row in read_table(table)} if table.exists() else set()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [one.name for one in fields(Row)])
        if not known:
            writer.writeheader()
        for pair in chosen(data / "cxr" / "pairs.csv", per_patient):
            if (pair.prior, pair.followup) not in known:
                writer.writerow(asdict(measure_pair(films, pair)))
                file.flush()


def store(rows: list[Row], model: str) -> None:
    """Write the fitted error into the model's configuration."""
    folder = find_model(model)
    config = load_config(folder)
    if {row.model_sha256 for row in rows} != {config.weights_sha256}:
        raise SystemExit(f"the table was not measured with the weights of {model}")
    error = fit_error(pairs_of(rows), source_of(rows))
    store_config(folder, config.model_copy(update={"error": error}))
    print(f"{folder.name}: {error}")


def main() -> None:
    """Measure, judge or store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("data", type=Path)
    measuring.add_argument("--per-patient", type=int, default=MOST_PAIRS)
    for command in (measuring, commands.add_parser("judge"), commands.add_parser("store")):
        command.add_argument("table", type=Path)
    for command in (measuring, commands.choices["store"]):
        command.add_argument("--model", default="contextual-lite")
    options = parser.parse_args()
    if options.command == "measure":
        measure_all(options.data, options.table, options.model, options.per_patient)
    elif options.command == "judge":
        judge_all(read_table(options.table))
    else:
        store(read_table(options.table), options.model)


if __name__ == "__main__":
    main()
