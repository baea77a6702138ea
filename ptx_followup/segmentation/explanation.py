"""What the words of one report change in the mask of its film, as in Fig. 2 of the ConTEXTual Net paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ptx_followup import DISCLAIMER
from ptx_followup.errors import ModelError, UsageError
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.attention_maps import AttentionReader
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.report.findings import understand
from ptx_followup.report.mirror import swap_sides
from ptx_followup.report.terms import Report
from ptx_followup.segmentation.attended import Attention, attended
from ptx_followup.segmentation.result import ModelIdentity, image_json
from ptx_followup.segmentation.retelling import LeftOut, Retelling, Told, with_word
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.timing import timed

SIDES_EXCHANGED = "left and right exchanged"
WITHOUT = "without the report"

#: A word of the report, and the one that takes its place.
Swap = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Variant:
    """The mask under another text.

    Attributes:
        name: What is other about it: "right -> left".
        told: What follows.
        dice: Overlap with the mask as told; 1 where both are empty.
    """

    name: str
    told: Told
    dice: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the words of a report change.

    Attributes:
        radiograph: The film, a negative turned round.
        report: As understood.
        told: The mask as told.
        without: Without the report.
        swapped: With a word in place of another, one variant each.
        left_out: With each word left out that the network is told, in their order.
        attention: None where the network was told nothing.
        model: That drew the masks.
        timing_s: Seconds spent in each step.
        warnings: What the user should know.
    """

    radiograph: Radiograph
    report: Report
    told: Told
    without: Variant
    swapped: tuple[Variant, ...]
    left_out: tuple[LeftOut, ...]
    attention: Attention | None
    model: ModelIdentity
    timing_s: dict[str, float]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The result object, schema "ptx-explain/1", without `outputs`."""
        return {
            "schema": "ptx-explain/1",
            "disclaimer": DISCLAIMER,
            "image": image_json(self.radiograph),
            "report": self.report.to_json(),
            "told": _told_json(self.told),
            "without_report": _variant_json(self.without),
            "swapped": [_variant_json(one) for one in self.swapped],
            "left_out": [
                {
                    "side": one.place,
                    "number": one.number,
                    "word": one.word,
                    "dice": round(one.dice, 4),
                    "segmentation": one.measurement.to_json(),
                }
                for one in self.left_out
            ],
            "attention": None if self.attention is None else self.attention.to_json(),
            "model": self.model.to_json(),
            "timing_s": {step: round(seconds, 3) for step, seconds in self.timing_s.items()},
            "warnings": list(self.warnings),
        }


def explain(
    radiograph: Radiograph, report: str, segmenter: Segmenter, model: str, swaps: Sequence[Swap] = ()
) -> Explanation:
    """Read a film under its report, without it, with words exchanged, and with each word left out.

    Args:
        radiograph: As read.
        report: Its text.
        segmenter: Draws the masks.
        model: Name or folder of the same model, for its attention maps, which PyTorch makes.
        swaps: Words to exchange, each for a variant of its own; if there are none, left and right are
            exchanged where the network is told a side.

    Raises:
        ModelError: The model reads no reports.
        QualityGateError: The film is a negative, and so is its negative.
        UsageError: The network is not told one of the words.
    """
    if segmenter.text_encoder is None:
        raise ModelError(f"model {segmenter.identity.name!r} reads no reports", "name one that does")
    timing: dict[str, float] = {}
    with timed(timing, "anatomy"):
        film = Retelling.of(segmenter, radiograph)
    with timed(timing, "network"):
        told = film.told(report)
        variants = [(name, film.told_as(text)) for name, text in _swapped(told.telling.text, swaps)]
        swapped = tuple(Variant(name, one, dice(told.mask, one.mask)) for name, one in variants)
        nothing = film.told(None)
        without = Variant(WITHOUT, nothing, dice(told.mask, nothing.mask))
        left_out = tuple(film.words_left_out(told))
    with timed(timing, "attention"):
        other = swapped[0] if swapped else without
        attention = attended(film, told, other.name, other.told, AttentionReader(model))
    return Explanation(
        radiograph=film.radiograph,
        report=understand(report),
        told=told,
        without=without,
        swapped=swapped,
        left_out=left_out,
        attention=attention,
        model=segmenter.identity,
        timing_s=timing,
        warnings=(*film.radiograph.warnings, *told.telling.warnings),
    )


def _swapped(text: str | None, swaps: Sequence[Swap]) -> list[tuple[str, str]]:
    """Names and texts of the variants.

    Raises:
        UsageError: A word is not in the text.
    """
    found = []
    for number, (word, other) in enumerate(swaps, start=1):
        changed = with_word(text or "", word, other)
        if changed == (text or ""):
            raise UsageError(
                f"the network is not told the word of --swap number {number}",
                "ptx report FILE shows what it is told",
            )
        found.append((f"{word} \N{RIGHTWARDS ARROW} {other}", changed))
    if not swaps and text and (mirrored := swap_sides(text)) != text:
        found.append((SIDES_EXCHANGED, mirrored))
    return found


def _told_json(told: Told) -> dict[str, Any]:
    telling = told.telling
    by_side = {} if telling.by_side is None else {"text_by_side": dict(telling.by_side)}
    return {"text": telling.text, **by_side, "segmentation": told.measurement.to_json()}


def _variant_json(one: Variant) -> dict[str, Any]:
    return {"name": one.name, **_told_json(one.told), "dice": round(one.dice, 4)}
