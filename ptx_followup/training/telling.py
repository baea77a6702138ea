"""What the network is told of a training image, and which pneumothorax that asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ptx_followup.report.augment import OWN_SYNONYMS, Synonyms, replace_synonyms, shuffle_sentences
from ptx_followup.report.description import SideDescription, perturb
from ptx_followup.report.findings import understand
from ptx_followup.report.mirror import swap_sides
from ptx_followup.report.prompts import MODES, PromptMode, prompt
from ptx_followup.report.radlex import read_radlex
from ptx_followup.report.synthesis import Detail, synthesise
from ptx_followup.sides import SIDES, ReportSide, Side
from ptx_followup.training.config import TextMix

Told = tuple[str, tuple[Side, ...]]

#: Share of the pictures with a finding on each side whose report names only one of them.
ONE_OF_TWO = 0.7


def tell(descriptions: tuple[SideDescription, ...], mix: TextMix, rng: np.random.Generator) -> Told:
    """Write a report of an image that comes without one.

    Args:
        descriptions: What its mask shows.
        mix: What the network is told, as shares.
        rng: Source of chance.

    Returns:
        The text, and the sides whose pneumothorax is the target.
    """
    if rng.random() < mix.empty:
        return "", SIDES
    if not descriptions:
        false = rng.random() < mix.false_positive
        report = synthesise(perturb((), rng, kind="false_positive") if false else (), rng)
        return shorten(report, mix, rng), SIDES
    named = descriptions
    if len(descriptions) == 1 and rng.random() < mix.other_side:
        named = perturb(descriptions, rng, kind="swap_side")
    elif len(descriptions) == 2 and rng.random() < ONE_OF_TWO:
        named = (descriptions[int(rng.integers(2))],)
    if rng.random() < mix.size_off:
        named = perturb(named, rng, kind="size")
    # Whole reports may deny the other side's pneumothorax; where it has one, only the finding is told.
    detail: Detail = "finding" if len(named) < len(descriptions) else "report"
    return shorten(synthesise(named, rng, detail=detail), mix, rng), tuple(one.side for one in named)


def retell(
    report: str,
    descriptions: Sequence[SideDescription],
    mix: TextMix,
    synonyms: Synonyms,
    rng: np.random.Generator,
) -> Told:
    """Give the image's own report, in other words that say the same.

    The target is all that the expert drew, unless the report is made to name the other side.

    Args:
        report: As written by its radiologist.
        descriptions: What the mask shows.
        mix: What the network is told, as shares.
        synonyms: What may stand for which word.
        rng: Source of chance.

    Returns:
        The text, and the sides whose pneumothorax is the target.
    """
    if rng.random() < mix.empty:
        return "", SIDES
    asked: tuple[Side, ...] = SIDES
    if not descriptions:
        if rng.random() < mix.false_positive:
            return shorten(synthesise(perturb((), rng, kind="false_positive"), rng), mix, rng), SIDES
    elif rng.random() < mix.other_side and _names_the_only_side(report, descriptions):
        report = swap_sides(report)
        asked = tuple(side for side in SIDES if side != descriptions[0].side)
    return shorten(reword(report, mix, synonyms, rng), mix, rng), asked


def every_retelling(report: str, mix: TextMix, *, positive: bool, swapped: bool) -> frozenset[str] | None:
    """Every text that `retell` may give of a report, perhaps a few more.

    Args:
        report: As written by its radiologist.
        mix: What the network is told, as shares.
        positive: Whether the expert drew something.
        swapped: Whether the report may also come with its sides swapped, for the mirror image.

    Returns:
        The texts; None where new ones are made up all the time.
    """
    if mix.shuffled or mix.synonyms or (mix.false_positive and not positive):
        return None
    versions = {report, swap_sides(report)} if swapped or mix.other_side else {report}
    shares = {"full": mix.full, "matched": mix.matched, "focused": 1 - mix.full - mix.matched}
    modes = [mode for mode in MODES if shares[mode] > 0]
    told = {prompt(understand(version), mode) for version in versions for mode in modes}
    return frozenset(told | {""} if mix.empty else told)


def reword(report: str, mix: TextMix, synonyms: Synonyms, rng: np.random.Generator) -> str:
    """Shuffle the sentences and replace words by synonyms at the rates of the mix; the meaning stays."""
    if rng.random() < mix.shuffled:
        shuffled = shuffle_sentences(report, rng)
        # Reports are written in more ways than the shuffle knows: an order that reads otherwise is not used.
        if _gist(shuffled) == _gist(report):
            report = shuffled
    return replace_synonyms(report, rng, synonyms, mix.synonyms) if mix.synonyms else report


def shorten(report: str, mix: TextMix, rng: np.random.Generator) -> str:
    """What the network is given of a report, by the same reader and in the same forms as in use."""
    chance = rng.random()
    mode: PromptMode = (
        "full" if chance < mix.full else "matched" if chance < mix.full + mix.matched else "focused"
    )
    return prompt(understand(report), mode)


def synonyms_of(mix: TextMix) -> Synonyms:
    """The project's own table, with the user's RadLex where one is named.

    Raises:
        InputError: The RadLex file cannot be read.
    """
    if mix.radlex is None:
        return OWN_SYNONYMS
    return {**read_radlex(Path(mix.radlex)), **OWN_SYNONYMS}


def contradicts(report: str, positive: bool) -> bool:
    """Whether a report denies the pneumothorax that the expert drew, or states one where there is none."""
    present = understand(report).present
    return present is not None and present != positive


def _gist(report: str) -> tuple[bool | None, ReportSide | None]:
    read = understand(report)
    return read.present, read.side


def _names_the_only_side(report: str, descriptions: Sequence[SideDescription]) -> bool:
    return len(descriptions) == 1 and understand(report).side == descriptions[0].side
