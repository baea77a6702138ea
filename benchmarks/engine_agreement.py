"""Do both engines draw the same masks? All films of a split, under the report of the mask and under none.

    python benchmarks/engine_agreement.py DATA_SET [--part validation] [--every N]

Each film goes through ONNX Runtime and through PyTorch, hemithoraces included. Printed: Dice of the two masks
(1 where both are empty), mean and worst; where it is below 0.99, how far the pixels that differ lie from the
threshold; the mean Dice of each with the experts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.data.layout import open_data_set
from ptx_followup.evaluation.choice import choose_cases
from ptx_followup.evaluation.subjects import Subject, subjects
from ptx_followup.files.storage import models_folder
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.checkpoint import load_model
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.torch_engine import TorchEngine
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import prompt
from ptx_followup.segmentation.segmenter import Segmenter

SEED = 7
Row = dict[str, Any]


def in_pytorch() -> Segmenter:
    """The model on board with both networks in PyTorch, and its text through transformers."""
    segmenter = Segmenter(device="cpu")
    layers = segmenter.model.config.text_encoder.layers
    encoder = TextEncoder("minilm-l6", layers=layers, disk_cache=False)
    for holder, name, text in (
        (segmenter, "contextual-lite", encoder),
        (segmenter.lung_finder, "lungs", None),
    ):
        torch_engine = TorchEngine(load_model(str(models_folder() / name)).network, "cpu", "float32")
        holder.model = replace(holder.model, engine=torch_engine, text_encoder=text)
    segmenter.predictor = replace(segmenter.predictor, model=segmenter.model)
    return segmenter


def agreements(subject: Subject, texts: Iterable[str], both: tuple[Segmenter, Segmenter]) -> Iterator[Row]:
    """One film under several texts."""
    pixels = subject.radiograph.pixels
    lungs = [one.lung_finder.find_anatomy(pixels).hemithoraces for one in both]
    readers = [one.reader(pixels, found) for one, found in zip(both, lungs, strict=True)]
    threshold = both[0].model.config.postprocessing.threshold
    for text in texts:
        maps = [one.probability(text) for one in readers]
        first, second = (one.binary(*drawn) for one, *drawn in zip(both, maps, lungs, strict=True))
        total = first.sum() + second.sum()
        yield {
            "id": subject.case.id,
            "positive": subject.positive,
            "dice": 1.0 if total == 0 else float(2 * (first & second).sum() / total),
            "differing_px": int((first != second).sum()),
            "from_threshold": float(np.abs(maps[0] - threshold)[first != second].max(initial=0)),
            "map_difference": float(np.abs(maps[0] - maps[1]).max()),
            "expert": [dice(mask, subject.truth) for mask in (first, second)],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", default="validation")
    parser.add_argument("--every", type=int, default=1, help="take every Nth film")
    options = parser.parse_args()
    data = open_data_set(options.data)
    cases = choose_cases(data, options.part).cases[:: options.every]
    both = Segmenter(device="cpu"), in_pytorch()
    rows: list[Row] = []
    for group in subjects(data, cases, both[0].lung_finder.find, SEED):
        for subject in group:
            if isinstance(subject, Subject):
                matched = prompt(understand(subject.report), "matched")
                rows += agreements(subject, dict.fromkeys((matched, "")), both)
    dices = np.array([row["dice"] for row in rows])
    experts = np.array([row["expert"] for row in rows if row["positive"]]).mean(axis=0)
    document = {
        "engines": [one.model.engine.name for one in both],
        "films": len(cases),
        "masks": len(rows),
        "dice_mean": float(dices.mean()),
        "dice_worst": float(dices.min()),
        "identical": float((dices == 1).mean()),
        "map_difference": max(row["map_difference"] for row in rows),
        "expert_dice": experts.tolist(),
        "below_0.99": [row for row in rows if row["dice"] < 0.99],
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
