"""The interval holds the true change as often as it says, and the verdict follows from it alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_followup.measurement.change import UNCHANGED_PERCENT, assess_change, exam_interval
from ptx_followup.network.checkpoint import MeasurementError

PRECISE = MeasurementError(relative=0.1, floor_percent=0.5)
percents = st.floats(0, 100)
errors = st.builds(MeasurementError, relative=st.floats(0, 1), floor_percent=st.floats(0, 5))


@given(percents, percents, errors)
def test_the_verdict_follows_from_the_interval(
    prior: float, followup: float, error: MeasurementError
) -> None:
    change = assess_change("right", prior, followup, error)
    assert change.interval is not None
    low, high = change.interval
    assert low <= followup - prior <= high
    small = max(-low, high) <= UNCHANGED_PERCENT and (prior > 0) == (followup > 0)
    expected = {
        "larger": low > 0,
        "smaller": high < 0 and followup > 0,
        "resolved": high < 0 and followup == 0,
        "unchanged": low <= 0 <= high and (small or prior == followup == 0),
        "indeterminate": low <= 0 <= high and not small,
    }
    assert expected[change.verdict]


@given(percents, percents, errors)
def test_swapped_exams_give_the_mirrored_interval(
    prior: float, followup: float, error: MeasurementError
) -> None:
    there = assess_change("left", prior, followup, error).interval
    back = assess_change("left", followup, prior, error).interval
    assert there is not None
    assert back == pytest.approx((-there[1], -there[0]), abs=1e-9)


@pytest.mark.parametrize("truth", [(20.0, 20.0), (20.0, 8.0), (3.0, 10.0), (1.5, 1.5), (45.0, 15.0)])
def test_the_interval_holds_the_true_difference_in_about_95_percent(truth: tuple[float, float]) -> None:
    error = MeasurementError(relative=0.2, floor_percent=0.8)
    random = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        measured = [
            float(np.clip(true * np.exp(random.normal(0, 0.2)) + random.normal(0, 0.8), 0, 100))
            for true in truth
        ]
        low, high = assess_change("right", measured[0], measured[1], error).interval or (0, 0)
        held += low <= truth[1] - truth[0] <= high
    assert 0.93 <= held / 2000 <= 0.985


def test_the_default_error_takes_the_area_ratio_that_the_papers_dice_allows() -> None:
    # D / (2 - D) with D = 0.712, on a size at which the constant part hardly matters.
    low, high = exam_interval(50.0, MeasurementError(floor_percent=0))
    assert low / 50 == pytest.approx(0.712 / (2 - 0.712), abs=0.01)
    assert high / 50 == pytest.approx((2 - 0.712) / 0.712, abs=0.02)


@pytest.mark.parametrize(
    ("prior", "followup", "verdict"),
    [
        (18.0, 9.0, "smaller"),
        (9.0, 18.0, "larger"),
        (18.0, 0.0, "resolved"),
        (0.0, 18.0, "larger"),
        (0.0, 0.0, "unchanged"),
        (8.0, 8.2, "unchanged"),
        (40.0, 38.0, "indeterminate"),
        (0.0, 0.6, "indeterminate"),
        (1.0, 0.0, "indeterminate"),
    ],
)
def test_verdicts_of_a_precise_model(prior: float, followup: float, verdict: str) -> None:
    assert assess_change("right", prior, followup, PRECISE).verdict == verdict


def test_each_exam_has_the_error_of_what_measured_it() -> None:
    rough = MeasurementError(relative=0.5, correlation=0.9)
    change = assess_change("right", 18.0, 9.0, rough, followup_error=PRECISE)
    assert change.prior_interval == exam_interval(18.0, rough)
    assert change.followup_interval == exam_interval(9.0, PRECISE)
    independent = MeasurementError(relative=0.5)
    assert change.interval == assess_change("right", 18.0, 9.0, independent, followup_error=PRECISE).interval


def test_a_hemithorax_that_was_not_found_leaves_the_change_open() -> None:
    change = assess_change("right", 18.0, None, PRECISE)
    assert change.verdict == "indeterminate"
    assert "follow-up" in change.reason
    document = change.to_json()
    assert (document["difference"], document["ratio"], document["interval95"]) == (None, None, None)


def test_the_rate_needs_half_a_day() -> None:
    assert assess_change("right", 18.0, 9.0, PRECISE, 2.0).difference_per_day == -4.5
    assert assess_change("right", 18.0, 9.0, PRECISE, 0.1).difference_per_day is None
    assert assess_change("right", 18.0, 9.0, PRECISE).difference_per_day is None


def test_the_ratio_of_a_new_pneumothorax_is_not_a_number() -> None:
    assert assess_change("right", 0.0, 9.0, PRECISE).to_json()["ratio"] is None
