"""How the size of a pneumothorax changes where one word of the report is left out, as a chart of bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from ptx_followup import colours
from ptx_followup.figures.canvas import Line, Picture, font, text_block, text_size
from ptx_followup.figures.tiles import beside
from ptx_followup.sides import SIDES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptx_followup.measurement.sizes import Measurement
    from ptx_followup.segmentation.retelling import LeftOut
    from ptx_followup.sides import Side

#: Words from which on the chart has two columns.
_TWO_COLUMNS = 9
#: Height of a row in heights of its letters, and letters relative to those of the picture.
_ROW, _LETTERS = 1.6, 0.8
#: The bars reach as far as the largest change, and no less than this many points.
_LEAST_POINTS = 1.0


def draw_words(left_out: Sequence[LeftOut], as_told: Measurement, width: int) -> Picture:
    """Draw one row a word: how much larger or smaller each side is without it.

    Args:
        left_out: Of `Retelling.words_left_out`; not empty.
        as_told: The size under all words.
        width: In pixels.
    """
    told = _percents(as_told)
    found = [_percents(one.measurement) for one in left_out]
    sides = [side for side in SIDES if any(one[side] for one in (*found, told))] or list(SIDES)
    largest = max(_LEAST_POINTS, *(abs(one[side] - told[side]) for one in found for side in sides))
    columns = 2 if len(left_out) >= _TWO_COLUMNS else 1
    share = math.ceil(len(left_out) / columns)
    rows = [
        [_row_of(one, {side: now[side] - told[side] for side in sides}) for one, now in pairs]
        for pairs in (
            list(zip(left_out, found, strict=True))[start : start + share]
            for start in range(0, len(left_out), share)
        )
    ]
    size = round(text_size(width) * _LETTERS)
    bars = [_column(part, width // columns, size, largest) for part in rows]
    stated = ", ".join(f"{side} {told[side]:.1f} %" for side in sides)
    title = "Where one word is left out: change of the size in points of the hemithorax"
    return np.vstack(
        [
            text_block([Line(title, bold=True), Line(f"As told: {stated}.", scale=0.8)], width),
            beside(bars, 0),
        ]
    )


#: The word, the change of each side, and what stands behind the bars.
_Row = tuple[str, "dict[Side, float]", str]


def _row_of(one: LeftOut, change: dict[Side, float]) -> _Row:
    word = one.word if one.place is None else f"{one.word} ({one.place})"
    points = ", ".join(
        f"{colours.MARKERS[side]} {_signed(value)}" if len(change) > 1 else _signed(value)
        for side, value in change.items()
    )
    return word, change, f"{points}; Dice {one.dice:.2f}"


def _signed(points: float) -> str:
    rounded = round(points, 1)
    return "0.0" if rounded == 0 else f"{rounded:+.1f}".replace("-", "\N{MINUS SIGN}")


def _column(rows: Sequence[_Row], width: int, size: int, largest: float) -> Picture:
    height = round(size * _ROW)
    image = Image.new("RGB", (width, height * len(rows) + size), colours.GROUND)
    draw = ImageDraw.Draw(image)
    left, right = width * 0.31, width * 0.57
    zero = (left + right) / 2
    for number, (word, change, said) in enumerate(rows):
        top = number * height
        draw.text((left - size, top + height / 2), word, colours.TEXT, font(size), anchor="rm")
        thick = 0.7 * height / len(change)
        for part, value in enumerate(change.values()):
            end = zero + (right - left) / 2 * value / largest
            above = top + 0.15 * height + part * thick
            draw.rectangle((min(zero, end), above, max(zero, end), above + 0.85 * thick), colours.PROJECTED)
        draw.text((right + size, top + height / 2), said, colours.TEXT, font(size), anchor="lm")
    draw.line((zero, 0, zero, height * len(rows)), colours.PNEUMOTHORAX, 2)
    return np.array(image)


def _percents(measured: Measurement) -> dict[Side, float]:
    """Percent of each hemithorax; 0 where it was not measured."""
    percent = measured.hemithorax_percent
    return {side: 0.0 if percent is None else percent.of(side) or 0.0 for side in SIDES}
