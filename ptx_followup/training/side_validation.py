"""A quick look, while it trains, at a network that looks at one hemithorax at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup import colours
from ptx_followup.anatomy.hemithorax_view import views_of
from ptx_followup.figures.canvas import Line, Picture, show, text_block
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.tiles import beside, outline
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.device import Precision, autocast
from ptx_followup.report.side_statement import side_statement
from ptx_followup.training.sides import FilmSide, drawn

if TYPE_CHECKING:
    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.language import TextEncoder
    from ptx_followup.report.description import SideDescription

BATCH = 4
#: Probability from which a pixel counts; sides on the picture of a checkpoint, and the width of each.
THRESHOLD, SHOWN, TILE_PX = 0.3, 8, 240
FALSE_REPORT = side_statement("small", ("apical",))
#: A mask below this share of the view counts as none (0.2 % of the film).
CLEAN_BELOW = 0.007


@dataclass(frozen=True)
class SideValidation:
    """Sides with and without a pneumothorax, the same at every checkpoint.

    Attributes:
        positives, negatives: The sides; of several readings the first counts.
        encoder: The network's language model, or None.
        rows_columns: Of the view.
        device, precision: Of the network's forward pass.
        folder: Where the pictures go.
    """

    positives: Sequence[FilmSide]
    negatives: Sequence[FilmSide]
    encoder: TextEncoder | None
    rows_columns: tuple[int, int]
    device: str
    precision: Precision
    folder: Path

    def __call__(self, network: ContextualNet, step: int) -> dict[str, float]:
        """Figures of a network in eval mode; a few of the masks go into a picture.

        Returns:
            "dice": mean of the views under size and zones from the mask; with language also "dice_empty",
            and "clean": share of the negatives whose mask is all but empty under a false report;
            "root_error": standard deviation of the error of the roots of the area, in percent of the view,
            without size words.
        """
        truths = [drawn(one, one.film.readings[0], self.rows_columns) for one in self.positives]
        told = self._predict(network, self.positives, _size_and_zones)
        values = [dice(found >= THRESHOLD, truth >= 0.5) for found, truth in zip(told, truths, strict=True)]
        self._draw(told, truths, values, step)
        figures = {"dice": float(np.mean(values))}
        silent = told if self.encoder is None else self._predict(network, self.positives, _nothing)
        roots = [
            np.sqrt(100 * found.mean()) - np.sqrt(100 * truth.mean())
            for found, truth in zip(silent, truths, strict=True)
        ]
        figures["root_error"] = float(np.std(roots))
        if self.encoder is not None:
            empty = [dice(a >= THRESHOLD, b >= 0.5) for a, b in zip(silent, truths, strict=True)]
            figures["dice_empty"] = float(np.mean(empty))
        if self.negatives:
            false = self._predict(network, self.negatives, lambda one: FALSE_REPORT)
            clean = [(found >= THRESHOLD).mean() < CLEAN_BELOW for found in false]
            figures["clean"] = float(np.mean(clean))
        return figures

    def _predict(
        self, network: ContextualNet, sides: Sequence[FilmSide], tell: Callable[[FilmSide], str]
    ) -> list[NDArray[np.float32]]:
        """Probabilities of each view."""
        import torch

        found: list[NDArray[np.float32]] = []
        for start in range(0, len(sides), BATCH):
            chunk = sides[start : start + BATCH]
            views = [
                views_of(
                    one.film.image, one.film.boxes, one.side, self.rows_columns, network.config.in_channels
                )
                for one in chunk
            ]
            tensor = torch.from_numpy(np.stack(views)).to(self.device).to(memory_format=torch.channels_last)
            text: tuple[torch.Tensor, ...] = ()
            if self.encoder is not None:
                text = self.encoder.encode([tell(one) for one in chunk]).to(self.device)
            with torch.inference_mode(), autocast(self.device, self.precision):
                logits = network(tensor, *text)
            found += list(logits[:, 0].float().sigmoid().cpu().numpy())
        return found

    def _draw(
        self,
        found: Sequence[NDArray[np.float32]],
        truths: Sequence[NDArray[np.float32]],
        values: Sequence[float],
        step: int,
    ) -> None:
        shown = zip(self.positives[:SHOWN], found, truths, values, strict=False)
        tiles = [self._tile(*one) for one in shown]
        write_overlay(self.folder / f"step-{step:06d}.png", beside(tiles, 4))

    def _tile(
        self, one: FilmSide, found: NDArray[np.float32], truth: NDArray[np.float32], value: float
    ) -> Picture:
        """The view with the expert's outline in blue and the network's in yellow, and its Dice below."""
        (view,) = views_of(one.film.image, one.film.boxes, one.side, self.rows_columns, 1)
        rows, columns = self.rows_columns
        film = show((view + 1) / 2, (round(TILE_PX * rows / columns), TILE_PX))
        outline(film, truth >= 0.5, colours.PROJECTED)
        outline(film, found >= THRESHOLD, colours.PNEUMOTHORAX)
        return np.vstack([film, text_block([Line(f"Dice {value:.2f}")], TILE_PX)])


def _size_and_zones(one: FilmSide) -> str:
    shown: SideDescription | None = one.film.readings[0].descriptions.get(one.side)
    return "" if shown is None else side_statement(shown.size, shown.zones)


def _nothing(one: FilmSide) -> str:
    del one
    return ""
