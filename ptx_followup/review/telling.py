"""One word changed: what the network draws under another report, beside the mask that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ptx_followup.review.strokes import packed
from ptx_followup.segmentation.retelling import texts_of
from ptx_followup.sides import SIDES

if TYPE_CHECKING:
    from ptx_followup.measurement.sizes import Measurement
    from ptx_followup.segmentation.retelling import Retelling, Told


def told_answer(film: Retelling, without: Told, report: str, *, words: bool) -> dict[str, Any]:
    """What follows from a report, and from none.

    Args:
        film: That is read.
        without: What is drawn without a report.
        report: As it would be given with the film.
        words: Leave each word that the network is told out in turn, too; it takes longer.
    """
    told = film.told(report)
    texts = texts_of(told.telling)
    return {
        "mask": packed(told.mask),
        "network": packed(without.mask),
        "told": told.telling.text,
        "told_by_side": {str(place): text for place, text in texts.items() if place is not None},
        "percent": _percent(told.measurement),
        "percent_without": _percent(without.measurement),
        "warnings": list(told.telling.warnings),
        "left_out": [
            {
                "word": one.word,
                "side": one.place,
                "percent": _percent(one.measurement),
                "dice": round(one.dice, 4),
            }
            for one in film.words_left_out(told)
        ]
        if words
        else None,
    }


def _percent(measured: Measurement) -> dict[str, float | None]:
    found = measured.hemithorax_percent
    values = {side: None if found is None else found.of(side) for side in SIDES}
    return {side: None if value is None else round(value, 2) for side, value in values.items()}
