"""From a data set in the CANDID-PTX layout to the paper's table, command by command, as a user goes."""

import json
from pathlib import Path

import pytest
from made_chain import write_toy

from ptx_followup.cli.app import run


def test_from_a_candid_folder_to_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ptx(*arguments: object) -> dict:
        capsys.readouterr()
        assert run([*map(str, arguments), "--quiet", "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    data, config = tmp_path / "candid", write_toy(tmp_path)
    ptx("data", "phantom", data, "--layout", "candid", "--cases", 12, "--size", 96)
    checked = ptx("data", "check", data)
    assert (checked["cases"], checked["unusable"]) == (12, 0)

    model = Path(ptx("train", config, "--data", data, "--out", tmp_path / "run", "--workers", 0)["model"])

    evaluated = ptx("eval", "--data", data, "--model", model, "--part", "all", "--out", tmp_path / "eval")
    assert evaluated["model"]["name"] == "toy"
    assert evaluated["cases"]["reports"] == {"own": 12, "synthesised": 0}

    image = next(path for path in sorted((data / "dataset").iterdir()))
    segmented = ptx("segment", image, "--no-report", "--model", model, "--out", tmp_path / "segment")
    assert segmented["model"]["sha256"] == evaluated["model"]["sha256"]

    table = ptx(
        *("reproduce", "table1", "--data", data, "--out", tmp_path / "table1", "--config", config),
        *("--rows", "unet", "--rows", "contextual", "--folds", 1, "--epochs", 1, "--workers", 0),
    )
    run_rows = {row["key"]: row for row in table["rows"] if row["dice"] is not None}
    assert set(run_rows) == {"unet", "contextual"}
    assert run_rows["contextual"]["folds"].keys() == {"98"}
    assert table == json.loads((tmp_path / "table1" / "table1.json").read_text())
