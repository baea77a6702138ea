"""Training on one hemithorax at a time (see `anatomy.hemithorax_view`): films, sides, batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ptx_followup.anatomy.hemithorax_view import Box, Jitter, jittered, joined_views, look, normalised, turned
from ptx_followup.report.description import SideDescription
from ptx_followup.sides import LUNG_LABEL, SIDES, Side
from ptx_followup.training.augment import RANGES, FloatImage, random_look, unit
from ptx_followup.training.batches import Batch, Order
from ptx_followup.training.config import TrainingConfig
from ptx_followup.training.side_telling import tell_side

JITTER = Jitter()


@dataclass(frozen=True)
class Reading:
    """One expert's outlines of a film.

    Attributes:
        label: uint8, H x W: 1 where the patient's right side has a pneumothorax, 2 where the left has.
        descriptions: What a report can say of each side that has one.
    """

    label: NDArray[np.uint8]
    descriptions: Mapping[Side, SideDescription]


@dataclass(frozen=True)
class Film:
    """A radiograph as it is held for training.

    Attributes:
        image: uint8, H x W.
        boxes: Of each hemithorax.
        readings: One, or several experts' of the same film.
        weight: Of its sides in the loss, in 0..1.
    """

    image: NDArray[np.uint8]
    boxes: Mapping[Side, Box]
    readings: tuple[Reading, ...]
    weight: float = 1.0

    def positive(self, side: Side) -> bool:
        """Whether any reading has a pneumothorax on this side."""
        return any(side in reading.descriptions for reading in self.readings)

    def clean(self, side: Side) -> bool:
        """Whether no reading has a pixel on this side."""
        return not any(np.any(reading.label == LUNG_LABEL[side]) for reading in self.readings)


@dataclass(frozen=True)
class FilmSide:
    """One side of a film."""

    film: Film
    side: Side


def sides_of(films: Sequence[Film]) -> tuple[list[FilmSide], list[FilmSide]]:
    """The sides with a pneumothorax and those without; a speck of a drawing is neither."""
    every = [FilmSide(film, side) for film in films for side in SIDES]
    positives = [one for one in every if one.film.positive(one.side)]
    return positives, [one for one in every if one.film.clean(one.side)]


class SideBatches:
    """Sides of radiographs, with what is told of each and its pneumothorax.

    Args:
        positives, negatives: The sides; a batch holds both at a fixed share.
        config: Shares, sizes and seed.
    """

    def __init__(
        self, positives: Sequence[FilmSide], negatives: Sequence[FilmSide], config: TrainingConfig
    ) -> None:
        self.config = config
        self.positives, self.negatives = positives, negatives
        self.positive_order = Order(len(positives), config.seed)
        self.negative_order = Order(max(1, len(negatives)), config.seed + 1)

    def batch(self, step: int) -> Batch:
        """The batch of a step; its positives alternate in number where their share is no whole one."""
        stage, config = self.config.stage_at(step), self.config
        rng = np.random.default_rng([config.seed, 4, step])
        share = config.positives if self.negatives else 1.0
        before, after = (round(number * stage.batch_size * share) for number in (step, step + 1))
        chosen = [self.positives[self.positive_order[place]] for place in range(before, after)]
        negatives = stage.batch_size - len(chosen)
        first = step * stage.batch_size - before
        chosen += [self.negatives[self.negative_order[first + i]] for i in range(negatives)]
        size = stage.rows_columns
        rows = [self._row(one, size, rng) for one in chosen]
        images, targets, texts = zip(*rows, strict=True)
        weights = np.array([one.film.weight for one in chosen], np.float32)
        return Batch(np.stack(images), np.stack(targets), list(texts), weights)

    def _row(
        self, one: FilmSide, rows_columns: tuple[int, int], rng: np.random.Generator
    ) -> tuple[FloatImage, FloatImage, str]:
        film, side = one.film, one.side
        reading = film.readings[int(rng.integers(len(film.readings)))]
        boxes = {each: jittered(box, rng, JITTER) for each, box in film.boxes.items()}
        channels = self.config.network.in_channels
        joined = unit(joined_views(film.image, boxes, side, rows_columns, channels))
        if ranges := RANGES.get(self.config.augmentation):
            joined = random_look(joined, rng, ranges)
        target = drawn(FilmSide(replace(film, boxes=boxes), side), reading, rows_columns)
        text = tell_side(reading.descriptions.get(side), self.config.side_texts, rng)
        return normalised(joined, channels), target[None], text


def drawn(one: FilmSide, reading: Reading, rows_columns: tuple[int, int]) -> FloatImage:
    """What a reading has on a side, as the view shows it: float32, rows x columns, 0..1."""
    mask = (turned(reading.label, one.side) == LUNG_LABEL[one.side]).astype(np.float32)
    return look(mask, one.film.boxes[one.side], rows_columns)
