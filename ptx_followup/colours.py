"""One set of colours for every figure, chosen so that it holds with each form of colour blindness.

The hues are those of Okabe and Ito ("Color Universal Design", 2008): they differ in lightness too, so that
they stay apart in grey print. None of them is a pure red or green, and all stand out on a radiograph.
"""

from __future__ import annotations

from ptx_followup.sides import Side

#: Red, green, blue, 0..255.
Colour = tuple[int, int, int]

PNEUMOTHORAX: Colour = (255, 176, 0)
"""The mask of the exam that is shown."""

PROJECTED: Colour = (86, 180, 233)
"""The mask of another exam, brought onto this one."""

NEW: Colour = (213, 94, 0)
"""Pneumothorax where there was none on the earlier exam."""

LUNG: Colour = (200, 220, 230)
"""Outlines of the lungs: pale, as they are only a frame."""

TEXT: Colour = (255, 255, 255)
QUIET_TEXT: Colour = (190, 190, 190)
WARNING: Colour = (255, 214, 92)
GROUND: Colour = (0, 0, 0)

#: Letter of a side marker.
MARKERS: dict[Side, str] = {"right": "R", "left": "L"}
