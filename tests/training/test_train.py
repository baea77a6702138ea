"""The training loop on a handful of phantoms: it learns, it resumes, it watches the text."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_runs import NETWORK, UNREAD, toy_config, toy_examples

from ptx_followup.errors import InputError
from ptx_followup.network.language import TextEncoder
from ptx_followup.training.batches import Batch, Example, PneumothoraxBatches
from ptx_followup.training.config import Stage, TextMix, load_training_config
from ptx_followup.training.optimise import learning_rate_factor
from ptx_followup.training.telling import tell
from ptx_followup.training.text_path import CENTRING_BATCHES, centre_tokens, text_effect
from ptx_followup.training.train import Surroundings, build, train


@pytest.fixture(scope="module")
def examples() -> tuple[list[Example], list[Example]]:
    return toy_examples()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder("minilm-l6", disk_cache=False)


def weights(network: torch.nn.Module) -> list[torch.Tensor]:
    return [value for value in network.state_dict().values() if value.is_floating_point()]


def test_a_resumed_run_ends_like_an_unbroken_one(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder, tmp_path: Path
) -> None:
    settings = toy_config()
    batches = PneumothoraxBatches(*examples, settings)
    whole = train(settings, batches, tmp_path / "whole", text_encoder=encoder)

    class StoppedError(Exception):
        pass

    def stop_at_checkpoint(line: dict[str, object]) -> None:
        if line["step"] == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(
            settings,
            batches,
            tmp_path / "broken",
            text_encoder=encoder,
            surroundings=Surroundings(log=stop_at_checkpoint),
        )
    fresh = TextEncoder("minilm-l6", disk_cache=False)
    resumed = train(settings, batches, tmp_path / "broken", text_encoder=fresh, resume=True)
    for a, b in zip(weights(whole), weights(resumed), strict=True):
        assert torch.equal(a, b)


def test_activations_computed_again_change_no_weight(
    examples: tuple[list[Example], list[Example]], tmp_path: Path
) -> None:
    ends = []
    for again in (False, True):
        settings = toy_config(
            network=UNREAD,
            text_encoder=None,
            stages=(Stage(image_size=64, steps=2, batch_size=2),),
            checkpoint_activations=again,
        )
        folder = tmp_path / str(again)
        ends.append(train(settings, PneumothoraxBatches(*examples, settings), folder))
    for a, b in zip(weights(ends[0]), weights(ends[1]), strict=True):
        assert torch.equal(a, b)


def test_training_lowers_the_loss_and_logs_the_effect_of_the_text(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder, tmp_path: Path
) -> None:
    settings = toy_config(
        stages=(Stage(image_size=64, steps=80, batch_size=4),),
        checkpoint_steps=80,
        learning_rate=3e-3,
        warmup_steps=5,
    )
    train(settings, PneumothoraxBatches(*examples, settings), tmp_path, text_encoder=encoder)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < losses[0] < 1.3  # an empty answer costs 1 and a little
    assert lines[-1]["text_effect"] > 0
    assert len(lines[-1]["saturated_gates"]) == 4


def test_the_mean_token_is_projected_to_nothing_at_the_start(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder
) -> None:
    settings = toy_config()
    network, batches = build(settings), PneumothoraxBatches(*examples, settings)
    centre_tokens(network, batches, encoder)
    texts = sorted({text for step in range(CENTRING_BATCHES) for text in batches.batch(step).texts})
    tokens = encoder.encode(texts)
    for attention in network.attentions():
        projected = attention.project(torch.from_numpy(tokens.embeddings[tokens.mask]))
        torch.testing.assert_close(projected.mean(0), torch.zeros(projected.shape[1]), atol=1e-4, rtol=0)


def test_a_text_path_that_is_dead_is_warned_of(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder
) -> None:
    settings = toy_config()
    network = build(settings).eval()
    torch.nn.init.zeros_(network.head.conv.bias)  # where the sigmoid is steep; else a young network is dull
    batch = PneumothoraxBatches(*examples, settings).batch(0)
    images = torch.from_numpy(batch.images)
    assert "warning" not in text_effect(network, images, batch.texts, encoder)
    for attention in network.attentions():
        torch.nn.init.zeros_(attention.attended_norm.weight)
        torch.nn.init.constant_(attention.attended_norm.bias, 100.0)
    figures = text_effect(network, images, batch.texts, encoder)
    assert figures["saturated_gates"] == [1.0] * 4
    assert figures["warning"] == "the report has no effect on the output"


def test_a_checkpoint_of_another_architecture_is_refused(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder, tmp_path: Path
) -> None:
    settings = toy_config(stages=(Stage(image_size=64, steps=1, batch_size=4),), checkpoint_steps=1)
    train(settings, PneumothoraxBatches(*examples, settings), tmp_path, text_encoder=encoder)
    other = toy_config(network=NETWORK.model_copy(update={"decoder_channels": (16, 16, 8, 16)}))
    with pytest.raises(InputError, match="another architecture"):
        train(other, PneumothoraxBatches(*examples, other), tmp_path, text_encoder=encoder, resume=True)
    with pytest.raises(InputError, match="holds no checkpoint"):
        train(
            settings,
            PneumothoraxBatches(*examples, settings),
            tmp_path / "new",
            text_encoder=encoder,
            resume=True,
        )


def test_a_loss_that_is_not_finite_ends_the_run_with_a_line(
    examples: tuple[list[Example], list[Example]], encoder: TextEncoder, tmp_path: Path
) -> None:
    settings = toy_config()

    class Poisoned:
        def batch(self, step: int) -> Batch:
            batch = PneumothoraxBatches(*examples, settings).batch(step)
            return Batch(batch.images * np.nan, batch.targets, batch.texts)

    with pytest.raises(InputError, match="the loss is not finite at step 1"):
        train(settings, Poisoned(), tmp_path, text_encoder=encoder)


def test_a_batch_depends_on_its_number_alone(examples: tuple[list[Example], list[Example]]) -> None:
    first, second = (PneumothoraxBatches(*examples, toy_config()) for _ in range(2))
    first.batch(0)
    a, b = first.batch(5), second.batch(5)
    assert a.texts == b.texts
    np.testing.assert_array_equal(a.images, b.images)
    assert a.images.shape == (4, 1, 64, 64)
    assert a.images.min() >= -1
    assert a.images.max() <= 1


def test_the_target_is_the_finding_that_the_report_names(
    examples: tuple[list[Example], list[Example]],
) -> None:
    descriptions = examples[0][0].descriptions
    (right,) = descriptions
    rng = np.random.default_rng(0)
    text, asked = tell(descriptions, TextMix(empty=1), rng)
    assert text == ""
    assert set(asked) == {"right", "left"}
    text, asked = tell(descriptions, TextMix(empty=0, other_side=1), rng)
    assert asked == ("left",)
    assert right.side == "right"
    assert text
    text, _ = tell(descriptions, TextMix(empty=0, full=0, matched=1, other_side=0), rng)
    assert text.startswith("Right")
    assert text.endswith("pneumothorax.")
    assert "\n" not in text


def test_the_learning_rate_warms_up_and_falls() -> None:
    settings = toy_config(stages=(Stage(image_size=64, steps=100, batch_size=4),), warmup_steps=10)
    factors = [learning_rate_factor(step, settings) for step in range(101)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == pytest.approx(1.0)
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[-1] == pytest.approx(0.01)
    constant = toy_config(schedule="constant", warmup_steps=0)
    assert [learning_rate_factor(step, constant) for step in (0, 5)] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 1", "name"),
        ("surprise = 1", "surprise|name"),
        ("not toml [", "is not TOML"),
        (
            """name = "x"
task = "lungs"
compile = true
checkpoint_activations = true
network = {encoder = "unet", decoder_channels = [8, 8, 8, 8]}
stages = [{image_size = 64, steps = 1, batch_size = 1}]
""",
            "compile and checkpoint_activations do not go together",
        ),
    ],
)
def test_a_wrong_configuration_is_answered_with_the_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_training_config(path)


def test_the_recipes_of_the_models_on_board_are_valid() -> None:
    for path in Path(__file__).parents[2].glob("models/*/training.toml"):
        assert load_training_config(path).name == path.parent.name
