"""Pairs of films with sizes on both, as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.calibration.sizes import FilmSize
from ptx_followup.data.pairs import FilmPair, pair_weights
from ptx_followup.errors import InputError
from ptx_followup.measurement.uncertainty import ReadWith

FloatArray = NDArray[np.float64]
TextArray = NDArray[np.str_]
#: How the films of a pair are looked at: under one sentence, each under its own words, or the prior under its
#: words and the follow-up, which has none, under that sentence.
Look = Literal["images", "images and words", "mixed"]
LOOKS: dict[Look, tuple[ReadWith, ReadWith]] = {
    "images": ("images", "images"),
    "images and words": ("words", "words"),
    "mixed": ("words", "images"),
}
#: Below this many patients no fold can be held out and no share be told.
LEAST_PATIENTS = 8


@dataclass(frozen=True, eq=False)
class PairRows:
    """N sides of pairs on which an expert saw a pneumothorax on either film.

    Attributes:
        patients: Of each.
        views: N x 2, "PA", "AP" or "".
        experts: N x 2, percent of the hemithorax by the expert, prior and follow-up.
        images: N x K x 2, by the model under K sentences.
        words: N x 2, by the model under each film's own words.
        told: N x 2, percent that those words tell; NaN where a film has none that tell a size.
    """

    patients: TextArray
    views: TextArray
    experts: FloatArray
    images: FloatArray
    words: FloatArray
    told: FloatArray

    def __len__(self) -> int:
        return len(self.patients)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> PairRows:
        """Some of the rows, by a mask or by their numbers."""
        return PairRows(
            self.patients[chosen],
            self.views[chosen],
            self.experts[chosen],
            self.images[chosen],
            self.words[chosen],
            self.told[chosen],
        )

    @property
    def of_patient(self) -> list[str]:
        """The patients of each row as a list of texts."""
        return [str(one) for one in self.patients]


@dataclass(frozen=True, eq=False)
class Looked:
    """R measured pairs: those of `PairRows` under one look, once for each sentence.

    Attributes:
        read_with: What the first and the second film were measured with.
        row: Number of the row in `PairRows`.
        weights: No patient counts for more than 12 pairs, no pair more than once.
        percents: R x 2, as measured.
        told: R x 2, percent that the words tell; 0 for films that are read without.
        experts: R x 2.
        views: R x 2.
    """

    read_with: tuple[ReadWith, ReadWith]
    row: NDArray[np.int64]
    weights: FloatArray
    percents: FloatArray
    told: FloatArray
    experts: FloatArray
    views: TextArray

    @property
    def roots(self) -> FloatArray:
        """Difference of the roots of the measured percentages, follow-up minus prior."""
        roots = np.sqrt(self.percents)
        return np.asarray(roots[:, 1] - roots[:, 0])

    @property
    def expert_roots(self) -> FloatArray:
        """The same of the experts."""
        roots = np.sqrt(self.experts)
        return np.asarray(roots[:, 1] - roots[:, 0])

    @property
    def difference(self) -> FloatArray:
        """Follow-up minus prior by the experts, in points."""
        return np.asarray(self.experts[:, 1] - self.experts[:, 0])


def look_at(rows: PairRows, read_with: tuple[ReadWith, ReadWith]) -> Looked:
    """The measured pairs under one look; those of which a film lacks the words are left out."""
    sentences = rows.images.shape[1] if "images" in read_with else 1
    with_words = [kind == "words" for kind in read_with]
    usable: NDArray[np.int64] = np.flatnonzero(np.isfinite(rows.told[:, with_words]).all(axis=1))
    numbers = np.repeat(usable, sentences)
    sentence = np.tile(np.arange(sentences), len(usable))
    films = [
        rows.words[numbers, film] if kind == "words" else rows.images[numbers, sentence, film]
        for film, kind in enumerate(read_with)
    ]
    weights = np.repeat(pair_weights(rows.where(usable).of_patient), sentences) / sentences
    return Looked(
        read_with,
        numbers,
        weights,
        np.stack(films, axis=1),
        np.where(with_words, rows.told[numbers], 0.0),
        rows.experts[numbers],
        rows.views[numbers],
    )


def pair_rows(sizes: Iterable[FilmSize], pairs: Sequence[FilmPair]) -> PairRows:
    """Put the sizes of films together to pairs, side by side.

    Args:
        sizes: Of films.
        pairs: Of films; those of which a film was not measured are left out.

    Raises:
        InputError: Fewer than `LEAST_PATIENTS` patients have a pair, or one whose reports tell a size.
    """
    films: defaultdict[str, dict[str, FilmSize]] = defaultdict(dict)
    for one in sizes:
        films[one.film][one.side] = one
    found = []
    for pair in pairs:
        prior, followup = films.get(pair.prior, {}), films.get(pair.followup, {})
        for side in sorted(set(prior) & set(followup)):
            before, after = prior[side], followup[side]
            if before.expert > 0 or after.expert > 0:
                found.append((pair.patient, before, after))
    told = [one for one in found if one[1].told is not None and one[2].told is not None]
    if len({patient for patient, _, _ in found}) < LEAST_PATIENTS:
        raise InputError(
            f"fewer than {LEAST_PATIENTS} patients have a pair of measured films with a pneumothorax",
            "give the sizes of the films that the pairs name, of more patients",
        )
    if len({patient for patient, _, _ in told}) < LEAST_PATIENTS:
        raise InputError(
            f"fewer than {LEAST_PATIENTS} patients have a pair of films whose reports tell a size",
            "give reports that do, or a data set without reports: they are then written",
        )
    both = [(before, after) for _, before, after in found]
    return PairRows(
        patients=np.array([patient for patient, _, _ in found]),
        views=np.array([[one.view for one in films_of] for films_of in both]),
        experts=np.array([[one.expert for one in films_of] for films_of in both]),
        images=np.array([np.transpose([one.images for one in films_of]) for films_of in both]),
        words=np.array([[one.words for one in films_of] for films_of in both]),
        told=np.array([[np.nan if one.told is None else one.told for one in films_of] for films_of in both]),
    )
