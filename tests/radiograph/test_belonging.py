"""Two exams belong together, or the tool says which fields say otherwise, and never what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ptx_followup.errors import ExitCode, MismatchError, UsageError
from ptx_followup.radiograph.belonging import Override, check_belonging, check_series
from ptx_followup.radiograph.image import Identity, Radiograph

NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - local, as in a header
JANE = Identity("SECRET-1", "A", "Secretname^Jane", "19700101", "F")


def exam(seed: int, **known: Any) -> Radiograph:
    pixels = np.random.default_rng(seed).random((32, 32), dtype=np.float32)
    stated = {"identity": JANE, "acquired_at": NOON, "view": "PA", "position": "erect"} | known
    return Radiograph(pixels, **stated)


PRIOR = exam(1)
LATER = exam(2, acquired_at=NOON + timedelta(days=2, hours=6))


def test_exams_of_one_patient_in_order_belong_together() -> None:
    found = check_belonging(PRIOR, LATER)
    assert found.interval_days == 2.25
    assert found.warnings == ()
    assert found.to_json() == {"interval_days": 2.25, "overridden": [], "reason": None}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"patient_id": "SECRET-2"}, "patient id"),
        ({"name": "Secretother^Ann", "birth_date": "19711231"}, "name, birth date"),
        ({"sex": "M"}, "sex"),
    ],
)
def test_another_patient_is_refused_by_field_and_not_by_value(changed: dict[str, str], fields: str) -> None:
    other = replace(LATER, identity=replace(JANE, **changed))
    with pytest.raises(MismatchError) as caught:
        check_belonging(PRIOR, other)
    assert caught.value.exit_code == ExitCode.MISMATCH
    assert f"(not alike: {fields})" in caught.value.problem
    assert "ecret" not in str(caught.value)
    assert "--override patient" in caught.value.hint


def test_a_follow_up_older_than_the_prior_is_refused() -> None:
    with pytest.raises(MismatchError, match="before the prior: swap them"):
        check_belonging(LATER, PRIOR)


def test_the_same_image_twice_is_refused_whatever_is_overridden() -> None:
    everything = Override(("patient", "order", "view"), "known")
    with pytest.raises(MismatchError, match="same image"):
        check_belonging(PRIOR, replace(PRIOR, acquired_at=LATER.acquired_at), everything)
    first, second = (replace(one, sop_instance_uid="1.2.3") for one in (PRIOR, LATER))
    with pytest.raises(MismatchError, match="same image"):
        check_belonging(first, second, everything)


def test_a_decubitus_film_is_not_compared_with_an_erect_one() -> None:
    lying = replace(LATER, position="decubitus")
    with pytest.raises(MismatchError, match="decubitus"):
        check_belonging(PRIOR, lying)
    assert check_belonging(PRIOR, lying, Override(("view",), "only film")).overridden == ("view",)


def test_an_override_goes_on_and_keeps_its_reason() -> None:
    other = replace(exam(3), identity=replace(JANE, patient_id="SECRET-2"))
    found = check_belonging(LATER, other, Override(("patient", "order"), "anonymised twice"))
    assert found.overridden == ("patient", "order")
    assert found.to_json()["reason"] == "anonymised twice"
    assert sum(warning.startswith("overridden: ") for warning in found.warnings) == 2


def test_an_override_covers_only_what_it_names() -> None:
    with pytest.raises(MismatchError, match="before the prior"):
        check_belonging(LATER, PRIOR, Override(("patient",), "anonymised twice"))


def test_an_override_that_was_not_needed_leaves_no_trace() -> None:
    found = check_belonging(PRIOR, LATER, Override(("patient",), "anonymised twice"))
    assert (found.overridden, found.reason) == ((), "")


@pytest.mark.parametrize(
    ("accepted", "reason"), [(("order",), ""), ((), "because"), (("order",), "  "), (("sex",), "because")]
)
def test_an_override_needs_a_known_name_and_a_reason(accepted: Any, reason: str) -> None:
    with pytest.raises(UsageError):
        Override(accepted, reason)


def test_what_is_missing_is_a_warning() -> None:
    nameless = replace(LATER, identity=replace(JANE, name="", sex=""), acquired_at=None)
    found = check_belonging(PRIOR, nameless)
    assert found.interval is None
    assert any("lacks name, sex" in warning for warning in found.warnings)
    assert any("order of the exams was not checked" in warning for warning in found.warnings)
    picture = replace(LATER, identity=None)
    assert any(
        "lacks patient id, name, birth date, sex" in one for one in check_belonging(PRIOR, picture).warnings
    )


def test_a_date_without_a_time_is_not_before_noon_of_the_same_day() -> None:
    dated = replace(LATER, acquired_at=NOON.replace(hour=0))
    found = check_belonging(PRIOR, dated)
    assert found.interval == timedelta(0)
    assert any("same acquisition time" in warning for warning in found.warnings)


def test_another_view_or_position_is_a_warning() -> None:
    portable = replace(LATER, view="AP", position="semi-erect")
    warnings = check_belonging(PRIOR, portable).warnings
    assert any("prior PA, the follow-up AP" in warning for warning in warnings)
    assert any("erect, the follow-up semi-erect" in warning for warning in warnings)


def test_a_series_is_checked_each_against_each() -> None:
    """The first and the third exam contradict each other; the second, between them, says nothing."""
    silent = Radiograph(np.full((32, 32), 0.5, np.float32))
    other = replace(exam(3, acquired_at=NOON + timedelta(days=3)), identity=replace(JANE, sex="M"))
    with pytest.raises(MismatchError, match=r"exam 1 and exam 3 are of different patients \(not alike: sex"):
        check_series([PRIOR, silent, other])
    with pytest.raises(MismatchError, match="exam 3 was taken before exam 1"):
        check_series([LATER, silent, PRIOR])


def test_a_series_keeps_what_was_overridden_and_its_whole_interval() -> None:
    other = replace(exam(3, acquired_at=NOON + timedelta(days=3)), identity=replace(JANE, sex="M"))
    found = check_series([PRIOR, LATER, other], Override(("patient",), "typing error"))
    assert (found.overridden, found.reason, found.interval_days) == (("patient",), "typing error", 3.0)
    assert sum(warning.startswith("overridden: ") for warning in found.warnings) == 2
