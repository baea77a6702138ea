"""How well the readers of a central read agree, and what a reader's mask is then worth.

The figures are those of `ptx data readings`, with what a read of known readers adds: which of them outlines
more widely, limits of agreement, and the smallest change that their outlines can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ptx_followup import DISCLAIMER
from ptx_followup.errors import InputError
from ptx_followup.evaluation.output import estimate
from ptx_followup.evaluation.raters import (
    Z95,
    Values,
    bias,
    error_of_agreement,
    error_of_consistency,
    intraclass_correlation,
    lower_limit,
    spread_of_one,
    upper_limit,
)
from ptx_followup.evaluation.reader_agreement import stated_error
from ptx_followup.evaluation.statistics import Bootstrap
from ptx_followup.files.storage import file_label
from ptx_followup.measurement.change import STATED
from ptx_followup.measurement.deciding import smallest_detectable
from ptx_followup.measurement.reader_error import ENTRY, ReaderError, Readers
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.network.change_error import ChangeError
from ptx_followup.review.decisions import reviews_in
from ptx_followup.review.readings import ReadFilm, Readings, gather_readings

SCHEMA = "ptx-agreement/1"
#: Sizes of the prior, in percent of the hemithorax, for which the smallest detectable change is told.
_SIZES = (2, 5, 10, 20, 40)
#: Share of films left as they were from which the figures speak of the network more than of the readers.
_ANCHORED = 0.2
_FEW = 10


def agreement_of_readers(folder: Path, seed: int = 0) -> dict[str, Any]:
    """The figures of `ptx review --agreement`.

    Args:
        folder: In which the readers' results lie, or in folders of it; the last of each reader counts.
        seed: Of the bootstrap over patients.

    Returns:
        The result object, schema "ptx-agreement/1"; see `docs/outputs.md`. Figures have 95 % intervals over
        resampled patients. "reader_error" is what `ptx compare --reader-error` takes.

    Raises:
        InputError: There are no two readers, or no film that all have read.
    """
    inside = sorted(one for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []
    reviews = reviews_in([folder, *inside])
    if not reviews:
        raise InputError(f"{file_label(folder)} holds no reviews", "give the folder in which readers saved")
    return figures_of(gather_readings(reviews), f"central read of {file_label(folder)}", seed)


def figures_of(readings: Readings, source: str, seed: int = 0) -> dict[str, Any]:
    """The figures of readings.

    Args:
        readings: Of two readers or more.
        source: Where they come from.
        seed: Of the bootstrap over patients.

    Raises:
        InputError: On no film did any reader find a pneumothorax.
    """
    seen = [film for film in readings.films if any(film.found)]
    if not seen:
        raise InputError("no reader found a pneumothorax on any film", "read films that show one")
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "disclaimer": DISCLAIMER,
        "readers": list(readings.readers),
        "films": _counts(readings, seen),
        "patients": len({film.patient for film in seen}),
    }
    bootstrap = Bootstrap([film.patient for film in seen], seed)
    percents = np.array([film.percents for film in seen], np.float64).reshape(-1, len(readings.readers)).T
    one = bootstrap.statistic(spread_of_one, *np.log1p(percents))
    error = stated_error(one, source)
    return {
        **document,
        "dice": bootstrap.mean([film.dice for film in seen]).to_json(),
        "percent": _sizes(bootstrap, percents, readings.readers),
        "one_reader": {"sd_log1p_percent": one.to_json()},
        ENTRY: error,
        "detectable": [] if error is None else _detectable(ReaderError.model_validate(error)),
        "warnings": _warnings(seen),
    }


def _counts(readings: Readings, seen: Sequence[ReadFilm]) -> dict[str, int]:
    return {
        "read_by_all": len(readings.films),
        "none_found_by_all": len(readings.films) - len(seen),
        "found_by_some_alone": sum(not all(film.found) for film in seen),
        "left_unchanged_by_all": sum(film.unchanged for film in seen),
        "not_read_by_all": readings.incomplete,
        "not_judged_by_all": readings.not_judged,
    }


def _sizes(bootstrap: Bootstrap, percents: Values, readers: Sequence[str]) -> dict[str, Any]:
    """Agreement of the sizes, in percentage points of the hemithorax."""
    apart = bootstrap.statistic(error_of_agreement, *percents)
    alike = bootstrap.statistic(error_of_consistency, *percents)
    return {
        "intraclass_correlation": bootstrap.statistic(intraclass_correlation, *percents).to_json(),
        "standard_error": {"different_readers": apart.to_json(), "same_reader": alike.to_json()},
        "smallest_detectable_change": {
            "different_readers": apart.mapped(_smallest_change).to_json(),
            "same_reader": alike.mapped(_smallest_change).to_json(),
        },
        "pairs": [
            {
                "readers": [readers[first], readers[second]],
                **{
                    name: bootstrap.statistic(of, percents[first], percents[second]).to_json()
                    for name, of in (
                        ("bias", bias),
                        ("lower_limit", lower_limit),
                        ("upper_limit", upper_limit),
                    )
                },
            }
            for first, second in combinations(range(len(readers)), 2)
        ],
    }


def _smallest_change(standard_error: float) -> float:
    """1.96 sqrt(2) SEM: a change by less can be error alone, with 95 % (de Vet et al., 2006)."""
    return float(Z95 * np.sqrt(2) * standard_error)


def _detectable(error: ReaderError) -> list[dict[str, Any]]:
    """Sizes of a follow-up from which a reader's outlines state a direction, as `ptx compare` judges them."""
    rows = []
    readers: tuple[Readers, Readers] = ("same", "different")
    for percent in _SIZES:
        for relation in readers:
            size = Size(float(percent), "reader")
            ends = smallest_detectable(size, size, Uncertainty(ChangeError(), error, relation), STATED)
            below, above = (None if one is None else round(one, 2) for one in (ends.below, ends.above))
            rows.append({"prior": percent, "readers": relation, "below": below, "above": above})
    return rows


def _warnings(seen: Sequence[ReadFilm]) -> list[str]:
    warnings = []
    unchanged = sum(film.unchanged for film in seen)
    if seen and unchanged / len(seen) > _ANCHORED:
        warnings.append(
            f"{unchanged} of {len(seen)} films were left by every reader as they were drawn: the agreement "
            "is that of who corrects, and closer than that of who outlines from nothing"
        )
    patients = len({film.patient for film in seen})
    if patients < _FEW:
        warnings.append(f"{patients} patients are few: the intervals are too narrow")
    return warnings


def described(figures: dict[str, Any]) -> dict[str, str]:
    """The figures in words, one line each by its name, for the terminal."""
    films, sizes = figures["films"], figures["percent"]
    change = sizes["smallest_detectable_change"]
    lines = {
        "readers": ", ".join(figures["readers"]),
        "films": f"{films['read_by_all']} read by all, on {films['none_found_by_all']} all found none; "
        f"{figures['patients']} patients",
        "Dice": estimate(figures["dice"]),
        "ICC of the percentages": estimate(sizes["intraclass_correlation"]),
    }
    for pair in sizes["pairs"]:
        limits = f"{estimate(pair['lower_limit'], 1)} and {estimate(pair['upper_limit'], 1)}"
        lines[f"{pair['readers'][0]} minus {pair['readers'][1]}"] = (
            f"{estimate(pair['bias'], 1)} points; limits of agreement {limits}"
        )
    return lines | {
        "smallest detectable change": f"{estimate(change['same_reader'], 1)} points by one reader, "
        f"{estimate(change['different_readers'], 1)} by two",
        "one reader": f"standard deviation {estimate(figures['one_reader']['sd_log1p_percent'])} of "
        "log(1 + percent)",
    }
