"""What a network is told of a radiograph, and what the user should know of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import PromptMode, prompt
from ptx_followup.report.side_statement import told_of_sides
from ptx_followup.report.terms import Report
from ptx_followup.segmentation.result import Segmentation
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from ptx_followup.network.engine import RunningModel

NO_REPORT = "no report was given: the mask rests on the image alone"
DENIED = "the report denies a pneumothorax: the mask is empty without looking at the image"
SILENT = "the report does not mention a pneumothorax: the mask rests on the image"
UNSETTLED = "the report leaves a pneumothorax open: the mask rests on the image"
CUT = "the report is longer than the language model reads: only the sentences on the pneumothorax were used"

#: What each side is told; None where it is not looked at.
ToldBySide = Mapping[Side, str | None]


@dataclass(frozen=True)
class Telling:
    """What a network is told.

    Attributes:
        text: Of the whole film ("" for nothing); None where the network is not run, as the report denies.
        by_side: Of each side, for a network that looks at one hemithorax at a time; None for the others.
        warnings: What the user should know.
    """

    text: str | None
    by_side: ToldBySide | None
    warnings: tuple[str, ...] = ()

    @property
    def looked_at(self) -> tuple[Side, ...]:
        """The sides that the network is shown."""
        if self.text is None:
            return ()
        return SIDES if self.by_side is None else tuple(one for one in SIDES if self.by_side[one] is not None)


def telling(
    report: Report | None, mode: PromptMode, model: RunningModel, *, ignore_negation: bool = False
) -> Telling:
    """Decide what a network is told of a report.

    Args:
        report: As understood; None where there is none.
        mode: See `report.prompts`.
        model: Whose network is told.
        ignore_negation: Have the network look even where the report denies a pneumothorax.
    """
    by_side: ToldBySide | None = None
    if model.config.preprocessing.view == "hemithorax":
        told = told_of_sides(report, sizes=mode != "matched")
        by_side = {side: text or "" for side, text in told.items()} if ignore_negation else told
    if report is None:
        return Telling("", by_side, (NO_REPORT,))
    if report.present is False and not ignore_negation:
        return Telling(None, by_side, (DENIED,))
    warnings = (_left_open(report),) if report.present is None else ()
    text = prompt(report, mode)
    encoder = model.text_encoder
    if mode == "full" and by_side is None and encoder is not None and encoder.is_cut(text):
        return Telling(prompt(report, "focused"), by_side, (*warnings, CUT))
    return Telling(text, by_side, warnings)


def _left_open(report: Report) -> str:
    """Why a report neither states nor denies: it is silent, or at odds with itself, or was not understood."""
    if not report.conflicts:
        return UNSETTLED if any(one.present is None for one in report.findings) else SILENT
    return f"{UNSETTLED} ({'; '.join(report.conflicts)})"


def sides_of_text(text: str) -> ToldBySide:
    """What each side is told where the text for a whole film is known ("" for none)."""
    return told_of_sides(understand(text) if text else None)


def was_told(shown: Segmentation, text: str) -> bool:
    """Whether a text would tell a network nothing but what it was told for a segmentation.

    A network of whole films that was not run, as the report denies, need not be run under other words; one
    that looks at hemithoraces is, so that a pneumothorax on either side is seen.
    """
    if shown.told_by_side is None:
        return shown.told in (None, text)
    return shown.told_by_side == sides_of_text(text)
