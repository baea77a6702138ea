"""The attention maps of one film under two texts, as Fig. 3 of the ConTEXTual Net paper shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.attention_maps import AttentionReader, Level
from ptx_followup.segmentation.hemithorax_reader import HemithoraxReader
from ptx_followup.segmentation.retelling import Place, Retelling, Told, texts_of

FloatImage = NDArray[np.float32]

NO_PROOF = (
    "Attention is no proof: the maps show where the words raised or lowered one feature of the network, not "
    "that it understood them, nor that the mask is right."
)


@dataclass(frozen=True, eq=False)
class AttentionMaps:
    """One feature of one level of the decoder under one text, float32, on the grid of the network's image.

    Attributes:
        features: As they come to the attention.
        gate: tanh(A), -1..1.
        gated: As they leave it.
    """

    features: FloatImage = field(repr=False)
    gate: FloatImage = field(repr=False)
    gated: FloatImage = field(repr=False)


@dataclass(frozen=True, eq=False)
class AttentionLevel:
    """One level of the decoder under two texts.

    Attributes:
        rows, columns: Of its maps.
        channel: The feature whose gate the other text changes most; it is the one that is shown.
        change: Mean change of the gates of all features, 0..2.
        told: Under the text as told.
        other: Under the other.
    """

    rows: int
    columns: int
    channel: int
    change: float
    told: AttentionMaps
    other: AttentionMaps


@dataclass(frozen=True, eq=False)
class Attention:
    """What the language attentions did, the coarsest level first.

    Attributes:
        place: The side whose view is shown, with its lateral wall on the left; None for the whole film.
        against: Name of the other text.
        image: float32, what the network was shown, 0..1.
        levels: Of the decoder.
    """

    place: Place
    against: str
    image: FloatImage = field(repr=False)
    levels: tuple[AttentionLevel, ...]

    def to_json(self) -> dict[str, Any]:
        """The `attention` object of the result files."""
        return {
            "note": NO_PROOF,
            "side": self.place,
            "against": self.against,
            "levels": [
                {
                    "rows": one.rows,
                    "columns": one.columns,
                    "channel": one.channel,
                    "mean_change_of_gates": round(one.change, 4),
                }
                for one in self.levels
            ],
        }


def attended(
    film: Retelling, told: Told, against: str, other: Told, reader: AttentionReader
) -> Attention | None:
    """Look into the attentions where two texts differ; None where they do not, or nothing was told.

    Args:
        film: That is read.
        told: As it is told.
        against: Name of the other text.
        other: Under that text.
        reader: Of the same model.
    """
    texts, others = texts_of(told.telling), texts_of(other.telling)
    places = [place for place, text in texts.items() if place in others and others[place] != text]
    encoder = film.segmenter.text_encoder
    if not places or encoder is None:
        return None
    place = places[0]
    image, window = _image(film, place)
    first, second = (reader.levels(image, encoder.encode([one[place]])) for one in (texts, others))
    levels = tuple(_level(*pair, image.shape[1:], window) for pair in zip(first, second, strict=True))
    low, high = float(image[0].min()), float(image[0].max())
    seen = (image[0][window] - low) / max(high - low, 1e-6)
    return Attention(place, against, np.asarray(seen, np.float32), levels)


def _image(film: Retelling, place: Place) -> tuple[FloatImage, tuple[slice, slice]]:
    """What the network is shown, and where the film lies in it."""
    if isinstance(film.reader, HemithoraxReader):
        view = film.reader.prepared(place or "right")
        return view, (slice(None), slice(None))
    images, placements = film.reader.predictor.prepared([film.radiograph.pixels])
    return images[0], placements[0].window


def _level(told: Level, other: Level, shape: tuple[int, ...], window: tuple[slice, slice]) -> AttentionLevel:
    change = np.abs(told.gate - other.gate).mean(axis=(1, 2))
    channel = int(change.argmax())
    _, rows, columns = told.gate.shape

    def maps(level: Level) -> AttentionMaps:
        return AttentionMaps(
            *(_enlarged(one[channel], shape)[window] for one in (level.features, level.gate, level.gated))
        )

    return AttentionLevel(rows, columns, channel, float(change.mean()), maps(told), maps(other))


def _enlarged(level: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """A map on the grid of the network's image, each of its pixels a block."""
    return np.asarray(cv2.resize(level, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST))
