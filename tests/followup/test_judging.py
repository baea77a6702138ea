"""Which side's change leads."""

from __future__ import annotations

from ptx_followup.followup.judging import leading_change
from ptx_followup.measurement.change import Change, assess_change
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.network.change_error import ChangeError
from ptx_followup.sides import Side


def changed(side: Side, prior: float, followup: float) -> Change:
    return assess_change(side, {"images": (Size(prior), Size(followup))}, Uncertainty(ChangeError()))


def test_the_larger_pneumothorax_leads_whichever_exam_shows_it() -> None:
    forth: dict[Side, Change] = {"left": changed("left", 0, 30), "right": changed("right", 1, 0)}
    back: dict[Side, Change] = {"left": changed("left", 30, 0), "right": changed("right", 0, 1)}
    assert leading_change(forth, "").side == leading_change(back, "").side == "left"


def test_the_side_that_a_report_states_leads() -> None:
    both: dict[Side, Change] = {"left": changed("left", 0, 30), "right": changed("right", 1, 0)}
    assert leading_change(both, "Right apical pneumothorax.").side == "right"
