"""What a result says of a report and of other programs' names, without identity."""

from dataclasses import replace

import pytest

from ptx_followup.dicom.basic_profile import deidentifying
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.report.findings import understand
from ptx_followup.results.identity import shown


def test_no_word_of_a_report_is_left_in_a_finding() -> None:
    report = understand("Right apical pneumothorax measuring 2 cm in mrs jane doe of ward seven.")
    assert "jane" in str(report.to_json())
    with deidentifying(True):
        hidden = shown(report)
    assert hidden.findings[0].extent_mm == 20
    assert "jane" not in repr(hidden) + repr(hidden.binding) + str(hidden.to_json())


@pytest.mark.parametrize(
    ("stated", "kept"), [("Left pneumothorax", "Left pneumothorax"), ("Doe, Jane 3", "Pneumothorax")]
)
def test_a_tracking_identifier_of_another_program_is_replaced(stated: str, kept: str) -> None:
    tracking = Tracking(stated, "2.25.7")
    with deidentifying(True):
        hidden = shown(tracking)
    assert hidden.identifier == kept
    assert hidden.uid != tracking.uid
    assert replace(hidden, uid="2.25.7") == Tracking(kept, "2.25.7")
