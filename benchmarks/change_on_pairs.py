"""What `ptx compare` makes of real pairs with expert masks on both sides, and the error that follows from it.

    python benchmarks/change_on_pairs.py measure DATA measured.csv
    python benchmarks/change_on_pairs.py judge measured.csv
    python benchmarks/change_on_pairs.py store measured.csv

`measure` takes the validation pairs of DATA (the folder of docs/real-data.md; its `cxr`, with pairs.csv), of
each patient so many at most, writes a report from the prior's expert mask in phrasings that training never
used, and measures both exams as `ptx compare` does. It takes minutes on an idle machine; what it has measured
already, it goes on from. `judge` prints the tables of docs/compare.md. `store` writes the fitted error into
the configuration of the model, which must be the one that was measured.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithoraces import Anatomy
from ptx_followup.anatomy.quality import UNUSABLE_BELOW
from ptx_followup.measurement.sizes import measure
from ptx_followup.network.checkpoint import MeasurementError, find_model, load_config, store_config
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.registration.register import register
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import shared_prompt
from ptx_followup.report.synthesis import describe, synthesise
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import SIDES
from ptx_followup.training.measurement_error import Judgement, MeasuredPair, cross_fit, fit_error, judge

Mask = NDArray[np.bool_]

#: Added to sizes before their ratio is taken, so that an empty mask has one: percentage points, and pixels.
SMALL_PERCENT, SMALL_PX = 0.5, 100


@dataclass(frozen=True)
class Row:
    """One pair, on the side that leads (`followup.leading_change`).

    `percent` is of the measured route, `expert` of the expert masks, both over the hemithoraces that the tool
    found; `naive` pixels without text on either side.
    """

    model_sha256: str
    patient: str
    prior: str
    followup: str
    views: str
    gap: int
    doubt: str
    percent_prior: float
    percent_followup: float
    expert_prior: float
    expert_followup: float
    naive_prior: int
    naive_followup: int
    expert_px_prior: int
    expert_px_followup: int


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


def measure_pair(films: Films, pair: dict[str, str]) -> Row:
    """Measure one row of pairs.csv."""
    names = pair["prior"], pair["followup"]
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
        pair["patient"],
        *names,
        f"{pair['prior_view']}-{pair['followup_view']}",
        int(pair["gap"]),
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


def chosen(folder: Path, per_patient: int) -> Iterator[dict[str, str]]:
    """Validation pairs, of each patient at most so many, by chance but always the same."""
    by_patient = defaultdict(list)
    with (folder / "pairs.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["split"] == "val":
                by_patient[row["patient"]].append(row)
    for patient, rows in sorted(by_patient.items()):
        order = np.random.default_rng(int(patient)).permutation(len(rows))
        yield from (rows[place] for place in sorted(order[:per_patient]))


def measure_all(data: Path, table: Path, model: str, per_patient: int) -> None:
    """Measure what the table does not hold yet."""
    films = Films(data / "cxr", Segmenter(model, "cpu"))
    known = {(row.prior, row.followup) for row in read_table(table)} if table.exists() else set()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [one.name for one in fields(Row)])
        if not known:
            writer.writeheader()
        for pair in chosen(data / "cxr", per_patient):
            if (pair["prior"], pair["followup"]) not in known:
                writer.writerow(asdict(measure_pair(films, pair)))
                file.flush()


def read_table(table: Path) -> list[Row]:
    """Rows that `measure` wrote."""
    kinds = {"int": int, "float": float, "str": str}
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Row(**{one.name: kinds[str(one.type)](row[one.name]) for one in fields(Row)})
            for row in csv.DictReader(file)
        ]


def pairs_of(rows: list[Row]) -> list[MeasuredPair]:
    """Pairs as the fit takes them; without those of which a hemithorax was not found."""
    pairs = [
        MeasuredPair(
            row.patient,
            row.percent_prior,
            row.percent_followup,
            row.expert_prior,
            row.expert_followup,
            row.doubt or None,
        )
        for row in rows
    ]
    return [one for one in pairs if np.isfinite([one.prior, one.followup, one.expert_prior]).all()]


def source_of(rows: list[Row]) -> str:
    """Where a fit on these rows comes from, for the configuration."""
    patients = len({row.patient for row in rows})
    return (
        f"fitted to {len(rows)} pairs of {patients} validation patients (NIH ChestX-ray14, SIIM-ACR masks; "
        "reports synthesised from the prior's mask)"
    )


def judge_all(rows: list[Row]) -> None:
    """Print the tables."""
    doubts = [row.doubt for row in rows]
    print(
        f"{len(rows)} pairs of {len({row.patient for row in rows})} patients; no direction because of ",
        end="",
    )
    print(f"hemithoraces: {doubts.count('hemithoraces')}, registration: {doubts.count('registration')}")
    both = [row for row in rows if row.expert_px_prior and row.expert_px_followup]
    print(f"\n| route | Spearman, both positive (n = {len(both)}) | Spearman, all | wrong direction |")
    print("|---|---|---|---|")
    truth = "expert_px", SMALL_PX
    print(f"| naive | {spearman(both, ('naive', SMALL_PX), truth)} | ", end="")
    wrong = np.mean([naive_is_wrong(row) for row in rows])
    print(f"{spearman(rows, ('naive', SMALL_PX), truth)} | {wrong:.1%} |")
    ratios = [spearman(some, ("percent", SMALL_PERCENT), ("expert", SMALL_PERCENT)) for some in (both, rows)]
    pairs = pairs_of(rows)
    outcome = cross_fit(pairs)
    print(f"| as measured | {' | '.join(ratios)} | {outcome.wrong:.1%} |")
    head = "pairs", "coverage", "of exams", "width", "direction", "wrong", "doubled", "direction"
    print(f"\n| intervals of `percent` | {' | '.join(head)} |\n" + "|---" * 9 + "|")
    fitted = fit_error(pairs, source_of(rows))
    print_judgement("five folds of patients", outcome)
    print_judgement("fitted to all", judge(pairs, fitted))
    print_judgement("not measured (default)", judge(pairs, MeasurementError()))
    print(f"\n{fitted.model_dump(exclude={'source'})}")


def print_judgement(name: str, outcome: Judgement) -> None:
    """One row of the table of intervals."""
    shares = [f"{share:.1%}" for share in (outcome.directions, outcome.wrong, outcome.doubled_directions)]
    cells = [name, str(outcome.pairs), f"{outcome.coverage:.1%}", f"{outcome.exam_coverage:.1%}"]
    cells += [f"{outcome.width:.1f}", *shares[:2], str(outcome.doubled), shares[2]]
    print(f"| {' | '.join(cells)} |")


def spearman(rows: list[Row], route: tuple[str, float], truth: tuple[str, float]) -> str:
    """Rank correlation of the logarithms of follow-up over prior."""
    ranks = []
    for name, small in (route, truth):
        sizes = np.array([[getattr(row, f"{name}_{exam}") for exam in ("prior", "followup")] for row in rows])
        ratios = np.round(np.log((sizes[:, 1] + small) / (sizes[:, 0] + small)), 9)
        _, place, counts = np.unique(ratios, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(counts) - (counts - 1) / 2)[place])
    return f"{np.corrcoef(*ranks)[0, 1]:.2f}"


def naive_is_wrong(row: Row) -> bool:
    """The difference of pixel counts points another way than the expert's."""
    found = np.sign(row.naive_followup - row.naive_prior)
    return bool(found != 0 and found != np.sign(row.expert_px_followup - row.expert_px_prior))


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
    measuring.add_argument("--per-patient", type=int, default=12)
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
