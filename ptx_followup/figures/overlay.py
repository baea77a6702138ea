"""The radiograph with the pneumothorax outlined on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup import DISCLAIMER, colours
from ptx_followup.errors import UsageError
from ptx_followup.figures.canvas import (
    Line,
    Mask,
    Picture,
    display_size,
    draw_outlines,
    outlines,
    resize_mask,
    show,
    side_strip,
    text_block,
)
from ptx_followup.files.storage import write_atomically
from ptx_followup.radiograph.image import Radiograph

#: Shares of the picture's width. The gap leaves the pleural line, which is the edge of the mask, uncovered.
_GAP, _WIDTH, _DASH = 0.004, 0.0013, 0.012


def draw_overlay(
    radiograph: Radiograph,
    mask: Mask,
    captions: Sequence[str],
    *,
    warnings: Sequence[str] = (),
    lungs: NDArray[np.uint8] | None = None,
    title: str = "Pneumothorax segmentation",
) -> Picture:
    """Draw a mask on its radiograph, with side markers, captions, warnings and the disclaimer.

    Nothing but the outline lies on the radiograph: markers stand above it, the text below. The outline runs
    a little outside the mask, so that the visceral pleural line can still be read. No value of the header is
    shown; captions and warnings must not hold one.

    Args:
        radiograph: In standard orientation: the patient's right is marked on the image's left.
        mask: bool, H x W of `radiograph.pixels`.
        captions: The first is set in bold (see `captions.describe_size`).
        warnings: Below the captions, in another colour.
        lungs: uint8, H x W, 0 elsewhere, or None: their outline is dashed.
        title: Between the side markers.

    Returns:
        uint8, H' x W' x 3, red-green-blue: the radiograph 1280 to 1600 pixels on its long side, and the text.

    Raises:
        UsageError: If a mask has another shape than the radiograph.
    """
    for given in (mask,) if lungs is None else (mask, lungs):
        if given.shape != radiograph.pixels.shape:
            raise UsageError("the mask does not fit the radiograph", "give one of its rows and columns")
    size = display_size(radiograph.rows, radiograph.columns)
    picture = show(radiograph.pixels, size)
    width = size[1]
    line_width = max(1, round(width * _WIDTH))
    if lungs is not None:
        for label in np.unique(lungs[lungs > 0]):
            lung = resize_mask(lungs == label, size)
            draw_outlines(picture, outlines(lung), colours.LUNG, 1, dash=width * _DASH)
    outline = outlines(resize_mask(mask, size), gap=width * _GAP)
    draw_outlines(picture, outline, colours.PNEUMOTHORAX, line_width)
    strip = side_strip(width, colours.MARKERS["right"], colours.MARKERS["left"], title)
    return np.vstack([strip, picture, text_block(_text(captions, warnings), width)])


def write_overlay(path: Path, picture: Picture) -> None:
    """Write a picture as PNG; the file is whole or absent."""
    content = png(picture)
    write_atomically(path, lambda file: file.write(content))


def png(picture: Picture) -> bytes:
    """A picture as PNG."""
    encoded, content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not encoded:
        raise UsageError("the picture cannot be written as PNG", "report this")
    return content.tobytes()


def _text(captions: Sequence[str], warnings: Sequence[str]) -> list[Line]:
    return [
        *(Line(caption, bold=number == 0) for number, caption in enumerate(captions)),
        *(Line(f"\N{WARNING SIGN} {warning}", colours.WARNING) for warning in warnings),
        Line(DISCLAIMER, colours.QUIET_TEXT, scale=0.85),
    ]
