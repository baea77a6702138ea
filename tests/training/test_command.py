"""`ptx train` from a data set to a model that segments, and what it answers to wrong inputs."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from toy_runs import NETWORK, UNREAD, toy_config

from ptx_followup.cli.app import run as command
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.phantom_layouts import write_phantom_data_set
from ptx_followup.data.splits import Split, load_split, save_split
from ptx_followup.errors import ExitCode, InputError
from ptx_followup.network import language_torch
from ptx_followup.network.checkpoint import load_config, load_model
from ptx_followup.network.config import NetworkConfig
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.training.config import TrainingConfig, find_training_config, load_training_config

CASES, SIZE = 6, 96


def config_file(path: Path, network: NetworkConfig, **keys: str) -> Path:
    """A configuration of two steps at 32 x 32."""
    written = network.model_dump(exclude_none=True) | {
        "decoder_channels": list(network.decoder_channels),
    }
    keys = {"checkpoint_steps": "1", "precision": '"float32"'} | keys
    lines = [
        'name = "toy"',
        'task = "pneumothorax"',
        *(f"{key} = {value}" for key, value in keys.items()),
        "[network]",
        *(f"{key} = {json.dumps(value)}" for key, value in written.items()),
        "[[stages]]",
        "image_size = 32\nepochs = 1\nbatch_size = 2",
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def candid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "candid"
    write_phantom_data_set(root, "candid", cases=CASES, seed=1, size_px=SIZE)
    return root


@pytest.fixture(scope="module")
def split_file(candid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = open_data_set(candid)
    positives = [case.id for case in data if case.positive]
    others = [case.id for case in data if not case.positive]
    members = {"train": (*positives[1:], *others), "validation": tuple(positives[:1]), "test": ()}
    members = {part: tuple(sorted(names)) for part, names in members.items()}
    path = tmp_path_factory.mktemp("split") / "split.json"
    save_split(Split(data.fingerprint, "image", 0, members), path)  # type: ignore[arg-type]
    return load_split(path, data) and path


@pytest.fixture(scope="module")
def reading(candid: Path, split_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a network that reads."""
    out = tmp_path_factory.mktemp("run")
    config = config_file(out / "config.toml", NETWORK, text_encoder='"minilm-l6"', checkpoint_steps="0")
    arguments = ["--data", str(candid), "--out", str(out), "--split", str(split_file), "--device", "cpu"]
    assert command(["train", str(config), *arguments, "--workers", "0"]) == ExitCode.DONE
    return out


def test_a_candid_folder_becomes_a_model_that_segments(reading: Path, candid: Path, split_file: Path) -> None:
    data = open_data_set(candid)
    result = Segmenter(str(reading / "model")).segment(data.load_image(data.cases[0]), "Left pneumothorax.")
    assert result.mask.shape == (SIZE, SIZE)
    facts = json.loads((reading / "run.json").read_text())
    # The phantoms' own reports are what the table holds, and all of them are true.
    assert facts["reports"] == {"own": CASES - 1, "contradicting": 0, "written": 0}
    stored = json.loads((reading / "split.json").read_text())
    assert stored["sha256"] == facts["split"]["sha256"] == json.loads(split_file.read_text())["sha256"]
    training = load_config(reading / "model").training
    assert training["run"]["split"]["sha256"] == stored["sha256"]


def test_each_checkpoint_leaves_figures_curves_and_a_picture(reading: Path) -> None:
    lines = [json.loads(line) for line in (reading / "metrics.jsonl").read_text().splitlines()]
    checkpoint = lines[-1]
    assert {"dice", "dice_empty", "dice_other_side", "text_effect"} <= checkpoint.keys()
    picture = cv2.imread(str(reading / "overlays" / f"step-{checkpoint['step']:06d}.png"))
    assert picture is not None
    assert picture.shape[1] == 320
    assert list((reading / "tensorboard").glob("events.*"))


def test_a_finished_run_is_not_overwritten(
    reading: Path, candid: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", str(reading / "config.toml"), "--data", str(candid), "--out", str(reading)]
    assert command(arguments) == ExitCode.USAGE
    assert "holds a run already: go on with --resume" in capsys.readouterr().err


def test_fine_tuning_starts_from_a_model(
    reading: Path, candid: Path, split_file: Path, tmp_path: Path
) -> None:
    frozen = config_file(
        tmp_path / "frozen.toml", NETWORK, text_encoder='"minilm-l6"', learning_rate="1e-12", ema_decay="0.0"
    )
    arguments = ["--data", str(candid), "--split", str(split_file), "--device", "cpu", "--quiet"]
    run = ["train", str(frozen), *arguments, "--out", str(tmp_path / "run"), "--from", str(reading / "model")]
    assert command([*run, "--workers", "0"]) == ExitCode.DONE
    before, after = (load_model(str(folder / "model")).network for folder in (reading, tmp_path / "run"))
    for old, new in zip(before.parameters(), after.parameters(), strict=True):
        np.testing.assert_allclose(old.detach(), new.detach(), atol=1e-3)


def test_reports_told_as_they_are_need_the_language_model_once(
    candid: Path,
    split_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    loaded: list[str] = []
    load = language_torch.load
    monkeypatch.setattr(
        language_torch, "load", lambda folder, name: loaded.append(name) or load(folder, name)
    )
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    config = config_file(
        tmp_path / "config.toml",
        NETWORK,
        text_encoder='"minilm-l6"',
        halves_mixed="0.0",
        text="{ false_positive = 0.0, shuffled = 0.0, synonyms = 0.0 }",
    )
    arguments = ["--data", str(candid), "--split", str(split_file), "--device", "cpu", "--workers", "0"]
    assert command(["train", str(config), *arguments, "--out", str(tmp_path / "run")]) == ExitCode.DONE
    assert "the language model is no longer in memory" in capsys.readouterr().err
    assert loaded == ["minilm-l6"]


def spoil_column(root: Path, table: str) -> None:
    (root / table).write_text((root / table).read_text().replace("Report,", "Text,", 1))


def drop_image(root: Path, table: str) -> None:
    del table
    next((root / "dataset").iterdir()).unlink()


def run_beyond(root: Path, table: str) -> None:
    (root / table).write_text(f"{(root / table).read_text().rstrip()} {SIZE * SIZE} 9\n")


def small_mask(root: Path, table: str) -> None:
    del table
    mask = next((root / "masks").iterdir())
    cv2.imwrite(str(mask), np.zeros((SIZE // 2, SIZE), np.uint8))


def foreign_report(root: Path, table: str) -> None:
    del table
    for report in (root / "reports").iterdir():
        report.write_bytes(b"\x81\x8d\x8f\x90 no letters of any encoding \x00\x01\x02")


@pytest.mark.parametrize(
    ("layout", "spoil", "message"),
    [
        ("candid", spoil_column, "Pneumothorax_reports.csv row 1 (header): no column Report"),
        ("candid", drop_image, "no image of that name in dataset/"),
        ("candid", run_beyond, f"a run lies outside the image of {SIZE}"),
        ("folder", small_mask, f"is {SIZE // 2} x {SIZE}, its image {SIZE} x {SIZE}"),
        ("folder", foreign_report, "the report"),
    ],
)
def test_a_wrong_data_set_is_answered_in_one_line(
    layout: str,
    spoil: Callable[[Path, str], None],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = tmp_path / "data"
    write_phantom_data_set(root, layout, cases=3, seed=1, size_px=SIZE)  # type: ignore[arg-type]
    spoil(root, "Pneumothorax_reports.csv")
    config = config_file(tmp_path / "config.toml", UNREAD, positives="0.5")
    arguments = ["train", str(config), "--data", str(root), "--out", str(tmp_path / "run"), "--quiet"]
    assert command([*arguments, "--device", "cpu"]) == ExitCode.INPUT
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert not (tmp_path / "run" / "model").exists()


def test_a_split_of_another_data_set_is_answered_in_one_line(
    split_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_phantom_data_set(tmp_path / "other", "folder", cases=3, seed=2, size_px=SIZE)
    config = config_file(tmp_path / "config.toml", UNREAD)
    arguments = ["train", str(config), "--data", str(tmp_path / "other"), "--out", str(tmp_path / "run")]
    assert command([*arguments, "--split", str(split_file)]) == ExitCode.INPUT
    assert "split.json is a split of another data set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "code", "message"),
    [
        ("--resume", ExitCode.INPUT, "checkpoint.safetensors belongs to another architecture"),
        ("--from", ExitCode.MODEL, "is of another architecture, task or text encoder than toy"),
    ],
)
def test_weights_of_another_architecture_are_answered_in_one_line(
    reading: Path,
    candid: Path,
    split_file: Path,
    option: str,
    code: ExitCode,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = config_file(tmp_path / "config.toml", UNREAD)
    arguments = ["train", str(config), "--data", str(candid), "--split", str(split_file), "--device", "cpu"]
    if option == "--resume":
        arguments += ["--out", str(reading), option]
    else:
        arguments += ["--out", str(tmp_path / "run"), option, str(reading / "model")]
    assert command([*arguments, "--quiet"]) == code
    assert message in capsys.readouterr().err


def test_a_device_that_is_not_there_is_an_error(
    candid: Path, split_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_file(tmp_path / "config.toml", UNREAD)
    arguments = ["train", str(config), "--data", str(candid), "--split", str(split_file)]
    assert command([*arguments, "--out", str(tmp_path / "run"), "--device", "cuda:99"]) == ExitCode.USAGE
    assert "device 'cuda:99' is not on this machine" in capsys.readouterr().err


def test_the_paper_is_the_default_of_contextual_net() -> None:
    config = load_training_config(find_training_config("contextual-net"))
    (stage,) = config.stages
    assert (stage.image_size, stage.epochs, stage.batch_size) == (1024, 100, 2)
    assert (config.loss, config.learning_rate, config.schedule, config.keep) == (
        *("bce", 5e-5, "constant", "best"),
    )
    assert config.augmentation == "paper"
    assert config.text_encoder == "t5-large"
    # 2,556 positives of CANDID-PTX in training, two a step, looked at once an epoch.
    steps = config.in_steps(2556, processes=1)
    assert (steps.total_steps, steps.checkpoint_steps) == (127_800, 1278)
    assert config.in_steps(2556, processes=8).total_steps == 16_000
    assert find_training_config("contextual-lite").parent.name == "contextual-lite"
    with pytest.raises(InputError, match="one of contextual-lite, contextual-net, lungs"):
        find_training_config("contextual-huge")


def test_a_stage_has_one_length() -> None:
    for length in ({}, {"steps": 1, "epochs": 1}):
        with pytest.raises(ValueError, match="give either steps or epochs"):
            toy_config(stages=[{"image_size": 32, "batch_size": 1, **length}])
    config: TrainingConfig = toy_config(
        accumulate=2, stages=[{"image_size": 32, "steps": 3, "batch_size": 1}]
    )
    assert config.in_batches(4).total_steps == 12
