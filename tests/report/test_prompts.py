"""The sentences that the network is given."""

from __future__ import annotations

import pytest

from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import MODES, prompt

REPORT = """INDICATION: rule out pneumothorax in [AGE] patient [PERSONALNAME]
FINDINGS: No effusion.   Small left apical pneumothorax, 2 cm,
larger than on [DATE]. Heart normal.
IMPRESSION: Small left apical pneumothorax"""


def test_full_is_the_report_in_one_line_without_redaction() -> None:
    assert prompt(understand(REPORT), "full") == (
        "INDICATION: rule out pneumothorax in patient FINDINGS: No effusion. "
        "Small left apical pneumothorax, 2 cm, larger than on . Heart normal. "
        "IMPRESSION: Small left apical pneumothorax"
    )


def test_focused_holds_the_sentences_of_the_finding() -> None:
    assert prompt(understand(REPORT), "focused") == (
        "Small left apical pneumothorax, 2 cm, larger than on . Small left apical pneumothorax."
    )


def test_focused_leaves_out_what_the_impression_overrules() -> None:
    text = "FINDINGS: Left pneumothorax.\nIMPRESSION: Right pneumothorax."
    assert prompt(understand(text), "focused") == "Right pneumothorax."


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Small left apical pneumothorax, 2 cm, larger.", "Left apical pneumothorax."),
        ("Large right pneumothorax.", "Right pneumothorax."),
        ("Right apicolateral pneumothorax.", "Right apical and lateral pneumothorax."),
        (
            "Right apical and left basal pneumothoraces.",
            "Left basal pneumothorax. Right apical pneumothorax.",
        ),
        ("There is an apical pneumothorax.", "Apical pneumothorax."),
        ("Pneumothorax.", "Pneumothorax."),
        ("No pneumothorax.", "No pneumothorax."),
        ("Left pneumothorax has resolved.", "No pneumothorax."),
        ("Lungs are clear.", ""),
        ("Possible left pneumothorax.", "Left pneumothorax."),
        (
            "FINDINGS: Left apical pneumothorax.\nADDENDUM: The left pneumothorax is basal.",
            "Left basal pneumothorax.",
        ),
    ],
)
def test_matched_holds_side_and_zone_alone(text: str, matched: str) -> None:
    assert prompt(understand(text), "matched") == matched


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_report_gives_an_empty_prompt(mode: str) -> None:
    assert prompt(understand(""), mode) == ""  # type: ignore[arg-type]
