"""Rows of a table from result objects, and the order in which a person should look at them."""

from __future__ import annotations

from typing import Any

import pytest

from ptx_followup.results.doubt import doubt_of, doubtful_first
from ptx_followup.results.row import row_of

GOOD: dict[str, Any] = {
    "registration_accepted": True,
    "prior_anatomy_quality": 0.97,
    "followup_anatomy_quality": 0.98,
    "prior_concordance": "",
    "followup_concordance": "",
    "belonging_overridden": "",
    "change_verdict": "smaller",
}


def test_a_result_without_fault_is_last_and_the_worst_is_first() -> None:
    rows = {
        "good": GOOD,
        "open": GOOD | {"change_verdict": "indeterminate"},
        "poor": GOOD | {"prior_anatomy_quality": 0.8},
        "differs": GOOD | {"followup_concordance": "side"},
        "lost": GOOD | {"followup_anatomy_quality": 0.5, "change_verdict": "indeterminate"},
        "refused": GOOD | {"registration_accepted": False, "change_verdict": "indeterminate"},
        "better": GOOD | {"prior_anatomy_quality": 0.99},
    }
    order = doubtful_first(rows, rows.__getitem__)
    assert order == ["refused", "lost", "differs", "poor", "open", "good", "better"]
    assert doubt_of(GOOD).points == 0
    assert doubt_of(rows["refused"]).reasons == ("registration refused", "change indeterminate")
    assert doubt_of(rows["lost"]).quality == 0.5


def test_a_row_has_each_figure_under_its_path_and_no_identity() -> None:
    document: dict[str, Any] = {
        "schema": "ptx-compare/1",
        "prior": {
            "image": {"path": "/SECRET/a.dcm", "sop_instance_uid": "SECRET", "view": "PA"},
            "report": {"told": "SECRET"},
            "segmentation": {"area_px": 7, "hemithorax_percent": {"left": 0.0, "right": 20.5}},
            "anatomy": {"quality": 0.99},
            "concordance": [
                {"code": "side", "severity": "warning", "message": "SECRET"},
                {"code": "size", "severity": "info", "message": "SECRET"},
            ],
            "warnings": ["a", "b"],
        },
        "change": {
            "metric": "hemithorax_percent",
            "difference": -9.6,
            "interval95": [-36.8, 13.7],
            "prior_interval95": None,
            "a_new_figure": {"increase": 0.2},
        },
        "belonging": {"overridden": ["patient", "view"], "reason": "SECRET"},
    }
    row = row_of(document)
    assert row == {
        "change_difference": -9.6,
        "change_interval95_low": -36.8,
        "change_interval95_high": 13.7,
        "change_prior_interval95_low": None,
        "change_prior_interval95_high": None,
        "change_a_new_figure_increase": 0.2,
        "belonging_overridden": "patient view",
        "prior_segmentation_area_px": 7,
        "prior_segmentation_hemithorax_percent_left": 0.0,
        "prior_segmentation_hemithorax_percent_right": 20.5,
        "prior_anatomy_quality": 0.99,
        "prior_image_view": "PA",
        "prior_concordance": "side",
        "prior_warnings": 2,
    }
    assert not any("SECRET" in str(value) for value in row.values())


@pytest.mark.parametrize("missing", [*GOOD])
def test_what_a_row_lacks_speaks_neither_way(missing: str) -> None:
    assert doubt_of({name: value for name, value in GOOD.items() if name != missing}).points == 0
