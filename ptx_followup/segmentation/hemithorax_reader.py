"""A radiograph read one hemithorax at a time, for networks with that view (see `anatomy.hemithorax_view`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithorax_view import Box, back, boxes, joined_views, laid_together, normalised
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.segmentation.telling import ToldBySide, sides_of_text
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.network.predictor import Predictor

#: Pairs of a side and a text that go through the decoder together.
PAIRS = 8


@dataclass(frozen=True, eq=False)
class HemithoraxReader:
    """One radiograph that may be read under several texts; its sides are encoded when it is first read.

    Attributes:
        predictor: What reads it.
        pixels: float32, H x W, 0..1, the patient's right on the image's left.
        hemithoraces: uint8, H x W: 0 background, 1 the patient's right, 2 the left.
    """

    predictor: Predictor
    pixels: FloatImage = field(repr=False)
    hemithoraces: NDArray[np.uint8] = field(repr=False)

    def probability(self, text: str) -> FloatImage:
        """The probability map under a text for the whole film ("" for none), float32, H x W, 0..1."""
        return self.under([sides_of_text(text)])[0]

    def under(self, tellings: Sequence[ToldBySide]) -> list[FloatImage]:
        """One map for each way of telling what is known of the sides.

        Args:
            tellings: For each map, what each side is told.

        Returns:
            float32, H x W, 0..1 each; 0 where a side is not looked at.
        """
        found = iter(self.views([asked for told in tellings for asked in _looked_at(told).items()]))
        return [self.film({side: next(found) for side in _looked_at(told)}) for told in tellings]

    def views(self, asked: Sequence[tuple[Side, str]]) -> list[FloatImage]:
        """One map for each side and what it is told, on the network's grid."""
        pairs = [(SIDES.index(side), text) for side, text in asked]
        views: list[FloatImage] = []
        for start in range(0, len(pairs), PAIRS):
            views += list(self.predictor.decode(self._features, pairs[start : start + PAIRS]))
        return views

    @cached_property
    def _boxes(self) -> Mapping[Side, Box]:
        return boxes(self.hemithoraces)

    def prepared(self, side: Side) -> FloatImage:
        """What the network takes for a side: float32, channels x rows x columns."""
        config = self.predictor.model.config
        preprocessing, channels = config.preprocessing, config.network.in_channels
        return normalised(
            joined_views(self.pixels, self._boxes, side, preprocessing.rows_columns, channels),
            channels,
            preprocessing.percentiles,
            preprocessing.output_range,
        )

    @cached_property
    def _features(self) -> Any:
        return self.predictor.model.engine.encode(np.stack([self.prepared(side) for side in SIDES]))

    def film(self, views: Mapping[Side, FloatImage]) -> FloatImage:
        """Maps of `views`, one for each side that was looked at, on the grid of the film; 0 elsewhere."""
        rows, columns = self.pixels.shape
        if not views:
            return np.zeros((rows, columns), np.float32)
        laid = {side: back(view, self._boxes[side], (rows, columns)) for side, view in views.items()}
        return laid_together(laid, self._boxes, columns)


def _looked_at(told: ToldBySide) -> dict[Side, str]:
    return {side: text for side in SIDES if (text := told[side]) is not None}
