"""Measure the films of a table of pairs: by their experts' masks, and as a model sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import expm1, log1p

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.quality import UNUSABLE_BELOW
from ptx_followup.calibration.sizes import FilmSize
from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.pairs import FilmPair
from ptx_followup.errors import InputError
from ptx_followup.measurement.reader_error import ONE_READER_LOG1P
from ptx_followup.measurement.sizes import measure
from ptx_followup.report.description import SideDescription, describe, size_class
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import prompt
from ptx_followup.report.synthesis import synthesise
from ptx_followup.report.terms import Report
from ptx_followup.report.told_size import told_percent
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import SIDES, Side

Mask = NDArray[np.bool_]

#: What every film of a side is told in turn; the sizes of a pair are compared under one of them at a time.
PHRASINGS = ("{side} pneumothorax.", "{side} apical and lateral pneumothorax.")


def measure_films(
    data: DataSet,
    pairs: Sequence[FilmPair],
    segmenter: Segmenter,
    seed: int = 0,
    advance: Callable[[], object] = lambda: None,
) -> Iterator[FilmSize]:
    """Measure every film of some pairs, on each side where an expert saw a pneumothorax in any of its pairs.

    A film's own words are its report; where the data set has none, one is written in phrasings that training
    never used, with side and zones of the expert's mask and a size that a second reader would have given it
    (the expert's plus two readers' error), so that the words do not know the truth.

    Args:
        data: Holds the films by the names in `pairs`.
        pairs: The pairs.
        segmenter: The model.
        seed: Of the reports that are written.
        advance: Called after each film.

    Yields:
        Sizes of each film; films whose hemithoraces are not found reliably are left out, as `ptx compare`
        draws no direction from them.

    Raises:
        InputError: A film is not in the data set, or cannot be read.
    """
    cases = {name: _case(data, name) for pair in pairs for name in (pair.prior, pair.followup)}
    shown: dict[str, list[Side]] = {name: _sides_of(data, case) for name, case in cases.items()}
    wanted: defaultdict[str, set[Side]] = defaultdict(set)
    for pair in pairs:
        sides = {*shown[pair.prior], *shown[pair.followup]}
        wanted[pair.prior] |= sides
        wanted[pair.followup] |= sides
    for name, sides in wanted.items():
        if sides:
            yield from _measured(data, cases[name], sorted(sides), segmenter, seed)
        advance()


def _case(data: DataSet, name: str) -> Case:
    if name not in data.by_id:
        raise InputError(f"{data.root.name} lacks a film that the pairs name", "give the pairs' own data set")
    return data.by_id[name]


def _sides_of(data: DataSet, case: Case) -> list[Side]:
    """Sides on which the expert drew something; halves of the film stand in for the hemithoraces."""
    return [one.side for one in describe(data.load_mask(case))]


def _measured(
    data: DataSet, case: Case, sides: Iterable[Side], segmenter: Segmenter, seed: int
) -> Iterator[FilmSize]:
    radiograph = data.load_image(case)
    truth = data.load_mask(case, radiograph)
    anatomy = segmenter.lung_finder.find_anatomy(radiograph.pixels)
    expert = measure(truth, anatomy.hemithoraces, None).hemithorax_percent
    if expert is None or anatomy.quality < UNUSABLE_BELOW:
        return
    report = _own_report(data, case, truth, anatomy.hemithoraces, seed)
    words = None if report.present is False else prompt(report, "focused")
    identical = [phrase.format(side=side.capitalize()) for side in sides for phrase in PHRASINGS]
    texts = [*identical, *([] if words is None else [words])]
    asked = [(0, text) for text in texts]
    maps = segmenter.probability_maps([radiograph.pixels], asked, [anatomy.hemithoraces])
    percents: list[dict[Side, float]] = []
    for probability in maps:
        mask = segmenter.binary(probability, anatomy.hemithoraces)
        found = measure(mask, anatomy.hemithoraces, None).hemithorax_percent
        percents.append({side: 0.0 if found is None else found.of(side) or 0.0 for side in SIDES})
    own = dict.fromkeys(SIDES, 0.0) if words is None else percents[-1]
    for number, side in enumerate(sides):
        images = percents[number * len(PHRASINGS) : (number + 1) * len(PHRASINGS)]
        yield FilmSize(
            film=case.id,
            patient=case.patient or case.id,
            side=side,
            view=case.view if case.view in ("PA", "AP") else "",
            expert=expert.of(side) or 0.0,
            images=tuple(one[side] for one in images),
            words=own[side],
            told=told_percent(report, side),
        )


def _own_report(data: DataSet, case: Case, truth: Mask, hemithoraces: NDArray[np.uint8], seed: int) -> Report:
    """The film's own report, as understood."""
    text = data.load_report(case)
    if text is None:
        random = np.random.default_rng([seed, *case.id.encode()])
        read = [_second_reading(one, random) for one in describe(truth, hemithoraces)]
        text = synthesise([one for one in read if one is not None], random, phrasing="validation")
    return understand(text)


def _second_reading(one: SideDescription, random: np.random.Generator) -> SideDescription | None:
    """As another reader would give its size; None where that reader sees nothing."""
    percent = expm1(log1p(one.hemithorax_percent or 0.0) + ONE_READER_LOG1P * 2**0.5 * random.normal())
    if percent <= 0:
        return None
    percent = min(percent, 100.0)
    return replace(one, hemithorax_percent=percent, size=size_class(percent))
