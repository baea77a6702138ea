"""The cases that went worst, as small pictures: the expert's outline and the model's."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ptx_followup import colours
from ptx_followup.dicom.basic_profile import is_deidentifying
from ptx_followup.figures.canvas import Picture, draw_outlines, font, outlines, resize_mask, show
from ptx_followup.measurement.overlap import Mask
from ptx_followup.network.preprocessing import FloatImage

#: Longer side of one picture, and pictures in a row and in a column.
TILE_PX = 360
COLUMNS, ROWS = 4, 3
_CAPTION_PX = 26
_TEXT_PX = 15


class WorstCases:
    """Keeps pictures of the positives with the lowest Dice."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, str, Picture]] = []

    def offer(self, dice: float, name: str, pixels: FloatImage, truth: Mask, mask: Mask) -> None:
        """Keep a case if it is among the worst so far.

        Args:
            dice: Of the model's mask.
            name: Of the case, for the caption; not shown in `deidentifying`.
            pixels: float32, H x W, 0..1.
            truth: bool, H x W, the expert's mask.
            mask: bool, H x W, the model's.
        """
        if len(self._kept) == COLUMNS * ROWS and dice >= -self._kept[0][0]:
            return
        caption = f"{dice:.2f}" if is_deidentifying() else f"{dice:.2f}  {name}"
        # Names are unique, so that two equal Dice never compare pictures.
        heapq.heappush(self._kept, (-dice, name, _tile(caption, pixels, truth, mask)))
        if len(self._kept) > COLUMNS * ROWS:
            heapq.heappop(self._kept)

    def contact_sheet(self) -> Picture | None:
        """The worst first, row by row: uint8, H x W x 3, red-green-blue; None without a case."""
        tiles = [picture for _, _, picture in sorted(self._kept, key=lambda one: (-one[0], one[1]))]
        return _grid(tiles) if tiles else None


def _grid(tiles: Sequence[Picture]) -> Picture:
    columns = min(COLUMNS, len(tiles))
    empty = np.zeros_like(tiles[0])
    rows = [list(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    rows[-1] += [empty] * (columns - len(rows[-1]))
    return np.vstack([np.hstack(row) for row in rows])


def _tile(caption: str, pixels: FloatImage, truth: Mask, mask: Mask) -> Picture:
    """The radiograph, centred in a square, and a line of text below."""
    scale = TILE_PX / max(pixels.shape)
    size = (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale)))
    picture = show(pixels, size)
    for drawn, colour in ((truth, colours.PROJECTED), (mask, colours.PNEUMOTHORAX)):
        draw_outlines(picture, outlines(resize_mask(drawn, size)), colour, 1)
    tile = np.zeros((TILE_PX + _CAPTION_PX, TILE_PX, 3), np.uint8)
    top, left = (TILE_PX - size[0]) // 2, (TILE_PX - size[1]) // 2
    tile[top : top + size[0], left : left + size[1]] = picture
    image = Image.fromarray(tile)
    letters = font(_TEXT_PX)
    while letters.getlength(caption) > TILE_PX - 8:
        caption = caption[:-2] + "\N{HORIZONTAL ELLIPSIS}"
    ImageDraw.Draw(image).text((4, TILE_PX + _CAPTION_PX // 2), caption, colours.TEXT, letters, anchor="lm")
    return np.array(image)
