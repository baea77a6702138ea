"""A sheet of small overlays, to see at one glance that masks lie where they should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.check import Check, Examined

#: Side of one picture, and pictures in a row and in a column.
TILE_PX = 320
COLUMNS, ROWS = 6, 4
CAPTION_PX = 22

#: Colours (blue, green, red) by label: a pneumothorax or the right lung, the left lung.
_COLOURS = {1: (60, 76, 231), 2: (219, 152, 52)}

Item = TypeVar("Item")


def contact_sheet(result: Check) -> NDArray[np.uint8]:
    """Draw up to 24 cases with the outline of their masks, evenly from the smallest mask to the largest.

    Returns:
        uint8, H x W x 3 (blue, green, red); tiles without a case are black.
    """
    drawn = sorted((item for item in result.examined if item.mask_px), key=lambda item: item.mask_px or 0)
    tiles = [_tile(result, item) for item in _evenly(drawn, ROWS * COLUMNS)]
    empty = np.zeros((TILE_PX + CAPTION_PX, TILE_PX, 3), dtype=np.uint8)
    rows = max(1, -(-len(tiles) // COLUMNS))
    tiles += [empty] * (rows * COLUMNS - len(tiles))
    return np.vstack([np.hstack(tiles[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(rows)])


def _evenly(items: Sequence[Item], count: int) -> list[Item]:
    if len(items) <= count:
        return list(items)
    return [items[place] for place in np.linspace(0, len(items) - 1, count).round().astype(int)]


def _tile(result: Check, item: Examined) -> NDArray[np.uint8]:
    """One picture: the radiograph with outlines, its name and its mask's share of the image below."""
    data_set, case = result.data_set, item.case
    radiograph = data_set.load_image(case)
    labels = (
        data_set.load_lungs(case, radiograph)
        if data_set.lung_labels
        else data_set.load_mask(case, radiograph).astype(np.uint8)
    )
    scale = TILE_PX / max(radiograph.pixels.shape)
    small = cv2.resize(radiograph.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor((small * 255).round().astype(np.uint8), cv2.COLOR_GRAY2BGR)
    for label, colour in _COLOURS.items():
        outlines, _ = cv2.findContours(
            (labels == label).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
        )
        scaled = [((outline + 0.5) * scale).round().astype(np.int32) for outline in outlines]
        cv2.polylines(picture, scaled, True, colour, 1, cv2.LINE_AA)
    tile = np.zeros((TILE_PX + CAPTION_PX, TILE_PX, 3), dtype=np.uint8)
    tile[: picture.shape[0], : picture.shape[1]] = picture[:TILE_PX, :TILE_PX]
    caption = f"{case.id[-30:]}  {100 * (item.mask_px or 0) / labels.size:.1f} %"
    where = (4, TILE_PX + CAPTION_PX - 7)
    cv2.putText(tile, caption, where, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (220, 220, 220), 1, cv2.LINE_AA)
    return tile
