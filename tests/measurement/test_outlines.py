"""Probabilities and intervals of a change: scipy's bivariate normal and a simulation are the judges."""

from __future__ import annotations

from math import log, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from ptx_followup.measurement.outlines import Outline, difference_interval, exceedance, probability_of

outlines = st.one_of(
    st.builds(Outline, st.floats(-2, 9.5), st.floats(0.5, 4), st.just("root")),
    st.builds(Outline, st.floats(0, 4.6), st.floats(0.2, 0.6), st.just("log")),
)
correlations = st.floats(-0.9, 0.9)


@pytest.mark.parametrize("correlation", [-0.7, 0.0, 0.5, 0.9])
def test_the_direction_is_that_of_the_bivariate_normal_distribution(correlation: float) -> None:
    above, below = Outline(2.2, 1.3, "root"), Outline(3.1, 2.0, "root")
    shared = correlation * 1.3 * 2.0
    # Larger is "above exceeds below, and shows something": two conditions on two normal variables.
    covariance = [[1.3**2 + 2.0**2 - 2 * shared, 1.3**2 - shared], [1.3**2 - shared, 1.3**2]]
    expected = multivariate_normal([3.1 - 2.2, -2.2], covariance).cdf([0, 0])
    assert float(exceedance(above, below, correlation)) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("points", [-20.0, -5.0, 0.0, 5.0, 30.0])
def test_differences_in_points_are_those_of_a_simulation(points: float) -> None:
    above, below, correlation = Outline(2.2, 1.3, "root"), Outline(log1p(9), 0.4, "log"), 0.5
    errors = np.random.default_rng(0).multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], 10**6)
    first = np.maximum(2.2 + 1.3 * errors[:, 0], 0) ** 2
    second = np.expm1(np.maximum(log1p(9) + 0.4 * errors[:, 1], 0))
    simulated = float(np.mean(first - second > points))
    assert float(exceedance(above, below, correlation, points)) == pytest.approx(simulated, abs=2e-3)
    if points == 0:
        ends = difference_interval(below, above, correlation)
        assert ends == pytest.approx(np.quantile(first - second, [0.025, 0.975]), abs=0.3)


@settings(deadline=None, max_examples=40)
@given(outlines, outlines, correlations)
def test_swapped_exams_mirror_every_figure_exactly(first: Outline, second: Outline, rho: float) -> None:
    there, back = probability_of(first, second, rho), probability_of(second, first, rho)
    assert (there.increase, there.decrease) == (back.decrease, back.increase)
    assert there.within_5_points == back.within_5_points
    low, high = difference_interval(first, second, rho)
    assert difference_interval(second, first, rho) == (-high, -low)


@settings(deadline=None, max_examples=40)
@given(outlines, outlines, correlations)
def test_larger_smaller_and_none_on_either_are_all_there_is(
    first: Outline, second: Outline, rho: float
) -> None:
    found = probability_of(first, second, rho)
    corner = [-float(one.centre) / float(one.spread) for one in (first, second)]  # type: ignore[arg-type]
    none = multivariate_normal([0, 0], [[1, rho], [rho, 1]], allow_singular=True).cdf(corner)
    assert found.increase + found.decrease + none == pytest.approx(1, abs=1e-4)


def test_two_persons_differ_as_log_sizes_of_one_reader_do() -> None:
    prior, followup = (Outline(log1p(percent), 0.325, "log") for percent in (26.1, 11.6))
    for correlation in (0.0, 0.5):
        expected = norm.cdf(log(27.1 / 12.6) / (0.325 * np.sqrt(2 * (1 - correlation))))
        found = probability_of(prior, followup, correlation)
        assert found.decrease == pytest.approx(expected, abs=1e-6)


def test_the_interval_of_one_film_ends_at_none_and_at_the_whole() -> None:
    assert Outline(0.3, 2.0, "root").interval[0] == 0
    assert Outline(9.0, 2.0, "root").interval[1] == 100
