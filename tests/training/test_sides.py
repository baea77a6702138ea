"""Training on one hemithorax at a time: what is shown, what is told, what counts, and that it learns."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from toy_runs import toy_config

from ptx_followup.anatomy.hemithorax_view import boxes
from ptx_followup.network.contextual import NetworkConfig
from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, render
from ptx_followup.report.description import SideDescription, describe
from ptx_followup.report.findings import understand
from ptx_followup.report.side_statement import NOT_MENTIONED
from ptx_followup.sides import LUNG_LABEL, Side
from ptx_followup.training.losses import area_losses, segmentation_loss
from ptx_followup.training.side_telling import SideTexts, tell_side
from ptx_followup.training.sides import Film, FilmSide, Reading, SideBatches, drawn, sides_of
from ptx_followup.training.train import train

NETWORK = NetworkConfig(
    encoder="efficientnet-lite0", decoder_channels=(16, 16, 8, 8), in_channels=2, encoder_normalised=True
)
SETTINGS = {
    "network": NETWORK,
    "text_encoder": None,
    "view": "hemithorax",
    "stages": [{"image_size": [96, 64], "steps": 6, "batch_size": 10}],
    "positives": 0.7,
    "loss": "bce+dice+area",
}
DESCRIPTION = SideDescription("right", ("apical",), "moderate", hemithorax_percent=16.0)


def phantom_film(seed: int, side: Side | None = None) -> Film:
    """A phantom, 192 x 192, with a large pneumothorax on one side or none."""
    pneumothoraces = [] if side is None else [PhantomPneumothorax(side, percent=30)]
    phantom = render(PhantomPatient(seed), pneumothoraces=pneumothoraces, rows=192, columns=192)
    mask, lungs = phantom.pneumothorax_mask, phantom.lungs
    label = mask.astype(np.uint8) * (0 if side is None else LUNG_LABEL[side])
    described = {one.side: one for one in describe(mask, lungs)}
    return Film((phantom.pixels * 255).astype(np.uint8), boxes(lungs), (Reading(label, described),))


@pytest.fixture(scope="module")
def phantom_films() -> list[Film]:
    return [phantom_film(seed, side) for seed, side in enumerate(("right", "left", "right", "left", None))]


def square_film(area: NDArray[np.bool_]) -> Film:
    """A black film that is white where the right side has a pneumothorax."""
    label = area.astype(np.uint8) * LUNG_LABEL["right"]
    none = boxes(np.zeros(area.shape, np.uint8))
    return Film(area.astype(np.uint8) * np.uint8(255), none, (Reading(label, {"right": DESCRIPTION}),))


def test_a_one_sided_film_gives_a_positive_and_a_negative(phantom_films: list[Film]) -> None:
    positives, negatives = sides_of(phantom_films)
    assert (len(positives), len(negatives)) == (4, 6)
    assert [one.side for one in positives] == ["right", "left", "right", "left"]


def test_seven_of_ten_sides_have_a_pneumothorax_and_a_batch_is_always_the_same(
    phantom_films: list[Film],
) -> None:
    settings = toy_config(**SETTINGS)
    batches = SideBatches(*sides_of(phantom_films), settings)
    batch = batches.batch(3)
    assert batch.images.shape == (10, 2, 96, 64)
    assert int(batch.targets.any(axis=(1, 2, 3)).sum()) == 7
    again = SideBatches(*sides_of(phantom_films), settings).batch(3)
    np.testing.assert_array_equal(batch.images, again.images)
    assert batch.texts == again.texts


def test_a_share_that_is_no_whole_number_is_kept_over_the_batches(phantom_films: list[Film]) -> None:
    stages = [{"image_size": [32, 32], "steps": 40, "batch_size": 4}]
    batches = SideBatches(*sides_of(phantom_films), toy_config(**SETTINGS | {"stages": stages}))
    shown = [int(batches.batch(step).targets.any(axis=(1, 2, 3)).sum()) for step in range(40)]
    assert sum(shown) == 112
    assert set(shown) == {2, 3}


def test_mask_and_film_move_together() -> None:
    area = np.zeros((128, 128), bool)
    area[40:80, 20:44] = True
    one = FilmSide(square_film(area), "right")
    settings = toy_config(**SETTINGS | {"augmentation": "none"})
    batches = SideBatches([one], [], settings)
    for step in range(5):
        batch = batches.batch(step)
        np.testing.assert_allclose((batch.images[:, :1] + 1) / 2, batch.targets, atol=0.02)


def test_of_two_readings_each_is_the_truth_by_turns_and_never_both() -> None:
    small, large = np.zeros((2, 128, 128), bool)
    small[60:64, 20:24], large[30:90, 10:50] = True, True
    film = square_film(small)
    film = replace(film, readings=(*film.readings, *square_film(large).readings))
    batches = SideBatches([FilmSide(film, "right")], [], toy_config(**SETTINGS))
    areas = np.concatenate([batches.batch(step).targets.mean(axis=(1, 2, 3)) for step in range(10)])
    alone = [drawn(FilmSide(film, "right"), one, (96, 64)).mean() for one in film.readings]
    nearest = np.abs(np.log(areas[:, None] / alone)).argmin(axis=1)
    assert 30 <= nearest.sum() <= 70
    assert not ((areas > 3 * alone[0]) & (areas < alone[1] / 2)).any()


def test_texts_come_in_the_shares_that_are_stated() -> None:
    texts, rng, n = SideTexts(), np.random.default_rng(0), 4000
    told = Counter[str]()
    for _ in range(n):
        text = tell_side(DESCRIPTION, texts, rng)
        read = understand(text) if text not in ("", NOT_MENTIONED) else None
        assert read is None or (read.present and read.side is None)
        told[text or "empty" if read is None else f"{read.size} {','.join(read.zones)}"] += 1
    expected = {
        "empty": 0.3,
        NOT_MENTIONED: 0.05,
        "None ": 0.15,
        "None apical": 0.12,
        "moderate apical": 0.22 + 0.16 / 8,
        "large apical": 0.16 / 8,
        "large ": 0.16 / 8,
    }
    for what, share in expected.items():
        assert told[what] / n == pytest.approx(share, abs=0.025), what


def test_zones_may_be_wrong_and_the_size_beside_them_is_right() -> None:
    always = SideTexts(empty=0, plain=0, zones=0, size_by_chance=0, passed_over=0, zones_by_chance=1)
    rng = np.random.default_rng(0)
    read = [understand(tell_side(DESCRIPTION, always, rng)) for _ in range(400)]
    sizes, zones = Counter(one.size for one in read), Counter(one.zones for one in read)
    assert sizes[None] == pytest.approx(200, abs=40)
    assert sizes["moderate"] > 0.9 * (400 - sizes[None])  # blurred at the borders of the classes
    assert sum(number for named, number in zones.items() if "apical" not in named) > 40


def test_half_of_the_negatives_are_told_of_one_that_is_not_there_and_a_quarter_of_the_other_side() -> None:
    rng = np.random.default_rng(0)
    told = [tell_side(None, SideTexts(), rng) for _ in range(2000)]
    assert told.count("") / 2000 == pytest.approx(0.25, abs=0.04)
    assert told.count(NOT_MENTIONED) / 2000 == pytest.approx(0.25, abs=0.04)
    assert all(understand(text).present for text in told if text not in ("", NOT_MENTIONED))


def test_the_area_term_is_the_distance_of_roots() -> None:
    # 9 % and 4 % of the image: roots of 9.02 and 4.02 are 3.0033 and 2.0050; smooth L1 of 0.9983.
    probability, target = torch.full((1, 1, 10, 10), 0.09), torch.zeros(1, 1, 10, 10)
    target.view(-1)[:4] = 1
    expected = 0.5 * (9.02**0.5 - 4.02**0.5) ** 2
    assert float(area_losses(torch.logit(probability), target)) == pytest.approx(expected, rel=1e-4)


def test_a_film_counts_by_its_weight() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 1, 8, 8, generator=generator)
    target = (torch.rand(3, 1, 8, 8, generator=generator) > 0.7).float()
    alone = [
        float(segmentation_loss(logits[i : i + 1], target[i : i + 1], "bce+dice+area")) for i in range(3)
    ]
    weighed = float(segmentation_loss(logits, target, "bce+dice+area", torch.tensor([1.0, 0.0, 0.5])))
    assert weighed == pytest.approx((alone[0] + 0.5 * alone[2]) / 1.5, rel=1e-5)
    assert float(segmentation_loss(logits, target, "bce+dice+area")) == pytest.approx(
        np.mean(alone), rel=1e-5
    )


def test_a_run_learns_goes_on_and_keeps_its_normalisation(tmp_path: Path, phantom_films: list[Film]) -> None:
    stages = [
        {"image_size": [64, 32], "steps": 12, "batch_size": 4},
        {"image_size": [96, 64], "steps": 4, "batch_size": 4},
    ]
    settings = toy_config(**SETTINGS | {"stages": stages, "checkpoint_steps": 8, "ema_decay": 0.0})
    batches = SideBatches(*sides_of(phantom_films), settings)
    start = train(settings.model_copy(update={"stages": settings.stages[:1]}), batches, tmp_path / "part")
    network = train(settings, batches, tmp_path / "whole")
    # The first stage is the same run, though its rate falls faster; the second goes on from a checkpoint.
    resumed = train(settings, batches, tmp_path / "part", resume=True)
    assert resumed.encoder.stem.bn.num_batches_tracked == network.encoder.stem.bn.num_batches_tracked == 16
    assert not torch.equal(start.encoder.stem.bn.running_mean, resumed.encoder.stem.bn.running_mean)
    batch = batches.batch(20)
    images, targets = torch.from_numpy(batch.images), torch.from_numpy(batch.targets)
    untrained = torch.full_like(targets, -4.6)
    with torch.inference_mode():
        assert segmentation_loss(network(images), targets, "bce+dice") < segmentation_loss(
            untrained, targets, "bce+dice"
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"view": "film"},
        {"stages": [{"image_size": 64, "steps": 1, "batch_size": 1}]},
        {"task": "lungs"},
        {"network": NETWORK.model_copy(update={"in_channels": 3})},
    ],
    ids=["two channels of a film", "one side of a square", "lungs", "three channels"],
)
def test_forms_that_do_not_fit_together_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        toy_config(**SETTINGS | changes)
