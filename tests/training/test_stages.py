"""A stretch of training may tell the network something else than the rest of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_runs import UNREAD, toy_config, toy_examples

from ptx_followup.training.batches import PneumothoraxBatches
from ptx_followup.training.train import train


def test_a_stage_has_its_own_mix_and_size() -> None:
    stages = [
        {"image_size": 64, "steps": 2, "batch_size": 4, "text": {"empty": 1.0}, "halves_mixed": 0.0},
        {"image_size": 32, "steps": 2, "batch_size": 4},
    ]
    settings = toy_config(stages=stages, text={"empty": 0.0})
    batches = PneumothoraxBatches(*toy_examples(), settings)
    first, second = batches.batch(1), batches.batch(2)
    assert (first.texts, first.images.shape[-1]) == ([""] * 4, 64)
    assert all(second.texts)
    assert second.images.shape[-1] == 32


def test_an_example_is_drawn_as_often_as_its_weight_says() -> None:
    positives, _ = toy_examples()
    marked = [replace(one, image=np.full_like(one.image, place)) for place, one in enumerate(positives[:4])]
    marked[0] = replace(marked[0], weight=0.5)
    stages = [{"image_size": 32, "steps": 1, "batch_size": 4}]
    batches = PneumothoraxBatches(marked, [], toy_config(stages=stages, halves_mixed=0.0))
    rng = np.random.default_rng(0)
    drawn = [batches._weighed(marked, place % 4, rng).image[0, 0] for place in range(4000)]
    # Half of its turns, and a quarter of the other half, which go to any of the four.
    assert np.bincount(drawn, minlength=4) / 1000 == pytest.approx([0.625, 1.125, 1.125, 1.125], abs=0.05)


def test_a_run_may_go_on_with_another_mix(tmp_path: Path) -> None:
    changes = {"network": UNREAD, "text_encoder": None, "checkpoint_steps": 2}
    stages = [{"image_size": 32, "steps": 2, "batch_size": 4}]
    settings = toy_config(**changes, stages=stages)
    batches = PneumothoraxBatches(*toy_examples(), settings)
    train(settings, batches, tmp_path)
    longer = toy_config(**changes, stages=[*stages, *stages], halves_mixed=0.5)
    train(longer, PneumothoraxBatches(*toy_examples(), longer), tmp_path, resume=True)
    assert '"step": 4' in (tmp_path / "metrics.jsonl").read_text()
