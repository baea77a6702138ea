"""`ptx calibrate` writes a configuration that the model's own can be replaced by."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from made_pairs import films

from ptx_followup.calibration.sizes import write_sizes
from ptx_followup.network.checkpoint import load_config

if TYPE_CHECKING:
    from conftest import Ptx


def test_the_command_writes_a_configuration_that_is_used(
    ptx: Ptx, tmp_path: Path, untrained_model: Path
) -> None:
    sizes, pairs = films(8)
    write_sizes(tmp_path / "sizes.csv", sizes)
    with (tmp_path / "pairs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "prior", "followup", "gap", "split"])
        writer.writerows([one.patient, one.prior, one.followup, one.gap, one.split] for one in pairs)
    out = tmp_path / "out"
    inputs = ("--pairs", tmp_path / "pairs.csv", "--sizes", tmp_path / "sizes.csv")
    ran = ptx("calibrate", *inputs, "--model", untrained_model, "--source", "a test", "--out", out, "--json")
    assert ran.code == 0, ran.stderr
    error = load_config(out).error
    assert error.source == "a test"
    assert error.model_dump(mode="json") == ran.document["error"]
    assert load_config(out).weights_sha256 == load_config(untrained_model).weights_sha256
    assert (out / "reliability.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((out / "result.json").read_text()) == ran.document
    assert set(ran.document["routes"]) == {"images", "images and words", "mixed"}
    assert set(ran.document["beside"]) == {"the constant answer", "the words alone", "a second expert"}
    for name, part in (("first", sizes[::2]), ("second", sizes[1::2])):  # as of two folds
        write_sizes(tmp_path / f"{name}.csv", part)
    folds = [value for name in ("first", "second") for value in ("--sizes", tmp_path / f"{name}.csv")]
    again = ptx(
        "calibrate",
        *inputs[:2],
        *folds,
        "--model",
        untrained_model,
        "--source",
        "a test",
        "--out",
        tmp_path / "folds",
        "--json",
    )
    assert again.document["error"] == ran.document["error"]
    judged = tmp_path / "judged"
    stored = ptx("calibrate", *inputs, "--model", untrained_model, "--as-stored", "--out", judged, "--json")
    assert load_config(judged).error == load_config(untrained_model).error
    assert stored.document["routes"] != ran.document["routes"]
    ptx("calibrate", *inputs, "--model", untrained_model, "--out", out).refused(2, "holds results already")
    ptx("calibrate", "--pairs", tmp_path / "none.csv", "--out", tmp_path / "o").refused(3, "none.csv")
