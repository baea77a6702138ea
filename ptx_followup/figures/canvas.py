"""What the pictures share: a radiograph at a readable size, outlines on it, and text around it.

Colours are red, green, blue; images uint8, H x W x 3; points (column, row) in pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ptx_followup import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptx_followup.colours import Colour

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Points = NDArray[np.float32]

#: Long side of a radiograph in a picture: smaller ones are enlarged for their text, larger ones reduced.
_LEAST_SIDE, _GREATEST_SIDE = 1280, 1600
#: Outlines are smoothed over this many pixels, as masks are steps of whole pixels.
_SMOOTHING_PX = 2.0
#: Sub-pixel bits of OpenCV's drawing functions.
_SHIFT = 4


def display_size(rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns at which a radiograph is shown, in its proportions."""
    longest = max(rows, columns)
    scale = min(max(longest, _LEAST_SIDE), _GREATEST_SIDE) / longest
    return round(rows * scale), round(columns * scale)


def show(pixels: NDArray[np.float32], size: tuple[int, int]) -> Picture:
    """Grey pixels (H x W, 0..1) as a picture of `size` (rows, columns)."""
    smaller = size[0] < pixels.shape[0]
    resized = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    grey = np.clip(resized * 255, 0, 255).round().astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def resize_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """A mask at `size` (rows, columns); a part too thin for it stays visible as one pixel."""
    smaller = size[0] < mask.shape[0]
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    share = cv2.resize(mask.astype(np.float32), size[::-1], interpolation=interpolation)
    shown = share >= 0.5
    if smaller:
        points = np.argwhere(mask) * np.array(size) // np.array(mask.shape)
        covered = cv2.dilate(shown.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        lost = points[~covered[points[:, 0], points[:, 1]]]
        shown[lost[:, 0], lost[:, 1]] = True
    return np.asarray(shown)


def outlines(mask: Mask, gap: float = 0.0) -> list[Points]:
    """Closed lines around every part of a mask and its holes, `gap` pixels outside of it."""
    margin = int(np.ceil(gap)) + 2
    left, top, columns, rows = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    padded = np.pad(mask[top : top + rows, left : left + columns], margin)
    corner = np.array([left, top], np.float32) - margin
    distance = cv2.distanceTransform((~padded).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    grown = (distance <= gap).astype(np.uint8)
    contours, _ = cv2.findContours(grown, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [_smooth(contour[:, 0].astype(np.float32) + corner) for contour in contours]


def _smooth(points: Points) -> Points:
    """Smooth a closed line along itself."""
    reach = min(int(3 * _SMOOTHING_PX), (len(points) - 1) // 2)
    if reach < 1:
        return points
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / _SMOOTHING_PX) ** 2)
    around = np.arange(len(points))[:, np.newaxis] + offsets
    smoothed = np.einsum("pod,o->pd", points[around % len(points)], weights / weights.sum())
    return np.asarray(smoothed, dtype=np.float32)


def draw_outlines(
    picture: Picture, lines: Sequence[Points], colour: Colour, width: int, dash: float = 0.0
) -> None:
    """Draw closed lines with a dark edge, visible on bone too; dashed if `dash` (pixels) is not 0."""
    pieces = [piece for line in lines for piece in _pieces(line, dash)]
    fixed = [np.round(piece * (1 << _SHIFT)).astype(np.int32) for piece in pieces]
    edge = picture.copy()
    for layer, thickness, ink in ((edge, width + 2, colours.GROUND), (picture, width, colour)):
        if layer is picture:
            picture[:] = cv2.addWeighted(picture, 0.5, edge, 0.5, 0)
        cv2.polylines(layer, fixed, dash == 0, ink, thickness, cv2.LINE_AA, _SHIFT)


def _pieces(line: Points, dash: float) -> list[Points]:
    if dash == 0:
        return [line]
    closed = np.vstack([line, line[:1]])
    travelled = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    dashes = (travelled // dash).astype(int)
    return [closed[dashes == number] for number in range(0, int(dashes[-1]) + 1, 2)]


@dataclass(frozen=True)
class Line:
    """A line of text: what it says, in which colour, and how it is set; wrapped where it is too long."""

    text: str
    colour: Colour = colours.TEXT
    bold: bool = False
    scale: float = 1.0


def text_size(width: int) -> int:
    """Height in pixels of the letters that suits a picture of this width."""
    return max(14, round(width / 52))


def text_block(lines: Sequence[Line], width: int) -> Picture:
    """Lines of text on black, as wide as the picture and as high as they need."""
    size = text_size(width)
    margin = size // 2
    rows: list[tuple[str, Line]] = []
    for line in lines:
        rows += [(row, line) for row in _wrap(line, width - 2 * margin, size)]
    height = 2 * margin + sum(_leading(line, size) for _, line in rows)
    image = Image.new("RGB", (width, height), colours.GROUND)
    draw = ImageDraw.Draw(image)
    top = margin
    for row, line in rows:
        draw.text((margin, top), row, line.colour, font(round(size * line.scale), line.bold))
        top += _leading(line, size)
    return np.array(image)


def side_strip(width: int, left: str, right: str, middle: str, scale: float = 1.0) -> Picture:
    """A strip for above a radiograph: a letter over each of its edges and a quiet text between them."""
    size = round(text_size(width) * scale)
    image = Image.new("RGB", (width, round(size * 2.1)), colours.GROUND)
    draw = ImageDraw.Draw(image)
    centre, margin = image.height / 2, size // 2
    marker = font(round(size * 1.5), bold=True)
    draw.text((margin, centre), left, colours.TEXT, marker, anchor="lm")
    draw.text((width - margin, centre), right, colours.TEXT, marker, anchor="rm")
    draw.text((width / 2, centre), middle, colours.QUIET_TEXT, font(round(size * 0.9)), anchor="mm")
    return np.array(image)


def _leading(line: Line, size: int) -> int:
    return round(size * line.scale * 1.4)


def _wrap(line: Line, width: int, size: int) -> list[str]:
    letters = font(round(size * line.scale), line.bold)
    rows: list[str] = []
    for word in line.text.split(" "):  # at blanks alone: a no-break space holds
        if rows and letters.getlength(f"{rows[-1]} {word}") <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib; found without the cost of importing it."""
    specification = find_spec("matplotlib")
    if specification is None or specification.origin is None:
        raise ModuleNotFoundError("matplotlib")
    folder = Path(specification.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")), size)
