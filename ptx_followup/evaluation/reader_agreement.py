"""How well two readers of one film agree: the ceiling for a network that learns from such masks.

Nobody says which reader is the first, so differences are taken about 0 and limits of agreement are symmetric.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup.data.dataset import DataSet
from ptx_followup.data.files import read_bytes
from ptx_followup.errors import InputError
from ptx_followup.evaluation.raters import Z95
from ptx_followup.evaluation.readers import Readings, TwoReadings
from ptx_followup.evaluation.statistics import Bootstrap, Estimate, area_ratios, root_mean_square
from ptx_followup.measurement.reader_error import ENTRY, ReaderError

SCHEMA = "ptx-readings/1"
#: Figures that a file of readings must hold for a model to be set beside them.
_NEEDED = (("dice",), ("ratio", "sd_log"), ("ratio", "factor_1_5"), ("ratio", "factor_2"))


def agreement_of(readings: Readings, data: DataSet, seed: int = 0) -> dict[str, Any]:
    """The figures of `ptx data readings`.

    Args:
        readings: Of the data set; at least one pair.
        data: The data set.
        seed: Of the bootstrap over patients.

    Returns:
        "dice" of the two masks; "ratio" of their areas (`sd_log`: standard deviation of its natural logarithm
        about 0; `limits`: the factor within which 95 % lie; shares beyond a factor); "percent" of the
        hemithorax, where it is known (`limits_points`: the difference within which 95 % lie; `sd_log1p` of
        log(1 + percent)); "one_reader": standard deviations of one reader's error, which are those of the
        difference of two over the square root of 2; "union" of the two masks over their mean. Figures have
        95 % intervals over resampled patients. "reader_error" is what `ptx compare --reader-error` takes.

    Raises:
        InputError: There is no pair.
    """
    pairs = readings.pairs
    if not pairs:
        raise InputError(
            f"no film of {data.root.name} has outlines of several people that can be told apart",
            "expected annotations that cover one another, or a folder readings/",
        )
    bootstrap = Bootstrap([pair.patient for pair in pairs], seed)
    ratios = area_ratios(bootstrap, *np.array([pair.areas_px for pair in pairs], np.float64).T)
    spread = ratios.sd_log
    percents = np.array([pair.percents or (np.nan, np.nan) for pair in pairs])
    points = bootstrap.statistic(root_mean_square, percents[:, 1] - percents[:, 0])
    logarithms = np.log1p(percents)
    spread_percent = bootstrap.statistic(root_mean_square, logarithms[:, 1] - logarithms[:, 0])
    return {
        "schema": SCHEMA,
        "data": {"name": data.root.name, "layout": data.layout, "fingerprint": data.fingerprint},
        "films": {
            "told_apart": readings.films,
            "of_these_counts_alone": readings.counted,
            "not_told_apart": readings.whole,
        },
        "patients": len({pair.patient for pair in pairs}),
        "pairs": len(pairs),
        "dice": bootstrap.mean([_dice(pair) for pair in pairs]).to_json(),
        "ratio": ratios.to_json() | {"limits": spread.mapped(_factor).to_json()},
        "percent": {
            "sd_log1p": spread_percent.to_json(),
            "limits_points": points.mapped(_limit).to_json(),
        },
        "one_reader": {
            "sd_log": spread.mapped(_of_one).to_json(),
            "sd_log1p_percent": spread_percent.mapped(_of_one).to_json(),
        },
        ENTRY: stated_error(spread_percent.mapped(_of_one), f"readers of the data set {data.root.name}"),
        "union": bootstrap.mean([_union(pair) for pair in pairs]).to_json(),
    }


def read_agreement(path: Path, data: DataSet) -> dict[str, Any]:
    """The readers' figures beside which an evaluation sets its model.

    Args:
        path: What `ptx data readings --out` wrote.
        data: The data set that is evaluated.

    Returns:
        The file's content with its "sha256", and "same_data": whether it is of this data set.

    Raises:
        InputError: It cannot be read, or is something else.
    """
    content = read_bytes(path)
    try:
        found = json.loads(content)
        values = [_at(found, *place)[name] for place in _NEEDED for name in ("value", "low", "high")]
        values += [found["pairs"], found["films"]["told_apart"]]
        fingerprint, _ = found["data"]["fingerprint"], found["data"]["name"]
        known = found["schema"] == SCHEMA and all(one is None or math.isfinite(one) for one in values)
    except (ValueError, LookupError, TypeError, RecursionError):
        known = False
    if not known:
        raise InputError(
            f"{path.name} holds no figures of readers", "make it with `ptx data readings DATA --out FILE`"
        )
    same = fingerprint == data.fingerprint
    return {**found, "sha256": hashlib.sha256(content).hexdigest(), "same_data": same}


def stated_error(one: Estimate, source: str) -> dict[str, Any] | None:
    """One reader's error as `ptx compare --reader-error` takes it.

    Args:
        one: Standard deviation of one reader's log(1 + percent of the hemithorax).
        source: Where it comes from.

    Returns:
        The entry `reader_error.ENTRY` of a file; None where the error is not known, or 0.
    """
    if not one.value:
        return None
    interval = None if one.low is None or one.high is None else (one.low, one.high)
    error = ReaderError(
        sd_log1p=one.value,
        sd_interval=interval,
        readings=one.n,
        source=source,
    )
    return error.model_dump(mode="json", by_alias=True)


def _at(found: Any, *place: str) -> Any:
    for name in place:
        found = found[name]
    return found


def _dice(pair: TwoReadings) -> float:
    """As of a network; see `metrics.dice`."""
    return (2 * pair.both_px + 1) / (sum(pair.areas_px) + 1)


def _union(pair: TwoReadings) -> float:
    return (sum(pair.areas_px) - pair.both_px) / (sum(pair.areas_px) / 2)


def _factor(deviation: float) -> float:
    return math.exp(Z95 * deviation)


def _limit(deviation: float) -> float:
    return Z95 * deviation


def _of_one(deviation: float) -> float:
    return deviation / math.sqrt(2)
