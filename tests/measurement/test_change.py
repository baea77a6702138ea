"""The verdict follows from the probability of a direction alone; the interval stands beside it."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_followup.measurement.change import LEANING, STATED, Change, assess_change
from ptx_followup.measurement.deciding import smallest_detectable, what_would_decide
from ptx_followup.measurement.reader_error import ReaderError
from ptx_followup.measurement.uncertainty import ReadWith, Size, Uncertainty
from ptx_followup.network.change_error import ChangeError, Correlations, FilmError, Widening

#: About what short experiments with one hemithorax at a time have shown.
ERROR = ChangeError(
    images=FilmError(bias=-0.4, slope=0.8, spread=2.0, widening=Widening(AP=1.2, PA=1.0)),
    words=FilmError(bias=-0.3, slope=0.87, spread=1.5),
    correlation=Correlations(images=0.4, words=0.4, mixed=0.2),
    source="test",
)
MODEL = Uncertainty(ERROR)
PRECISE = Uncertainty(ChangeError(images=FilmError(bias=0, slope=1, spread=0.1), source="test"))

sizes = st.builds(
    Size,
    st.floats(0, 100, allow_subnormal=False),
    st.sampled_from(get_args(ReadWith)),
    st.sampled_from(["PA", "AP", "unknown"]),
    st.floats(0, 100, allow_subnormal=False),
)


def judged(
    prior: Size | float | None,
    followup: Size | float | None,
    uncertainty: Uncertainty = MODEL,
    reported: str | None = None,
    days: float | None = None,
) -> Change:
    pair = tuple(Size(one) if isinstance(one, (int, float)) else one for one in (prior, followup))
    return assess_change("right", {"images": (pair[0], pair[1])}, uncertainty, days, reported)


@settings(deadline=None, max_examples=40)
@given(sizes, sizes)
def test_the_verdict_is_the_probability_in_a_word(prior: Size, followup: Size) -> None:
    change = judged(prior, followup)
    assert change.probability is not None
    chances = {"larger": change.probability.increase, "smaller": change.probability.decrease}
    none = prior.percent == followup.percent == 0
    for direction, chance in chances.items():
        given_verdicts = {"smaller", "resolved"} if direction == "smaller" else {"larger"}
        assert (change.verdict in given_verdicts) == (chance >= STATED and not none)
        assert (change.leaning == direction) == (chance >= LEANING and not none)
    if change.verdict == "resolved":
        assert followup.percent == 0


@settings(deadline=None, max_examples=40)
@given(sizes, sizes)
def test_swapped_exams_give_the_mirrored_change(prior: Size, followup: Size) -> None:
    there, back = judged(prior, followup), judged(followup, prior)
    assert there.probability is not None
    assert back.probability is not None
    mirrored = {"larger": "smaller", "smaller": "larger", None: None}
    assert back.leaning == mirrored[there.leaning]
    assert back.probability.increase == there.probability.decrease
    assert back.probability.within_5_points == there.probability.within_5_points
    assert back.interval == (-there.interval[1], -there.interval[0])  # type: ignore[index]
    assert back.leading.prior_interval == there.leading.followup_interval


@pytest.mark.parametrize(
    ("prior", "followup", "verdict"),
    [
        (18.0, 9.0, "smaller"),
        (9.0, 18.0, "larger"),
        (18.0, 0.0, "resolved"),
        (0.0, 18.0, "larger"),
        (0.0, 0.0, "unchanged"),
        (8.0, 8.1, "unchanged"),
        (0.02, 0.0, "indeterminate"),
    ],
)
def test_verdicts_of_a_precise_model(prior: float, followup: float, verdict: str) -> None:
    assert judged(prior, followup, PRECISE).verdict == verdict


def test_a_direction_needs_no_interval_that_excludes_no_change() -> None:
    """What a wide interval in points hides, the probability of the sign still says."""
    change = judged(Size(30, "words"), Size(4, "words"))
    assert change.interval is not None
    assert change.interval[0] < 0 < change.interval[1]
    assert (change.verdict, change.leaning) == ("smaller", "smaller")


def test_each_film_has_the_error_of_what_measured_it() -> None:
    change = judged(Size(20, "reader"), Size(20, "images", "PA"))
    drawn = judged(Size(20, "reader"), Size(20, "reader"))
    network = judged(Size(20, "images", "PA"), Size(20, "images", "PA"))
    assert change.leading.prior_interval == drawn.leading.prior_interval
    assert change.leading.followup_interval == network.leading.followup_interval
    # The model's sizes tend to be too large, a person's not: so a network's 20 % is less than a person's.
    assert change.probability is not None
    assert change.probability.decrease > 0.5


def test_a_prior_with_words_and_a_follow_up_without_are_put_on_one_scale() -> None:
    """Each enters with its own bias and slope, so equal sizes are not equal evidence of no change."""
    found = judged(Size(25, "words"), Size(25, "images")).probability
    assert found is not None
    assert found.decrease > found.increase


def test_a_size_word_is_a_second_measurement_of_films_that_are_read_with_words() -> None:
    words = FilmError(bias=-0.3, slope=0.5, told=0.5, spread=1.2)
    told = Uncertainty(ChangeError(images=ERROR.images, words=words, source="test"))
    sizes = Size(20, "words", told=35), Size(20, "words", told=4)
    found = judged(*sizes, told).probability
    assert found is not None
    assert found.decrease > LEANING
    mirrored = judged(*reversed(sizes), told).probability
    assert mirrored is not None
    assert (mirrored.increase, mirrored.decrease) == (found.decrease, found.increase)
    without = judged(Size(20, "images", told=35), Size(20, "images", told=4), told).probability
    assert without is not None
    assert without.increase == without.decrease


def test_one_person_is_surer_of_a_change_than_two() -> None:
    drawn = Size(26.1, "reader"), Size(14.0, "reader")
    same = judged(*drawn, Uncertainty(ERROR, readers="same")).probability
    different = judged(*drawn, Uncertainty(ERROR, readers="different")).probability
    own = ReaderError(sd_log1p=0.1, readings=20, source="a core lab")
    precise = judged(*drawn, Uncertainty(ERROR, own, "different")).probability
    assert same is not None
    assert different is not None
    assert precise is not None
    assert different.decrease < same.decrease < precise.decrease


def test_a_film_whose_projection_widens_intervals_keeps_its_probability() -> None:
    supine, upright = (judged(Size(20, view=view), Size(8, view=view)) for view in ("AP", "PA"))
    assert supine.probability == upright.probability
    assert supine.interval[0] < upright.interval[0]  # type: ignore[index]
    assert judged(20.0, 8.0).interval == supine.interval


def test_the_route_of_the_configuration_leads_and_the_other_stands_beside_it() -> None:
    pairs = {
        "images": (Size(20.0), Size(15.0)),
        "images and words": (Size(22.0, "words"), Size(4.0, "words")),
    }
    for leading in ("images", "images and words"):
        error = ERROR.model_copy(update={"leading": leading})
        change = assess_change("left", pairs, Uncertainty(error))  # type: ignore[arg-type]
        assert change.route == leading
        assert change.prior == pairs[leading][0].percent
        assert set(change.to_json()["routes"]) == set(pairs)
    error = ERROR.model_copy(update={"leading": "images and words"})
    assert assess_change("left", {"images": pairs["images"]}, Uncertainty(error)).route == "images"


def test_beside_a_persons_outlines_words_lead_as_they_do_beside_words() -> None:
    error = ERROR.model_copy(update={"leading": "images and words", "leading_mixed": "images"})
    drawn = Size(6.0, "reader")
    pairs = {"images": (Size(20.0), drawn), "images and words": (Size(22.0, "words"), drawn)}
    assert assess_change("left", pairs, Uncertainty(error)).route == "images and words"  # type: ignore[arg-type]
    pairs["images and words"] = Size(22.0, "words"), Size(15.0)
    assert assess_change("left", pairs, Uncertainty(error)).route == "images"  # type: ignore[arg-type]


def test_a_hemithorax_that_was_not_found_leaves_the_change_open() -> None:
    change = judged(18.0, None)
    assert (change.verdict, change.leaning, change.probability) == ("indeterminate", None, None)
    assert "follow-up" in change.reason
    document = change.to_json()
    assert (document["difference"], document["ratio"], document["interval95"]) == (None, None, None)


def test_a_withheld_direction_keeps_the_sizes() -> None:
    change = judged(40.0, 0.0, PRECISE, "larger").withheld("the hemithoraces were not found")
    assert (change.verdict, change.leaning, change.probability) == ("indeterminate", None, None)
    assert (change.prior, change.followup) == (40.0, 0.0)
    assert change.reported is not None
    assert not change.reported.contradicts


@pytest.mark.parametrize(
    ("reported", "contradicts"),
    [("smaller", False), ("resolved", False), ("stable", True), ("larger", True), ("new", True)],
)
def test_a_report_of_another_change_contradicts(reported: str, contradicts: bool) -> None:
    found = judged(18.0, 6.0, PRECISE, reported).reported
    assert found is not None
    assert found.contradicts == contradicts
    unsure = judged(18.0, 15.0, MODEL, reported).reported
    assert unsure is not None
    assert not unsure.contradicts


def test_the_rate_needs_half_a_day() -> None:
    assert judged(18.0, 9.0, days=2.0).difference_per_day == -4.5
    assert judged(18.0, 9.0, days=0.1).difference_per_day is None
    assert judged(18.0, 9.0).difference_per_day is None


def test_the_ratio_of_a_new_pneumothorax_is_not_a_number() -> None:
    assert judged(0.0, 9.0).to_json()["ratio"] is None


def test_what_would_decide_does() -> None:
    change = judged(30.0, 20.0)
    assert change.leaning is None
    ends = smallest_detectable(Size(30.0), Size(20.0), MODEL)
    assert ends.below is not None
    assert ends.above is not None
    assert judged(30.0, ends.below - 0.1).leaning == "smaller"
    assert judged(30.0, ends.above + 0.1).leaning == "larger"
    assert judged(30.0, ends.below + 0.1).leaning is judged(30.0, ends.above - 0.1).leaning is None
    said = what_would_decide(change, MODEL)
    sizes = f"a follow-up below {ends.below:.0f} % or above {ends.above:.0f} %"
    assert said == f"a reader's outlines of both films, or {sizes}"
    assert judged(Size(30.0, "reader"), Size(20.0, "reader")).leaning == "smaller"
    alike = judged(30.0, 29.0)
    assert what_would_decide(alike, MODEL) == sizes


def test_no_follow_up_of_a_whole_hemithorax_is_asked_for() -> None:
    film = FilmError(bias=0.577, slope=0.709, spread=1.692)
    error = ChangeError(images=film, correlation=Correlations(images=0.619), source="test")
    ends = smallest_detectable(Size(68.0), Size(66.0), Uncertainty(error))
    assert ends.above == pytest.approx(100, abs=0.4)
    said = what_would_decide(judged(68.0, 66.0, Uncertainty(error)), Uncertainty(error))
    assert said == f"a follow-up below {ends.below:.0f} %"


def test_what_is_detectable_grows_with_the_size() -> None:
    found = [smallest_detectable(Size(percent), Size(0), MODEL).above for percent in (2, 10, 30)]
    assert all(low < high for low, high in pairwise(found))  # type: ignore[operator]


def test_figures_of_an_older_model_are_read_as_the_cautious_default() -> None:
    older = ChangeError.model_validate({"relative": 0.3, "floor_percent": 11.6, "source": "older"})
    assert older.images == ChangeError().images
    assert "older form" in older.source
    assert judged(30.0, 3.0, Uncertainty(older)).verdict == "indeterminate"
