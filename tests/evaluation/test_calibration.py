"""Reliability and temperatures, on probabilities whose truth is drawn from them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ptx_followup.evaluation.calibration import (
    calibration_json,
    fit_calibration,
    fit_temperature,
    histogram,
    reliability,
    rescaled,
)
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.segmentation.segmenter import Segmenter

RNG = np.random.default_rng(0)


def stated(temperature: float, pixels: int = 200_000) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are true once their logits are divided by `temperature`, and the truth."""
    logits = RNG.normal(-1, 2, (1, pixels))
    truth = RNG.random((1, pixels)) < 1 / (1 + np.exp(-logits))
    return (1 / (1 + np.exp(-logits * temperature))).astype(np.float32), truth


def test_every_pixel_is_counted_once() -> None:
    probability, truth = stated(1)
    counts = histogram(probability, truth)
    assert counts.sum(axis=1).tolist() == [np.count_nonzero(~truth), np.count_nonzero(truth)]
    edges = histogram(np.array([[0, 1e-9, 1 - 1e-9, 1]], np.float32), np.zeros((1, 4), bool))
    assert edges[0, 0] == edges[0, -1] == 2


def test_true_probabilities_have_no_calibration_error() -> None:
    curve = reliability(histogram(*stated(1)))
    assert curve.expected_error < 0.01
    np.testing.assert_allclose(curve.stated, curve.observed, atol=0.03)


@pytest.mark.parametrize("temperature", [0.5, 1, 2])
def test_the_temperature_is_found(temperature: float) -> None:
    counts = histogram(*stated(temperature))
    assert fit_temperature(counts) == pytest.approx(temperature, rel=0.03)
    assert reliability(rescaled(counts, fit_temperature(counts))).expected_error < 0.01


def test_the_error_is_the_one_computed_pixel_by_pixel() -> None:
    probability, truth = stated(2, 20_000)
    bins = np.minimum((probability * 20).astype(int), 19)
    expected = sum(
        np.mean(bins == number) * abs(probability[bins == number].mean() - truth[bins == number].mean())
        for number in range(20)
    )
    assert reliability(histogram(probability, truth)).expected_error == pytest.approx(expected, abs=0.003)


def test_masks_of_another_size_get_another_temperature() -> None:
    sizes = np.repeat([0.001, 0.01, 0.1], 12)
    true = {0.001: 0.5, 0.01: 1.0, 0.1: 2.0}
    histograms = [histogram(*stated(true[size], 20_000)) for size in sizes]
    fitted = fit_calibration(histograms, list(sizes), "drawn")
    assert [fitted.temperature(size) for size in true] == pytest.approx(list(true.values()), rel=0.1)
    assert fitted.source == "drawn"


def test_a_few_cases_calibrate_nothing() -> None:
    assert fit_calibration([histogram(*stated(2))] * 9, [0.1] * 9, "drawn").temperatures == (1.0,)
    alike = fit_calibration([histogram(*stated(2))] * 15, [0.1] * 15, "drawn")
    assert alike.area_limits == ()
    assert alike.temperatures == pytest.approx((2,), rel=0.05)


def test_the_fitted_temperatures_lower_the_error_of_the_same_pixels() -> None:
    histograms = [histogram(*stated(2, 20_000)) for _ in range(12)]
    found = calibration_json(histograms, [0.1] * 12, fit_calibration(histograms, [0.1] * 12, "drawn"))
    for pixels, error in found["expected_error"].items():
        assert found["expected_error_fitted"][pixels] < 0.2 * error


def test_a_stored_calibration_changes_the_probability_and_not_the_mask(
    untrained_model: Path, segmenter: Segmenter, tmp_path: Path
) -> None:
    folder = tmp_path / "calibrated"
    shutil.copytree(untrained_model, folder)
    config = json.loads((folder / "config.json").read_text())
    config["calibration"] = {"temperatures": [2.0], "source": "a test"}
    (folder / "config.json").write_text(json.dumps(config))
    radiograph = Radiograph(RNG.random((64, 64), np.float32))
    plain = segmenter.segment(radiograph, None)
    calibrated = Segmenter(str(folder)).segment(radiograph, None)
    np.testing.assert_array_equal(plain.mask, calibrated.mask)
    odds = [one.probability / (1 - one.probability) for one in (plain, calibrated)]
    np.testing.assert_allclose(odds[1], np.sqrt(odds[0]), rtol=1e-4)
