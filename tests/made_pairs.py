"""Simulated sizes of films, by an expert and by a model, and the pairs of neighbouring films."""

from __future__ import annotations

import itertools

import numpy as np

from ptx_followup.calibration.sizes import FilmSize
from ptx_followup.data.pairs import FilmPair
from ptx_followup.report.description import size_class
from ptx_followup.report.told_size import percent_of_word

IMAGES, WORDS = (-0.4, 0.8, 1.5), (0.0, 0.9, 0.7)


def films(patients: int, each: int = 4, seed: int = 0) -> tuple[list[FilmSize], list[FilmPair]]:
    """Films whose experts' roots follow from the measured ones as in `FilmError`, and pairs of neighbours."""
    random = np.random.default_rng(seed)
    sizes, pairs = [], []
    for number in range(patients):
        names = [f"{number}_{exam}" for exam in range(each)]
        for name in names:
            expert = -1.0
            while expert < 0:
                root = random.uniform(0, 7)
                expert = IMAGES[0] + IMAGES[1] * root + IMAGES[2] * random.normal()
            told = max(0.0, (expert - WORDS[2] * random.normal() - WORDS[0]) / WORDS[1])
            word = percent_of_word(size_class(min(told**2, 100.0)))
            view = "AP" if number % 2 else "PA"
            sizes.append(
                FilmSize(name, str(number), "right", view, expert**2, (root**2,), min(told**2, 100.0), word)
            )
        pairs += [
            FilmPair(str(number), first, second, 1, ("PA", "PA"), "val", True)
            for first, second in itertools.pairwise(names)
        ]
    return sizes, pairs
