"""Agreement of raters against the worked examples of the papers."""

import numpy as np
import pytest

from ptx_followup.evaluation.raters import (
    bias,
    error_of_agreement,
    error_of_consistency,
    intraclass_correlation,
    lower_limit,
    mean_squares,
    spread_of_one,
    upper_limit,
)

#: Shrout and Fleiss, Psychological Bulletin 1979;86:420, Table 2: six targets, four judges.
JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
).T

#: Bland and Altman, Lancet 1986;1:307, Table: peak flow of 17 people by the large and the mini meter, l/min.
LARGE = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], float)
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], float)


def once(cases: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.ones((1, cases))


def test_mean_squares_and_icc_are_those_of_shrout_and_fleiss() -> None:
    found = mean_squares(once(6), *JUDGES)
    assert (found.cases[0], found.raters[0], found.error[0]) == pytest.approx((11.24, 32.49, 1.02), abs=0.005)
    assert intraclass_correlation(once(6), *JUDGES)[0] == pytest.approx(0.29, abs=0.005)


def test_limits_of_agreement_are_those_of_bland_and_altman() -> None:
    found = bias(once(17), LARGE, MINI)[0]
    assert found == pytest.approx(-2.1, abs=0.05)
    half = (upper_limit(once(17), LARGE, MINI) - lower_limit(once(17), LARGE, MINI))[0] / 2
    assert half / 1.96 == pytest.approx(38.8, abs=0.05)
    assert (upper_limit(once(17), LARGE, MINI) + lower_limit(once(17), LARGE, MINI))[0] / 2 == pytest.approx(
        found
    )


def test_errors_are_components_of_variance_of_a_known_construction() -> None:
    """Raters with habits of their own, of known variance, and errors of known variance."""
    rng = np.random.default_rng(1)
    cases, raters, habit, error = 4000, 40, 2.0, 1.5
    ratings = (
        rng.normal(0, 5, cases) + rng.normal(0, habit, (raters, 1)) + rng.normal(0, error, (raters, cases))
    )
    agreement = error_of_agreement(once(cases), *ratings)[0]
    assert error_of_consistency(once(cases), *ratings)[0] == pytest.approx(error, rel=0.02)
    assert agreement == pytest.approx(np.hypot(habit, error), rel=0.2)
    assert spread_of_one(once(cases), *ratings)[0] == pytest.approx(agreement, rel=0.01)
    expected = 25 / (25 + agreement**2)
    assert intraclass_correlation(once(cases), *ratings)[0] == pytest.approx(expected, abs=0.03)


def test_a_case_that_is_drawn_twice_counts_as_two() -> None:
    drawn = np.array([[2.0, 0, 1, 1, 1, 1]])
    repeated = JUDGES[:, [0, 0, 2, 3, 4, 5]]
    for of in (intraclass_correlation, error_of_agreement, error_of_consistency, spread_of_one):
        np.testing.assert_allclose(of(drawn, *JUDGES), of(once(6), *repeated))
    for of_two in (bias, lower_limit, upper_limit):
        np.testing.assert_allclose(of_two(drawn, *JUDGES[:2]), of_two(once(6), *repeated[:2]))


def test_two_raters_differ_by_the_root_of_two_times_the_error_of_one() -> None:
    difference = LARGE - MINI
    expected = np.sqrt((difference**2).mean() / 2)
    assert spread_of_one(once(17), LARGE, MINI)[0] == pytest.approx(expected)
