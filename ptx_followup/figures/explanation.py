"""What the words of a report change in the mask, as one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptx_followup import DISCLAIMER, colours
from ptx_followup.figures.attention import draw_attention
from ptx_followup.figures.canvas import Line, Picture, show, text_block
from ptx_followup.figures.captions import describe_measurement
from ptx_followup.figures.tiles import TILE_TEXT, beside, key, outline, tile
from ptx_followup.figures.words import draw_words
from ptx_followup.segmentation.attended import NO_PROOF

if TYPE_CHECKING:
    from ptx_followup.segmentation.explanation import Explanation, Variant
    from ptx_followup.segmentation.retelling import Told

#: Width of the picture, and films in a row: so many at most, or as many where there are more.
_WIDTH, _MOST_IN_A_ROW, _IN_A_ROW = 1800, 4, 3
_BETWEEN = 12


def draw_explanation(explanation: Explanation) -> Picture:
    """Draw the masks under each text, the words left out, and the attention maps.

    The picture quotes what the network was told of the report.

    Returns:
        uint8, H x W x 3, red-green-blue.
    """
    parts = [text_block(_title(explanation), _WIDTH), *_films(explanation)]
    if explanation.left_out:
        parts.append(draw_words(explanation.left_out, explanation.told.measurement, _WIDTH))
    if explanation.attention is not None:
        parts += [
            text_block([Line("What the attention did at each level of the network", bold=True)], _WIDTH),
            draw_attention(explanation.attention, _WIDTH),
        ]
    parts.append(text_block(_below(explanation), _WIDTH))
    return np.vstack([_padded(part) for part in parts])


def _title(explanation: Explanation) -> list[Line]:
    told = explanation.told.telling.text
    said = "nothing" if not told else f"\N{LEFT DOUBLE QUOTATION MARK}{told}\N{RIGHT DOUBLE QUOTATION MARK}"
    if told is None:
        said = "nothing, and was not run: the report denies a pneumothorax"
    return [
        Line("What the words of the report change", bold=True, scale=1.3),
        Line(f"The network is told: {said}"),
    ]


def _below(explanation: Explanation) -> list[Line]:
    return [
        *([] if explanation.attention is None else [Line(NO_PROOF, bold=True)]),
        *(Line(f"\N{WARNING SIGN} {warning}", colours.WARNING) for warning in explanation.warnings),
        Line(DISCLAIMER, colours.QUIET_TEXT, scale=0.85),
    ]


def _films(explanation: Explanation) -> list[Picture]:
    """The film with the mask as told, and under each other text."""
    others = (explanation.without, *explanation.swapped)
    row = len(others) + 1 if len(others) < _MOST_IN_A_ROW else _IN_A_ROW
    width = (_WIDTH - (row - 1) * _BETWEEN) // row
    films = [_as_told(explanation, width), *(_otherwise(explanation, one, width) for one in others)]
    return [beside(films[start : start + row], _BETWEEN) for start in range(0, len(films), row)]


def _as_told(explanation: Explanation, width: int) -> Picture:
    film = _film(explanation, width)
    outline(film, explanation.told.mask, colours.PNEUMOTHORAX)
    return tile(film, "as told", [key(_size(explanation, explanation.told), colours.PNEUMOTHORAX)])


def _otherwise(explanation: Explanation, one: Variant, width: int) -> Picture:
    film = _film(explanation, width)
    outline(film, explanation.told.mask, colours.PNEUMOTHORAX, dashed=True)
    outline(film, one.told.mask, colours.PROJECTED)
    overlap = Line(f"Dice with the mask as told (dashed): {one.dice:.2f}", scale=TILE_TEXT)
    return tile(film, one.name, [key(_size(explanation, one.told), colours.PROJECTED), overlap])


def _film(explanation: Explanation, width: int) -> Picture:
    radiograph = explanation.radiograph
    return show(radiograph.pixels, (round(width * radiograph.rows / radiograph.columns), width))


def _size(explanation: Explanation, told: Told) -> str:
    return describe_measurement(told.measurement, explanation.radiograph.spacing_source)


def _padded(part: Picture) -> Picture:
    return np.pad(part, ((0, 0), (0, _WIDTH - part.shape[1]), (0, 0)))
