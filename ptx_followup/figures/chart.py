"""A small chart of two sizes and their difference, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ptx_followup import colours
from ptx_followup.colours import Colour
from ptx_followup.figures.canvas import Picture, font, text_size
from ptx_followup.followup.wording import verdict_in_words
from ptx_followup.measurement.change import Change
from ptx_followup.measurement.outlines import Interval

#: Ends of the axes, in percent: the first that holds everything is taken.
_ENDS = (5, 10, 20, 40, 60, 80, 100)
#: Height of a row in heights of its letters.
_ROW = 2.6


@dataclass(frozen=True)
class _Axis:
    """A horizontal axis: values at its ends, and where those lie in pixels."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)


def draw_chart(change: Change, width: int, labels: tuple[str, str], scale: float) -> Picture:
    """Draw sizes and difference of one side as bars with whiskers.

    Args:
        change: With all its intervals.
        width: In pixels.
        labels: Of the prior and the follow-up.
        scale: Of the letters.

    Returns:
        uint8, H x `width` x 3.
    """
    size = round(text_size(width) * scale)
    row = round(size * _ROW)
    image = Image.new("RGB", (width, round(row * 4.9)), colours.GROUND)
    draw = ImageDraw.Draw(image)
    left, right = width * 0.27, width * 0.70
    title = (
        f"{change.side.capitalize()}: {verdict_in_words(change)}; percent of the hemithorax, 95 % interval"
    )
    draw.text((size, row * 0.4), title, colours.TEXT, font(size, bold=True), anchor="lm")
    before, after = change.leading.prior_interval, change.leading.followup_interval
    if before is None or after is None or change.interval is None:
        draw.text((size, row * 1.5), change.reason, colours.WARNING, font(size), anchor="lm")
        return np.array(image)
    sizes = _Axis(0, _end(before[1], after[1]), left, right)
    exams = (
        (labels[0], change.prior or 0.0, before, colours.PROJECTED),
        (labels[1], change.followup or 0.0, after, colours.PNEUMOTHORAX),
    )
    for number, (label, percent, interval, colour) in enumerate(exams):
        middle = row * (1.25 + number * 0.85)
        _label(draw, label, size, middle)
        draw.rectangle((left, middle - size * 0.55, sizes.at(percent), middle + size * 0.55), fill=colour)
        _whisker(draw, sizes, interval, middle, size)
        _value(draw, f"{percent:.1f} %", interval, right + size, middle, size)
    _ticks(draw, sizes, row * 2.55, size, signed=False)
    difference = change.difference or 0.0
    end = _end(abs(change.interval[0]), abs(change.interval[1]))
    differences = _Axis(-end, end, left, right)
    middle = row * 3.6
    _label(draw, "Difference", size, middle)
    zero = differences.at(0)
    draw.line((zero, middle - size, zero, middle + size), colours.QUIET_TEXT, max(1, size // 12))
    _whisker(draw, differences, change.interval, middle, size)
    _dot(draw, differences.at(difference), middle, size * 0.35, colours.TEXT)
    _value(draw, f"{difference:+.1f}", change.interval, right + size, middle, size, signed=True)
    _ticks(draw, differences, row * 4.2, size, signed=True)
    return np.array(image)


def _end(*values: float) -> float:
    return next((end for end in _ENDS if end >= max(values)), _ENDS[-1])


def _label(draw: ImageDraw.ImageDraw, text: str, size: int, middle: float) -> None:
    draw.text((size, middle), text, colours.TEXT, font(size), anchor="lm")


def _value(
    draw: ImageDraw.ImageDraw,
    text: str,
    interval: Interval,
    left: float,
    middle: float,
    size: int,
    *,
    signed: bool = False,
) -> None:
    low, high = (f"{end:+.1f}" if signed else f"{end:.1f}" for end in interval)
    draw.text((left, middle), text, colours.TEXT, font(size, bold=True), anchor="lm")
    gap = font(size, bold=True).getlength("-00.0 % ")
    draw.text((left + gap, middle), f"({low} to {high})", colours.QUIET_TEXT, font(size), anchor="lm")


def _whisker(draw: ImageDraw.ImageDraw, axis: _Axis, interval: Interval, middle: float, size: int) -> None:
    """A line over the interval with a tick at either end, on a dark edge so that it shows on a bar."""
    start, end = (axis.at(value) for value in interval)
    tick = size * 0.3
    for ink, thickness in ((colours.GROUND, size // 4), (colours.TEXT, max(2, size // 10))):
        draw.line((start, middle, end, middle), ink, thickness)
        for x in (start, end):
            draw.line((x, middle - tick, x, middle + tick), ink, thickness)


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=colours.GROUND)


def _ticks(draw: ImageDraw.ImageDraw, axis: _Axis, top: float, size: int, *, signed: bool) -> None:
    draw.line((axis.left, top, axis.right, top), colours.QUIET_TEXT, 1)
    for value in np.linspace(axis.low, axis.high, 5):
        x = axis.at(float(value))
        draw.line((x, top, x, top + size * 0.25), colours.QUIET_TEXT, 1)
        text = f"{value:+g}" if signed and value else f"{value:g}"
        draw.text((x, top + size * 0.35), text, colours.QUIET_TEXT, font(round(size * 0.8)), anchor="ma")
