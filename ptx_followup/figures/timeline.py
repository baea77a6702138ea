"""The picture of a timeline: every exam, all of them on the last, and the sizes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptx_followup import DISCLAIMER, colours
from ptx_followup.figures.canvas import Line, Picture, text_block
from ptx_followup.figures.tiles import beside, doubts_of, film_of, key, moment_of, outline, tile, typeset
from ptx_followup.followup.wording import verdict_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ptx_followup.colours import Colour
    from ptx_followup.followup.timeline import Timeline
    from ptx_followup.sides import Side

#: Pixels; 11 inches at 300 pixels an inch, so a page's width in print.
_WIDTH, _BETWEEN, _DPI = 3300, 30, 300
_MOST_IN_A_ROW = 5
#: The last exam with all outlines, beside the plot.
_LARGE = 1320
#: Letters over the whole width, relative to `canvas.text_size`: 8 points in print.
_WIDE_TEXT = 0.62


def draw_timeline(result: Timeline) -> Picture:
    """Draw the picture of a timeline.

    Top: each exam with its mask. Bottom left: the last exam with the masks of all that could be brought onto
    it, the earlier ones dashed. Bottom right: percent of the hemithorax over time with 95 % intervals.
    Acquisition dates are shown, but no other value of a header.

    Returns:
        uint8, H x 3300 x 3, red-green-blue.
    """
    shades = _shades(len(result.timepoints))
    warnings = list(result.warnings)
    for number, one in enumerate(result.timepoints, start=1):
        warnings += [f"exam {number}: {warning}" for warning in doubts_of(one.exam)]
    notes = [Line(f"\N{WARNING SIGN} {text}", colours.WARNING, scale=_WIDE_TEXT) for text in warnings]
    return np.vstack(
        [
            text_block([Line(typeset(result.sentence), bold=True, scale=_WIDE_TEXT * 1.3)], _WIDTH),
            *_strips(result, shades),
            _filled_up(beside([_all_on_the_last(result, shades), _plots(result, shades)], _BETWEEN)),
            text_block([*notes, Line(DISCLAIMER, colours.QUIET_TEXT, scale=_WIDE_TEXT)], _WIDTH),
        ]
    )


def _strips(result: Timeline, shades: Sequence[Colour]) -> list[Picture]:
    """The exams, at most five in a row."""
    columns = min(len(result.timepoints), _MOST_IN_A_ROW)
    width = (_WIDTH - (columns - 1) * _BETWEEN) // columns
    tiles = []
    for number, (one, shade) in enumerate(zip(result.timepoints, shades, strict=True), start=1):
        film = film_of(one.exam, width)
        outline(film, one.exam.mask, shade)
        tiles.append(tile(film, f"{number}{moment_of(one.exam)}", []))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    return [_filled_up(beside(row, _BETWEEN)) for row in rows]


def _all_on_the_last(result: Timeline, shades: Sequence[Colour]) -> Picture:
    film = film_of(result.last, _LARGE)
    lines = []
    total = len(shades)
    for number, (one, shade) in enumerate(zip(result.timepoints, shades, strict=True), start=1):
        if one.projected is None:
            reason = one.registration.reason if one.registration else None
            lines.append(Line(f"exam {number} could not be laid on: {reason}", colours.WARNING))
            continue
        outline(film, one.projected, shade, dashed=number < total)
        lines.append(key(f"exam {number}{', this film' if number == total else ''}", shade))
    return tile(film, f"All exams on exam {total}", lines)


def _plots(result: Timeline, shades: Sequence[Colour]) -> Picture:
    """One plot a side that is worth naming, below each other."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sides = result.sides or [result.change.side]
    width = (_WIDTH - _LARGE - _BETWEEN) / _DPI
    with rc_context({"font.size": 8, "font.family": "DejaVu Sans"}):
        figure = Figure((width, 2.6 * len(sides)), dpi=_DPI, facecolor="black", layout="constrained")
        canvas = FigureCanvasAgg(figure)
        for number, side in enumerate(sides, start=1):
            _plot(figure.add_subplot(len(sides), 1, number), result, side, shades)
        canvas.draw()  # type: ignore[no-untyped-call]
        rendered = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(np.asarray(rendered)[..., :3])


def _plot(axes: Axes, result: Timeline, side: Side, shades: Sequence[Colour]) -> None:
    dated = all(one.days is not None for one in result.timepoints)
    times = [
        float(number) if one.days is None or not dated else one.days
        for number, one in enumerate(result.timepoints, start=1)
    ]
    sizes = [one.percent(side) for one in result.timepoints]
    quiet = _matplotlib(colours.QUIET_TEXT)
    known = [(time, size) for time, size in zip(times, sizes, strict=True) if size is not None]
    if known:
        axes.plot(*zip(*known, strict=True), color=quiet, linewidth=0.8, zorder=1)
    for time, size, one, shade in zip(times, sizes, result.timepoints, shades, strict=True):
        interval = one.intervals[side]
        if size is None or interval is None:
            continue
        ink = _matplotlib(shade)
        axes.plot([time, time], interval, color=ink, marker="_", markersize=6, linewidth=1)
        axes.plot([time], [size], "o", color=ink, markersize=4)
        axes.annotate(f"{size:.1f}", (time, size), (5, 4), textcoords="offset points", color="white")
    verdict = verdict_in_words(result.overall[side])
    title = f"{side.capitalize()}: from first to last {verdict}\npercent of the hemithorax, 95 % interval"
    axes.set_title(title, color="white", loc="left")
    axes.set_xlabel("days since exam 1" if dated else "exam", color=quiet)
    if not dated:
        axes.set_xticks(times)
    axes.set_ylim(bottom=0)
    axes.margins(x=0.08)
    axes.set_facecolor("black")
    axes.tick_params(colors=quiet)
    axes.spines[:].set_color(quiet)
    axes.spines[["top", "right"]].set_visible(False)


def _shades(count: int) -> list[Colour]:
    """From the blue of a prior to the amber of the exam that is shown."""
    shares = np.linspace(0, 1, count)[:, np.newaxis]
    mixed = (1 - shares) * np.array(colours.PROJECTED) + shares * np.array(colours.PNEUMOTHORAX)
    return [(int(red), int(green), int(blue)) for red, green, blue in mixed.round()]


def _matplotlib(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def _filled_up(picture: Picture) -> Picture:
    """The picture on black, as wide as the page."""
    return np.pad(picture, ((0, _BETWEEN), (0, _WIDTH - picture.shape[1]), (0, 0)))
