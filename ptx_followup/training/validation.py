"""A quick look at the network while it trains; `ptx eval` measures it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptx_followup import colours
from ptx_followup.figures.canvas import Line, Picture, show, text_block
from ptx_followup.figures.overlay import write_overlay
from ptx_followup.figures.tiles import beside, outline
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.device import Precision, autocast
from ptx_followup.network.preprocessing import PERCENTILES, normalise
from ptx_followup.report.description import perturb
from ptx_followup.report.findings import understand
from ptx_followup.report.mirror import swap_sides
from ptx_followup.report.prompts import PromptMode, prompt
from ptx_followup.report.synthesis import synthesise
from ptx_followup.training.augment import unit
from ptx_followup.training.batches import Example

if TYPE_CHECKING:
    from torch import Tensor

    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.language import TextEncoder

Mask = NDArray[np.bool_]
#: Writes the report of an example.
Telling = Callable[[Example, np.random.Generator], str]

BATCH = 4
#: Cases on the picture of a checkpoint, and the width of each in pixels.
SHOWN, TILE_PX = 6, 320


@dataclass(frozen=True)
class Validation:
    """Validation cases, each with the same report at every checkpoint.

    Attributes:
        examples: The cases.
        encoder: The network's language model, or None.
        mode: What the network is told of a report.
        device, precision: Of the network's forward pass.
        folder: Where the pictures go.
        lungs: The labels are lungs.
    """

    examples: Sequence[Example]
    encoder: TextEncoder | None
    mode: PromptMode
    device: str
    precision: Precision
    folder: Path
    lungs: bool = False

    def __call__(self, network: ContextualNet, step: int) -> dict[str, float]:
        """Figures of a network in eval mode; a few of the masks go into a picture.

        Returns:
            "dice": mean under matching reports; with language also "dice_empty" and "dice_other_side";
            for lungs also "right" and "left".
        """
        if self.lungs:
            return self._lungs(network, step)
        found = self._predict(network, self._told(matching))[:, 0]
        values = self._dices(found)
        self._draw([mask[None] for mask in found], values, step)
        figures = {"dice": float(np.mean(values))}
        if self.encoder is not None:
            for name, tell in (("dice_empty", empty), ("dice_other_side", other_side)):
                found = self._predict(network, self._told(tell))[:, 0]
                figures[name] = float(np.mean(self._dices(found)))
        return figures

    def texts(self) -> list[str]:
        """Every text that the network is told at a checkpoint."""
        return [text for tell in (matching, empty, other_side) for text in self._told(tell)]

    def _told(self, tell: Telling) -> list[str]:
        """What the network is given of each case's report."""
        told = (tell(one, np.random.default_rng(place)) for place, one in enumerate(self.examples))
        return [prompt(understand(report), self.mode) for report in told]

    def _lungs(self, network: ContextualNet, step: int) -> dict[str, float]:
        found = self._predict(network, [])
        truths = [np.stack([one.label == label for label in (1, 2)]) for one in self.examples]
        values = np.array(
            [[dice(a, b) for a, b in zip(*pair, strict=True)] for pair in zip(found, truths, strict=True)]
        )
        self._draw(list(found), list(values.mean(axis=1)), step)
        right, left = values.mean(axis=0)
        return {"dice": float(values.mean()), "right": float(right), "left": float(left)}

    def _dices(self, found: Sequence[Mask] | Mask) -> list[float]:
        return [dice(mask, one.label > 0) for mask, one in zip(found, self.examples, strict=True)]

    def _predict(self, network: ContextualNet, texts: Sequence[str]) -> Mask:
        """Masks, N x channels x S x S, under the texts given (none for a network without language)."""
        import torch

        masks = []
        for start in range(0, len(self.examples), BATCH):
            chunk = self.examples[start : start + BATCH]
            images = np.stack([normalise(unit(one.image), PERCENTILES)[None] for one in chunk])
            tensor = torch.from_numpy(images).to(self.device).to(memory_format=torch.channels_last)
            text: tuple[Tensor, ...] = ()
            if self.encoder is not None:
                text = self.encoder.encode(texts[start : start + BATCH]).to(self.device)
            with torch.inference_mode(), autocast(self.device, self.precision):
                masks.append((network(tensor, *text) > 0).cpu().numpy())
        return np.concatenate(masks)

    def _draw(self, masks: Sequence[Mask], values: Sequence[float], step: int) -> None:
        shown = zip(self.examples[:SHOWN], masks, values, strict=False)
        tiles = [_tile(example, mask, value) for example, mask, value in shown]
        write_overlay(self.folder / f"step-{step:06d}.png", beside(tiles, 4))


def matching(example: Example, rng: np.random.Generator) -> str:
    """The example's own report, or one of what its mask shows in phrasings that training never uses."""
    return example.report or synthesise(example.descriptions, rng, phrasing="validation")


def other_side(example: Example, rng: np.random.Generator) -> str:
    """The matching report with left for right."""
    if example.report is not None:
        return swap_sides(example.report)
    return synthesise(perturb(example.descriptions, rng, kind="swap_side"), rng, phrasing="validation")


def empty(example: Example, rng: np.random.Generator) -> str:
    """No report."""
    del example, rng
    return ""


def _tile(example: Example, mask: Mask, value: float) -> Picture:
    """The film with the expert's outline in blue and the network's in yellow, and its Dice below."""
    film = show(unit(example.image), (TILE_PX, TILE_PX))
    for label in (1, 2):
        outline(film, example.label == label, colours.PROJECTED)
    for channel in mask:
        outline(film, channel, colours.PNEUMOTHORAX)
    return np.vstack([film, text_block([Line(f"Dice {value:.2f}")], TILE_PX)])
