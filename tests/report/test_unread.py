"""No denial that was not understood: what of it is left open, and how that is told."""

from __future__ import annotations

import pytest

from ptx_followup.report.findings import understand

#: Forms that the reader does not know: whatever they mean, the image is looked at.
UNREAD = (
    "The pneumothorax on the left was not mentioned in the preliminary report.",
    "Pneumothorax on the right not appreciated by the resident.",
    "Were it not for a right pneumothorax, this would be a normal film.",
    "Cannot say that the left pneumothorax has gone.",
    "No more than a tiny right pneumothorax.",
    "On the right side pneumothorax, on the left side none.",
    "No pneumothorax on the right, in contrast to the left.",
    "No glimp of pneumothorax.",
    "Neither the wire nor the left pneumothorax has wandered.",
    "No pneumothorax wanders on the right.",
    "No pneumothorax on the right, left otherwise.",
    "Pneumothorax on the left, of the two, none.",
    "No pneumothorax on the right. This remains on the left.",
    "No pneumothorax. Persists, 12 mm.",
    "Right pneumothorax - nil interval broadening.",
    "CT earlier: no left pneumothorax. Radiograph now: this persists on the right.",
    "No pneumothorax. The visceral pleura is seen at the right apex.",
    "FINDINGS: Small left pneumothorax.\nIMPRESSION: No pneumothorax.",
)
#: Forms that it knows, beside what is said of other things.
READ = (
    "No pneumothorax. The right catheter remains in place.",
    "No pneumothorax. A nodule of 8 mm at the left apex is unchanged.",
    "No pneumothorax. Small left effusion. It is unchanged.",
    "No focal consolidation, pleural effusion or pneumothorax. Mild scoliosis.",
    "No pneumothorax, although this is a supine film.",
    "PTX - nil. ETT ok.",
    "No pneumothorax. No air in the right pleural space.",
    "FINDINGS: Left pneumothorax.\nADDENDUM: There is no pneumothorax, the line is a skin fold.",
)


@pytest.mark.parametrize("text", UNREAD)
def test_a_denial_that_was_not_understood_is_left_open(text: str) -> None:
    report = understand(text)
    assert report.present is not False
    assert report.present or report.conflicts


@pytest.mark.parametrize("text", READ)
def test_a_denial_beside_other_things_stays_one(text: str) -> None:
    assert understand(text).present is False


def test_the_sentence_is_named_and_not_quoted() -> None:
    report = understand("FINDINGS: Lungs clear. No glimp of pneumothorax.\nIMPRESSION: Normal chest of Jane.")
    assert report.present is None
    assert report.conflicts == ("sentence 2 (findings) may state a pneumothorax",)


def test_a_pneumothorax_under_an_unknown_heading_is_neither_lost_nor_stated() -> None:
    report = understand("CHEST 1 VIEW: Left pneumothorax.\nFINDINGS: Lines in place.\nIMPRESSION: No change.")
    assert report.present is None
    assert report.conflicts == ("sentence 1 (other) speaks of a pneumothorax, and no description does",)
