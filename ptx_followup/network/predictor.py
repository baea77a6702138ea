"""Running a network on radiographs, each under one or several texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.engine import RunningModel, probabilities
from ptx_followup.network.preprocessing import FloatImage, Placement, from_square, normalise, to_square
from ptx_followup.report.mirror import swap_sides

#: Pairs of image and text that go through the decoder together.
PAIRS = 8

#: Index of an image, and the text that it is read under ("" for none).
Pair = tuple[int, str]


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """Images that have been through the encoder.

    Attributes:
        features: Of the images, for the engine that made them.
        mirrored: Of their mirror images, where the model reads these too.
        placements: Where each image lies in its square.
        shapes: Rows and columns of each image.
    """

    features: Any = field(repr=False)
    mirrored: Any = field(repr=False)
    placements: tuple[Placement, ...]
    shapes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Predictor:
    """Reads radiographs with a model."""

    model: RunningModel

    def encode(self, pixels: Sequence[FloatImage]) -> EncodedImages:
        """Run the encoder on images, and on their mirror images where the model's configuration asks for it.

        Args:
            pixels: float32, H x W each, 0..1, in standard orientation; sizes may differ.
        """
        images, placements = self.prepared(pixels)
        engine, mirrored = self.model.engine, self.model.config.postprocessing.mirrored
        return EncodedImages(
            engine.encode(images),
            engine.encode(np.ascontiguousarray(images[..., ::-1])) if mirrored else None,
            placements,
            tuple((one.shape[0], one.shape[1]) for one in pixels),
        )

    def prepared(self, pixels: Sequence[FloatImage]) -> tuple[FloatImage, tuple[Placement, ...]]:
        """What the network takes: float32, B x 1 x S x S, and where each image lies in its square."""
        preprocessing = self.model.config.preprocessing
        squares, placements = zip(*(to_square(one, preprocessing.square_size) for one in pixels), strict=True)
        normalised = [
            normalise(one, preprocessing.percentiles, preprocessing.output_range)[None] for one in squares
        ]
        return np.stack(normalised), placements

    def read(self, images: EncodedImages, pairs: Sequence[Pair]) -> Iterator[FloatImage]:
        """Run the decoder on pairs of image and text.

        Args:
            images: Of `encode`.
            pairs: Index of the image, and the text.

        Yields:
            For each pair, float32, H x W, 0..1, on the grid of its image.
        """
        for (index, _), square in zip(pairs, self.squares(images, pairs), strict=True):
            yield from_square(square, images.placements[index], images.shapes[index])

    def squares(self, images: EncodedImages, pairs: Sequence[Pair]) -> Iterator[FloatImage]:
        """As `read`, on the network's square grid.

        A mirror image is read under the text with left and right swapped, and the two probabilities are
        averaged.
        """
        for start in range(0, len(pairs), PAIRS):
            chosen = pairs[start : start + PAIRS]
            squares = self.decode(images.features, chosen)
            if images.mirrored is not None:
                swapped = [(index, swap_sides(text)) for index, text in chosen]
                squares = np.float32(0.5) * (squares + self.decode(images.mirrored, swapped)[:, :, ::-1])
            yield from squares

    def probability_maps(self, pixels: Sequence[FloatImage], pairs: Sequence[Pair]) -> Iterator[FloatImage]:
        """Run the network on pairs of image and text; each image goes through the encoder once.

        Args:
            pixels: As in `encode`.
            pairs: As in `read`.

        Yields:
            As `read`.
        """
        return self.read(self.encode(pixels), pairs)

    def decode(self, features: Any, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Probabilities, float32, B x H x W, of pairs of an image (by its index in `features`) and a text."""
        encoder = self.model.text_encoder
        tokens = None if encoder is None else encoder.encode([text for _, text in pairs])
        logits = self.model.engine.decode(features, [index for index, _ in pairs], tokens)
        return probabilities(logits[:, 0], self.model.config.postprocessing.temperature)


@dataclass(frozen=True, eq=False)
class ImageReader:
    """One image that may be read under several texts; it is encoded when it is first read.

    Attributes:
        predictor: What reads it.
        pixels: float32, H x W, 0..1, in standard orientation.
    """

    predictor: Predictor
    pixels: FloatImage = field(repr=False)

    def probability(self, text: str) -> FloatImage:
        """The probability map under a text ("" for none), float32, H x W, 0..1."""
        return next(self.predictor.read(self._encoded, [(0, text)]))

    def views(self, texts: Sequence[str]) -> list[FloatImage]:
        """One map for each text, on the network's grid."""
        return list(self.predictor.squares(self._encoded, [(0, text) for text in texts]))

    def film(self, view: FloatImage) -> FloatImage:
        """A map of `views` on the grid of the image: as `probability`."""
        images = self._encoded
        return from_square(view, images.placements[0], images.shapes[0])

    @cached_property
    def _encoded(self) -> EncodedImages:
        return self.predictor.encode([self.pixels])
