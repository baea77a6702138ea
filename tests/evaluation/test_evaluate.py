"""`ptx eval` on phantoms, with a network that knows nothing: what is written, and that it fits together."""

import csv
import json
import math
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from ptx_followup.cli.app import run
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.phantom_layouts import write_phantom_data_set
from ptx_followup.errors import InputError
from ptx_followup.evaluation.choice import Choice
from ptx_followup.evaluation.output import without_identity, write_evaluation
from ptx_followup.evaluation.run import evaluate
from ptx_followup.evaluation.tables import read_table
from ptx_followup.files.storage import sha256_of_file
from ptx_followup.network.checkpoint import ModelConfig, save_model
from ptx_followup.network.config import NetworkConfig
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.preprocessing import Preprocessing
from ptx_followup.segmentation.segmenter import Segmenter


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    write_phantom_data_set(folder, "candid", cases=10, seed=3, size_px=128)
    return folder


@pytest.fixture(scope="module")
def out(phantoms: Path, untrained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eval") / "out"
    arguments = ["eval", "--data", phantoms, "--part", "all", "--model", untrained_model, "--out", folder]
    assert run([*map(str, arguments), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def document(out: Path) -> dict:
    return json.loads((out / "result.json").read_text())


@pytest.fixture(scope="module")
def rows(out: Path) -> list[dict[str, str]]:
    with (out / "cases.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_file_is_there_and_named(out: Path, document: dict) -> None:
    assert {path.name for path in out.iterdir()} == set(document["outputs"].values())
    assert set(document["outputs"]) >= {"page", "cases_csv", "cases_parquet", "worst_cases", "bland_altman"}


def test_both_tables_hold_the_same(out: Path, rows: list[dict[str, str]]) -> None:
    from pyarrow import parquet

    other = parquet.read_table(out / "cases.parquet").to_pylist()
    assert [row["id"] for row in rows] == [row["id"] for row in other]
    for row, typed in zip(rows, other, strict=True):
        assert {name: value == "" for name, value in row.items()} == {
            name: value is None for name, value in typed.items()
        }
        assert float(row["dice"]) == typed["dice"]


def test_the_summary_is_that_of_the_table(document: dict, rows: list[dict[str, str]]) -> None:
    matching = [row for row in rows if row["condition"] == "matching" and row["positive"] == "true"]
    dice = document["positives"]["dice"]
    assert dice["n"] == len(matching) == document["cases"]["positives"]
    assert dice["value"] == pytest.approx(np.mean([float(row["dice"]) for row in matching]), abs=1e-4)
    assert document["cases"]["reports"] == {"own": 10, "synthesised": 0}
    assert document["strata"]["chest_tube"]["yes"]["dice"]["n"] == sum(
        row["chest_tube"] == "true" for row in matching
    )
    for row in matching:
        if row["hd95_mm"]:
            area = float(row["area_mm2"]) / float(row["area_px"])
            assert float(row["hd95_mm"]) == pytest.approx(float(row["hd95_px"]) * math.sqrt(area), rel=1e-3)


def test_a_report_that_denies_empties_the_mask_of_a_negative(document: dict) -> None:
    specificity = document["detection"]["matching"]["specificity"]
    assert specificity["value"] == 1
    assert (
        specificity["n"]
        == document["cases"]["negatives"]
        == document["detection"]["denied"]["specificity"]["n"]
    )


def test_the_page_needs_nothing_else(out: Path) -> None:
    page = (out / "summary.html").read_text()
    assert "Research use only" in page
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert page.count("data:image/png;base64,") == 5
    assert "http" not in re.sub(r"data:image/png;base64,\S+|http-equiv", "", page)


def test_against_its_own_table_nothing_differs(
    phantoms: Path, untrained_model: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["eval", "--data", phantoms, "--part", "all", "--model", untrained_model, "--against", out]
    assert run([*map(str, arguments), "--out", str(tmp_path / "again"), "--json"]) == 0
    comparison = json.loads(capsys.readouterr().out)["comparison"]
    assert comparison["not_shared"] == 0
    assert comparison["dice"]["difference"]["value"] == 0
    assert comparison["dice"]["p_bootstrap"] == comparison["dice"]["p_wilcoxon"] == 1


def test_the_model_is_set_beside_readers_of_another_data_set(
    phantoms: Path, untrained_model: Path, tmp_path: Path
) -> None:
    figure = {"value": 0.5, "low": None, "high": None, "n": 1}
    agreement = {
        "schema": "ptx-readings/1",
        "data": {"name": "others", "fingerprint": "of another"},
        "films": {"told_apart": 1},
        "pairs": 1,
        "dice": figure | {"value": 0.6125},
        "ratio": {"sd_log": figure, "factor_1_5": figure, "factor_2": figure},
    }
    (tmp_path / "readings.json").write_text(json.dumps(agreement))
    data = open_data_set(phantoms)
    positives = Choice(tuple(case for case in data if case.positive)[:2], "all")
    evaluation = evaluate(str(untrained_model), data, positives, readings=tmp_path / "readings.json")
    (tmp_path / "out").mkdir()
    document = write_evaluation(evaluation, tmp_path / "out")
    assert document["readings"]["sha256"] == sha256_of_file(tmp_path / "readings.json")
    assert any("of another data set" in warning for warning in document["warnings"])
    assert document["readings"]["data"]["name"] == "others"
    assert without_identity(evaluation, data).document["readings"]["data"]["name"] == "readings"
    rows = [row for row in evaluation.rows if row.condition == "matching"]
    apart = [max(row.area_px, row.expert_px) > 2 * min(row.area_px, row.expert_px) for row in rows]
    assert document["area_ratio"]["factor_2"]["value"] == pytest.approx(np.mean(apart))
    page = (tmp_path / "out" / "summary.html").read_text()
    assert "Beside a second reader" in page
    assert "0.613" in page or "0.612" in page


def test_one_encoding_gives_what_the_segmenter_gives(segmenter: Segmenter, phantoms: Path) -> None:
    data = open_data_set(phantoms)
    pixels = [data.load_image(case).pixels for case in data.cases[:2]]
    pixels[1] = np.ascontiguousarray(pixels[1][:, 20:90])
    pairs = [(0, ""), (1, "Large left pneumothorax."), (0, "Small right apical pneumothorax."), (1, "")]
    found = segmenter.predictor.probability_maps(pixels, pairs)
    for (index, text), probability in zip(pairs, found, strict=True):
        expected = segmenter.probabilities([pixels[index]], [text])[0]
        np.testing.assert_allclose(
            probability, expected, atol=2e-3 if segmenter.model.engine.precision == "bf16" else 1e-5
        )


def test_a_case_that_cannot_be_read_is_left_out_and_named(
    phantoms: Path, untrained_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "copy"
    (data / "images").mkdir(parents=True)
    (data / "index.csv").write_text("id,pneumothorax\nbroken,0\n")
    (data / "images" / "broken.png").write_bytes(b"no picture")
    arguments = ["eval", "--data", data, "--part", "all", "--model", untrained_model, "--out", tmp_path / "o"]
    assert run(list(map(str, arguments))) == 3
    assert "no case of copy can be read" in capsys.readouterr().err
    cv2.imwrite(str(data / "images" / "broken.png"), np.full((64, 64), 7, np.uint8))  # fit for nothing
    assert run(list(map(str, arguments))) == 3


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "other.csv"
    wrong.write_text("id,dice\na,1\n")
    with pytest.raises(InputError, match="lacks the column condition"):
        read_table(wrong)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "broken.parquet")


def test_another_model_is_run_on_the_same_cases_under_the_same_reports(
    phantoms: Path, untrained_model: Path
) -> None:
    data = open_data_set(phantoms)
    positives = Choice(tuple(case for case in data if case.positive)[:3], "all")
    steps: list[None] = []
    evaluation = evaluate(
        str(untrained_model),
        data,
        positives,
        against=str(untrained_model),
        advance=lambda: steps.append(None),
    )
    comparison = evaluation.document["comparison"]
    assert (comparison["against"], comparison["cases"], len(steps)) == ("untrained", 3, 6)
    assert comparison["dice"]["difference"]["value"] == comparison["iou"]["difference"]["value"] == 0


def test_negatives_alone_and_a_network_that_reads_nothing_are_evaluated_too(
    phantoms: Path, tmp_path: Path
) -> None:
    network = NetworkConfig(encoder="efficientnet-lite0", decoder_channels=(8, 8, 8, 8))
    config = ModelConfig(
        name="unread",
        version="0",
        task="pneumothorax",
        network=network,
        preprocessing=Preprocessing(image_size=64),
    )
    state = ContextualNet(network).state_dict()
    state["head.conv.weight"] *= 0
    state["head.conv.bias"].fill_(-8)  # it finds nothing anywhere
    save_model(tmp_path / "unread", state, config, "")
    data = open_data_set(phantoms)
    for positive in (True, False):
        cases = tuple(case for case in data if case.positive is positive)[:2]
        evaluation = evaluate(str(tmp_path / "unread"), data, Choice(cases, "all"))
        assert {row.condition for row in evaluation.rows} == {"matching"}
        (tmp_path / str(positive)).mkdir()
        document = write_evaluation(evaluation, tmp_path / str(positive))
        assert document["positives"]["missed"]["n"] == (2 if positive else 0)
        assert document["positives"]["missed"]["value"] == (1 if positive else None)
        assert any("reads no reports" in warning for warning in document["warnings"])
        assert "Evaluation of unread" in (tmp_path / str(positive) / "summary.html").read_text()
