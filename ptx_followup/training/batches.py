"""Training batches, each a pure function of the seed and its number.

So a run can stop anywhere and go on the same way, workers need no shared state, and of n processes the r-th
takes the batches r, r + n, r + 2n, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptx_followup.data.convert import reduce_labels
from ptx_followup.network.preprocessing import PERCENTILES, normalise, to_square
from ptx_followup.report.description import SideDescription
from ptx_followup.report.description import mirrored as mirrored_descriptions
from ptx_followup.report.mirror import swap_sides
from ptx_followup.sides import Side
from ptx_followup.training.augment import augmented
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.hidden_lungs import disguise
from ptx_followup.training.telling import every_retelling, retell, synonyms_of, tell

FloatImage = NDArray[np.float32]

#: Half-width of the seam between two joined halves, as a fraction of the image.
SEAM = 0.03
#: Channel of each side in a two-channel label.
CHANNEL: dict[Side, int] = {"right": 0, "left": 1}


@dataclass(frozen=True)
class Batch:
    """`images` float32 B x C x H x W in -1..1, `targets` float32 B x N x H x W in 0..1, B `texts` or none.

    `weights` float32 B: how much each image counts; None where all count the same.
    """

    images: FloatImage
    targets: FloatImage
    texts: list[str]
    weights: FloatImage | None = None


@dataclass(frozen=True)
class Example:
    """One training image, held at the size it was prepared at.

    Attributes:
        image: uint8, S x S.
        label: uint8, S x S: 0 background, 1 on the patient's right, 2 on the left (pneumothorax, or lung).
        descriptions: What a report can say of it; empty for a negative, and for lungs.
        report: Its own report; None where reports are written from the descriptions.
        weight: Of it in training, in 0..1; see `Case.weight`.
    """

    image: NDArray[np.uint8]
    label: NDArray[np.uint8]
    descriptions: tuple[SideDescription, ...] = ()
    report: str | None = field(default=None, repr=False)
    weight: float = 1.0


@dataclass(frozen=True)
class View:
    """An example as one training step sees it: `image` S x S 0..1, `sides` 2 x S x S (right, left) 0..1."""

    image: FloatImage
    sides: FloatImage
    descriptions: tuple[SideDescription, ...]
    report: str | None = field(default=None, repr=False)


class BatchSource(Protocol):
    """Gives the batch of any step."""

    def batch(self, step: int) -> Batch:
        """The batch of a step (0-based)."""


class Order:
    """Goes through n items in a new random order each round; item i depends on (seed, i) alone."""

    def __init__(self, n: int, seed: int) -> None:
        self.n = n
        self.seed = seed
        self._round = -1
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)

    def __getitem__(self, index: int) -> int:
        round_, place = divmod(index, self.n)
        if round_ != self._round:
            self._order = np.random.default_rng([self.seed, round_]).permutation(self.n)
            self._round = round_
        return int(self._order[place])


class LungBatches:
    """Radiographs with the right and the left lung as two channels."""

    def __init__(self, examples: Sequence[Example], config: TrainingConfig) -> None:
        self.examples = examples
        self.config = config
        self.order = Order(len(examples), config.seed)

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        stage = self.config.stage_at(step)
        rng = np.random.default_rng([self.config.seed, 1, step])
        first = step * stage.batch_size
        chosen = [self.examples[self.order[first + i]] for i in range(stage.batch_size)]
        views = [random_view(example, stage.square_size, self.config, rng) for example in chosen]
        images = np.stack(
            [normalise(disguise(view.image, view.sides, rng), PERCENTILES)[None] for view in views]
        )
        return Batch(images, np.stack([view.sides for view in views]), [])


class PneumothoraxBatches:
    """Radiographs with a report and the mask of the finding that the report names.

    Args:
        positives, negatives: The examples; a batch holds both at a fixed share.
        config: Shares, sizes and seed.
    """

    def __init__(
        self, positives: Sequence[Example], negatives: Sequence[Example], config: TrainingConfig
    ) -> None:
        self.config = config
        self.positives, self.negatives = positives, negatives
        self.synonyms = synonyms_of(config.text)
        self.positive_order = Order(len(positives), config.seed)
        self.negative_order = Order(max(1, len(negatives)), config.seed + 1)

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        stage = self.config.stage_at(step)
        config = self.config.during(stage)
        rng = np.random.default_rng([config.seed, 2, step])
        positives = round(stage.batch_size * config.positives) if self.negatives else stage.batch_size
        negatives = stage.batch_size - positives
        chosen = [
            self._weighed(self.positives, self.positive_order[step * positives + i], rng)
            for i in range(positives)
        ]
        chosen += [
            self._weighed(self.negatives, self.negative_order[step * negatives + i], rng)
            for i in range(negatives)
        ]
        images, targets, texts = zip(
            *(self._row(example, stage.square_size, config, rng) for example in chosen), strict=True
        )
        return Batch(np.stack(images), np.stack(targets), list(texts))

    def texts(self) -> set[str] | None:
        """Every text that a batch may hold; None where new ones are made up all the time."""
        texts: set[str] = set()
        for stage in self.config.stages:
            config = self.config.during(stage)
            for example in (*self.positives, *self.negatives):
                if example.report is None or config.halves_mixed:
                    return None
                told = every_retelling(
                    example.report,
                    config.text,
                    positive=bool(example.descriptions),
                    swapped=config.mirrored > 0,
                )
                if told is None:
                    return None
                texts |= told
        return texts

    @staticmethod
    def _weighed(examples: Sequence[Example], place: int, rng: np.random.Generator) -> Example:
        """The example of a place as often as its weight says, else any."""
        example = examples[place]
        if example.weight == 1 or rng.random() < example.weight:
            return example
        return examples[int(rng.integers(len(examples)))]

    def _row(
        self, example: Example, size: int, config: TrainingConfig, rng: np.random.Generator
    ) -> tuple[FloatImage, FloatImage, str]:
        view = random_view(example, size, config, rng)
        if rng.random() < config.halves_mixed:
            other = self.positives[int(rng.integers(len(self.positives)))]
            view = with_both_sides(view, random_view(other, size, config, rng))
        mix = config.text
        if view.report is None:
            text, asked = tell(view.descriptions, mix, rng)
        else:
            text, asked = retell(view.report, view.descriptions, mix, self.synonyms, rng)
        target = sum((view.sides[CHANNEL[side]] for side in asked), np.zeros((size, size), np.float32))
        return normalise(view.image, PERCENTILES)[None], np.minimum(target, 1)[None], text


def random_view(example: Example, size: int, config: TrainingConfig, rng: np.random.Generator) -> View:
    """Augment an example and (at the rate `config.mirrored`) mirror it; mirrored, the sides change names."""
    image, sides = augmented(example.image, example.label, size, config.augmentation, rng)
    if config.flipped and rng.random() < config.flipped:
        image, sides = np.ascontiguousarray(image[:, ::-1]), np.ascontiguousarray(sides[:, :, ::-1])
    view = View(image, sides, example.descriptions, example.report)
    return mirrored(view) if rng.random() < config.mirrored else view


def mirrored(view: View) -> View:
    """The mirror image, whose sides have changed names."""
    return View(
        np.ascontiguousarray(view.image[:, ::-1]),
        np.ascontiguousarray(view.sides[::-1, :, ::-1]),
        mirrored_descriptions(view.descriptions),
        None if view.report is None else swap_sides(view.report),
    )


def with_both_sides(first: View, second: View) -> View:
    """Join the halves of two views that hold their findings; if both are on one side, mirror the second."""
    if not first.descriptions:
        return join_halves(first, second)
    side = first.descriptions[0].side
    if all(one.side == side for one in second.descriptions):
        second = mirrored(second)
    return join_halves(first, second) if side == "right" else join_halves(second, first)


def join_halves(first: View, second: View) -> View:
    """The patient's right half of the first view and left half of the second, joined at the midline.

    A picture with a pneumothorax on each side then has a report that names one of them, and the report alone
    tells which is meant. Their own reports would not be true of it, so that a new one is written.
    """
    size = first.image.shape[1]
    position = (np.arange(size, dtype=np.float32) + 0.5) / size
    weight = np.clip((position - 0.5) / (2 * SEAM) + 0.5, 0, 1).astype(np.float32)
    sides = np.stack([first.sides[0] * (position < 0.5), second.sides[1] * (position >= 0.5)])
    named = [one for one in first.descriptions if one.side == "right"]
    named += [one for one in second.descriptions if one.side == "left"]
    return View(
        first.image * (1 - weight) + second.image * weight,
        sides,
        tuple(one for one in named if sides[CHANNEL[one.side]].max() > 0.5),
    )


def prepare(image: FloatImage, label: NDArray[np.uint8], size: int) -> Example:
    """Hold a radiograph (float32, H x W, 0..1) and its label (see `Example`) at `size` x `size`."""
    square, placement = to_square(image, size)
    held = np.zeros((size, size), np.uint8)
    held[placement.window] = reduce_labels(label, (placement.rows, placement.columns))
    return Example((square * 255 + 0.5).astype(np.uint8), held)
