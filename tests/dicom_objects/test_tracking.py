"""Which tracking goes on where the objects of a patient state several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_comparison import compared, truth

from ptx_followup.dicom_objects.tracking import PreviousResult, Tracking, continued_tracking
from ptx_followup.masks.known import KnownMask
from ptx_followup.masks.source import MaskSource
from ptx_followup.radiograph.image import Identity

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

FIRST, SECOND = Tracking("Right pneumothorax", "2.25.1"), Tracking("Right pneumothorax", "2.25.2")
OTHER = Tracking("Finding 7", "2.25.3")
LEFT = Tracking("Left pneumothorax", "2.25.4")


@pytest.mark.parametrize(
    ("later", "same_patient", "warned"),
    [
        (FIRST, True, None),
        (SECOND, True, "goes on by its Tracking ID"),
        (SECOND, False, "as two findings"),
        (OTHER, True, "as two findings"),
    ],
)
def test_the_first_goes_on_and_a_difference_is_told(
    later: Tracking, same_patient: bool, warned: str | None
) -> None:
    stated = [{"right": FIRST}, {"right": later, "left": LEFT}]
    tracking, warnings = continued_tracking(stated, same_patient=same_patient)  # type: ignore[arg-type]
    assert tracking == {"right": FIRST, "left": LEFT}
    assert len(warnings) == (warned is not None)
    assert all(str(warned) in warning and "right" in warning for warning in warnings)


def test_exams_that_were_anonymised_one_by_one_go_on_with_a_warning(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    given = KnownMask(truth("prior"), MaskSource("given", "SEG"), {"right": SECOND})
    previous = PreviousResult({"right": FIRST}, Identity(patient_id="SECRETID7"))
    result = compared(segmenter, tmp_path, previous=previous, prior_mask=given)
    assert result.tracking == {"right": FIRST}
    assert "goes on by its Tracking ID" in result.to_json()["warnings"][-1]
