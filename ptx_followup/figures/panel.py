"""The follow-up panel: where the pneumothorax was, where it is, what has changed, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ptx_followup import DISCLAIMER, colours
from ptx_followup.figures.canvas import (
    Line,
    Mask,
    Picture,
    draw_outlines,
    outlines,
    resize_mask,
    text_block,
)
from ptx_followup.figures.chart import draw_chart
from ptx_followup.figures.tiles import (
    TILE_TEXT,
    beside,
    day_of,
    doubts_of,
    film_of,
    key,
    moment_of,
    outline,
    tile,
    typeset,
)
from ptx_followup.followup.sentence import mentioned_sides
from ptx_followup.followup.wording import interval_in_words
from ptx_followup.registration.register import project
from ptx_followup.sides import LUNG_LABEL

if TYPE_CHECKING:
    from ptx_followup.colours import Colour
    from ptx_followup.followup.compare import FollowUp
    from ptx_followup.followup.exam import Exam
    from ptx_followup.measurement.distances import MeasuredLine

#: Pixels; 11 inches at 300 pixels an inch, so a page's width in print.
_TILE, _BETWEEN = 1080, 30
_WIDTH = 3 * _TILE + 2 * _BETWEEN
#: Letters over the whole width, relative to `canvas.text_size`: 8 points in print.
_WIDE_TEXT = 0.62
#: The radiograph under the change map is darkened to this share.
_DIMMED = 0.6
_FILLED = 0.6
#: A stripe of so many pixels, at every third place, tells new and resolved apart without colour.
_STRIPE = 5
#: How the sizes were measured; the place is for the sentence of both exams.
_ROUTES = {
    "images": "Both sizes were measured under the same words ({}), so that no adjective of a report makes "
    "the difference.",
    "images and words": "Each size was measured under the exam's own report, without one under {}.",
    "masks": "Both sizes are those of given masks.",
}


def draw_panel(result: FollowUp) -> Picture:
    """Draw the panel of one comparison.

    Left to right: the prior with its mask; the follow-up with its mask and, dashed, the prior's mask brought
    onto it; the follow-up with persistent, new and resolved parts. Below: sizes with their intervals. Where
    the registration was refused, both exams show the outlines of their hemithoraces, and no change map.

    Acquisition dates are shown, but no other value of a header.

    Returns:
        uint8, H x 3300 x 3, red-green-blue.
    """
    tiles = [_prior_tile(result), _followup_tile(result), _change_tile(result)]
    parts = [
        text_block([Line(typeset(result.sentence), bold=True, scale=_WIDE_TEXT * 1.3)], _WIDTH),
        beside(tiles, _BETWEEN),
        _charts(result),
        text_block(_notes(result), _WIDTH),
    ]
    return np.vstack(parts)


def _prior_tile(result: FollowUp) -> Picture:
    exam = result.prior
    film = _film(exam, refused=not result.registration.accepted)
    outline(film, exam.mask, colours.PROJECTED)
    _distances(film, exam)
    lines = [key("solid: pneumothorax", colours.PROJECTED), *_distance_lines(exam)]
    return tile(film, f"Prior{moment_of(exam)}", lines)


def _followup_tile(result: FollowUp) -> Picture:
    exam = result.followup
    film = _film(exam, refused=not result.registration.accepted)
    outline(film, exam.mask, colours.PNEUMOTHORAX)
    lines = [key("solid: pneumothorax", colours.PNEUMOTHORAX)]
    if result.projected is not None:
        outline(film, result.projected, colours.PROJECTED, dashed=True)
        lines.append(key("dashed: where it was on the prior", colours.PROJECTED))
    elif result.registration.transform is not None:
        for label in LUNG_LABEL.values():
            hemithorax = result.prior.segmentation.hemithoraces == label
            outline(film, project(hemithorax, result.registration), colours.PROJECTED, dashed=True)
        lines.append(key("dashed: the prior's hemithoraces, misplaced", colours.PROJECTED))
    _distances(film, exam)
    after = interval_in_words(result.belonging.interval_days).replace(" in", ", after")
    title = f"Follow-up{moment_of(exam)}{after}"
    return tile(film, title, [*lines, *_distance_lines(exam)])


def _change_tile(result: FollowUp) -> Picture:
    film = _film(result.followup, refused=False)
    cv2.LUT(film, (np.arange(256) * _DIMMED).astype(np.uint8), film)
    found = result.regions
    if found is None:
        reason = Line(f"No change map: {result.registration.reason}", colours.WARNING, scale=TILE_TEXT)
        return tile(film, "Change", [reason])
    parts = (
        ("persistent", found.persistent, colours.PNEUMOTHORAX, 0),
        ("new", found.new, colours.NEW, 1),
        ("resolved", found.resolved, colours.PROJECTED, -1),
    )
    lines = []
    for name, mask, colour, slope in parts:
        _fill(film, mask, colour, slope)
        lines.append(key(f"{name}: {np.count_nonzero(mask):,} px", colour))
    return tile(film, "Change, on the follow-up", lines)


def _film(exam: Exam, *, refused: bool) -> Picture:
    """The radiograph as wide as a tile; where the registration was refused, with its hemithoraces."""
    film = film_of(exam, _TILE)
    if refused:
        for label in LUNG_LABEL.values():
            hemithorax = resize_mask(exam.segmentation.hemithoraces == label, film.shape[:2])
            draw_outlines(film, outlines(hemithorax), colours.LUNG, 2)
    return film


def _fill(film: Picture, mask: Mask, colour: Colour, slope: int) -> None:
    """Fill a region; `slope` 1 and -1 add stripes that rise and fall, 0 none."""
    shown = resize_mask(mask, film.shape[:2])
    rows, columns = np.nonzero(shown)
    stripe = (rows + slope * columns) // _STRIPE % 3 == 0 if slope else np.zeros(rows.shape, bool)
    share = np.where(stripe, 1.0, _FILLED)[:, np.newaxis]
    film[rows, columns] = (film[rows, columns] * (1 - share) + np.array(colour) * share).astype(np.uint8)
    draw_outlines(film, outlines(shown), colour, 2)


def _distances(film: Picture, exam: Exam) -> None:
    """Draw the measured distances, with a tick at either end."""
    for side in exam.distances.sides.values():
        for line in (side.apex, side.hilum, side.upper, side.lower):
            if line.mm > 0:
                _measured_line(film, line, film.shape[1] / exam.radiograph.columns)


def _measured_line(film: Picture, line: MeasuredLine, scale: float) -> None:
    (top, left), (bottom, right) = (
        (round((row + 0.5) * scale), round((column + 0.5) * scale)) for row, column in (line.start, line.end)
    )
    tick = (0, 8) if top == bottom else (8, 0)
    ends = [((left, top), (right, bottom))]
    ends += [
        ((column - tick[0], row - tick[1]), (column + tick[0], row + tick[1]))
        for row, column in ((top, left), (bottom, right))
    ]
    for ink, thickness in ((colours.GROUND, 5), (colours.TEXT, 2)):
        for start, end in ends:
            cv2.line(film, start, end, ink, thickness, cv2.LINE_AA)


def _distance_lines(exam: Exam) -> list[Line]:
    return [
        Line(
            f"{side}: apex-cupola {one.apex.mm:.0f} mm, at hilum {one.hilum.mm:.0f} mm, "
            f"Rhea's mean {one.rhea_mean_mm:.0f} mm, Collins {one.collins_percent:.0f} %",
            colours.QUIET_TEXT,
            scale=TILE_TEXT,
        )
        for side, one in exam.distances.sides.items()
    ]


def _charts(result: FollowUp) -> Picture:
    """One chart a side that is mentioned, side by side."""
    sides = mentioned_sides(result)
    if not sides:
        return np.zeros((1, _WIDTH, 3), np.uint8)
    labels = f"Prior{day_of(result.prior)}", f"Follow-up{day_of(result.followup)}"
    width = (_WIDTH - _BETWEEN) // 2
    charts = [draw_chart(result.changes[side], width, labels, 0.95) for side in sides]
    if len(charts) == 1:
        charts.append(text_block(_method(result), width))
    return beside(charts, _WIDTH - 2 * width)


def _method(result: FollowUp) -> list[Line]:
    texts = [
        f"{_ROUTES[result.change.route].format(_told(result))} Outlines are guided by each exam's own report "
        "where there is one. Intervals and probabilities are of what one further expert would outline.",
        f"Model {result.prior.segmentation.model.name} {result.prior.segmentation.model.version}; "
        f"registration {result.registration.method}.",
    ]
    return [Line(text, colours.QUIET_TEXT, scale=0.95) for text in texts]


def _told(result: FollowUp) -> str:
    return f"“{result.matched_prompt.rstrip('.')}”" if result.matched_prompt else "the image alone"


def _notes(result: FollowUp) -> list[Line]:
    of_exams = [
        f"{name}: {warning}"
        for name, exam in (("prior", result.prior), ("follow-up", result.followup))
        for warning in doubts_of(exam)
    ]
    return [
        *(
            Line(f"\N{WARNING SIGN} {warning}", colours.WARNING, scale=_WIDE_TEXT)
            for warning in (*result.warnings, *of_exams)
        ),
        Line(DISCLAIMER, colours.QUIET_TEXT, scale=_WIDE_TEXT),
    ]
