"""The fitted error is that of the simulated measurements, and its intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from ptx_followup.network.checkpoint import MeasurementError
from ptx_followup.training.measurement_error import MeasuredPair, cross_fit, fit_error, judge


def measured_pairs(
    relative: float, floor: float, shared: float = 0.0, patients: int = 40, seed: int = 0
) -> list[MeasuredPair]:
    """Ten pairs a patient; measured = true x factor + constant, `shared` of the factor's variance common."""
    random = np.random.default_rng(seed)
    pairs = []
    for patient in range(patients):
        for _ in range(10):
            expert = random.gamma(1.2, 12, size=2).clip(0, 90)
            common = random.normal() * np.sqrt(shared)
            own = random.normal(size=2) * np.sqrt(1 - shared)
            measured = expert * np.exp(relative * (common + own)) + random.normal(0, floor, 2)
            prior, followup = (float(value) for value in measured.clip(0, 100))
            pairs.append(MeasuredPair(str(patient), prior, followup, float(expert[0]), float(expert[1])))
    return pairs


@pytest.fixture(scope="module")
def pairs() -> list[MeasuredPair]:
    return measured_pairs(relative=0.25, floor=1.0)


@pytest.fixture(scope="module")
def fitted(pairs: list[MeasuredPair]) -> MeasurementError:
    return fit_error(pairs, "simulated")


def test_the_fit_finds_the_simulated_error(fitted: MeasurementError) -> None:
    assert fitted.relative == pytest.approx(0.25, abs=0.1)
    assert fitted.relative_above == pytest.approx(0.25, abs=0.1)
    assert fitted.floor_percent == pytest.approx(1, abs=1)
    assert fitted.source == "simulated"


def test_intervals_hold_their_share_of_pairs_that_were_not_fitted(fitted: MeasurementError) -> None:
    others = judge(measured_pairs(relative=0.25, floor=1.0, seed=1), fitted)
    assert 0.92 <= others.coverage <= 0.99
    assert 0.92 <= others.exam_coverage <= 0.99
    assert others.wrong < 0.02
    assert others.doubled_directions > 0.6


def test_folds_of_patients_come_near_the_promise_too(pairs: list[MeasuredPair]) -> None:
    outcome = cross_fit(pairs[::4])
    assert outcome.pairs == 100
    assert 0.9 <= outcome.coverage <= 1


def test_what_both_exams_err_in_alike_cancels_in_the_difference() -> None:
    alike = fit_error(measured_pairs(relative=0.4, floor=0.5, shared=0.9)[::2], "alike")
    apart = fit_error(measured_pairs(relative=0.4, floor=0.5, shared=0.0)[::2], "apart")
    assert alike.correlation > apart.correlation + 0.2


def test_a_network_that_underestimates_gets_longer_upper_limits(pairs: list[MeasuredPair]) -> None:
    halved = [
        MeasuredPair(one.patient, one.prior / 2, one.followup / 2, one.expert_prior, one.expert_followup)
        for one in pairs[::2]
    ]
    error = fit_error(halved, "halved")
    assert error.relative_above is not None
    assert error.relative_above > error.relative + 0.2


def test_a_doubtful_pair_counts_without_a_direction(pairs: list[MeasuredPair]) -> None:
    certain = MeasuredPair("1", 60.0, 5.0, 60.0, 5.0)
    doubted = MeasuredPair("1", 60.0, 5.0, 60.0, 5.0, doubt="registration")
    precise = MeasurementError(relative=0.1, floor_percent=0.5)
    assert judge([certain], precise).directions == 1
    assert judge([doubted], precise).directions == 0
