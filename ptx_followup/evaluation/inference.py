"""Running the network on a few radiographs, each under several texts; each image is encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ptx_followup.network.preprocessing import FloatImage, from_square

if TYPE_CHECKING:
    from torch import Tensor

    from ptx_followup.segmentation import Segmenter

#: Pairs of image and text that go through the decoder together.
PAIRS = 8


def probability_maps(
    segmenter: Segmenter, pixels: Sequence[FloatImage], pairs: Sequence[tuple[int, str]]
) -> Iterator[FloatImage]:
    """Run the network on pairs of image and text.

    Args:
        segmenter: The loaded model.
        pixels: float32, H x W each, 0..1, in standard orientation; sizes may differ.
        pairs: Index into `pixels`, and the text that the network is given ("" for none).

    Yields:
        For each pair, float32, H x W, 0..1, on the grid of its image; what `Segmenter.probabilities` gives.
    """
    import torch

    from ptx_followup.network.device import autocast

    network, encoder = segmenter.model.network, segmenter.text_encoder
    images, placements = segmenter.prepare(pixels)
    with torch.inference_mode(), autocast(segmenter.device, segmenter.precision):
        features: list[Tensor] = network.encoder(images)
    for start in range(0, len(pairs), PAIRS):
        chosen = pairs[start : start + PAIRS]
        rows = torch.tensor([index for index, _ in chosen], device=segmenter.device)
        tokens = None if encoder is None else encoder.encode([text for _, text in chosen])
        with torch.inference_mode(), autocast(segmenter.device, segmenter.precision):
            logits = network.decode(
                [one[rows].contiguous(memory_format=torch.channels_last) for one in features],
                *((tokens.embeddings, tokens.mask) if tokens else ()),
            )
        for (index, _), square in zip(chosen, segmenter.squares(logits), strict=True):
            rows_columns = (pixels[index].shape[0], pixels[index].shape[1])
            yield from_square(square, placements[index], rows_columns)
