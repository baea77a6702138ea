"""One film under one report after another: what the words of a report change in the mask.

The film is encoded once. What a side was told before is not read again, so that of a network that looks at
one hemithorax at a time only the decoder of the side runs whose words have changed.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.measurement.overlap import dice
from ptx_followup.measurement.sizes import Measurement, measure
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.report.findings import understand
from ptx_followup.report.side_statement import NOT_MENTIONED
from ptx_followup.segmentation.chest import find_chest
from ptx_followup.segmentation.hemithorax_reader import HemithoraxReader
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.segmentation.telling import Telling, sides_of_text, telling
from ptx_followup.sides import SIDES, Side

Mask = NDArray[np.bool_]

#: Answers of the network that are kept; one of 416 x 416 pixels has 0.7 MB.
_KEPT = 32

#: Where a text is told: of a side, or of the whole film (None).
Place = Side | None


@dataclass(frozen=True, eq=False)
class Told:
    """What a network draws under a text.

    Attributes:
        telling: What it was told, and what the user should know of that.
        mask: bool, H x W of `Radiograph.pixels`.
        measurement: Of the mask.
    """

    telling: Telling
    mask: Mask = field(repr=False)
    measurement: Measurement


@dataclass(frozen=True)
class LeftOut:
    """What follows where one word of what the network is told is left out.

    Attributes:
        place: Where the word is told.
        number: Which of the words there, from 0.
        word: As it is told, with its punctuation.
        measurement: Of the mask without it.
        dice: Overlap of that mask with the one under all words; 1 where both are empty.
    """

    place: Place
    number: int
    word: str
    measurement: Measurement
    dice: float


class Retelling:
    """A film that is read under one report after another; every method may be called from any thread.

    Args:
        segmenter: Whose network reads it.
        radiograph: With air dark (`find_chest`).
        hemithoraces: uint8, H x W of its pixels: 0 background, 1 the patient's right, 2 the left.
    """

    def __init__(self, segmenter: Segmenter, radiograph: Radiograph, hemithoraces: NDArray[np.uint8]) -> None:
        if hemithoraces.flags.writeable:
            hemithoraces = hemithoraces.copy()
            hemithoraces.flags.writeable = False  # so that what follows from them is worked out once
        self.segmenter, self.radiograph, self.hemithoraces = segmenter, radiograph, hemithoraces
        self.reader = segmenter.reader(radiograph.pixels, hemithoraces)
        self._heard: OrderedDict[tuple[Place, str], FloatImage] = OrderedDict()
        self._lock = threading.RLock()

    @classmethod
    def of(cls, segmenter: Segmenter, radiograph: Radiograph) -> Retelling:
        """Find the hemithoraces of a film, and read it.

        Raises:
            QualityGateError: It is a negative, and so is its negative.
        """
        seen, anatomy = find_chest(radiograph, segmenter.lung_finder)
        return cls(segmenter, seen, anatomy.hemithoraces)

    def told(self, report_text: str | None) -> Told:
        """What follows from a report; None for none. As `Segmenter.segment` reads and measures it."""
        report = None if report_text is None else understand(report_text)
        return self.under(telling(report, "focused", self.segmenter.model))

    def told_as(self, text: str) -> Told:
        """What follows where the network is told this very text of the whole film, whatever it says."""
        by_side = sides_of_text(text) if self.segmenter.looks_at_hemithoraces else None
        return self.under(Telling(text, by_side))

    def under(self, told: Telling) -> Told:
        """What follows from what the network is told."""
        mask = self.segmenter.binary(self._probability(texts_of(told)), self.hemithoraces)
        spacing = self.radiograph.trusted_spacing_mm
        return Told(told, mask, measure(mask, self.hemithoraces, spacing, told.looked_at))

    def words_left_out(self, told: Told) -> Iterator[LeftOut]:
        """What follows where each word that the network is told is left out in turn."""
        for place, text in texts_of(told.telling).items():
            words = [] if text == NOT_MENTIONED else text.split()  # not words of the report
            for number, word in enumerate(words):
                rest = " ".join([*words[:number], *words[number + 1 :]])
                without = self.under(_told_instead(told.telling, place, rest))
                yield LeftOut(place, number, word, without.measurement, dice(told.mask, without.mask))

    def _probability(self, texts: Mapping[Place, str]) -> FloatImage:
        """The probability map under texts, float32, H x W; 0 where nothing is looked at."""
        views = self._views(texts)
        if isinstance(self.reader, HemithoraxReader):
            return self.reader.film({side: views[side] for side in SIDES if side in views})
        if not views:
            return np.zeros(self.radiograph.pixels.shape, np.float32)
        return self.reader.film(views[None])

    def _views(self, texts: Mapping[Place, str]) -> dict[Place, FloatImage]:
        """The network's answer to each text; those that it has given before are kept."""
        with self._lock:
            new = [asked for asked in texts.items() if asked not in self._heard]
            if isinstance(self.reader, HemithoraxReader):
                answers = self.reader.views([(side, text) for side, text in new if side is not None])
            else:
                answers = self.reader.views([text for _, text in new])
            self._heard.update(zip(new, answers, strict=True))
            found = {place: self._heard[place, text] for place, text in texts.items()}
            for asked in texts.items():
                self._heard.move_to_end(asked)
            while len(self._heard) > _KEPT:
                self._heard.popitem(last=False)
            return found


def texts_of(told: Telling) -> dict[Place, str]:
    """Every text that a network is given, by where it is told; empty where it is not run."""
    if told.text is None:
        return {}
    if told.by_side is None:
        return {None: told.text}
    return {side: text for side in SIDES if (text := told.by_side[side]) is not None}


def with_word(text: str, word: str, other: str) -> str:
    """A text with another word in place of one, wherever it stands as a whole word; capitals are kept.

    >>> with_word("Right apical pneumothorax, right-sided tube; brightness.", "right", "left")
    'Left apical pneumothorax, left-sided tube; brightness.'
    """

    def put(found: re.Match[str]) -> str:
        return other[:1].upper() + other[1:] if found[0][:1].isupper() else other

    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", put, text, flags=re.IGNORECASE)


def _told_instead(told: Telling, place: Place, text: str) -> Telling:
    if place is None:
        return replace(told, text=text)
    return replace(told, by_side={**(told.by_side or {}), place: text})
