"""Whether short runs on a data set show the order of the paper's Table 1.

    python benchmarks/table1_ordering.py --data DATA --out RUNS

Rows of the table (see `ptx reproduce table1`) are trained with one small network, the same images and seeds
on the positives of the data set's own training part, and tested on all positives of its validation part: Dice
of the last averaged weights at the film's own size, so that nothing is chosen by what is tested.
Reports that the data set lacks are written from the masks, in the test in phrasings that training never uses.
Intervals are over resampled patients, of the mean over seeds. Stopped at any moment, the same call goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.data.dataset import DataSet
from ptx_followup.data.division import divide, parts
from ptx_followup.data.layout import open_data_set
from ptx_followup.evaluation.statistics import Bootstrap, Estimate
from ptx_followup.evaluation.subjects import FindLungs, Subject, subjects
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.preprocessing import PERCENTILES, from_square, normalise, to_square
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import prompt
from ptx_followup.reproduction.folds import RESULT, write_json
from ptx_followup.reproduction.table1 import Row, choose_rows, row_config
from ptx_followup.training.batches import Example, PneumothoraxBatches
from ptx_followup.training.checkpoint import FILE
from ptx_followup.training.config import TrainingConfig, load_training_config
from ptx_followup.training.examples import pneumothorax_examples
from ptx_followup.training.train import train

ROWS = ("unet", "contextual-empty", "contextual", "contextual-flipped")
#: What the others are compared with.
REFERENCE = "contextual"


def opened(data: DataSet, size: int, find_lungs: FindLungs) -> tuple[list[Example], list[Subject]]:
    """Positives to train on, held at `size` pixels, and positives to test with."""
    training, validation = parts(data, divide(data))
    positives = [case for case in training if case.positive]
    held_out = [case for case in validation if case.positive and case.for_figures]
    test = [one for group in subjects(data, held_out, find_lungs, seed=0) for one in group]
    examples = pneumothorax_examples(data, positives, size, find_lungs)
    return examples, [one for one in test if isinstance(one, Subject)]


def trained(
    config: TrainingConfig, examples: list[Example], encoder: TextEncoder | None, out: Path
) -> ContextualNet:
    """The network of a row, from the checkpoint in `out` where there is one."""
    config = config.in_steps(len(examples), 1)
    batches = PneumothoraxBatches(examples, [], config)
    return train(config, batches, out, text_encoder=encoder, resume=(out / FILE).is_file())


def tested(
    network: ContextualNet, test: Sequence[Subject], encoder: TextEncoder | None, size: int, told: bool
) -> dict[str, float]:
    """Dice of each case under its whole report, or under none."""
    values = {}
    for one in test:
        square, placement = to_square(one.radiograph.pixels, size)
        image = torch.from_numpy(normalise(square, PERCENTILES)[None, None])
        telling = prompt(understand(one.report), "full") if told else ""
        text = encoder.encode([telling]).to("cpu") if encoder else ()
        with torch.inference_mode():
            logits = network(image, *text)[0, 0].numpy()
        shape = one.truth.shape
        values[one.case.id] = dice(from_square(logits, placement, (shape[0], shape[1])) > 0, one.truth)
    return values


def run(
    row: Row, base: TrainingConfig, seed: int, out: Path, examples: list[Example], test: Sequence[Subject]
) -> dict[str, float]:
    """Train and test a row, unless that is done."""
    if not (out / RESULT).is_file():
        stage = base.stages[-1]
        # No look at validation cases: the last weights count.
        unchosen = {"keep": "last", "checkpoint_steps": 50}
        config = row_config(row, base, stage.epochs, seed).model_copy(update=unchosen)
        encoder = None
        if config.text_encoder is not None:
            encoder = TextEncoder(config.text_encoder, layers=config.text_layers, disk_cache=False)
        network = trained(config, examples, encoder, out)
        write_json(out / RESULT, {"cases": tested(network, test, encoder, stage.image_size, row.reports)})
    cases: dict[str, float] = json.loads((out / RESULT).read_text(encoding="utf-8"))["cases"]
    return cases


def show(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "too few cases"
    return f"{estimate.value:6.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=Path(__file__).with_suffix(".toml"))
    parser.add_argument("--rows", nargs="+", default=ROWS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    base, rows = load_training_config(options.config), choose_rows(options.rows)
    examples, test = opened(open_data_set(options.data), base.stages[-1].image_size, LungFinder().find)
    print(f"{len(examples)} to train on, {len(test)} to test with", flush=True)
    found: dict[str, list[dict[str, float]]] = {row.key: [] for row in rows}
    for seed in options.seeds:
        for row in rows:
            cases = run(row, base, seed, options.out / row.key / f"seed-{seed}", examples, test)
            found[row.key].append(cases)
            print(f"seed {seed}  {row.key:20} Dice {np.mean(list(cases.values())):.3f}", flush=True)
    bootstrap = Bootstrap([one.case.patient or one.case.id for one in test])
    means = {
        key: [float(np.mean([run[one.case.id] for run in runs])) for one in test]
        for key, runs in found.items()
    }
    for row in rows:
        line = f"{row.key:20} {row.dice[0]:.3f}  {show(bootstrap.mean(means[row.key]))}"
        if REFERENCE in means and row.key != REFERENCE:
            line += f"  {show(bootstrap.compare(means[row.key], means[REFERENCE]).difference)}"
        print(line)


if __name__ == "__main__":
    main()
