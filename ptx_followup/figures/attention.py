"""Attention maps side by side under two texts, one row a level of the decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.figures.canvas import Line, Picture, text_block
from ptx_followup.figures.tiles import beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptx_followup.colours import Colour
    from ptx_followup.segmentation.attended import Attention, AttentionLevel

FloatImage = NDArray[np.float32]

#: Ends of the scale of the gates: a feature is lowered, or raised. Hues of Okabe and Ito, as in `colours`.
LOWERED: Colour = (86, 180, 233)
RAISED: Colour = (255, 176, 0)

_COLUMNS = ("feature", "attention, tanh(A)", "feature after it")
#: Space between the maps, and letters, relative to the width.
_BETWEEN = 0.006
#: Grey levels of features reach from the first to the second percentile.
_PERCENTILES = (1, 99)


def draw_attention(attention: Attention, width: int) -> Picture:
    """Draw every level: feature, gate and gated feature as told, and the same under the other text.

    Args:
        attention: Of `attended`.
        width: In pixels.
    """
    between = round(width * _BETWEEN)
    side = (width - 6 * between) // 6
    group = 3 * side + 2 * between
    titles = [
        _titled(_blank(group), f"As told: {', '.join(_COLUMNS)}", group),
        _titled(_blank(group), f"{attention.against[:1].upper()}{attention.against[1:]}: the same", group),
    ]
    rows = [beside(titles, 2 * between)]
    for number, level in enumerate(attention.levels, start=1):
        rows += [_named(number, level, width), _row(level, side, between)]
    widest = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0))) for row in rows])


def _blank(width: int) -> Picture:
    return np.zeros((0, width, 3), np.uint8)


def _titled(picture: Picture, title: str, width: int) -> Picture:
    return np.vstack([text_block([Line(title, bold=True, scale=1.6)], width), picture])


def _named(number: int, level: AttentionLevel, width: int) -> Picture:
    largest = _largest(level)
    text = (
        f"Level {number}: {level.rows} x {level.columns}, feature {level.channel + 1}; blue lowers it, "
        f"orange raises it, by up to {largest:.2f}"
    )
    return text_block([Line(text, scale=0.8)], width)


def _row(level: AttentionLevel, side: int, between: int) -> Picture:
    both = (level.told, level.other)
    seen = np.stack([one for maps in both for one in (maps.features, maps.gated)])
    low, high = (float(end) for end in np.percentile(seen, _PERCENTILES))
    largest = _largest(level)
    groups = [
        beside(
            [
                _grey(maps.features, low, high, side),
                _coloured(maps.gate, largest, side),
                _grey(maps.gated, low, high, side),
            ],
            between,
        )
        for maps in both
    ]
    return beside(groups, 2 * between)


def _largest(level: AttentionLevel) -> float:
    """The largest gate of the level, for its scale of colours."""
    return max(float(np.abs(maps.gate).max()) for maps in (level.told, level.other))


def _grey(values: FloatImage, low: float, high: float, width: int) -> Picture:
    shade = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    return _resized(np.repeat(shade.round().astype(np.uint8)[..., None], 3, axis=2), width)


def _coloured(gate: FloatImage, largest: float, width: int) -> Picture:
    share = np.clip(gate / max(largest, 1e-6), -1, 1)[..., None]
    ends: Sequence[Colour] = (LOWERED, RAISED)
    lowered, raised = (np.array(one, np.float32) for one in ends)
    return _resized(np.where(share < 0, -share * lowered, share * raised).round().astype(np.uint8), width)


def _resized(picture: Picture, width: int) -> Picture:
    height = round(width * picture.shape[0] / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
