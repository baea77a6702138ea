"""Intervals, agreement and paired tests: published examples, other libraries, and simulation."""

import numpy as np
import pytest
from scipy import stats

from ptx_followup.evaluation.statistics import Bootstrap, agreement, intraclass_correlation, share

RNG = np.random.default_rng(0)


def icc(first: np.ndarray, second: np.ndarray) -> float:
    return float(intraclass_correlation(np.ones((1, len(first))), first, second)[0])


def test_the_icc_of_shrout_and_fleiss() -> None:
    """Judges 1 and 2 of their Table 2 (Psychol Bull 1979;86:420), by their formula from the mean squares."""
    judges = np.array([[9, 2], [6, 1], [8, 4], [7, 1], [10, 5], [6, 2]], float)
    rows, columns = judges.mean(axis=1), judges.mean(axis=0)
    msr = 2 * np.var(rows) * 6 / 5
    msc = 6 * np.var(columns) * 2
    mse = (np.var(judges) * 12 - msr * 5 - msc) / 5
    expected = (msr - mse) / (msr + mse + 2 * (msc - mse) / 6)
    assert icc(*judges.T) == pytest.approx(expected)
    assert 0 < expected < 0.3


def test_a_constant_error_lowers_the_icc_and_equal_areas_give_one() -> None:
    areas = RNG.random(30)
    assert icc(areas, areas) == pytest.approx(1)
    assert icc(areas, areas + 0.5) < 0.6
    assert np.isnan(icc(np.ones(5), np.ones(5)))


def test_the_limits_of_agreement_are_bland_and_altmans() -> None:
    """Peak flow by two meters (Lancet 1986;1:307, Table 1): mean -2.1, standard deviation 38.8 l/min."""
    wright = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0])
    mini = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0])
    bootstrap = Bootstrap([str(place) for place in range(17)])
    found = agreement(bootstrap, wright, mini)
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.limits == pytest.approx((-2.1 - 1.96 * 38.8, -2.1 + 1.96 * 38.8), abs=0.3)


def test_patients_are_resampled_and_not_their_exams() -> None:
    """Ten exams of each patient that are all alike tell no more than one of each."""
    values = RNG.normal(size=40)
    once = Bootstrap([str(place) for place in range(40)]).mean(values)
    repeated = Bootstrap([str(place // 10) for place in range(400)]).mean(np.repeat(values, 10))
    assert repeated.value == pytest.approx(once.value)
    assert repeated.high - repeated.low == pytest.approx(once.high - once.low, rel=0.1)


def test_an_interval_has_the_width_of_the_t_interval_where_that_holds() -> None:
    values = RNG.normal(size=200)
    found = Bootstrap([str(place) for place in range(200)]).mean(values)
    low, high = stats.t.interval(0.95, 199, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.02)


def test_missing_values_do_not_count() -> None:
    found = Bootstrap(list("abcdef")).mean([1, np.nan, 3, np.nan, 2, np.nan])
    assert (found.value, found.n) == (2, 3)
    assert Bootstrap(["a"]).mean([np.nan]).to_json() == {"value": None, "low": None, "high": None, "n": 0}


def test_a_case_drawn_twice_counts_like_two_cases() -> None:
    first, second = RNG.random(12), RNG.random(12)
    drawn = RNG.integers(0, 3, 12)
    found = intraclass_correlation(drawn[None].astype(float), first, second)[0]
    assert found == pytest.approx(icc(np.repeat(first, drawn), np.repeat(second, drawn)))


def test_a_paired_test_finds_a_difference_that_is_there_and_none_that_is_not() -> None:
    base, noise = RNG.random(60), RNG.normal(0, 0.05, 60)
    patients = [str(place // 2) for place in range(60)]
    clear = Bootstrap(patients).compare(base + 0.1 + noise, base)
    assert clear.difference.low > 0
    assert clear.p_bootstrap < 0.01
    assert clear.p_wilcoxon == pytest.approx(stats.wilcoxon(base + 0.1 + noise, base).pvalue)
    same = Bootstrap(patients).compare(base, base)
    assert (same.difference.value, same.p_bootstrap, same.p_wilcoxon) == (0, 1, 1)


def test_the_bootstrap_p_value_keeps_its_level() -> None:
    rng = np.random.default_rng(1)
    patients = [str(place) for place in range(40)]
    bootstrap = Bootstrap(patients)
    rejected = sum(
        bootstrap.compare(rng.normal(size=40), np.zeros(40)).p_bootstrap < 0.05 for _ in range(200)
    )
    assert 2 <= rejected <= 24  # 10 expected


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (20, 20), (7, 31)])
def test_a_share_has_the_interval_of_wilson(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    found = share(hits, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-6)
