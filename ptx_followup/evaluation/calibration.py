"""Are the probabilities of a network what they say? Reliability, expected calibration error, temperatures.

Everything follows from a fine histogram of logits, one row for pixels outside the expert's mask and one for
pixels inside, so that no probability map has to be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup.network.checkpoint import Calibration

#: Logits beyond this (a probability of 6e-6) fall into the outermost bins; 0.1 wide.
GREATEST_LOGIT = 12.0
LOGIT_BINS = 240
#: Equal bins of probability for the reliability diagram and the calibration error (Guo et al., ICML 2017).
PROBABILITY_BINS = 20
#: Nearly all of a radiograph is surely free, and outweighs the rest in an error over all pixels.
LEAST_PROBABILITY = 0.01
#: Temperatures that are tried.
TEMPERATURES = (0.2, 5.0)
#: Cases in a size class, at least, before it is given a temperature of its own.
LEAST_CASES = 10

Histogram = NDArray[np.int64]

_EDGES = np.linspace(-GREATEST_LOGIT, GREATEST_LOGIT, LOGIT_BINS + 1)
_LOGITS = (_EDGES[1:] + _EDGES[:-1]) / 2


def histogram(probability: NDArray[np.float32], truth: NDArray[np.bool_]) -> Histogram:
    """Count the pixels of one image by logit.

    Args:
        probability: float32, H x W, 0..1.
        truth: bool, H x W.

    Returns:
        int64, 2 x `LOGIT_BINS`: outside and inside the expert's mask.
    """
    # Edges as probabilities: comparing is cheaper than a logarithm for each pixel.
    bins = np.searchsorted(_sigmoid(_EDGES[1:-1]).astype(np.float32), probability.ravel(), side="right")
    counts = np.bincount(bins + LOGIT_BINS * truth.ravel(), minlength=2 * LOGIT_BINS)
    return counts.reshape(2, LOGIT_BINS).astype(np.int64)


@dataclass(frozen=True)
class Reliability:
    """How often pixels of a stated probability are pneumothorax.

    Attributes:
        stated: Mean probability in each of the `PROBABILITY_BINS`; NaN where a bin is empty.
        observed: Share of pixels inside the expert's mask.
        pixels: In each bin.
    """

    stated: NDArray[np.float64]
    observed: NDArray[np.float64]
    pixels: NDArray[np.int64]

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean |stated - observed|, weighted by pixels."""
        filled = self.pixels > 0
        gaps = np.abs(self.stated - self.observed)[filled]
        return float(np.average(gaps, weights=self.pixels[filled])) if filled.any() else float("nan")

    def to_json(self) -> list[dict[str, Any]]:
        """The bins that hold pixels."""
        return [
            {"stated": round(float(stated), 4), "observed": round(float(observed), 4), "pixels": int(pixels)}
            for stated, observed, pixels in zip(self.stated, self.observed, self.pixels, strict=True)
            if pixels
        ]


def reliability(counts: Histogram) -> Reliability:
    """The reliability of the pixels of a histogram."""
    probability = _sigmoid(_LOGITS)
    totals = counts.sum(axis=0)
    bins = np.minimum((probability * PROBABILITY_BINS).astype(int), PROBABILITY_BINS - 1)
    pixels = np.bincount(bins, totals, PROBABILITY_BINS)
    inside = np.bincount(bins, counts[1], PROBABILITY_BINS)
    stated = np.bincount(bins, totals * probability, PROBABILITY_BINS)
    with np.errstate(invalid="ignore"):
        return Reliability(stated / pixels, inside / pixels, pixels.astype(np.int64))


def rescaled(counts: Histogram, temperature: float) -> Histogram:
    """The histogram of the logits divided by a temperature."""
    bins = np.clip(np.digitize(_LOGITS / temperature, _EDGES) - 1, 0, LOGIT_BINS - 1)
    return np.stack([np.bincount(bins, row, LOGIT_BINS) for row in counts]).astype(np.int64)


def fit_temperature(counts: Histogram) -> float:
    """The temperature of the least negative log-likelihood of the pixels (Guo et al., ICML 2017)."""
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        scaled = _LOGITS / np.exp(log_temperature)
        return float(np.sum(counts[0] * np.logaddexp(0, scaled) + counts[1] * np.logaddexp(0, -scaled)))

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(found.x))


def fit_calibration(
    histograms: Sequence[Histogram], mask_shares: Sequence[float], source: str
) -> Calibration:
    """Fit one temperature for each tercile of the mask's size.

    At the time of use only the model's own mask is known, so its size decides and not the expert's. Empty
    masks belong to the smallest.

    Args:
        histograms: Of each case.
        mask_shares: Area of the model's mask as a share of the image.
        source: What it was fitted on, for people.

    Returns:
        The identity where there are too few cases; one temperature where there are too few for three.
    """
    shares = np.asarray(mask_shares, np.float64)
    if len(shares) < LEAST_CASES:
        return Calibration()
    limits = sorted({float(f"{one:.3g}") for one in np.quantile(shares, [1 / 3, 2 / 3])} - {0.0})
    classes = np.searchsorted(limits, shares, side="right")
    if min(np.bincount(classes, minlength=len(limits) + 1)) < LEAST_CASES:
        limits, classes = [], np.zeros(len(shares), int)
    stacked = np.stack(histograms)
    temperatures = [
        round(fit_temperature(stacked[classes == number].sum(axis=0)), 3) for number in range(len(limits) + 1)
    ]
    return Calibration(area_limits=tuple(limits), temperatures=tuple(temperatures), source=source)


def calibration_json(
    histograms: Sequence[Histogram], mask_shares: Sequence[float], fitted: Calibration
) -> dict[str, Any]:
    """Reliability and calibration errors, for the result files.

    Returns:
        "expected_error" and, with the fitted temperatures, "expected_error_fitted": over all pixels, and over
        those that the network gives at least `LEAST_PROBABILITY`, to which the bins of "reliability" belong.
    """
    possible = _sigmoid(_LOGITS) >= LEAST_PROBABILITY
    temperatures = [fitted.temperature(share) for share in mask_shares]

    def errors(select: NDArray[np.bool_]) -> tuple[float | None, float | None]:
        pairs = list(zip(histograms, temperatures, strict=True))
        before = np.sum([counts * select for counts, _ in pairs], axis=0)
        after = np.sum([rescaled(counts * select, temperature) for counts, temperature in pairs], axis=0)
        return _digits(reliability(before).expected_error), _digits(reliability(after).expected_error)

    everywhere, where_possible = errors(np.ones(LOGIT_BINS, bool)), errors(possible)
    return {
        "cases": len(histograms),
        "reliability": reliability(np.sum(histograms, axis=0) * possible).to_json(),
        "expected_error": {"all_pixels": everywhere[0], "from_1_percent": where_possible[0]},
        "expected_error_fitted": {"all_pixels": everywhere[1], "from_1_percent": where_possible[1]},
        "fitted": fitted.model_dump(mode="json"),
    }


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _digits(value: float) -> float | None:
    return round(value, 5) if np.isfinite(value) else None
