"""Reading an image twice: as it is, and as its mirror image under the mirrored report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ptx_followup.segmentation.segmenter import Segmenter


def test_mirrored_reading_treats_both_sides_alike(segmenter: Segmenter) -> None:
    model = segmenter.model
    twice = model.config.model_copy(
        update={"postprocessing": model.config.postprocessing.model_copy(update={"mirrored": True})}
    )
    predictor = replace(segmenter.predictor, model=replace(model, config=twice))
    pixels = np.random.default_rng(0).random((96, 96), np.float32)
    turned = np.ascontiguousarray(pixels[:, ::-1])
    pairs = [(0, "Small right apical pneumothorax."), (1, "Small left apical pneumothorax."), (0, "")]
    first, second, _ = predictor.probability_maps([pixels, turned], pairs)
    np.testing.assert_allclose(first, second[:, ::-1], atol=1e-5)
    once = next(segmenter.predictor.probability_maps([pixels], pairs[:1]))
    assert not np.allclose(first, once, atol=1e-3)
