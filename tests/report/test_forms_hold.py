"""Forms that hold a pneumothorax in ways the reader may not know: none is read as a denial."""

from __future__ import annotations

import pytest

from ptx_followup.report.findings import understand

PRESENT = (
    # Boxes and what is written beside them.
    "[ ] Pneumothorax\n[x] Lungs clear\nComment: small left apical pneumothorax seen on review.",
    "[ ] Pneumothorax  Size: 12 mm  Side: left\n[x] Lines ok",
    "[ ] Pneumothorax resolved\n[x] Pneumothorax persists, left",
    "[ ] no change in left pneumothorax\n[x] larger",
    "[ ] Pneumothorax excluded   [x] Pneumothorax not excluded",
    "[x] Left pneumothorax\n[ ] Pneumothorax drain in place",
    "Pneumothorax: [ ] none [ ] small [x] moderate",
    "Pneumothorax  [ ] absent\nLung edge 2 cm from the chest wall on the left  [x]",
    "[ ] Small pneumothorax\n[x] Large pneumothorax",
    "[ ] Pneumothorax right, new\n[x] Pneumothorax right, known",
    "Normal [ ]  Pneumothorax [x]  Effusion [ ]",
    "none [ ] pneumothorax [x]",
    "[ ] Tension  [x] Simple pneumothorax",
    "☐ no ☑ yes: pneumothorax, right",
    "Pneumothorax ☐ No ☑ Yes ☐ Not seen",
    "(N) Normal  (Y) Pneumothorax",
    "Pneumothorax - right: [x]   left: [ ]",
    "[ ] Pneumothorax\n    [x] right\n    [x] 2 cm",
    "☐ Pneumothorax (tick if new)\n☑ Known left pneumothorax unchanged",
    "_x_ L pneumothorax\n___ effusion",
    "PTX  ✓ R   ✗ L",
    "Pneumothorax ✔ (left)   Effusion ✘",
    # Answers.
    "Pneumothorax resolved: no",
    "Pneumothorax (Y/N): Y   Side (L/R): L   Shift (Y/N): N",
    "Pneumothorax: R none, L 5 mm",
    "Pneumothorax: none on the right; on the left 1 cm",
    "Pneumothorax L/R: yes / no",
    "Pneumothorax .......... no change, left",
    "Pneumothorax: not larger",
    "Pneumothorax: no longer under tension, left",
    "PTX: same. Tension: no. Shift: no.",
    "Pneumothorax: left. Rim: 12 mm. Tension: absent.",
    "Is the left lung up? No. Pneumothorax persists.",
    "Finding: PTX. Side: right. Certainty: definite. Change: none.",
    "OBS: PTX. LOC: LEFT. CHANGE: NONE.",
    "Pneumothorax present: yes. Previously present: no.",
    "Has the right pneumothorax resolved? No",
    "Pneumothorax - denied by referrer; seen on the left.",
    # Lists.
    "No:\n- effusion\n- fracture\nYes:\n- left pneumothorax",
    "Absent: effusion, fracture. Present: left pneumothorax.",
    "None of the following: effusion; fracture. Small right pneumothorax.",
    "Resolved since last film:\n- effusion\n- nothing else\nLeft pneumothorax as before.",
    "Not seen on this film:\n- the drain\nThe left pneumothorax is as before.",
    "Resolved:\n- left effusion\nPneumothorax, left, 8 mm",
    "Negative: consolidation, effusion\nPositive: pneumothorax, left",
    "There is no evidence of:\n1. effusion\n2. fracture\n\nThere is a small left pneumothorax.",
    # Tables.
    "Finding | Present | Absent\nPneumothorax | x | \nEffusion | | x",
    "              R      L\nPTX           0      1\nEffusion      0      0",
    "Date   PTX\n1/2    none\n2/2    12 mm",
    "Date   PTX\n1/2    12 mm\n2/2    none\n3/2    8 mm  <- now",
    "         Before     After drain\nPTX L    30 mm      8 mm",
    "Side | PTX\nL | 12 mm\nR | none",
    "Left lung | Right lung\nno pneumothorax | pneumothorax, apical",
    "Yesterday | Today\nno pneumothorax | small left pneumothorax",
    "Pneumothorax | No | Yes\nRight | x | \nLeft | | x",
    "Date: prior | today\nL PTX: none | 9 mm",
    # Signs in place of words.
    "L PTX + , R PTX -",
    "+ PTX L, - effusion, - fracture",
    "Left PTX ↑ (8→14 mm). Ø effusion.",
    "L PTX -> 12 mm -> 8 mm.",
    "Left pneumothorax - 8 mm - apical - no shift.",
    "ø effusion, L PTX.",
    # Sides and lungs that are not up.
    "Left lung up but for a sliver. No pneumothorax right.",
    "No right pneumothorax. The left lung has re-expanded by about half.",
    "Right: no pneumothorax. Left: not fully up, 9 mm rim.",
    "R: no PTX\nL: lung edge 1 cm off the wall",
    "No pneumothorax on the right. Contralateral one is small.",
    "The right lung is up, no pneumothorax there; the left is three quarters up.",
)


@pytest.mark.parametrize("text", PRESENT)
def test_a_form_that_holds_a_pneumothorax_is_no_denial(text: str) -> None:
    assert understand(text).present is not False
