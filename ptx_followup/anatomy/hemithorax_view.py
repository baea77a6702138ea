"""One hemithorax at a time: the box that a network looks into, and the way there and back.

Everything is calculated in the *turned film*: the film itself for the patient's right side, its mirror image
for the left. So the lateral wall always lies on the left of a view, and a mirrored film gives exactly the
mirrored views. Columns and rows are lengths from the film's edge: the centre of pixel 0 lies at 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.preprocessing import PERCENTILES, normalise
from ptx_followup.sides import LUNG_LABEL, SIDES, Side

FloatImage = NDArray[np.float32]
Labels = NDArray[np.uint8]
Grey = TypeVar("Grey", NDArray[np.float32], NDArray[np.uint8])

#: Margins around the outline, as shares of its width and of its height: air reaches further than a lung
#: model's outline does, above the apex, in the deep sulcus and towards the mediastinum.
LATERAL, MEDIAL, ABOVE, BELOW = 0.12, 0.14, 0.08, 0.10
#: An outline that is lower or narrower than this share of the film (or of the other side's outline, where
#: that one is larger) holds part of a hemithorax only, such as what is left above an opaque base.
LEAST_OF_FILM, LEAST_OF_OTHER = 0.25, 0.6
LEAST_WIDTH_OF_FILM = 0.12
#: Views that are smaller than the box by this factor are taken from a film that was reduced first, each pixel
#: the mean of those it stands for; linear interpolation alone would leave most of them out.
REDUCED_FROM = 1.5


@dataclass(frozen=True)
class Box:
    """What of the turned film a view shows: distances of its edges from the film's, in pixels.

    Attributes:
        top, bottom: Rows; the lower edge is beyond the last row.
        lateral, medial: Columns of the turned film, the lateral edge being the smaller.
        rotation_deg: The view is turned about its centre by this angle.
    """

    top: float
    bottom: float
    lateral: float
    medial: float
    rotation_deg: float = 0.0

    @property
    def height(self) -> float:
        """Rows inside."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Columns inside."""
        return self.medial - self.lateral


def boxes(hemithoraces: Labels) -> dict[Side, Box]:
    """The box of each hemithorax, in whole pixels.

    A side without an outline, or with one that cannot be a whole hemithorax, gets half of the film.

    Args:
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left; the patient's right on
            the image's left.
    """
    rows, columns = hemithoraces.shape
    half = Box(0, rows, 0, math.ceil(columns / 2))
    outlines = {side: _outline(turned(hemithoraces, side) == LUNG_LABEL[side]) for side in SIDES}
    largest = (
        max((one.height for one in outlines.values() if one), default=0),
        max((one.width for one in outlines.values() if one), default=0),
    )
    least_height = max(LEAST_OF_FILM * rows, LEAST_OF_OTHER * largest[0])
    least_width = max(LEAST_WIDTH_OF_FILM * columns, LEAST_OF_OTHER * largest[1])
    return {
        side: half
        if one is None or one.height < least_height or one.width < least_width
        else _with_margins(one, rows, columns)
        for side, one in outlines.items()
    }


def turned(film: Grey, side: Side) -> Grey:
    """A film (H x W) with the lateral wall of a side on the left: mirrored for the patient's left."""
    return np.ascontiguousarray(film[:, ::-1]) if side == "left" else film


def look(film: Grey, box: Box, rows_columns: tuple[int, int]) -> Grey:
    """Show what is inside a box of a turned film; outside of the film it is black.

    Args:
        film: uint8 or float32, H x W, turned.
        box: What is shown.
        rows_columns: Size of the view.
    """
    view_rows, view_columns = rows_columns
    reduction = [
        one if one >= REDUCED_FROM else 1.0 for one in (box.height / view_rows, box.width / view_columns)
    ]
    shape = [max(1, round(length / one)) for length, one in zip(film.shape, reduction, strict=True)]
    if shape != list(film.shape):
        matrix = _to_film(box, rows_columns, (shape[0] / film.shape[0], shape[1] / film.shape[1]))
        film = cast(Grey, cv2.resize(film, shape[::-1], interpolation=cv2.INTER_AREA))
    else:
        matrix = _to_film(box, rows_columns)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Grey, cv2.warpAffine(film, matrix, (view_columns, view_rows), flags=flags))


def joined_views(
    film: Grey, boxes: Mapping[Side, Box], side: Side, rows_columns: tuple[int, int], channels: int
) -> Grey:
    """The view of one side and, for two channels, that of the other to its right; both lateral walls left.

    Args:
        film: uint8 or float32, H x W, not turned.
        boxes: Of both sides.
        side: Which comes first.
        rows_columns: Size of one view.
        channels: 1 or 2.
    """
    shown = (side, *(one for one in SIDES if one != side))[:channels]
    return np.concatenate([look(turned(film, one), boxes[one], rows_columns) for one in shown], axis=1)


def normalised(
    joined: FloatImage,
    channels: int,
    percentiles: tuple[float, float] = PERCENTILES,
    output_range: tuple[float, float] = (-1.0, 1.0),
) -> FloatImage:
    """What the network takes: float32, channels x rows x columns, from `joined_views` in 0..1.

    Both sides keep one scale of grey, as the darker side may be the one with the air.
    """
    return np.stack(np.split(normalise(joined, percentiles, output_range), channels, axis=1))


def views_of(
    film: Grey, boxes: Mapping[Side, Box], side: Side, rows_columns: tuple[int, int], channels: int
) -> FloatImage:
    """`joined_views`, `normalised`, of a film in 0..1 (float32) or 0..255 (uint8)."""
    joined = joined_views(film, boxes, side, rows_columns, channels)
    unit = joined.astype(np.float32) / np.float32(255) if joined.dtype == np.uint8 else joined
    return normalised(np.asarray(unit, np.float32), channels)


def back(view: FloatImage, box: Box, shape: tuple[int, int]) -> FloatImage:
    """Lay a map of the network (float32, view rows x columns) on the turned film, 0 outside of the box.

    Args:
        view: What was found in the view of `box`.
        box: Where it lies; not rotated.
        shape: Rows and columns of the film.
    """
    film = cv2.warpAffine(
        view,
        _to_film(box, (view.shape[0], view.shape[1])),
        shape[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    laid = np.zeros(shape, np.float32)
    inside = (
        slice(max(0, round(box.top)), max(0, round(box.bottom))),
        slice(max(0, round(box.lateral)), max(0, round(box.medial))),
    )
    laid[inside] = film[inside]
    return laid


def laid_together(views: Mapping[Side, FloatImage], boxes: Mapping[Side, Box], columns: int) -> FloatImage:
    """One map of the film from those of its sides.

    Where the two boxes overlap, each side has what lies on its own half of the overlap, so that no air is
    found twice under two findings. The column in the middle, where there is one, belongs to both: the larger
    value counts.

    Args:
        views: Of each side that was looked at, float32, H x W, on the turned film (see `back`).
        boxes: Of both sides.
        columns: W.
    """
    # In columns of the film: the right side's box ends where the left one's begins, or beyond it.
    overlap = boxes["right"].medial - (columns - boxes["left"].medial)
    film = None
    for side, view in views.items():
        kept = view.copy()
        if overlap > 0:
            kept[:, math.ceil(boxes[side].medial - overlap / 2) :] = 0
        kept = turned(kept, side)
        film = kept if film is None else np.maximum(film, kept)
    if film is None:
        raise ValueError("no side was looked at")
    return film


def jittered(box: Box, rng: np.random.Generator, jitter: Jitter) -> Box:
    """The box of another reader, or of another outline, for training."""
    scale = np.exp(rng.normal(0, jitter.scale, 2))
    centre = np.array([(box.top + box.bottom) / 2, (box.lateral + box.medial) / 2])
    size = np.array([box.height, box.width])
    centre += rng.normal(0, (jitter.shift_rows, jitter.shift_columns)) * size
    top, lateral = centre - scale * size / 2
    bottom, medial = centre + scale * size / 2
    angle = rng.uniform(-jitter.rotation_deg, jitter.rotation_deg)
    return replace(
        box,
        top=float(top),
        bottom=float(bottom),
        lateral=float(lateral),
        medial=float(medial),
        rotation_deg=float(angle),
    )


@dataclass(frozen=True)
class Jitter:
    """How far the boxes of training lie from those of the outlines.

    Attributes:
        scale: Standard deviation of the logarithm of height and width.
        shift_rows, shift_columns: Standard deviations, as shares of height and width.
        rotation_deg: Largest angle to either side.
    """

    scale: float = 0.08
    shift_rows: float = 0.03
    shift_columns: float = 0.04
    rotation_deg: float = 5.0


def _outline(hemithorax: NDArray[np.bool_]) -> Box | None:
    """The box around a mask of the turned film, without margins."""
    rows, columns = (np.flatnonzero(hemithorax.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def _with_margins(outline: Box, rows: int, columns: int) -> Box:
    """The outline's box with its margins, in whole pixels, inside the film."""
    return Box(
        top=max(0, round(outline.top - ABOVE * outline.height)),
        bottom=min(rows, round(outline.bottom + BELOW * outline.height)),
        lateral=max(0, round(outline.lateral - LATERAL * outline.width)),
        medial=min(columns, round(outline.medial + MEDIAL * outline.width)),
    )


def _to_film(
    box: Box, rows_columns: tuple[int, int], film_scale: tuple[float, float] = (1.0, 1.0)
) -> NDArray[np.float64]:
    """2 x 3: from (column, row) of a view's pixel to that of the turned film, reduced by `film_scale`."""
    rows, columns = rows_columns
    angle = math.radians(box.rotation_deg)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    scale = np.diag(film_scale[::-1])
    matrix = scale @ rotation @ np.diag([box.width / columns, box.height / rows])
    centre = scale @ np.array([(box.lateral + box.medial) / 2, (box.top + box.bottom) / 2])
    # OpenCV's coordinates are those of pixel centres: half a pixel less than lengths from the edge.
    offset = centre - matrix @ np.array([columns / 2 - 0.5, rows / 2 - 0.5]) - 0.5
    return np.column_stack([matrix, offset])
