"""The rows of the paper's Table 1: what differs between them, and what a run leaves."""

import json
from pathlib import Path

import pytest
from made_chain import toy_base

from ptx_followup.cli.app import run
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.phantom_layouts import write_phantom_data_set
from ptx_followup.errors import InputError, UsageError
from ptx_followup.reproduction.folds import run_fold
from ptx_followup.reproduction.table1 import ROWS, choose_rows, row_config
from ptx_followup.reproduction.table1_run import estimate, plan, table
from ptx_followup.training.config import TrainingConfig, find_training_config, load_training_config


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    write_phantom_data_set(folder, "candid", cases=12, seed=1, size_px=96)
    return folder


def paper_config() -> TrainingConfig:
    return load_training_config(find_training_config("contextual-net"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_each_row_is_a_valid_configuration_of_the_paper(row) -> None:
    config = row_config(row, paper_config(), epochs=100, seed=98)
    assert config.in_steps(2556, 1).total_steps == 127_800  # 100 passes over 2,556 images, two at a time
    assert (config.stages[0].image_size, config.loss, config.learning_rate) == (1024, "bce", 5e-5)
    assert config.seed == 98
    # Positives alone, whole reports, nothing untrue told: the experiment is the same in every row.
    assert (config.positives, config.text.full, config.halves_mixed) == (1, 1, 0)
    assert (config.text.size_off, config.text.other_side, config.mirrored) == (0, 0, 0)
    assert (config.network.text_dim is None) == (config.text_encoder is None) == row.key.startswith("unet")


def test_the_rows_differ_as_the_paper_says() -> None:
    configs = {row.key: row_config(row, paper_config(), 1, 98) for row in ROWS}
    assert {key for key, one in configs.items() if one.augmentation == "none"} == {
        "unet-plain",
        "contextual-plain",
    }
    assert {key for key, one in configs.items() if one.text.synonyms} == {"synonyms", "synonyms-shuffle"}
    assert {key for key, one in configs.items() if one.text.shuffled} == {"shuffle", "synonyms-shuffle"}
    assert {key for key, one in configs.items() if one.text.empty} == {"contextual-empty"}
    assert {key for key, one in configs.items() if one.flipped} == {"contextual-flipped"}
    assert configs["roberta"].text_encoder == "roberta-base"


def test_layers_of_the_base_do_not_go_to_another_language_model() -> None:
    base = load_training_config(find_training_config("contextual-lite"))
    roberta = next(row for row in ROWS if row.key == "roberta")
    assert row_config(roberta, base, 1, 98).text_layers is None


def test_the_paper_stands_beside_every_row() -> None:
    found = table({"contextual": {98: 0.70, 117: 0.72}})
    rows = {row["key"]: row for row in found["rows"]}
    assert len(rows) == len(ROWS) + 1
    assert rows["contextual"]["paper"] == (0.716, 0.016)
    assert rows["contextual"]["dice"] == pytest.approx(0.71)
    assert rows["contextual"]["deviation"] == pytest.approx(0.01414, abs=1e-5)
    assert rows["unet"]["dice"] is None


def test_the_folds_are_the_papers_and_warn_of_shared_patients(phantoms: Path) -> None:
    data = open_data_set(phantoms)
    runs = plan(data, choose_rows(["unet"]), toy_base(), folds=5, epochs=1)
    assert [fold.seed for fold in runs.folds] == [98, 117, 295, 456, 915]
    assert "exams in more than one part" in runs.warnings[0]
    positives = {case.id for case in data if case.positive}
    for fold in runs.folds:
        assert sorted(name for part in fold.split.members.values() for name in part) == sorted(positives)
        assert fold.training_images == len(fold.split.members["train"])


def test_an_estimate_names_hours_and_what_is_missing(
    phantoms: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    runs = plan(open_data_set(phantoms), choose_rows(["unet", "roberta"]), toy_base(), folds=2, epochs=3)
    found = estimate(runs, "cpu")
    for row in found["rows"]:
        assert row["hours"] == pytest.approx(row["batches"] * row["seconds_per_batch"] / 3600)
    assert found["rows"][1]["needs"] == ["ptx model fetch roberta-base"]
    assert found["hours"] == pytest.approx(sum(row["hours"] for row in found["rows"]))


def test_a_finished_fold_is_not_run_again_and_other_settings_are_refused(
    phantoms: Path, tmp_path: Path
) -> None:
    data = open_data_set(phantoms)
    runs = plan(data, choose_rows(["unet"]), toy_base(), folds=1, epochs=1)
    (fold,), (config,) = runs.folds, runs.configs.values()
    first = run_fold(config, data, fold, tmp_path / "run", reports=False, workers=0)
    again: list[object] = []
    assert run_fold(config, data, fold, tmp_path / "run", reports=False, workers=0, log=again.append) == first
    assert again == []
    tested = json.loads((tmp_path / "run" / "test.json").read_text())
    assert set(tested["cases"]) == set(fold.split.members["test"])
    other = config.model_copy(update={"learning_rate": 1e-4})
    with pytest.raises(UsageError, match="other settings"):
        run_fold(other, data, fold, tmp_path / "run", reports=False, workers=0, log=again.append)


def test_wrong_rows_and_data_sets_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="no row 'surprise'"):
        choose_rows(["surprise"])
    write_phantom_data_set(tmp_path / "few", "candid", cases=1, seed=0, size_px=96)
    with pytest.raises(InputError, match="has 1 radiographs with a pneumothorax"):
        plan(open_data_set(tmp_path / "few"), ROWS, toy_base(), folds=1, epochs=1)
    assert run(["reproduce", "table1", "--data", str(tmp_path / "few"), "--rows", "surprise"]) == 2
    assert "choose from unet-plain" in capsys.readouterr().err
