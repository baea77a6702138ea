"""Run-length encoded masks, in the conventions that pneumothorax data sets are published in.

All write a mask as pairs "start length start length ...", and "-1" for an empty mask:

- `relative` (SIIM-ACR `train-rle.csv`, CANDID-PTX): a start is the gap since the end of the run before, so
  the first counts from pixel 0; pixels are numbered down the columns.
- `absolute` (the usual form of Kaggle competitions, into which SIIM-ACR is often re-encoded): a start is the
  number of a pixel, the first pixel being 1; pixels are numbered down the columns.
- `absolute-rows`: the same, with pixels numbered along the rows.

The numbers themselves nearly always tell `relative` from `absolute` (see `vote`). They can never tell
`absolute` from `absolute-rows` on a square image: that is for the user to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Convention = Literal["relative", "absolute", "absolute-rows"]
CONVENTIONS: tuple[Convention, ...] = get_args(Convention)
Vote = Literal["relative", "absolute", "either", "neither"]

EMPTY = "-1"

Runs = NDArray[np.int64]


class RleError(ValueError):
    """A run-length code that cannot be read; the message says what was expected, without a location."""


class OutsideError(RleError):
    """A run that lies, at least in part, outside the image."""


def parse(code: str) -> Runs:
    """Read the numbers of a code.

    Args:
        code: "start length start length ..." or "-1" for an empty mask.

    Returns:
        int64, N x 2: (start, length) in the order of the code, not yet interpreted; 0 x 2 for "-1".

    Raises:
        RleError: Not whole numbers, an odd count, a negative start or a length below 1, or nothing at all.

    >>> parse("3 2 10 1").tolist()
    [[3, 2], [10, 1]]
    """
    if code.strip() == EMPTY:
        return np.empty((0, 2), dtype=np.int64)
    try:
        numbers = np.array(code.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise RleError("expected whole numbers separated by blanks, or -1 for an empty mask") from None
    if numbers.size == 0:
        raise RleError("it is empty; expected run lengths, or -1 for an empty mask")
    if numbers.size % 2:
        raise RleError(f"expected pairs of start and length, found {numbers.size} numbers")
    runs = numbers.reshape(-1, 2)
    if (runs[:, 0] < 0).any() or (runs[:, 1] < 1).any():
        raise RleError("expected starts of 0 or more and lengths of 1 or more")
    return runs


def decode(runs: Runs, shape: tuple[int, int], convention: Convention) -> NDArray[np.bool_]:
    """Draw the runs.

    Args:
        runs: int64, N x 2, as `parse` returns them.
        shape: Rows and columns of the image.
        convention: How starts are counted and pixels numbered.

    Returns:
        bool, H x W: True inside the runs; runs may touch or overlap.

    Raises:
        OutsideError: A run lies outside the image.
    """
    rows, columns = shape
    first, past = _spans(runs, convention)
    if first.size and (first.min() < 0 or past.max() > rows * columns):
        raise OutsideError(f"a run lies outside the image of {rows} x {columns} pixels (rows x columns)")
    # +1 where a run begins, -1 past its end: the running sum counts the runs that cover a pixel.
    steps = np.zeros(rows * columns + 1, dtype=np.int32)
    np.add.at(steps, first, 1)
    np.add.at(steps, past, -1)
    covered = np.cumsum(steps[:-1]) > 0
    if convention == "absolute-rows":
        return covered.reshape(rows, columns)
    return np.ascontiguousarray(covered.reshape(columns, rows).T)


def encode(mask: NDArray[np.bool_], convention: Convention) -> str:
    """Write a mask; the inverse of `decode`.

    Args:
        mask: bool, H x W.
        convention: How starts are counted and pixels numbered.

    Returns:
        The code, "-1" for an empty mask.
    """
    pixels = (mask if convention == "absolute-rows" else mask.T).ravel()
    edges = np.flatnonzero(np.diff(pixels.astype(np.int8), prepend=0, append=0))
    if edges.size == 0:
        return EMPTY
    first, past = edges[0::2], edges[1::2]
    starts = first - np.concatenate(([0], past[:-1])) if convention == "relative" else first + 1
    return " ".join(map(str, np.column_stack((starts, past - first)).ravel().tolist()))


def area(layers: Sequence[Runs], convention: Convention) -> int:
    """Number of pixels that one or more codes of an image cover, each pixel counted once.

    The size of the image is not needed, and nothing is drawn.
    """
    spans = [_spans(runs, convention) for runs in layers]
    first = np.concatenate([span[0] for span in spans])
    past = np.concatenate([span[1] for span in spans])
    order = np.argsort(first, kind="stable")
    first, past = first[order], past[order]
    reached = np.maximum.accumulate(past)
    already = np.maximum(reached[:-1] - first[1:], 0)
    return int((past - first).sum() - np.minimum(already, (past - first)[1:]).sum())


def may_be_absolute(runs: Runs) -> bool:
    """True where the starts could be pixel numbers: from 1 up, each beyond the end of the run before."""
    first, past = _spans(runs, "absolute")
    return bool((first >= 0).all() and (first[1:] >= past[:-1]).all())


def vote(runs: Runs, pixels: int) -> Vote:
    """Say which way of counting starts a mask's numbers allow.

    Read as pixel numbers, starts must rise, each beyond the run before; read as gaps, all starts and lengths
    together must fit in the image. Masks of more than a few runs satisfy only one of the two.

    Args:
        runs: int64, N x 2, N at least 1, as `parse` returns them.
        pixels: Rows times columns of the image.
    """
    absolute = may_be_absolute(runs) and int(_spans(runs, "absolute")[1].max()) <= pixels
    relative = int(runs.sum()) <= pixels
    if absolute and relative:
        return "either"
    if absolute:
        return "absolute"
    return "relative" if relative else "neither"


def _spans(runs: Runs, convention: Convention) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First pixel and the pixel past the end of each run, 0-based in the convention's numbering."""
    starts, lengths = runs[:, 0], runs[:, 1]
    if convention == "relative":
        past = np.cumsum(starts + lengths)
        return past - lengths, past
    return starts - 1, starts - 1 + lengths
