"""What a stroke says: a rectangle of a layer, as it is afterwards."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from ptx_followup.review.refusal import Refusal
from ptx_followup.sides import LUNG_LABEL, Side

Layer = Literal["mask", "left", "right"]


@dataclass(frozen=True, eq=False)
class Stroke:
    """A rectangle of one layer of one exam, as it is after the stroke.

    Attributes:
        exam: Number of the exam, from 0.
        layer: "mask", or the side whose hemithorax was drawn on.
        column, row: Of its upper left pixel, on the grid of `Radiograph.pixels`.
        bits: bool, h x w: the pixels of the rectangle.
    """

    exam: int
    layer: Layer
    column: int
    row: int
    bits: NDArray[np.bool_] = field(repr=False)

    @property
    def place(self) -> tuple[slice, slice]:
        """The rectangle as an index."""
        rows, columns = self.bits.shape
        return slice(self.row, self.row + rows), slice(self.column, self.column + columns)


def stroke_of(stated: Mapping[str, Any], shapes: list[tuple[int, int]]) -> Stroke:
    """Read a stroke from the body of a request, or from a draft.

    Args:
        stated: `exam`, `layer`, `rect` as [x, y, width, height], `bits` as base64 of `numpy.packbits`, where
            each row starts with a new byte.
        shapes: Rows and columns of each exam.

    Raises:
        Refusal: It is no stroke on one of these exams.
    """
    exam, layer, rectangle, bits = (stated.get(name) for name in ("exam", "layer", "rect", "bits"))
    if type(exam) is not int or not 0 <= exam < len(shapes) or layer not in get_args(Layer):
        raise _no_stroke()
    if not isinstance(rectangle, list) or [type(one) for one in rectangle] != [int] * 4:
        raise _no_stroke()
    column, row, columns, rows = rectangle
    inside = min(column, row) >= 0 and min(columns, rows) > 0
    if not inside or row + rows > shapes[exam][0] or column + columns > shapes[exam][1]:
        raise _no_stroke()
    try:
        packed = np.frombuffer(base64.b64decode(str(bits), validate=True), np.uint8)
    except (binascii.Error, ValueError):
        raise _no_stroke() from None
    if packed.size != rows * -(-columns // 8):
        raise _no_stroke()
    unpacked = np.unpackbits(packed.reshape(rows, -1), axis=1, count=columns)
    return Stroke(exam, cast("Layer", layer), column, row, unpacked.astype(bool))


def packed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A mask as the `rect` and `bits` of a stroke that would draw it on an empty one."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return {"rect": [0, 0, 0, 0], "bits": ""}
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    bits = base64.b64encode(np.packbits(part, axis=1).tobytes()).decode()
    return {"rect": [int(columns[0]), int(rows[0]), part.shape[1], part.shape[0]], "bits": bits}


def drawn_mask(mask: NDArray[np.bool_], stroke: Stroke) -> NDArray[np.bool_]:
    """A mask after a stroke; the one before is left as it is."""
    after = mask.copy()
    after[stroke.place] = stroke.bits
    return after


def drawn_hemithorax(labels: NDArray[np.uint8], side: Side, stroke: Stroke) -> NDArray[np.uint8]:
    """Hemithoraces (0, 1 right, 2 left) after a stroke on one; it takes pixels of the other too."""
    after = labels.copy()
    part, own = after[stroke.place], LUNG_LABEL[side]
    part[(part == own) & ~stroke.bits] = 0
    part[stroke.bits] = own
    after.flags.writeable = False  # so that what follows from it is worked out once
    return after


def _no_stroke() -> Refusal:
    return Refusal(400, "this is no stroke on an exam of this case", "reload the page")
