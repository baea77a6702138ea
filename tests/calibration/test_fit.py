"""The coefficients are those that simulated films were made with, and figures are of patients not fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_pairs import films

from ptx_followup.calibration.figures import figures_of
from ptx_followup.calibration.fitting import fit_change_error
from ptx_followup.calibration.predictions import (
    folds_of,
    predict_by_slope,
    predict_out_of_fold,
    predict_with,
    second_expert,
)
from ptx_followup.calibration.rows import PairRows, look_at, pair_rows
from ptx_followup.calibration.run import detectable
from ptx_followup.calibration.sizes import read_sizes, write_sizes
from ptx_followup.errors import InputError
from ptx_followup.network.change_error import ChangeError, FilmError


@pytest.fixture(scope="module")
def rows() -> PairRows:
    return pair_rows(*films(60))


@pytest.fixture(scope="module")
def fitted(rows: PairRows) -> ChangeError:
    return fit_change_error(rows, "simulated")


def test_the_fit_orders_what_films_are_read_with_by_their_error(fitted: ChangeError) -> None:
    assert fitted.words.spread < 0.75 * fitted.images.spread
    assert fitted.images.slope < 1
    assert fitted.source == "simulated"


def test_a_censored_regression_finds_the_coefficients_of_films_that_show_none() -> None:
    """Simulated without selection: what lies below 0 is none, and must not bend the line."""
    from ptx_followup.calibration.fitting import fit_film_error

    random = np.random.default_rng(1)
    roots = random.uniform(0, 8, (3000, 2))
    experts = np.maximum(-0.4 + 0.8 * roots + 2.0 * random.normal(size=roots.shape), 0) ** 2
    patients = np.array([str(number // 3) for number in range(3000)])
    views = np.full((3000, 2), "PA")
    rows = PairRows(patients, views, experts, roots[:, np.newaxis] ** 2, roots**2, roots**2)
    found = fit_film_error(look_at(rows, ("images", "images")))
    assert (found.bias, found.slope, found.spread) == pytest.approx((-0.4, 0.8, 2.0), abs=0.1)
    naive = np.polyfit(roots.ravel(), np.sqrt(experts).ravel(), 1)
    assert abs(naive[0] - 0.8) > 0.08


def test_a_regression_finds_what_a_size_word_is_worth_beside_the_mask() -> None:
    from ptx_followup.calibration.fitting import fit_film_error

    random = np.random.default_rng(2)
    truth = random.uniform(1, 8, (4000, 2))
    measured, told = (np.maximum(truth + spread * random.normal(size=truth.shape), 0) for spread in (2, 1))
    patients = np.array([str(number // 3) for number in range(4000)])
    rows = PairRows(
        patients, np.full((4000, 2), "PA"), truth**2, measured[:, None] ** 2, measured**2, told**2
    )
    found = fit_film_error(look_at(rows, ("words", "words")))
    design = np.column_stack([np.ones(truth.size), measured.ravel(), told.ravel()])
    expected, squares, *_ = np.linalg.lstsq(design, truth.ravel(), rcond=None)
    assert (found.bias, found.slope, found.told) == pytest.approx(expected, abs=0.02)
    assert found.spread == pytest.approx(np.sqrt(squares[0] / truth.size), abs=0.02)
    assert fit_film_error(look_at(rows, ("images", "images"))).told == 0


def test_pairs_whose_reports_tell_no_size_are_no_pairs_of_words(rows: PairRows) -> None:
    told = rows.told.copy()
    told[::2, 1] = np.nan
    silent = PairRows(rows.patients, rows.views, rows.experts, rows.images, rows.words, told)
    assert look_at(silent, ("words", "words")).row.tolist() == list(range(1, len(rows), 2))
    assert len(look_at(silent, ("words", "images")).row) == len(rows)
    assert len(look_at(silent, ("images", "images")).row) == len(rows)


def test_stated_probabilities_and_intervals_hold_for_patients_that_were_not_fitted(rows: PairRows) -> None:
    found = predict_out_of_fold(rows, folds=4)
    for look in ("images", "images and words"):
        figures = figures_of(found[look])  # type: ignore[index]
        assert 0.75 <= figures["calibration_slope"] <= 1.35
        assert 0.9 <= figures["interval"]["coverage"]["value"] <= 1
    images, words = (figures_of(found[look]) for look in ("images", "images and words"))  # type: ignore[index]
    assert words["log_loss"]["value"] < images["log_loss"]["value"] < np.log(2)
    assert words["auc_doubled_or_halved"]["value"] > images["auc_doubled_or_halved"]["value"] > 0.7
    assert words["interval"]["width_mean"]["value"] < images["interval"]["width_mean"]["value"]


def test_an_error_of_other_patients_is_judged_as_it_is(fitted: ChangeError) -> None:
    others = pair_rows(*films(40, seed=5))
    held = figures_of(predict_with(others, fitted)["images"])
    assert 0.9 <= held["interval"]["coverage"]["value"] <= 1
    narrow = fitted.model_copy(update={"images": fitted.images.model_copy(update={"spread": 0.2})})
    told = figures_of(predict_with(others, narrow)["images"])
    assert told["interval"]["coverage"]["value"] < 0.7
    assert told["calibration_slope"] < 0.5


def test_no_patient_is_in_two_folds_or_counts_for_more_than_twelve_pairs() -> None:
    sizes, pairs = films(12, each=30)
    rows = pair_rows(sizes, pairs)
    fold = folds_of(rows)
    for patient in np.unique(rows.patients):
        mine = rows.patients == patient
        assert len(np.unique(fold[mine])) == 1
        assert look_at(rows, ("words", "words")).weights[mine].sum() == pytest.approx(12)


def test_a_second_expert_sees_as_two_readers_differ(rows: PairRows) -> None:
    apart = np.diff(np.log1p(np.stack([second_expert(rows).words, rows.experts])), axis=0)[0]
    large = rows.experts > 10
    assert np.std(apart[large]) == pytest.approx(0.325 * np.sqrt(2), rel=0.2)


def test_an_answer_that_never_looks_is_worth_the_share_of_its_direction(rows: PairRows) -> None:
    looked = look_at(rows, ("words", "words"))
    figures = figures_of(predict_by_slope(rows, looked, np.full(len(rows), -1.0)))
    assert figures["log_loss"]["value"] == pytest.approx(np.log(2), abs=0.05)
    assert figures["leaning"]["given"]["value"] == 0


def test_more_error_needs_a_greater_change() -> None:
    fine, rough = (
        detectable(ChangeError(images=FilmError(bias=0, slope=1, spread=spread), source="test"))
        for spread in (0.5, 1.0)
    )
    for one, other in zip(fine, rough, strict=True):
        if one["route"] == "images":
            assert one["probable"]["above"] < other["probable"]["above"]
            assert one["half_width"]["PA"] < other["half_width"]["PA"]


def test_a_table_of_sizes_comes_back_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    sizes, pairs = films(9, each=2)
    write_sizes(tmp_path / "sizes.csv", sizes)
    again = read_sizes(tmp_path / "sizes.csv")
    assert [one.film for one in again] == [one.film for one in sizes]
    assert again[3].images == pytest.approx(sizes[3].images, abs=1e-3)
    text = (tmp_path / "sizes.csv").read_text()
    for old, new, problem in (
        (",right,", ",middle,", "no side"),
        ("images_1", "image", "no column images_1"),
        ("expert_percent", "expert", "no column expert_percent"),
        (f",{sizes[0].expert:.3f},", ",wide,", "no percentage"),
    ):
        (tmp_path / "wrong.csv").write_text(text.replace(old, new, 1))
        with pytest.raises(InputError, match=problem):
            read_sizes(tmp_path / "wrong.csv")
    with pytest.raises(InputError, match="fewer than 8 patients"):
        pair_rows(again, pairs[:5])
