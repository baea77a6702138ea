"""Running a network on radiographs, each under one or several texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptx_followup.network.checkpoint import Model
from ptx_followup.network.device import Precision, autocast
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.preprocessing import FloatImage, Placement, from_square, normalise, to_square
from ptx_followup.report.mirror import swap_sides

#: Pairs of image and text that go through the decoder together.
PAIRS = 8

#: Index of an image, and the text that it is read under ("" for none).
Pair = tuple[int, str]


@dataclass(frozen=True, eq=False)
class Predictor:
    """A loaded network with its language model.

    Attributes:
        model: Network and configuration.
        text_encoder: For a network that reads reports.
        device: "cpu", "cuda" or "cuda:N".
        precision: Of the forward pass.
    """

    model: Model
    text_encoder: TextEncoder | None
    device: str
    precision: Precision

    def probability_maps(self, pixels: Sequence[FloatImage], pairs: Sequence[Pair]) -> Iterator[FloatImage]:
        """Run the network on pairs of image and text; each image goes through the encoder once.

        Where the model's configuration asks for it, each image is also read as its mirror image, under the
        text with left and right swapped, and the two probabilities are averaged.

        Args:
            pixels: float32, H x W each, 0..1, in standard orientation; sizes may differ.
            pairs: Index into `pixels`, and the text.

        Yields:
            For each pair, float32, H x W, 0..1, on the grid of its image.
        """
        images, placements = self._prepare(pixels)
        features = self._encode(images)
        mirrored = self._encode(images.flip(-1)) if self.model.config.postprocessing.mirrored else None
        for start in range(0, len(pairs), PAIRS):
            chosen = pairs[start : start + PAIRS]
            squares = self._decode(features, chosen)
            if mirrored is not None:
                swapped = [(index, swap_sides(text)) for index, text in chosen]
                squares = np.float32(0.5) * (squares + self._decode(mirrored, swapped)[:, :, ::-1])
            for (index, _), square in zip(chosen, squares, strict=True):
                rows_columns = (pixels[index].shape[0], pixels[index].shape[1])
                yield from_square(square, placements[index], rows_columns)

    def _prepare(self, pixels: Sequence[FloatImage]) -> tuple[Tensor, list[Placement]]:
        """What the network takes of some images, B x 1 x S x S, and where each lies in it."""
        preprocessing = self.model.config.preprocessing
        squares, placements = zip(*(to_square(one, preprocessing.image_size) for one in pixels), strict=True)
        batch = torch.from_numpy(
            np.stack(
                [
                    normalise(one, preprocessing.percentiles, preprocessing.output_range)[None]
                    for one in squares
                ]
            )
        )
        if self.device.startswith("cuda"):  # from pinned memory, so that the copy does not wait
            batch = batch.pin_memory().to(self.device, non_blocking=True)
        return batch.to(memory_format=torch.channels_last), list(placements)

    def _encode(self, images: Tensor) -> list[Tensor]:
        with torch.inference_mode(), autocast(self.device, self.precision):
            features: list[Tensor] = self.model.network.encoder(images)
        return features

    def _decode(self, features: Sequence[Tensor], pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Probabilities, float32, B x S x S, of pairs of an image (by its index in `features`) and a text."""
        rows = torch.tensor([index for index, _ in pairs], device=self.device)
        tokens = self.text_encoder.encode([text for _, text in pairs]) if self.text_encoder else None
        with torch.inference_mode(), autocast(self.device, self.precision):
            logits = self.model.network.decode(
                [one[rows].contiguous(memory_format=torch.channels_last) for one in features],
                *((tokens.embeddings, tokens.mask) if tokens else ()),
            )
        scaled = logits[:, 0].float() / self.model.config.postprocessing.temperature
        return np.asarray(scaled.sigmoid().cpu().numpy(), np.float32)
