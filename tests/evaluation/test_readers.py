"""`ptx data readings`: readers taken apart, and how well they agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from ptx_followup.cli.app import run
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.rle import encode
from ptx_followup.errors import InputError
from ptx_followup.evaluation.reader_agreement import agreement_of, read_agreement
from ptx_followup.evaluation.readers import gather_readings
from ptx_followup.evaluation.statistics import Bootstrap, area_ratios

SIZE = 128


def block(top: int, bottom: int, left: int = 20, right: int = 40) -> np.ndarray:
    """On the patient's right, which is the image's left; 20 columns wide."""
    mask = np.zeros((SIZE, SIZE), bool)
    mask[top:bottom, left:right] = True
    return mask


def halves(pixels: np.ndarray) -> np.ndarray:
    """Hemithoraces of 50 x 100 pixels each."""
    del pixels
    lungs = np.zeros((SIZE, SIZE), np.uint8)
    lungs[10:110, 10:60], lungs[10:110, 68:118] = 1, 2
    return lungs


def none_found(pixels: np.ndarray) -> np.ndarray:
    return np.zeros(pixels.shape, np.uint8)


@pytest.fixture
def siim(tmp_path: Path) -> Callable[..., Path]:
    def write(films: dict[str, list[np.ndarray]]) -> Path:
        rows = ["ImageId,EncodedPixels"]
        for name, outlines in films.items():
            film = np.random.default_rng(len(rows)).integers(0, 256, (SIZE, SIZE), np.uint8)
            cv2.imwrite(str(tmp_path / f"{name}.png"), film)
            rows += [f"{name},{encode(one, 'relative')}" for one in outlines] or [f"{name},-1"]
        (tmp_path / "train-rle.csv").write_text("\n".join(rows) + "\n")
        return tmp_path

    return write


FILMS = {
    "same": [block(20, 60), block(20, 60)],
    "half": [block(20, 60), block(20, 40)],
    "apart": [block(20, 60), block(50, 90)],  # as large, and a quarter in common
    "pieces": [block(20, 40), block(50, 70)],
    "doubt": [block(20, 60), block(30, 70), block(20, 60, 70, 90)],
    "once": [block(20, 60)],
    "free": [],
}


def test_readers_are_told_apart_where_outlines_cover_one_another(siim: Callable[..., Path]) -> None:
    readings = gather_readings(open_data_set(siim(FILMS)), halves)
    assert (readings.films, readings.counted, readings.whole) == (3, 0, 2)
    assert {pair.film: (pair.areas_px, pair.both_px) for pair in readings.pairs} == {
        "same": ((800, 800), 800),
        "half": ((800, 400), 400),
        "apart": ((800, 800), 200),
    }
    # 800 of the 5,000 pixels of the hemithorax on that side.
    assert readings.pairs[1].percents == pytest.approx((16, 8))


def test_the_figures_are_those_of_their_definitions(siim: Callable[..., Path]) -> None:
    data = open_data_set(siim(FILMS))
    figures = agreement_of(gather_readings(data, halves), data)
    assert (figures["pairs"], figures["patients"]) == (3, 3)
    assert figures["dice"]["value"] == pytest.approx((1 + 2 / 3 + 1 / 4) / 3, abs=1e-3)
    spread = np.log(2) / np.sqrt(3)  # two differences of 0, one of log 2; nobody is the first reader
    assert figures["ratio"]["sd_log"]["value"] == pytest.approx(spread, abs=1e-4)
    assert figures["ratio"]["limits"]["value"] == pytest.approx(np.exp(1.96 * spread), abs=1e-3)
    assert figures["ratio"]["factor_1_5"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["ratio"]["factor_2"]["value"] == 0  # exactly two is not beyond two
    assert figures["percent"]["limits_points"]["value"] == pytest.approx(1.96 * 8 / np.sqrt(3), abs=1e-3)
    of_one = np.log(17 / 9) / np.sqrt(3) / np.sqrt(2)
    assert figures["one_reader"]["sd_log1p_percent"]["value"] == pytest.approx(of_one, abs=1e-4)
    assert figures["reader_error"]["sd_log1p"] == pytest.approx(of_one, abs=1e-9)
    assert figures["union"]["value"] == pytest.approx((1 + 800 / 600 + 1400 / 800) / 3, abs=1e-4)


def test_the_order_of_the_readers_does_not_matter(siim: Callable[..., Path]) -> None:
    data = open_data_set(siim(FILMS))
    figures = agreement_of(gather_readings(data, halves), data)
    turned = open_data_set(siim({name: outlines[::-1] for name, outlines in FILMS.items()}))
    assert agreement_of(gather_readings(turned, halves), turned) == figures


def test_a_film_that_three_people_read_gives_three_pairs(siim: Callable[..., Path]) -> None:
    data = open_data_set(siim({"a": [block(20, bottom) for bottom in (60, 70, 80)]}))
    readings = gather_readings(data, none_found)
    assert (len(readings.pairs), readings.films) == (3, 1)
    assert readings.pairs[0].percents is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A film with the masks of two readers, one with a union alone, and a table of pixel counts."""
    for name in ("images", "masks", "readings"):
        (tmp_path / name).mkdir()
    for number, film in enumerate(("a", "b")):
        pixels = np.random.default_rng(number).integers(0, 256, (SIZE, SIZE), np.uint8)
        cv2.imwrite(str(tmp_path / "images" / f"{film}.png"), pixels)
        cv2.imwrite(str(tmp_path / "masks" / f"{film}.png"), 255 * block(20, 60).astype(np.uint8))
    for letter, bottom in (("a", 60), ("b", 40)):
        mask = 255 * block(20, bottom).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "readings" / f"a_{letter}.png"), mask)
    (tmp_path / "index.csv").write_text(
        "id,patient,pneumothorax,several_readings\na,p,1,1\nb,p,1,1\n", encoding="utf-8"
    )
    (tmp_path / "readings.csv").write_text(
        "id,a_px_1024,b_px_1024,both_px_1024\na,1,1,1\n,300,100,90\n,50,50,25\n", encoding="utf-8"
    )
    return tmp_path


def test_a_folder_adds_films_that_a_table_counts(folder: Path) -> None:
    readings = gather_readings(open_data_set(folder), none_found)
    assert (readings.films, readings.counted, readings.whole) == (3, 2, 1)
    # Of a film whose masks are there, these count.
    assert [(pair.areas_px, pair.both_px) for pair in readings.pairs] == [
        ((800, 400), 400),
        ((300, 100), 90),
        ((50, 50), 25),
    ]
    assert len({pair.patient for pair in readings.pairs}) == 3


@pytest.mark.parametrize("row", ["x,10,5,6", "x,0,5,0", "x,10,five,2", "x,10,,2"])
def test_wrong_counts_name_their_row(folder: Path, row: str) -> None:
    (folder / "readings.csv").write_text(f"id,a_px,b_px,both_px\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"readings.csv row 2"):
        gather_readings(open_data_set(folder), none_found)


def test_without_several_readings_there_is_nothing_to_say(siim: Callable[..., Path]) -> None:
    data = open_data_set(siim({"a": [block(20, 60)]}))
    with pytest.raises(InputError, match=r"no film of .* that can be told apart"):
        agreement_of(gather_readings(data, none_found), data)


def test_the_command_writes_what_an_evaluation_reads(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "agreement.json"
    assert run(["data", "readings", str(folder), "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(out.read_text())
    data = open_data_set(folder)
    found = read_agreement(out, data)
    assert (found["same_data"], found["dice"]) == (True, printed["dice"])
    assert run(["data", "readings", str(folder), "--out", str(out)]) == 2  # never replaced
    assert "exists" in capsys.readouterr().err
    assert run(["data", "readings", str(folder), "--quiet"]) == 0
    assert "3 with readers told apart (2 of them" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", ["", "[]", '{"schema": "ptx-readings/1"}', '{"schema": "ptx-eval/1", "data": {}}', "[" * 9999]
)
def test_another_file_is_no_agreement_of_readers(folder: Path, tmp_path: Path, content: str) -> None:
    other = tmp_path / "other.json"
    other.write_text(content)
    with pytest.raises(InputError, match=r"other.json holds no figures of readers"):
        read_agreement(other, open_data_set(folder))


def test_an_empty_mask_is_more_than_any_factor_apart() -> None:
    ratios = area_ratios(Bootstrap(["a", "b", "c"]), np.array([0.0, 10, 10]), np.array([10.0, 10, 16]))
    assert ratios.sd_log.value == pytest.approx(np.log(1.6) / np.sqrt(2))
    assert ratios.sd_log.n == 2
    assert (ratios.factor_1_5.value, ratios.factor_2.value) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_real_readers_agree_as_their_documentation_says(real_data: Path) -> None:
    data = open_data_set(real_data / "cxr")
    figures = agreement_of(gather_readings(data, none_found), data)
    assert figures["films"] == {"told_apart": 72, "of_these_counts_alone": 32, "not_told_apart": 56}
    dice = figures["dice"]
    assert [round(dice[name], 2) for name in ("value", "low", "high")] == [0.63, 0.59, 0.68]
    assert round(figures["ratio"]["factor_2"]["value"], 2) == 0.21
    assert round(figures["union"]["value"], 2) == 1.37
    assert figures["ratio"]["sd_log"]["low"] < 0.57 < figures["ratio"]["sd_log"]["high"]
