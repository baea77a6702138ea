"""Several people's outlines of one film: who said so, how surely, and which outline is whose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

#: Two outlines cover one another where this share of the smaller lies in the other: nobody marks the same
#: air twice, so they are of two readers. Less is how far two pieces of one reader's may touch.
COVERED = 0.05

_IDENTITY = re.compile(r"identity\s+(\d{1,3}(?:\.\d+)?)\s*%")


def weight_of(read_by: str) -> float:
    """Weight of a case in training, from the column `read_by`.

    Films that were matched to a mask by their content say how surely it is theirs ("expert, identity 97 %").
    The weight is that probability, as so many of such masks are right: a batch then counts as many right ones
    as its weights add up to. Any other text, a reader's name or none, has the weight 1.

    >>> weight_of("expert, identity 97 %"), weight_of("expert"), weight_of("")
    (0.97, 1.0, 1.0)
    """
    stated = _IDENTITY.search(read_by.casefold())
    return 1.0 if stated is None else min(1.0, float(stated[1]) / 100)


def stated(weight: float, *, united: bool) -> Mapping[str, str]:
    """The columns that say so in an index, without the reader's name."""
    columns = {} if weight == 1 else {"read_by": f"identity {100 * weight:g} %"}
    return columns | ({"several_readings": "1"} if united else {})


def take_apart(outlines: Sequence[Mask]) -> tuple[Mask, ...] | None:
    """Give each reader the outlines that are theirs, where the outlines themselves leave no doubt.

    A reader's own outlines do not cover one another, those of two readers of the same air do. With two
    readers the outlines must hang together, each covered by one of the other's: then there is one way to
    divide them. More readers must each cover something of every outline of all others. Pockets that only one
    drew, and separate pockets that two drew, could be either's: such films stay whole.

    Args:
        outlines: bool, H x W each, on one grid.

    Returns:
        One bool mask, H x W, a reader, in the order of their first outlines (which says nothing of who they
        are); None where nothing tells them apart.
    """
    if len(outlines) < 2:
        return None
    covering = _covering(outlines)
    of_reader = _two_readers(covering) or _many_readers(covering)
    if of_reader is None:
        return None
    return tuple(
        np.logical_or.reduce([one for one, reader in zip(outlines, of_reader, strict=True) if reader == who])
        for who in range(max(of_reader) + 1)
    )


def _covering(outlines: Sequence[Mask]) -> Mask:
    """N x N: which outlines cover one another."""
    flat = np.stack([one.ravel() for one in outlines]).astype(np.float32)
    shared = flat @ flat.T
    area = np.diagonal(shared)
    covering = shared > COVERED * np.minimum(area[:, None], area[None, :])
    np.fill_diagonal(covering, val=False)
    return np.asarray(covering)


def _two_readers(covering: Mask) -> list[int] | None:
    """Reader (0, 1) of each outline; None where outlines hang apart, or two readers do not explain them."""
    reader = {0: 0}
    reached = [0]
    for one in reached:  # grows while it is gone through
        for other in map(int, np.flatnonzero(covering[one])):
            if other not in reader:
                reader[other] = 1 - reader[one]
                reached.append(other)
            elif reader[other] == reader[one]:
                return None
    return [reader[place] for place in range(len(covering))] if len(reader) == len(covering) else None


def _many_readers(covering: Mask) -> list[int] | None:
    """Reader of each outline where any two either are one reader's or cover one another, else None."""
    _, alike = np.unique(covering, axis=0, return_inverse=True)
    alike = alike.ravel()
    if (covering == (alike[:, None] == alike[None, :])).any():
        return None
    names = {who: place for place, who in enumerate(dict.fromkeys(alike.tolist()))}
    return [names[who] for who in alike.tolist()] if len(names) > 1 else None
