"""Films that several people outlined: how large each drew the pneumothorax, and how much they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.tables import Row, read_table
from ptx_followup.errors import InputError
from ptx_followup.evaluation.subjects import FindLungs
from ptx_followup.measurement.sizes import measure
from ptx_followup.sides import SIDES

#: Of a plain folder: pixels of two readings and of what they share, for films whose masks are not there.
TABLE = "readings.csv"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TwoReadings:
    """What two readers drew on one film. Nobody says which of them is the first.

    Attributes:
        film: Its name.
        patient: Whose; the film's name where that is not known.
        areas_px: Pixels of each mask, above 0.
        both_px: Pixels in both.
        percents: Of the hemithorax on the side where they drew more; None where that cannot be measured.
    """

    film: str
    patient: str
    areas_px: tuple[int, int]
    both_px: int
    percents: tuple[float, float] | None = None


@dataclass(frozen=True)
class Readings:
    """The films of a data set that several people outlined.

    Attributes:
        pairs: Two readings each; of a film that n people outlined all n (n - 1) / 2 pairs.
        films: Films behind them.
        counted: Of these, films of which only a table's pixel counts are known.
        whole: Films with several outlines, or stated to be a union, whose readers nothing tells apart.
    """

    pairs: tuple[TwoReadings, ...]
    films: int
    counted: int
    whole: int


def gather_readings(
    data: DataSet, find_lungs: FindLungs, advance: Callable[[], object] = lambda: None
) -> Readings:
    """Take apart the readers of every film where that leaves no doubt (see `data.readings.take_apart`).

    Args:
        data: A data set of pneumothorax masks.
        find_lungs: Finds the hemithoraces, of films that several people outlined.
        advance: Called after each case.

    Raises:
        InputError: The data set holds lungs, a film or mask cannot be read, or `readings.csv` is wrong.
    """
    if data.lung_labels:
        raise InputError(f"{data.root.name} holds masks of the lungs", "use masks of a pneumothorax")
    pairs: list[TwoReadings] = []
    whole: set[str] = set()
    for case in data:
        if len(case.annotations) > 1 or case.readings or case.united:
            found = list(_of_case(data, case, find_lungs))
            pairs += found
            if not found:
                whole.add(case.id)
        advance()
    drawn = {pair.film for pair in pairs}
    counted = [pair for pair in _of_table(data) if pair.film not in drawn]
    names = {pair.film for pair in counted}
    return Readings((*pairs, *counted), len(drawn | names), len(names), len(whole - names))


def _of_case(data: DataSet, case: Case, find_lungs: FindLungs) -> Iterator[TwoReadings]:
    radiograph = data.load_image(case)
    readings = [one for one in data.load_readings(case, radiograph) if one.any()]
    if len(readings) < 2:
        return
    hemithoraces = find_lungs(radiograph.pixels)
    for first, second in combinations(readings, 2):
        yield TwoReadings(
            case.id,
            case.patient or case.id,
            (int(np.count_nonzero(first)), int(np.count_nonzero(second))),
            int(np.count_nonzero(first & second)),
            _percents(first, second, hemithoraces),
        )


def _percents(first: Mask, second: Mask, hemithoraces: NDArray[np.uint8]) -> tuple[float, float] | None:
    """Percent of the hemithorax on the side where both together drew more."""
    found = [measure(one, hemithoraces, None).hemithorax_percent for one in (first, second)]
    if found[0] is None or found[1] is None:
        return None
    sizes = []
    for side in SIDES:
        one, other = found[0].of(side), found[1].of(side)
        if one is not None and other is not None:
            sizes.append((one, other))
    return max(sizes, key=sum, default=None)


def _of_table(data: DataSet) -> Iterator[TwoReadings]:
    path = data.root / TABLE
    if data.layout != "folder" or not path.is_file():
        return
    table = read_table(path)
    name = table.require("id")
    columns = [table.require(f"{which}_px", f"{which}_px_1024") for which in ("a", "b", "both")]
    for row in table.rows:
        first, second, both = (_count(row, column) for column in columns)
        if not 0 <= both <= min(first, second) or min(first, second) < 1:
            raise InputError(f"{row.where()}: no two masks and their common part", "expected pixel counts")
        film = row.values[name] or row.where()  # a film without a name counts as one of its own
        known = data.by_id.get(film)
        patient = known.patient if known is not None else None
        yield TwoReadings(film, patient or film, (first, second), both)


def _count(row: Row, column: str) -> int:
    value = row.values[column]
    if not value.isdecimal():
        raise InputError(f"{row.where(column)}: not a number of pixels", "expected a whole number")
    return int(value)
