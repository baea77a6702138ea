"""No augmentation that is on by default changes what a report truly says of its image."""

from dataclasses import replace

import numpy as np
import pytest
from toy_runs import toy_config

from ptx_followup.network.preprocessing import to_square
from ptx_followup.report.description import SideDescription
from ptx_followup.report.findings import understand
from ptx_followup.report.synthesis import synthesise
from ptx_followup.sides import SIDES, Side
from ptx_followup.training.augment import Augmentation, augmented
from ptx_followup.training.augment_paper import elastic, grid_distortion, optical_distortion
from ptx_followup.training.augment_paper import shift_scale_rotate as affine
from ptx_followup.training.batches import (
    CHANNEL,
    Example,
    PneumothoraxBatches,
    View,
    join_halves,
    prepare,
    random_view,
    with_both_sides,
)
from ptx_followup.training.config import TextMix, TrainingConfig
from ptx_followup.training.telling import contradicts, retell, reword, synonyms_of

SIZE = 96


def chest() -> Example:
    """A disc in each half of a dark film, bright exactly where the label is."""
    y, x = np.mgrid[:SIZE, :SIZE]
    label = np.zeros((SIZE, SIZE), np.uint8)
    label[(y - 48) ** 2 + (x - 30) ** 2 < 14**2] = 1
    label[(y - 44) ** 2 + (x - 70) ** 2 < 10**2] = 2
    return Example(((label > 0) * 255).astype(np.uint8), label)


def descriptions_and_reports() -> list[tuple[tuple[SideDescription, ...], str]]:
    cases: list[tuple[tuple[SideDescription, ...], str]] = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        side = SIDES[seed % 2]
        shown = (SideDescription(side, ("apical",), "small"),) if seed % 3 else ()
        cases.append((shown, synthesise(shown, rng)))
    return cases


def stated(report: str) -> list[object]:
    read = understand(report)
    facts = [(one.present, one.side, one.zones, one.size, one.extent_mm) for one in read.findings]
    return [read.present, read.side, sorted(facts, key=str)]


def test_all_texts_of_fixed_reports_are_known_before_training() -> None:
    reports = {True: "Small left apical pneumothorax. No effusion.", False: "No pneumothorax. Clear lungs."}
    blank = np.zeros((8, 8), np.uint8)
    said = SideDescription("left", ("apical",), "small")
    positive = Example(blank, blank, (said,), reports[True])
    negative = Example(blank, blank, (), reports[False])
    fixed: dict[str, float] = {"shuffled": 0.0, "synonyms": 0.0, "false_positive": 0.0}

    def source(**text: float) -> PneumothoraxBatches:
        return PneumothoraxBatches([positive], [negative], toy_config(text=fixed | text, halves_mixed=0.0))

    batches = source()
    told = {text for number in range(100) for text in batches.batch(number).texts}
    assert len(told) > 5
    assert batches.texts() == told
    endless = [source(shuffled=0.5), source(synonyms=0.1), source(false_positive=0.1)]
    assert [one.texts() for one in endless] == [None, None, None]
    unread = PneumothoraxBatches([replace(positive, report=None)], [], toy_config(text=fixed, halves_mixed=0))
    assert unread.texts() is None


@pytest.mark.parametrize("kind", ["film", "film-wide", "paper", "none"])
def test_image_and_mask_change_together_and_right_stays_right(kind: Augmentation) -> None:
    example = chest()
    for seed in range(25):
        image, sides = augmented(example.image, example.label, SIZE, kind, np.random.default_rng(seed))
        assert image.shape == (SIZE, SIZE)
        assert sides.shape == (2, SIZE, SIZE)
        assert image.dtype == sides.dtype == np.float32
        right, left = (side > 0.5 for side in sides)
        seen, drawn = image > 0.5 * (image.max() + image.min()), right | left
        assert (seen & drawn).sum() / (seen | drawn).sum() > 0.8
        columns = np.arange(SIZE)
        assert np.average(columns, weights=right.sum(0)) < np.average(columns, weights=left.sum(0))


@pytest.mark.parametrize("kind", ["film", "film-wide"])
def test_what_a_report_states_stays_on_the_picture(kind: Augmentation) -> None:
    example = chest()
    label = np.zeros_like(example.label)
    label[4:12, 16:40] = 1  # at the very top
    for seed in range(100):
        _, sides = augmented(example.image, label, SIZE, kind, np.random.default_rng(seed))
        assert sides[0].sum() > 0.75 * 0.7 * np.count_nonzero(label)  # three quarters, at the smallest scale


def test_a_reduced_image_is_averaged_as_in_use() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (128, 128)).astype(np.uint8)
    image, _ = augmented(noise, noise * 0, 32, "none", np.random.default_rng(0))
    np.testing.assert_allclose(image, to_square(noise.astype(np.float32) / 255, 32)[0], atol=1 / 255)
    moved, _ = augmented(noise, noise * 0, 32, "film", np.random.default_rng(0))
    assert moved[8:24, 8:24].std() < 1.6 * image.std()


def test_a_mask_thinner_than_the_pixels_it_is_held_at_does_not_vanish() -> None:
    label = np.zeros((1024, 1024), np.uint8)
    label[100:103, 200:500] = 2
    assert (prepare(np.zeros((1024, 1024), np.float32), label, 128).label == 2).any()


@pytest.mark.parametrize("change", [elastic, grid_distortion, optical_distortion, affine])
def test_each_geometric_change_of_the_paper_moves_image_and_mask_alike(change: object) -> None:
    example = chest()
    image = example.image.astype(np.float32) / 255
    stack = np.stack([image, image])
    moved = change(stack, np.random.default_rng(3))  # type: ignore[operator]
    np.testing.assert_array_equal(moved[0], moved[1])
    assert np.abs(moved[0] - image).max() > 0.1


def test_rewording_at_the_default_rates_keeps_every_statement() -> None:
    mix = TextMix()
    changed = 0
    for number, (_, report) in enumerate(descriptions_and_reports()):
        new = reword(report, mix, synonyms_of(mix), np.random.default_rng(number))
        changed += new != report
        assert stated(new) == stated(report)
    assert changed > 30


def test_a_mirrored_image_has_a_mirrored_report() -> None:
    config = toy_config(mirrored=1.0)
    example = chest()
    one_sided = Example(
        example.image,
        example.label * (example.label == 1),
        (SideDescription("right", ("apical",), "small"),),
        "There is a small right apical pneumothorax. Left-sided port. RLL atelectasis.",
    )
    view = random_view(one_sided, SIZE, config, np.random.default_rng(0))
    assert view.sides[CHANNEL["left"]].any()
    assert not view.sides[CHANNEL["right"]].any()
    assert view.descriptions[0].side == "left"
    assert view.report == "There is a small left apical pneumothorax. Right-sided port. LLL atelectasis."


def test_the_target_is_what_the_own_report_names() -> None:
    (shown, report), rng = descriptions_and_reports()[1], np.random.default_rng(0)
    plain = TextMix(empty=0, full=1, matched=0, other_side=0, shuffled=0, synonyms=0)
    text, asked = retell(report, shown, plain, {}, rng)
    assert asked == SIDES
    assert understand(text).side == shown[0].side
    text, asked = retell(report, shown, plain.model_copy(update={"other_side": 1.0}), {}, rng)
    assert understand(text).side in asked
    assert shown[0].side not in asked
    text, asked = retell("No pneumothorax.", (), plain, {}, rng)
    assert text == "No pneumothorax."
    text, _ = retell("No pneumothorax.", (), plain.model_copy(update={"false_positive": 1.0}), {}, rng)
    assert understand(text).present


def test_a_joined_image_gets_a_report_of_its_own() -> None:
    config: TrainingConfig = toy_config(mirrored=0.0)
    example = chest()
    own = Example(example.image, example.label, (), "Small right pneumothorax.")
    view = random_view(own, SIZE, config, np.random.default_rng(0))
    assert view.report is not None
    assert join_halves(view, view).report is None


def test_own_reports_reach_the_network_in_the_forms_of_use() -> None:
    config = toy_config(
        mirrored=0.0, halves_mixed=0.0, text={"empty": 0, "full": 0, "matched": 1, "other_side": 0}
    )
    shown = (SideDescription("right", ("apical",), "small"),)
    example = chest()
    own = Example(example.image, example.label, shown, "Small right apical pneumothorax. Heart normal.")
    assert set(PneumothoraxBatches([own], [], config).batch(0).texts) == {"Right apical pneumothorax."}


def test_a_report_that_contradicts_the_mask_is_known() -> None:
    assert contradicts("No pneumothorax.", positive=True)
    assert contradicts("Large left pneumothorax.", positive=False)
    assert not contradicts("The heart is normal.", positive=True)
    assert not contradicts("Large left pneumothorax.", positive=True)


@pytest.mark.parametrize("one", SIDES)
@pytest.mark.parametrize("other", SIDES)
def test_joined_halves_show_a_finding_on_each_side(one: Side, other: Side) -> None:
    joined = with_both_sides(one_sided(one), one_sided(other))
    assert [shown.side for shown in joined.descriptions] == ["right", "left"]
    assert all(side.max() == 1 for side in joined.sides)


def one_sided(side: Side) -> View:
    """A disc on one side of a dark film, and what a report says of it."""
    example = chest()
    sides = np.stack([(example.label == value).astype(np.float32) for value in (1, 2)])
    sides[1 - CHANNEL[side]] = 0
    return View(sides.sum(0), sides, (SideDescription(side, ("apical",), "small"),))
