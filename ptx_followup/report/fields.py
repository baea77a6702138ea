"""Fields of a form that tell place and size of the pneumothorax that stands above them: "Zone: apical"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ptx_followup.report.lexicon import normalise, scan
from ptx_followup.report.places import SOMETHING_ELSE, zones_told
from ptx_followup.report.sections import Sentence
from ptx_followup.report.terms import Size, Zone
from ptx_followup.report.values import size_of_words

_BETWEEN = r"(?:\s?[\[(][^\])\n]{1,40}[\])])?[\s.:=|>_\u2026\u2026-]{0,80}[:.=|>\s\u2026-][\s]{0,3}\[?"
_PLACES = r"location|zones?|site|region|distribution|locali[sz]ation"
_PLACE = re.compile(
    rf"\b(?:{_PLACES})\b{_BETWEEN}(?P<value>\w[^\n;:"
    rf"|\[\]]{{2,60}})"
)
_SIZE = re.compile(
    rf"\b(?:(?:estimated )?size|grade|extent|volume|category|magnitude|degree)\b{_BETWEEN}"
    r"(?P<value>(?:very )?(?:tiny|trace|minimal|small|mild|moderate|medium|mod|large|massive)\b)"
    r"(?!\s*(?:[/\u2610-\u2612\u25a1\u25a0]|[(\[]\s?x?\s?[)\]]|of\b|pneumo))"
)
_LABEL = re.compile(rf"\b(?:{_PLACES}|size|grade|extent|volume)\b")
#: Of what follows a pneumothorax in a form, in characters.
_LONG = 500


def fields_after(sentences: Sequence[Sentence]) -> tuple[tuple[Zone, ...], Size | None]:
    """Zones and size in the fields of a form.

    Args:
        sentences: The one that names the pneumothorax, and those behind it.

    Returns:
        Of the fields before the form turns to something else.
    """
    parts = [(one.said or one.text)[:_LONG].lower() for one in sentences]
    if parts and SOMETHING_ELSE.search(parts[0]):
        parts = parts[1:]  # its fields may be of something else
    text = "\n".join(parts)[:_LONG]
    if _LABEL.search(text) is None:
        return (), None
    turn = SOMETHING_ELSE.search(text)
    text = text[: turn.start()] if turn else text
    place, size = _PLACE.search(text), _SIZE.search(text)
    return _zones(place["value"]) if place else (), size_of_words(size["value"]) if size else None


def _zones(value: str) -> tuple[Zone, ...]:
    plain = normalise(value)
    marks = list(scan(plain))
    return zones_told(plain, marks, marks)
