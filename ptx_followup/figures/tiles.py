"""One radiograph of a comparison as a tile: side markers and title above, the film, a key below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptx_followup import colours
from ptx_followup.figures.canvas import (
    Line,
    Mask,
    Picture,
    draw_outlines,
    outlines,
    resize_mask,
    show,
    side_strip,
    text_block,
)
from ptx_followup.radiograph.letting_go import taken_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ptx_followup.colours import Colour
    from ptx_followup.followup.exam import Exam

#: Letters beside a tile a third of the picture wide, relative to `canvas.text_size`: 8 points in print.
TILE_TEXT = 1.5
#: Shares of a tile's width, as in `overlay`.
_GAP, _LINE, _DASH = 0.004, 0.0025, 0.014


def film_of(exam: Exam, width: int) -> Picture:
    """The radiograph of an exam, `width` pixels wide."""
    radiograph = taken_up(exam.radiograph)
    return show(radiograph.pixels, (round(width * radiograph.rows / radiograph.columns), width))


def outline(film: Picture, mask: Mask, colour: Colour, *, dashed: bool = False) -> None:
    """Draw the outline of a mask (on the radiograph's grid) on its film."""
    width = film.shape[1]
    shown = resize_mask(mask, (film.shape[0], width))
    lines = outlines(shown, gap=width * _GAP)
    draw_outlines(film, lines, colour, max(2, round(width * _LINE)), dash=width * _DASH if dashed else 0.0)


def tile(film: Picture, title: str, lines: Sequence[Line]) -> Picture:
    """A film between its side markers and lines of text."""
    width = film.shape[1]
    strip = side_strip(width, colours.MARKERS["right"], colours.MARKERS["left"], title, TILE_TEXT)
    return np.vstack([strip, film, text_block(lines, width)]) if lines else np.vstack([strip, film])


def key(text: str, colour: Colour) -> Line:
    """A line of the key below a film: a square in the colour, and what it means."""
    return Line(f"\N{BLACK SQUARE} {text}", colour, scale=TILE_TEXT)


def beside(pictures: Sequence[Picture], between: int) -> Picture:
    """Pictures side by side, their tops aligned."""
    widths = [picture.shape[1] for picture in pictures]
    height = max(picture.shape[0] for picture in pictures)
    joined = np.zeros((height, sum(widths) + between * (len(widths) - 1), 3), np.uint8)
    for number, picture in enumerate(pictures):
        left = sum(widths[:number]) + number * between
        joined[: picture.shape[0], left : left + picture.shape[1]] = picture
    return joined


def moment_of(exam: Exam) -> str:
    """Acquisition date and time of day with a leading dot: " · 2026-03-02, 09:14"; empty where unknown."""
    moment = exam.radiograph.acquired_at
    if moment is None:
        return ""
    time = f", {moment:%H:%M}" if moment.time() != moment.min.time() else ""
    return f" · {_date(moment)}{time}"


def day_of(exam: Exam) -> str:
    """Acquisition date with a leading blank; empty where unknown."""
    moment = exam.radiograph.acquired_at
    return "" if moment is None else f" {_date(moment)}"


def doubts_of(exam: Exam) -> list[str]:
    """Warnings of an exam but those of its file: they are the same for every picture of its kind."""
    return [warning for warning in exam.warnings if warning not in exam.radiograph.warnings]


def typeset(sentence: str) -> str:
    """The sentence with an arrow, minus signs and no break before a percent sign."""
    signs = sentence.replace("->", "\N{RIGHTWARDS ARROW}").replace(" -", " \N{MINUS SIGN}")
    return signs.replace(" %", "\N{NO-BREAK SPACE}%")


def _date(moment: datetime) -> str:
    return moment.date().isoformat()
